"""Values over time: the spread of each test by month since the beginning of treatment, one value per patient and month."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from countwell.cohort.columns import ABOVE_ALL, FINAL, NO_DAY, NO_VALUE, SCALE
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.courses import begun_by, decisions_of
from countwell.cohort.measures.seen import Coded, Ints, Seen, words
from countwell.cohort.measures.tally import Tally, counted, spread
from countwell.model.decisions import RUNS
from countwell.vocabulary.tests import tests as listed

VALUES, MEASURED, CENSORED = "values", "patients measured", "patients with a censored value alone"
MOST = 1 << 10  # in the last printed decimal of a test; larger values count as this
BY = (("month", "test"),)


def values(seen: Seen, tests: Sequence[str]) -> Tally:
    """The last final value of each patient in each month of treatment, as whole numbers of the test's last decimal.

    Months count from the beginning of the run in which the value was taken. Left out: preliminary, disputed, unreadable and
    withdrawn results, those before treatment, and (counted as CENSORED) months in which the last value is a span.
    """
    found = Tally()
    for name in tests:
        patient, month, low, high = _last_of_month(seen, name)
        exact = (low == high) & (low != NO_VALUE) & (high != ABOVE_ALL)
        columns = {"month": Coded(month, _months()), "test": Coded(np.zeros(len(month), dtype=np.int64), (name,))}
        for what, mask in ((MEASURED, exact), (CENSORED, ~exact)):
            found.add(counted(what, patient[mask], {n: c.of(mask) for n, c in columns.items()}, BY))
        steps = low[exact].astype(np.int64) * 10 ** listed()[name].decimals
        found.add(spread(VALUES, (steps + SCALE // 2) // SCALE, MOST, {n: c.of(exact) for n, c in columns.items()}, BY))
    return found


def _months() -> tuple[str, ...]:
    return tuple(f"{month:03}" for month in range(1, choice("value_months") + 1))


def _last_of_month(seen: Seen, test: str) -> tuple[Ints, Ints, Ints, Ints]:
    """(patient, month from 0, low, high) of the last value in each patient's month."""
    labs = seen.group.labs
    place = words(seen.group.manifest, "tests").index(test)
    known = (labs["known_day"] <= seen.as_of) & (labs["until_day"] > seen.as_of) & (labs["status"] == FINAL)
    rows = seen.of(labs, ("collected_day", "low", "high"), known & (labs["test"] == place))
    decisions = decisions_of(seen)
    begun = begun_by(decisions.only(decisions.which(*RUNS)), rows["patient"], rows["collected_day"])
    since = rows["collected_day"].astype(np.int64) - begun
    month = (since / choice("days_per_month")).astype(np.int64)
    inside = (begun != NO_DAY) & (month < choice("value_months"))
    patient, month = rows["patient"][inside], month[inside]
    last = _last_of_each(patient * choice("value_months") + month)
    return patient[last], month[last], rows["low"][inside][last], rows["high"][inside][last]


def _last_of_each(key: Ints) -> Ints:
    """The last row of every key."""
    order = np.argsort(key, kind="stable")
    sorted_ = key[order]
    ends = np.ones(len(key), dtype=bool)
    ends[:-1] = sorted_[1:] != sorted_[:-1]
    rows: Ints = order[ends]
    return rows
