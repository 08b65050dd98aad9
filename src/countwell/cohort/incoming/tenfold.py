"""Which laboratories and units give values ten times those of the others: a slip in a unit shows before any patient is judged.

Values are counted in steps of a logarithm, so that millions need no more room than a few: a median is right to about a tenth.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

STEPS = 2 * 10  # to each factor of ten
LEAST_RESULTS = 2 * 10  # fewer say nothing
TENFOLD = 10 / 2  # from here on a factor is nearer to ten than to one
NO_STEP = -(10**2 * 10)  # of a value that is 0 or cannot be read


class Group(NamedTuple):
    """Results that should be alike."""

    test: str
    lab: str
    unit: str


class Place(NamedTuple):
    """Where a result falls. code: as sent; step: see `step_of`."""

    lab: str
    code: str
    test: str
    unit: str
    step: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A group that stands apart. All values in the test's own unit; factor: its median over that of the others."""

    group: Group
    results: int
    low: float
    median: float
    high: float
    others: float
    factor: float


def step_of(value: Decimal | None) -> int:
    """The step of the logarithm in which a value lies."""
    return math.floor(math.log10(value) * STEPS) if value is not None and value > 0 else NO_STEP


def quantile(steps: Mapping[int, int], share: float) -> float:
    """The value below which that share of the results lies, about."""
    left = share * sum(steps.values())
    for step in sorted(steps):
        left -= steps[step]
        if left <= 0:
            return float(10 ** ((step + 1 / 2) / STEPS))
    return math.nan


def by_group(seen: Mapping[Place, int]) -> Mapping[Group, Counter[int]]:
    """The steps of each group."""
    found: dict[Group, Counter[int]] = defaultdict(Counter)
    for place, count in seen.items():
        if place.step != NO_STEP and place.test:
            found[Group(place.test, place.lab, place.unit)][place.step] += count
    return found


def gaps(seen: Mapping[Place, int]) -> Iterator[Gap]:
    """The groups whose median is about ten times, or a tenth of, the median of all others of that test."""
    groups = by_group(seen)
    for test in sorted({group.test for group in groups}):
        of_test = {group: steps for group, steps in groups.items() if group.test == test}
        whole = sum(of_test.values(), Counter[int]())
        for group, steps in sorted(of_test.items()):
            others = whole - steps
            if min(sum(steps.values()), sum(others.values())) >= LEAST_RESULTS:
                yield from _gap(group, steps, others)


def _gap(group: Group, steps: Counter[int], others: Counter[int]) -> Iterator[Gap]:
    median, usual = quantile(steps, 1 / 2), quantile(others, 1 / 2)
    factor = median / usual
    if max(factor, 1 / factor) >= TENFOLD:
        low, high = quantile(steps, 1 / 10), quantile(steps, 1 - 1 / 10)
        yield Gap(group, sum(steps.values()), low, median, high, usual, factor)
