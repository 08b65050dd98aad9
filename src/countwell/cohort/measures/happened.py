"""From decision points to what lasted: episodes of rules, and due dates with the day on which the test was done."""

from __future__ import annotations

import numpy as np

from countwell.cohort.columns import NEVER_DAY, NO_DAY
from countwell.cohort.measures.seen import Ints, Mask
from countwell.cohort.store import Arrays

BITS = np.iinfo(np.uint64).bits


def firsts(patient: Ints) -> Mask:
    """Which rows are the first of their patient, in rows sorted by patient."""
    first = np.ones(len(patient), dtype=bool)
    first[1:] = patient[1:] != patient[:-1]
    return first


def holds(surely: Ints, rule: int) -> Mask:
    """At which points a rule holds. surely: one or more 64-bit words per row."""
    words = surely if surely.ndim > 1 else surely[:, None]
    mask: Mask = (words[:, rule // BITS] >> np.uint64(rule % BITS)) & np.uint64(1) == 1
    return mask


def episodes(points: Arrays, rules: int) -> dict[str, Ints]:
    """Times during which a rule surely held: patient, rule, begun_day, ended_day (NEVER_DAY: it still held at the last point).

    points: decision points in order of patient and time, with `patient`, `day`, `surely`. rules: how many there are.
    """
    first = firsts(points["patient"])
    found = [_of_rule(points, holds(points["surely"], rule), first, rule) for rule in range(rules)]
    names = ("patient", "rule", "begun_day", "ended_day")
    joined = {name: np.concatenate([row[name] for row in found]) if found else np.zeros(0, int) for name in names}
    order = np.lexsort((joined["rule"], joined["begun_day"], joined["patient"]))
    return {name: column[order] for name, column in joined.items()}


def _of_rule(points: Arrays, now: Mask, first: Mask, rule: int) -> dict[str, Ints]:
    spells = _spells(points, now, first)
    return {**spells, "rule": np.full(len(spells["patient"]), rule)}


def spells_where(points: Arrays, now: Mask) -> dict[str, Ints]:
    """Times during which something held (`now`, one per point): patient, begun_day, ended_day (NEVER_DAY: it still held)."""
    return _spells(points, now, firsts(points["patient"]))


def _spells(points: Arrays, now: Mask, first: Mask) -> dict[str, Ints]:
    before = np.append(False, now[:-1]) & ~first
    begins, ends = np.flatnonzero(now & ~before), np.flatnonzero(_ends(now, first))
    patient, day = points["patient"], points["day"]
    ended = np.where(now[ends], NEVER_DAY, day[ends])
    return {"patient": patient[begins], "begun_day": day[begins], "ended_day": ended}


def _ends(now: Mask, first: Mask) -> Mask:
    """The first row after each episode; of one that holds at its patient's last point that point itself."""
    nothing_follows = np.append(first[1:], True) if len(first) else first
    before = np.append(False, now[:-1]) & ~first
    mask: Mask = (before & ~now) | (now & nothing_follows)
    return mask


def delays(points: Arrays, groups: int) -> dict[str, Ints]:
    """Every due date that was met by a test, and the last one that was not: patient, group, due_by, done_day.

    points: decision points with `patient`, `due_by` and `last`, one column per group. A test answers the date that was in
    force at the point before it came. NEVER_DAY: not done by the last point.
    """
    found = [_of_group(points, group) for group in range(groups)]
    names = ("patient", "group", "due_by", "done_day")
    joined = {name: np.concatenate([row[name] for row in found]) if found else np.zeros(0, int) for name in names}
    order = np.lexsort((joined["group"], joined["due_by"], joined["patient"]))
    return {name: column[order] for name, column in joined.items()}


def _of_group(points: Arrays, group: int) -> dict[str, Ints]:
    patient, due, last = points["patient"], points["due_by"][:, group], points["last"][:, group]
    first = firsts(patient)
    final = np.append(first[1:], True) if len(first) else first
    came = np.flatnonzero(~first & (last > np.append(NO_DAY, last[:-1])))
    met = came[due[came - 1] != NO_DAY]
    open_ = np.flatnonzero(final & (due != NO_DAY))
    rows = np.concatenate([met - 1, open_])
    done = np.concatenate([last[met], np.full(len(open_), NEVER_DAY)])
    return {"patient": patient[rows], "group": np.full(len(rows), group), "due_by": due[rows], "done_day": done}
