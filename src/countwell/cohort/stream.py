"""A whole store through a pass: row groups over a few threads, in order, with no more in memory than are being worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countwell.cohort.passes import replay_of, status_of
from countwell.cohort.plan import Plan
from countwell.cohort.store import Place, RowGroup, Store
from countwell.cohort.tables import EVENTS_READ, LABS_READ, PATIENTS_READ, Instant

Answer = dict[str, NDArray[np.generic]]
THREADS = 2
AHEAD = 1  # row groups beside those being worked on, so that no thread waits


def status(
    store: Store, plan: Plan, as_of: Instant, known_at: Instant | None = None, threads: int = THREADS
) -> Iterator[Answer]:
    """STATUS of every patient, one answer per row group, in order. See `passes.status_of`."""
    return _each(store, lambda group: status_of(group, plan, as_of, known_at), threads)


def replay(store: Store, plan: Plan, until: Instant, threads: int = THREADS) -> Iterator[Answer]:
    """REPLAY of every patient, one answer per row group, in order. See `passes.replay_of`."""
    return _each(store, lambda group: replay_of(group, plan, until), threads)


def _each(store: Store, work: Callable[[RowGroup], Answer], threads: int) -> Iterator[Answer]:
    """The answers in the order of the row groups. One that fails is told when its turn comes, and nothing after it is given."""
    waiting: deque[Future[Answer]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for place in store.places:
                waiting.append(pool.submit(_one, store, place, work))
                if len(waiting) >= threads + AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _one(store: Store, place: Place, work: Callable[[RowGroup], Any]) -> Answer:
    """One row group: only the columns that a pass reads."""
    group = store.read(place, patients=list(PATIENTS_READ), labs=list(LABS_READ), events=list(EVENTS_READ))
    answer: Answer = work(group)
    return answer
