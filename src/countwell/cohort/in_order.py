"""Work on row groups in a few threads, results in order, with no more groups in memory than are being worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from countwell.cohort.store import RowGroup

THREADS = 2
Result = TypeVar("Result")


def in_order(
    groups: Iterable[RowGroup], work: Callable[[RowGroup], Result], threads: int = THREADS
) -> Iterator[Result]:
    """What `work` makes of each group, in order. An error is raised when its turn comes, and nothing follows it."""
    left = iter(groups)
    for group in islice(left, 1):
        yield work(group)  # alone: what it compiles is not compiled twice
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for group in left:
                waiting.append(pool.submit(work, group))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
