"""Persistence: who, having started, is still on the drug after so many months. Kaplan and Meier; deaths, leaving censored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from countwell.cohort.columns import NEVER_DAY
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.courses import DEATH, Decisions, decisions_of
from countwell.cohort.measures.nearest import ByDay
from countwell.cohort.measures.seen import Coded, Ints, Seen
from countwell.cohort.measures.tally import By, Tally, counted, spread
from countwell.model.decisions import RUNS

STARTERS, STOPPED, LEFT = "patients who started here", "stopped after days", "left unstopped after days"


def last_day() -> int:
    """The last day that is looked at after a start."""
    return day_of(max(choice("persistence_months")))


def day_of(months: int) -> int:
    """So many months after a start, in days."""
    return round(months * choice("days_per_month"))


def persistence(seen: Seen, by: Mapping[str, Coded], tables: tuple[By, ...]) -> Tally:
    """How long each starter stayed until the first stop, and until when the others were followed.

    Starters: patients whose treatment begins with a `start` here; those taken over are left out, since who had stopped before
    was never taken over. A hold is no stop. Death, passing on to another clinic and the day looked at end the following.
    """
    decisions = decisions_of(seen)
    start, day = starters(decisions)
    stop = _next(decisions, "stop", start, day)
    left = np.minimum(
        np.minimum(_next(decisions, DEATH, start, day), _next(decisions, "transfer-out", start, day)), seen.as_of
    )
    stops = stop <= left
    columns = {name: column.of(start) for name, column in by.items()}
    found = counted(STARTERS, start, columns, tables)
    for what, mask, until in ((STOPPED, stops, stop), (LEFT, ~stops, left)):
        some = {name: column.of(mask) for name, column in columns.items()}
        found.add(spread(what, (until - day)[mask], last_day() + 1, some, tables))
    return found


def starters(decisions: Decisions) -> tuple[Ints, Ints]:
    """(patient, day) of every first start; patients whose first run is no start are left out."""
    runs = decisions.only(decisions.which(*RUNS))
    first = np.ones(len(runs.patient), dtype=bool)
    first[1:] = runs.patient[1:] != runs.patient[:-1]
    rows = first & runs.which("start")
    return runs.patient[rows], runs.day[rows].astype(np.int64)


def _next(decisions: Decisions, do: str, patient: Ints, day: Ints) -> Ints:
    some = decisions.only(decisions.which(do))
    return ByDay(some.patient, some.day).next_day(patient, day, NEVER_DAY).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Kept:
    """At one time after the start. share: still on the drug, with its 95 % interval; at_risk: followed beyond that day;
    stopped, left: by then. share is None once nobody is followed."""

    share: float | None
    low: float | None
    high: float | None
    at_risk: int
    stopped: int
    left: int


def kaplan_meier(stopped: Ints, left: Ints, day: int) -> Kept:
    """The share still on the drug after `day` days. stopped, left: how many on each day from 0; a stop comes before leaving.

    The interval is Greenwood's on the log-minus-log scale; None where no stop has come yet, or all have stopped.
    """
    total, gone = stopped.sum() + left.sum(), np.cumsum(stopped + left)
    risk = total - np.concatenate([[0], gone[:-1]])
    n, d = risk[: day + 1], stopped[: day + 1]
    met = d > 0
    share = float(np.prod(1 - d[met] / n[met]))
    counts = int(total - gone[day]), int(d.sum()), int(left[: day + 1].sum())
    if not risk[day] and share:
        return Kept(None, None, None, *counts)
    return Kept(share, *_interval(share, n[met], d[met]), *counts)


def _interval(share: float, n: Ints, d: Ints) -> tuple[float | None, float | None]:
    if not 0 < share < 1:
        return None, None
    variance = float(np.sum(d / (n * (n - d))))
    width = choice("confidence") * np.sqrt(variance) / abs(np.log(share))
    return float(share ** np.exp(width)), float(share ** np.exp(-width))
