"""The sweep over a whole store, with the senders' identifiers."""

from __future__ import annotations

from datetime import date

import numpy as np

from countwell.cohort.measured import Moved, day_number
from countwell.cohort.measures.seen import Seen
from countwell.cohort.store import Store
from countwell.cohort.sweep import Found, newest_first, sweep

COLUMNS = ("patient", "evidence", "on", "course")
NOT_DATED = "not dated"


def swept(store: Store, as_of: date, moved: Moved | None = None) -> list[tuple[str, str, str, str]]:
    """(identifier, kind of evidence, its day, course) of everybody with evidence and no open course, newest first."""
    found: list[Found] = []
    ids: dict[int, str] = {}
    for group in store.row_groups(patients=["id"]):
        seen = Seen(group, day_number(as_of), np.ones(len(group.patients["patient"]), dtype=bool))
        here = sweep(seen)
        found += here
        ids |= {one.patient: str(group.patients["id"][one.patient - seen.first]) for one in here}
        if moved is not None:
            moved(seen.size)
    return [_row(one, ids[one.patient]) for one in newest_first(found)]


def _row(one: Found, who: str) -> tuple[str, str, str, str]:
    return who, one.kind, one.on.isoformat() if one.on else NOT_DATED, one.course
