"""The arrays of a pass: the tables of a walk, made once per row group, and the columns of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countwell.base.dates import Moment, end_of_day, of_instant, zone
from countwell.cohort import shape as at
from countwell.cohort.bound import bind
from countwell.cohort.joined import WORD, Out
from countwell.cohort.plan import Plan
from countwell.cohort.shape import Walk
from countwell.cohort.vocabularies import GROWING
from countwell.cohort.zones import EPOCH, FIRST_DAY, days_of

Instant = date | datetime
SLOTS, LAYERS, PARTS, PART_COLUMNS, PERSON_COLUMNS, DOSES = 3, 2, 16, 4, 5, 6
PATIENTS_READ = {"born": "i4", "sex": "u1", "country": "u1", "zone": "u1", "condition": "u1"}
LABS_READ = {
    "collected": "i8",
    "collected_day": "i4",
    "test": "u1",
    "known": "i8",
    "known_day": "i4",
    "until": "i8",
    "low": "i4",
    "high": "i4",
    "upper": "i4",
    "status": "u1",
    "flags": "u1",
    "lab": "u2",
    "ref": "i4",
}
EVENTS_READ = {
    "at": "i8",
    "at_day": "i4",
    "kind": "u1",
    "code": "i2",
    "value": "i4",
    "other": "i4",
    "more": "i2",
    "bits": "i8",
    "end": "i8",
    "end_day": "i4",
    "flags": "u1",
    "ref": "i4",
    "upper": "i4",
}


def walk_of(plan: Plan, lists: Mapping[str, Any], lab_patients: NDArray[Any], event_patients: NDArray[Any]) -> Walk:
    """The tables of a walk, large enough for the patient with most rows. lists: the word lists of the store."""
    labs, events = _most(lab_patients), _most(event_patients)
    facts, rules, groups = len(plan.facts), len(plan.rules), len(plan.groups)
    zones = [days_of(name) for name in lists["zones"]]
    bound = _bound(plan, lists)
    # Each atom of one way can have come about at each result and event of the patient.
    longest_way = max((int(many) for _, many in bound["way"]), default=0)
    return Walk(
        **bound,
        midnight=np.array([begin for begin, _ in zones]),
        day_end=np.array([end for _, end in zones]),
        first_day=np.array([FIRST_DAY]),
        person=_ints(PERSON_COLUMNS),
        labs=_ints(labs + 1, at.LAB_COLUMNS),
        last=_ints(len(plan.tests)),
        event=_ints(events + 1, at.EVENT_COLUMNS),
        event_from=_ints(at.KINDS_OF_EVENT + 1),
        course=_ints(events + 2, at.COURSE_COLUMNS),
        tally=_ints(at.TALLIES),
        held=_ints(LAYERS, labs + events + 2, at.HELD_COLUMNS),
        slot=_ints(SLOTS, at.SLOT_COLUMNS),
        lapse=_ints(SLOTS, len(plan.tests)),
        span=np.zeros((SLOTS, facts, at.SPAN_COLUMNS)),
        value=_ints(SLOTS, facts, at.VALUE_COLUMNS),
        reached=_ints(SLOTS, len(plan.read_names), at.REACHED_COLUMNS),
        state=_ints(SLOTS, rules),
        accepted=_ints(rules),
        codes=_ints(at.KINDS_OF_EVENT),
        ask=np.full(rules // at.BITS_IN_A_WORD + 1, -1, dtype=np.int64),
        quiet=_ints(facts),
        moment=_ints(rules + 2, at.MOMENT_COLUMNS),
        part=np.zeros((PARTS, PART_COLUMNS)),
        part_of=_ints(PARTS, PART_COLUMNS),
        rows=_ints(groups, 3),
        by=_ints(groups),
        tests=_ints(groups),
        begun=_ints(2 * longest_way * (labs + events + 1) + rules, at.BEGUN_COLUMNS),
        before=_ints(rules, at.BY_GROUP + groups),
        point=_ints(labs + events + 2, at.POINT_COLUMNS),
    )


_BOUND: dict[tuple[int, ...], tuple[Plan, Mapping[str, Any], dict[str, at.Ints]]] = {}
BOUND_AT_MOST = 64
_ONE_AT_A_TIME = Lock()


def _bound(plan: Plan, lists: Mapping[str, Any]) -> dict[str, at.Ints]:
    """A plan against word lists, worked out once for the same two at the same length."""
    key = (id(plan), id(lists), *(len(lists[name]) for name in GROWING))
    with _ONE_AT_A_TIME:
        if key not in _BOUND:
            if len(_BOUND) >= BOUND_AT_MOST:
                _BOUND.clear()
            _BOUND[key] = (plan, lists, bind(plan, lists))
        return _BOUND[key][2]


def _most(patient: NDArray[Any]) -> int:
    """The most rows that one patient has; rows of a patient stand together."""
    if not len(patient):
        return 0
    ends = np.flatnonzero(np.diff(patient)) + 1
    return int(np.diff(np.concatenate([[0], ends, [len(patient)]])).max())


def _ints(*shape: int) -> NDArray[np.int64]:
    return np.zeros(shape, dtype=np.int64)


def out_of(plan: Plan, rows: int) -> Out:
    """An answer of that many rows, not yet filled."""
    words = (len(plan.rules) + WORD - 1) // WORD
    groups = len(plan.groups)
    small = {name: np.zeros(rows, np.uint8) for name in Out._fields[:8]}
    return Out(
        **small,
        decide_by=np.zeros(rows, np.int32),
        surely=np.zeros((rows, words), np.uint64),
        possibly=np.zeros((rows, words), np.uint64),
        accepted=np.zeros((rows, words), np.uint64),
        last=np.zeros((rows, groups), np.int32),
        due_by=np.zeros((rows, groups), np.int32),
        due_state=np.zeros((rows, groups), np.uint8),
        tests=np.zeros((rows, groups), np.int32),
        dose=np.zeros((rows, DOSES), np.int32),
    )


def instants_of(zones: Sequence[str], as_of: Instant, known_at: Instant | None) -> NDArray[np.int64]:
    """Of each zone: the instant asked about, its day, and the instant by which things are known."""
    rows = []
    for name in zones:
        now = _moment(as_of, name)
        heard = now if known_at is None else _moment(known_at, name)
        rows.append((_microseconds(now.at), (now.day - EPOCH).days, _microseconds(heard.at)))
    return np.array(rows, dtype=np.int64)


def _moment(instant: Instant, name: str) -> Moment:
    if isinstance(instant, datetime):
        return of_instant(instant, zone(name))
    return end_of_day(instant, zone(name))


def _microseconds(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
