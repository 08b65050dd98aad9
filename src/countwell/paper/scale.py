"""Where a value and a day stand in the chart. Layout only: rounding here moves ink by a tenth of a pixel, never a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from countwell.paper.plain import MONTHS

STEPS = (1, 2, 3, 6, 12, 24, 60)


@dataclass(frozen=True, slots=True)
class Across:
    """Days from left to right."""

    first: date
    last: date
    left: float
    right: float

    def at(self, day: date) -> float:
        """Where a day stands; days outside lie outside."""
        days = max((self.last - self.first).days, 1)
        return self.left + (self.right - self.left) * (day - self.first).days / days

    def holds(self, day: date) -> bool:
        """Whether a day is in the picture."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Up:
    """Values from the bottom up."""

    low: float
    high: float
    bottom: float
    top: float

    def at(self, value: float) -> float:
        """Where a value stands, held inside the panel."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.bottom - share * (self.bottom - self.top)


def widened(low: float, high: float, tick: float, values: Sequence[float]) -> tuple[float, float, float]:
    """Ends and tick of an axis: the fixed ones, widened in whole ticks so that no value is cut, ticks thinned."""
    top, bottom = max([high, *values]), min([low, *values])
    if top > high:
        high = _whole(top, tick)
    if bottom < low:
        low = -_whole(-bottom, tick)
    while (high - low) / tick > 5:
        tick *= 2
    return low, _whole(high, tick) if high % tick and high > tick * 5 else high, tick


def _whole(value: float, tick: float) -> float:
    return tick * -(-value // tick)


def ticks(low: float, high: float, tick: float) -> Iterator[float]:
    """The ticks of an axis, both ends included where they fall on one."""
    value = _whole(low, tick)
    while value <= high:
        yield value
        value += tick


def months(across: Across, apart: float) -> Iterator[tuple[date, str]]:
    """The months to be named, at least `apart` px from each other: the first of each, the year where it changes."""
    step = _step(across, apart)
    named = 0
    for day in _firsts(across):
        if (day.month - 1) % min(step, 12) or (step > 12 and day.year % (step // 12)):
            continue
        words = MONTHS[day.month - 1]
        yield day, f"{words} {day.year}" if day.year != named else words
        named = day.year


def _step(across: Across, apart: float) -> int:
    count = max((across.last - across.first).days / 30, 1)
    wide = (across.right - across.left) / count
    return next((step for step in STEPS if step * wide >= apart), STEPS[-1])


def _firsts(across: Across) -> Iterator[date]:
    day = across.first.replace(day=1)
    while day <= across.last:
        if day >= across.first:
            yield day
        day = (day + timedelta(days=32)).replace(day=1)


def width_of(words: str, size: float) -> float:
    """About how wide a text is, on the wide side."""
    return sum(0.34 if char in ".,:;il| '!" else 0.6 for char in words) * size
