"""Two sets of rules over one register: what B would have said of these results, not what would have happened.

Other rules would have led to other tests and doses, and the results would not be these. It does not say who fares better.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from countwell.cohort.columns import NO_DAY
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.courses import ON_TREATMENT, decisions_of, spells_of
from countwell.cohort.measures.happened import spells_where
from countwell.cohort.measures.nearest import ByDay
from countwell.cohort.measures.on_time import phases
from countwell.cohort.measures.openness import is_over
from countwell.cohort.measures.schedules import PHASES, Schedule, mean_days
from countwell.cohort.measures.seen import Coded, Ints, Mask, Seen
from countwell.cohort.measures.tally import Tally, added, counted, spread
from countwell.cohort.store import Arrays
from countwell.model.advice import DRUG, PATIENT, PRESCRIBER, Advice, rank

TITLE = "What B would have said of these results, not what would have happened"
GRAVER, MILDER, OTHER, OPEN, DATES, SAME = KINDS = (
    "B calls for more",
    "B calls for less",
    "equally urgent, something else called for",
    "B leaves another part open",
    "test dates alone differ",
    "no difference",
)
PATIENTS, ALARMS_A, ALARMS_B, BOTH, ONLY_A, ONLY_B = (
    "patients",
    "alarms under A",
    "alarms under B",
    "alarms under both",
    "alarms under A alone",
    "alarms under B alone",
)
EARLIER, TOGETHER, LATER, APART = "B earlier", "the same day", "B later", "days from A to B"
MOST_APART = 1 << 10
ASKED, TREATED_DAYS = "tests a schedule asks for", "days on treatment"
PARTS = ("drug", "contact", "prescriber")


def places() -> Ints:
    """The list place of every combination of rungs, by [drug, contact, prescriber]: 0 is gravest."""
    rungs = product(DRUG, PATIENT, PRESCRIBER)
    ranked = [rank(Advice(drug, contact, prescriber)).place for drug, contact, prescriber in rungs]
    return np.array(ranked).reshape(len(DRUG), len(PATIENT), len(PRESCRIBER))


def kinds(a: Seen, b: Seen) -> Ints:
    """How B's STATUS of each patient differs from A's, as the place in KINDS; the first that fits."""
    assert a.status is not None and b.status is not None
    place = places()
    at = [place[tuple(status[part] for part in PARTS)] for status in (a.status, b.status)]
    other = _differ(a.status, b.status, (*PARTS, "precautions"))
    open_ = _differ(a.status, b.status, tuple(f"{part}_at_most" for part in PARTS))
    found = [at[1] < at[0], at[1] > at[0], other, open_, _dates_differ(a, b)]
    return np.select(found, range(len(found)), len(found))


def _differ(a: Arrays, b: Arrays, names: tuple[str, ...]) -> Mask:
    mask: Mask = np.logical_or.reduce([a[name] != b[name] for name in names])
    return mask


def _dates_differ(a: Seen, b: Seen) -> Mask:
    """Whether the date of any test differs; a group that one of the two does not know is not asked for by it."""
    differ = np.zeros(a.size, dtype=bool)
    for group in {*a.groups, *b.groups}:
        differ |= _dates(a, group) != _dates(b, group)
    return differ


def _dates(seen: Seen, group: str) -> Ints:
    assert seen.status is not None
    if group not in seen.groups:
        return np.full(seen.size, NO_DAY)
    return np.asarray(seen.status["tests"][:, seen.groups.index(group)])


def differences(a: Seen, b: Seen) -> Tally:
    """Patients by kind of difference, and by the drug advice of A and of B; those whose course is over are left out."""
    assert a.status is not None and b.status is not None
    here = a.mine & ~is_over(a.status["state"])
    patient = np.flatnonzero(here)
    columns = {
        "kind": Coded(kinds(a, b)[here], KINDS),
        "A": Coded(a.status["drug"][here].astype(np.int64), DRUG),
        "B": Coded(b.status["drug"][here].astype(np.int64), DRUG),
    }
    return counted(PATIENTS, patient, columns, (("kind",), ("A", "B")))


def alarms(points_a: Arrays, points_b: Arrays, mine: Mask, first: int) -> Tally:
    """Alarms of each grade (the drug advice reaches a rung) under A and B, paired, with the days from A's to B's.

    points: decision points with `patient`, `day`, `drug`. Two alarms are one if they overlap, or begin no more than
    `same_spell_days` apart.
    """
    found = Tally()
    for rung in range(1, len(DRUG)):
        under = [spells_where(points, points["drug"] >= rung) for points in (points_a, points_b)]
        under = [_of(mine, first, spells) for spells in under]
        found.add(_paired(under[0], under[1], DRUG[rung]))
    return found


def _of(mine: Mask, first: int, spells: Mapping[str, Ints]) -> dict[str, Ints]:
    """Spells of the patients looked at, numbered from 0 within the group."""
    patient = spells["patient"].astype(np.int64) - first
    return {**{name: column[mine[patient]] for name, column in spells.items()}, "patient": patient[mine[patient]]}


def _paired(a: Mapping[str, Ints], b: Mapping[str, Ints], word: str) -> Tally:
    to_b, to_a = partner(a, b), partner(b, a)
    both, other = to_b >= 0, to_a >= 0
    days = b["begun_day"][to_b[both]] - a["begun_day"][both] if both.any() else np.zeros(0, dtype=np.int64)
    whats = [(ALARMS_A, a["patient"]), (ALARMS_B, b["patient"]), (BOTH, a["patient"][both])]
    whats += [(ONLY_A, a["patient"][~both]), (ONLY_B, b["patient"][~other])]
    whats += [(EARLIER, a["patient"][both][days < 0]), (TOGETHER, a["patient"][both][days == 0])]
    whats += [(LATER, a["patient"][both][days > 0])]
    found = Tally()
    for what, patient in whats:
        found.add(counted(what, patient, {"advice": _word(word, len(patient))}, (("advice",),)))
    shifted = np.clip(days + MOST_APART, 0, 2 * MOST_APART)
    found.add(spread(APART, shifted, 2 * MOST_APART, {"advice": _word(word, len(days))}, (("advice",),)))
    return found


def _word(word: str, rows: int) -> Coded:
    return Coded(np.zeros(rows, dtype=np.int64), (word,))


def partner(one: Mapping[str, Ints], other: Mapping[str, Ints]) -> Ints:
    """For each spell of one a spell of the other that overlaps it, else one that begins near it; -1 if there is none."""
    patient, begun, ended = one["patient"], one["begun_day"].astype(np.int64), one["ended_day"].astype(np.int64)
    if not len(other["patient"]):
        return np.full(len(patient), -1)
    near = choice("same_spell_days")
    meeting = ByDay(other["patient"], other["ended_day"]).next(patient, begun + 1)
    meets = (meeting >= 0) & (other["begun_day"][meeting] < ended)
    beside = ByDay(other["patient"], other["begun_day"]).last(patient, begun + near)
    is_near = (beside >= 0) & (other["begun_day"][beside] >= begun - near)
    return np.where(meets, meeting, np.where(is_near, beside, -1))


def asked_for(seen: Seen, schedules: Mapping[str, Schedule], which: str) -> Tally:
    """How many tests a schedule asks for at the least, by group: days on treatment in each phase over its longest interval.

    which: "A" or "B". The calendar alone, without the closer tests that findings call for; days are looked at week by week.
    """
    decisions = decisions_of(seen)
    spells = spells_of(decisions, seen.as_of)
    patient, day, days = weeks(spells.patient, spells.begun, spells.ended, spells.which(*ON_TREATMENT))
    found = Tally()
    for group, schedule in schedules.items():
        rows = {"patient": patient, "due_by": day, "group": np.zeros(len(day), dtype=np.int64)}
        phase = phases(rows, decisions, (group,), {group: schedule})
        columns = {"rules": _word(which, len(day)), "group": _word(group, len(day))}
        found.add(added(ASKED, patient, days * _per_day(schedule)[phase], columns, (("group", "rules"),)))
        found.add(added(TREATED_DAYS, patient, days, columns, (("group", "rules"),)))
    return found


def _per_day(schedule: Schedule) -> Ints:
    """Tests a day in each phase; a phase without an interval of its own has that of steady times."""
    steady = schedule.every.get("steady")
    every = [schedule.every.get(phase, steady) for phase in PHASES]
    return np.array([0 if one is None else 1 / mean_days(one) for one in every])


def weeks(patient: Ints, begun: Ints, ended: Ints, which: Mask) -> tuple[Ints, Ints, Ints]:
    """Spells cut into weeks: (patient, first day, number of days) of each; the last one is shorter."""
    who, first, last = patient[which], begun[which].astype(np.int64), ended[which].astype(np.int64)
    week = choice("days_per_week")
    pieces = -(-(last - first) // week)
    row = np.repeat(np.arange(len(who)), pieces)
    number = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    day = first[row] + number * week
    return who[row], day, np.minimum(last[row] - day, week)


def listed(a: Seen, b: Seen, ids: Ints) -> Iterator[tuple[str, str, str, str]]:
    """(id, kind of difference, drug advice of A, of B) of every patient whom B would treat differently."""
    assert a.status is not None and b.status is not None
    kind = kinds(a, b)
    for row in np.flatnonzero(a.mine & ~is_over(a.status["state"]) & (kind < KINDS.index(SAME))):
        yield str(ids[row]), KINDS[kind[row]], DRUG[a.status["drug"][row]], DRUG[b.status["drug"][row]]
