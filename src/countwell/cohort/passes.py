"""STATUS and REPLAY of one row group: what the packs say of every patient, as arrays. The columns: `columns.STATUS_COLUMNS`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from countwell.cohort import deciding
from countwell.cohort.apart import pointers_to
from countwell.cohort.plan import Plan
from countwell.cohort.store import RowGroup
from countwell.cohort.tables import EVENTS_READ, LABS_READ, PATIENTS_READ, Instant, instants_of, out_of, walk_of


class PatientColumns(NamedTuple):
    """The columns of the patients file that a pass reads."""

    born: Any
    sex: Any
    country: Any
    zone: Any
    condition: Any


class LabColumns(NamedTuple):
    """The columns of the laboratory file that a pass reads."""

    collected: Any
    collected_day: Any
    test: Any
    known: Any
    known_day: Any
    until: Any
    low: Any
    high: Any
    upper: Any
    status: Any
    flags: Any
    lab: Any
    ref: Any


class EventColumns(NamedTuple):
    """The columns of the events file that a pass reads."""

    at: Any
    at_day: Any
    kind: Any
    code: Any
    value: Any
    other: Any
    more: Any
    bits: Any
    end: Any
    end_day: Any
    flags: Any
    ref: Any
    upper: Any


def status_of(
    group: RowGroup, plan: Plan, as_of: Instant, known_at: Instant | None = None
) -> dict[str, NDArray[np.generic]]:
    """STATUS: one row per patient, as of an instant, with what was known by then.

    as_of: an instant with its offset, or a day: then its end on each patient's own calendar. known_at: default as_of.
    Groups, rules and tests stand in the order of `plan.groups` and `plan.rules`.
    """
    patients, labs, events = columns_of(group)
    walk = walk_of(plan, group.manifest, group.labs["patient"], group.events["patient"])
    out = out_of(plan, len(patients.born))
    instants = instants_of(group.manifest["zones"], as_of, known_at)
    first = _first(group)
    lab_from = _bounds(group.labs["patient"], first, len(patients.born))
    event_from = _bounds(group.events["patient"], first, len(patients.born))
    given = pointers_to(walk, patients=patients, labs=labs, events=events, out=out)
    deciding.status(*given, lab_from, event_from, instants)
    return {"patient": group.patients["patient"], **named(out)}


def columns_of(group: RowGroup) -> tuple[PatientColumns, LabColumns, EventColumns]:
    """The columns that a pass reads, as arrays that nobody may write to."""
    return (
        PatientColumns(*(_read_only(group.patients[name], kind) for name, kind in PATIENTS_READ.items())),
        LabColumns(*(_read_only(group.labs[name], kind) for name, kind in LABS_READ.items())),
        EventColumns(*(_read_only(group.events[name], kind) for name, kind in EVENTS_READ.items())),
    )


def _read_only(column: NDArray[Any], kind: str) -> NDArray[Any]:
    array = np.ascontiguousarray(column, dtype=kind).view()
    array.flags.writeable = False
    return array


def _bounds(patient: NDArray[Any], first: int, many: int) -> NDArray[np.int64]:
    """Where the rows of each patient begin, and where those of the last end."""
    return np.searchsorted(patient, np.arange(first, first + many + 1)).astype(np.int64)


def named(out: Any) -> dict[str, NDArray[np.generic]]:
    """The columns of an answer by name."""
    columns = {name: array for name, array in out._asdict().items() if name != "dose"}
    doses = ("first_mg", "low_mg", "high_mg", "ceiling_mg")
    columns |= {name: out.dose[:, place] for place, name in enumerate(doses)}
    return columns | {"no_dose": out.dose[:, len(doses)] != 0}


def replay_of(group: RowGroup, plan: Plan, until: Instant) -> dict[str, NDArray[np.generic]]:
    """REPLAY: one row per decision point up to an instant, the columns of STATUS and `at`, `day`, `why` (0 a result came,
    1 a due date passed, 2 a decision), in order of patient and time. At each point what was known by then counts.

    A result without a time of receipt came when it was collected. A due date has passed at the end of the day after it.
    Of one instant there is one point, its `why` the first that fits.
    """
    patients, labs, events = columns_of(group)
    walk = walk_of(plan, group.manifest, group.labs["patient"], group.events["patient"])
    instants = instants_of(group.manifest["zones"], until, None)
    many, first = len(patients.born), _first(group)
    bounds = (_bounds(group.labs["patient"], first, many), _bounds(group.events["patient"], first, many))
    parts, begin = [], 0
    room = ROOM + len(labs.known) + len(events.at)
    while begin < many:
        out, points = out_of(plan, room), np.zeros((room, len(POINT)), np.int64)
        given = pointers_to(walk, patients=patients, labs=labs, events=events, out=out)
        reached, rows = deciding.replay(*given, points, *bounds, instants, begin)
        parts.append(_points(out, points, rows, first))
        room, begin = (2 * room if reached == begin else room), reached
    return _together(parts)


ROOM = 4096  # rows beside one for each row of the store, before more are asked for
POINT = {"patient": np.int32, "at": np.int64, "day": np.int32, "why": np.uint8}


def _first(group: RowGroup) -> int:
    return int(group.patients["patient"][0]) if len(group.patients["patient"]) else 0


def _points(out: Any, points: NDArray[np.int64], rows: int, first: int) -> dict[str, NDArray[np.generic]]:
    own = {name: points[:rows, place].astype(kind) for place, (name, kind) in enumerate(POINT.items())}
    own["patient"] = own["patient"] + np.int32(first)
    return own | {name: column[:rows].copy() for name, column in named(out).items()}


def _together(parts: Sequence[dict[str, NDArray[np.generic]]]) -> dict[str, NDArray[np.generic]]:
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}
