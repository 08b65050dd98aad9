"""The course of treatment of every patient of a row group, from the decisions: states, runs, changes of dose.

The same fold as for one patient: by time, of one instant the safer decision last; nothing after death.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from countwell.cohort.columns import DECISION, DIED, NO_DAY, NO_VALUE
from countwell.cohort.measures.nearest import ByDay
from countwell.cohort.measures.seen import Ints, Mask, Seen, words
from countwell.model.decisions import CHANGES, NEW_STATE, SAFER_LAST

DEATH = "died"
ORDER = (*SAFER_LAST, DEATH)
INTO = {**NEW_STATE, DEATH: "died"}
ON_TREATMENT = ("active", "held")
STATES = tuple(dict.fromkeys(INTO.values()))


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions (and deaths) in the order in which they count. do: place in ORDER; mg: a day, times SCALE, NO_VALUE if not
    said; since: day of the start elsewhere, NO_DAY if not known."""

    patient: Ints
    day: Ints
    do: Ints
    mg: Ints
    since: Ints

    def which(self, *names: str) -> Mask:
        """The rows of these decisions."""
        mask: Mask = np.isin(self.do, [ORDER.index(name) for name in names])
        return mask

    def only(self, rows: Mask) -> Decisions:
        """Some of the rows, in the same order."""
        return Decisions(self.patient[rows], self.day[rows], self.do[rows], self.mg[rows], self.since[rows])


def decisions_of(seen: Seen) -> Decisions:
    """Every decision and death of the patients looked at, up to the day; none after a death."""
    columns = ("at", "at_day", "code", "value", "bits")
    decided, died = seen.events(DECISION, columns), seen.events(DIED, columns)
    do = np.concatenate([_do(decided["code"], words(seen.group.manifest, "dos")), _deaths(died["code"])])
    both = {name: np.concatenate([decided[name], died[name]]) for name in decided}
    known = do >= 0
    order = np.lexsort((-_known(both["value"])[known], do[known], both["at"][known], both["patient"][known]))
    rows = np.flatnonzero(known)[order]
    all_of_them = Decisions(
        both["patient"][rows], both["at_day"][rows], do[rows], both["value"][rows], both["bits"][rows]
    )
    return all_of_them.only(~_after_death(all_of_them))


def _do(code: Ints, names: list[str]) -> Ints:
    places = np.array([ORDER.index(name) if name in ORDER else -1 for name in names], dtype=np.int64)
    return places[code]


def _deaths(code: Ints) -> Ints:
    return np.full(len(code), ORDER.index(DEATH))


def _known(mg: Ints) -> Ints:
    return np.where(mg == NO_VALUE, 0, mg).astype(np.int64)


def _after_death(rows: Decisions) -> Mask:
    """Rows that follow a death of the same patient: deaths counted so far, within the patient."""
    deaths: Ints = np.cumsum(rows.which(DEATH)) - rows.which(DEATH)
    before = ByFirst(rows.patient).spread(deaths)
    mask: Mask = deaths > before
    return mask


class ByFirst:
    """Where each patient's rows begin, in rows sorted by patient."""

    def __init__(self, patient: Ints) -> None:
        begins = np.ones(len(patient), dtype=bool)
        begins[1:] = patient[1:] != patient[:-1]
        self.begins = begins
        self.number = np.cumsum(begins) - 1

    def spread(self, values: Ints) -> Ints:
        """The value of each patient's first row, for every row of the patient."""
        spread: Ints = values[self.begins][self.number] if len(values) else values
        return spread


@dataclass(frozen=True, slots=True)
class Spells:
    """Times in one state: from `begun` (that day included) to `ended` (excluded), by patient. state: place in `states`."""

    patient: Ints
    begun: Ints
    ended: Ints
    state: Ints
    states: tuple[str, ...]

    def which(self, *names: str) -> Mask:
        """The spells in these states."""
        mask: Mask = np.isin(self.state, [self.states.index(name) for name in names])
        return mask


def spells_of(decisions: Decisions, as_of: int) -> Spells:
    """Every spell of every state; the last one of a patient is cut off at the day looked at."""
    moved = decisions.only(decisions.which(*INTO))
    of_do = np.array([STATES.index(INTO[do]) if do in INTO else -1 for do in ORDER])
    ended = np.append(moved.day[1:], as_of)
    last = np.append(moved.patient[1:] != moved.patient[:-1], True) if len(moved.patient) else np.zeros(0, dtype=bool)
    ended = np.where(last, as_of, ended[: len(last)])
    return Spells(moved.patient, moved.day, ended, of_do[moved.do], STATES)


def days_on_treatment(spells: Spells, size: int) -> Ints:
    """Days on treatment (holds included) of each patient of the group."""
    on = spells.which(*ON_TREATMENT)
    days: Ints = np.bincount(spells.patient[on], (spells.ended - spells.begun)[on], minlength=size)
    return days


def state_on(spells: Spells, patient: Ints, day: Ints) -> Ints:
    """The state of these patients on these days, as its place in `spells.states`; -1 before anything was decided."""
    row = ByDay(spells.patient, spells.begun).last(patient, day)
    return np.where(row >= 0, spells.state[row], -1) if len(spells.state) else np.full(len(row), -1)


def begun_by(some: Decisions, patient: Ints, day: Ints) -> Ints:
    """From when the last of these decisions counts, by patient and day: of one taken over its start elsewhere, if known.

    NO_DAY where none had been taken.
    """
    elsewhere = some.which("transfer-in") & (some.since != NO_DAY)
    begun = np.where(elsewhere, some.since, some.day).astype(np.int64)
    row = ByDay(some.patient, some.day).last(patient, day)
    return np.where(row >= 0, begun[row], NO_DAY) if len(begun) else np.full(len(row), NO_DAY, dtype=np.int64)


def doses(decisions: Decisions) -> tuple[ByDay, Ints]:
    """Changes of dose, to be looked up, and the dose from then on (NO_VALUE: not known). A restart without one keeps it."""
    changes = decisions.only(decisions.which(*CHANGES))
    mg = changes.mg.astype(np.int64)
    keeps = (mg == NO_VALUE) & changes.which("restart")
    source = np.maximum.accumulate(np.where(keeps, 0, np.arange(len(mg)))) if len(mg) else mg
    inside = ~ByFirst(changes.patient).begins if len(mg) else keeps
    same = changes.patient[source] == changes.patient if len(mg) else keeps
    mg = np.where(keeps & inside & same, mg[source], mg)
    return ByDay(changes.patient, changes.day), mg
