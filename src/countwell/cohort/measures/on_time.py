"""Tests on time: of every due date that came, was the test done by it? By test group and phase of the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from countwell.cohort.columns import NEVER_DAY, NO_DAY
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.courses import (
    Decisions,
    Spells,
    begun_by,
    decisions_of,
    spells_of,
    state_on,
)
from countwell.cohort.measures.schedules import BEFORE, CHANGED, FIRST, PHASES, STEADY, Schedule, after
from countwell.cohort.measures.seen import Coded, Ints, Mask, Seen
from countwell.cohort.measures.tally import By, Tally, counted, spread
from countwell.model.decisions import CHANGES, RUNS

DUE, IN_TIME, LATE, DAYS_LATE, NEVER = (
    "tests due",
    "tests on time",
    "tests late",
    "days late",
    "tests late and never done",
)
MOST_DAYS = 1 << 10  # longer delays, and what was never done, count as this


def on_time(seen: Seen, schedules: Mapping[str, Schedule], by: Mapping[str, Coded], tables: tuple[By, ...]) -> Tally:
    """Due dates up to the day looked at: how many, met or not, and by how many days late.

    schedules: by test group. by: one word per patient of the group. tables: crossed from `by`, "group" and "phase".
    Left out: due dates still to come, those of the day itself that are not met yet, those that came when the course was over.
    """
    assert seen.delays is not None
    rows = seen.of(seen.delays, ("group", "due_by", "done_day"))
    decisions = decisions_of(seen)
    spells = spells_of(decisions, seen.as_of)
    rows = {name: column[counts(rows, spells, seen.as_of)] for name, column in rows.items()}
    in_time = rows["done_day"] <= rows["due_by"]
    columns = _columns(seen, rows, phases(rows, decisions, seen.groups, schedules), by)
    found = Tally()
    late = np.where(_never(rows, seen.as_of), MOST_DAYS, np.clip(rows["done_day"] - rows["due_by"], 0, MOST_DAYS - 1))
    whats = [(DUE, late >= 0), (IN_TIME, in_time), (LATE, ~in_time), (NEVER, late == MOST_DAYS)]
    for what, mask in (*whats, *((name, (low <= late) & (late <= high)) for name, low, high in late_by())):
        found.add(counted(what, rows["patient"][mask], {name: one.of(mask) for name, one in columns.items()}, tables))
    found.add(spread(DAYS_LATE, late, MOST_DAYS, columns, tables))
    return found


def late_by() -> list[tuple[str, int, int]]:
    """How late a test was that was done late: name, first and last day."""
    edges = [0, *choice("late_days")]
    inside = [(f"{low + 1} to {high} days late", low + 1, high) for low, high in pairwise(edges)]
    return [*inside, (f"more than {edges[-1]} days late", edges[-1] + 1, MOST_DAYS - 1)]


def _never(rows: Mapping[str, Ints], as_of: int) -> Mask:
    mask: Mask = rows["done_day"] > as_of
    return mask


def counts(rows: Mapping[str, Ints], spells: Spells, as_of: int) -> Mask:
    """Which due dates count: met, or past and missed while the course was still open."""
    done = rows["done_day"] <= as_of
    due = (rows["due_by"] != NO_DAY) & (rows["due_by"] < NEVER_DAY)
    state = state_on(spells, rows["patient"], rows["due_by"])
    closed = np.isin(state, [spells.states.index(name) for name in ("ended", "died")])
    mask: Mask = due & ~closed & (done | (rows["due_by"] < as_of))
    return mask


def _columns(seen: Seen, rows: Mapping[str, Ints], phase: Ints, by: Mapping[str, Coded]) -> dict[str, Coded]:
    of_patient = {name: column.of(rows["patient"]) for name, column in by.items()}
    return of_patient | {"group": Coded(rows["group"].astype(np.int64), seen.groups), "phase": Coded(phase, PHASES)}


def phases(
    rows: Mapping[str, Ints],
    decisions: Decisions,
    groups: tuple[str, ...],
    schedules: Mapping[str, Schedule],
) -> Ints:
    """The phase of each due date, by its day: the first weeks of the run win over a change of dose, both over steady times."""
    patient, day = rows["patient"], rows["due_by"].astype(np.int64)
    begun = begun_by(decisions.only(decisions.which(*RUNS)), patient, day)
    changed = begun_by(decisions.only(decisions.which(*CHANGES)), patient, day)
    phase = np.where(begun == NO_DAY, PHASES.index(BEFORE), PHASES.index(STEADY))
    for number, group in enumerate(groups):
        here = (rows["group"] == number) & (begun != NO_DAY)
        phase = _within(phase, here, day, changed, schedules.get(group), CHANGED)
        phase = _within(phase, here, day, begun, schedules.get(group), FIRST)
    return phase


def _within(phase: Ints, here: Mask, day: Ints, since: Ints, schedule: Schedule | None, name: str) -> Ints:
    length = None if schedule is None else schedule.first if name == FIRST else schedule.changed
    if length is None:
        return phase
    inside = here & (since != NO_DAY) & (day < after(np.where(since == NO_DAY, 0, since), length))
    return np.where(inside, PHASES.index(name), phase)
