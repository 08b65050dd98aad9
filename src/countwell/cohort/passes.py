"""STATUS and REPLAY of one row group: what the packs say of every patient, as arrays. The columns: `columns.STATUS_COLUMNS`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from countwell.cohort.plan import Plan

Arrays = Mapping[str, NDArray[Any]]
Instant = date | datetime


class RowGroup(NamedTuple):
    """The same patients of the three files: column name -> array, whole patients only. manifest: of the store (its word lists)."""

    manifest: Mapping[str, Any]
    patients: Arrays
    labs: Arrays
    events: Arrays


def status_of(
    group: RowGroup, plan: Plan, as_of: Instant, known_at: Instant | None = None
) -> dict[str, NDArray[np.generic]]:
    """STATUS: one row per patient, as of an instant, with what was known by then.

    as_of: an instant with its offset, or a day: then its end on each patient's own calendar. known_at: default as_of.
    Groups, rules and tests stand in the order of `plan.groups` and `plan.rules`.
    """
    raise NotImplementedError


def replay_of(group: RowGroup, plan: Plan, until: Instant) -> dict[str, NDArray[np.generic]]:
    """REPLAY: one row per decision point up to an instant, the columns of STATUS and `at`, `day`, `why` (0 a result came,
    1 a due date passed, 2 a decision), in order of patient and time. At each point what was known by then counts."""
    raise NotImplementedError
