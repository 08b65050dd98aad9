"""A whole store through a pass: row groups over a few threads, in order, only the columns that a pass reads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from countwell.cohort.in_order import THREADS, in_order
from countwell.cohort.passes import replay_of, status_of
from countwell.cohort.plan import Plan
from countwell.cohort.store import Place, RowGroup, Store
from countwell.cohort.tables import EVENTS_READ, LABS_READ, PATIENTS_READ, Instant

Answer = dict[str, NDArray[np.generic]]


def status(
    store: Store, plan: Plan, as_of: Instant, known_at: Instant | None = None, threads: int = THREADS
) -> Iterator[Answer]:
    """STATUS of every patient, one answer per row group, in order. See `passes.status_of`."""
    return in_order(store.places, lambda place: status_of(_read(store, place), plan, as_of, known_at), threads)


def replay(store: Store, plan: Plan, until: Instant, threads: int = THREADS) -> Iterator[Answer]:
    """REPLAY of every patient, one answer per row group, in order. See `passes.replay_of`."""
    return in_order(store.places, lambda place: replay_of(_read(store, place), plan, until), threads)


def _read(store: Store, place: Place) -> RowGroup:
    return store.read(place, patients=list(PATIENTS_READ), labs=list(LABS_READ), events=list(EVENTS_READ))
