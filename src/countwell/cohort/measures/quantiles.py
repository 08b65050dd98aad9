"""Quantiles of counted whole numbers; one is shown only if enough people lie on either side of it."""

from __future__ import annotations

import numpy as np

from countwell.cohort.measures.choices import fewest
from countwell.cohort.measures.seen import Ints

HALF, MOST = 100 // 2, 100 - 10  # the median, and the percentile that nine of ten do not exceed


def quantile(counts: Ints, percent: int) -> int | None:
    """The least number that at least this percentage of all values do not exceed; None of nothing.

    counts: how often 0, 1, 2 … occur. percent: 1 to 100. The last number may stand for "never".
    """
    total = int(counts.sum())
    needed = -(-percent * total // 100)
    return int(np.searchsorted(np.cumsum(counts), needed)) if total else None


def may_be_shown(people: int, percent: int) -> bool:
    """Whether a quantile of the values of so many people says nothing of few: as many on either side as the smallest count."""
    return min(percent, 100 - percent) * people >= fewest() * 100
