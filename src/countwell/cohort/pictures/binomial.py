"""Exact binomial limits for a funnel: where chance alone would leave a share with so many behind it.

Method: quantiles of the binomial distribution itself, interpolated between the two whole numbers on either side so that the
limits are smooth (Spiegelhalter, Stat Med 2005). No normal approximation: it fails for small numbers and shares near 0 or 1.
"""

from __future__ import annotations

from math import lgamma, log

import numpy as np
from numpy.typing import NDArray

METHOD = "Limits: quantiles of the exact binomial distribution, interpolated between whole numbers; tests count as independent."


def limits(total: int, share: float, inside: float) -> tuple[float, float]:
    """The lowest and highest share that `total` things with an expected share show, in the middle `inside` of the distribution.

    total: at least 1. share, inside: between 0 and 1. With share 0 or 1 both limits are that share.
    """
    if not 0 < share < 1:
        return share, share
    below = np.cumsum(_chances(total, share))
    tail = (1 - inside) / 2
    return _quantile(below, tail, total), _quantile(below, 1 - tail, total)


def _chances(total: int, share: float) -> NDArray[np.float64]:
    """The chance of each number from 0 to total."""
    number = np.arange(total + 1)
    ways = np.array([lgamma(total + 1) - lgamma(k + 1) - lgamma(total - k + 1) for k in number])
    return np.exp(ways + number * log(share) + (total - number) * log(1 - share))


def _quantile(below: NDArray[np.float64], wanted: float, total: int) -> float:
    number = int(np.searchsorted(below, wanted))
    if number > total:
        return 1.0
    under = below[number - 1] if number else 0.0
    over = (below[number] - wanted) / (below[number] - under)
    return float(np.clip((number - over) / total, 0, 1))
