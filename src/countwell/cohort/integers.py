"""Moments, values and doses as the integers of the store. What does not fit is widened, never rounded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from countwell.base.dates import Moment
from countwell.base.spans import Span
from countwell.cohort.columns import (
    ABOVE_ALL,
    HIGH_OPEN,
    LONG_AGO,
    LOW_OPEN,
    NEVER,
    NEVER_DAY,
    NO_DAY,
    NO_VALUE,
    SCALE,
    WHOLE_DAY,
)

CACHED = 1 << 14
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = EPOCH.date().toordinal()
A_DAY, A_SECOND = 86_400_000_000, 1_000_000


class Stored(NamedTuple):
    """A span between integers: low, high, and the flags of its open ends."""

    low: int
    high: int
    flags: int


NOTHING = Stored(NO_VALUE, NO_VALUE, 0)


def microseconds(instant: datetime) -> int:
    """Since 1970-01-01 UTC; exact."""
    since: timedelta = instant - EPOCH
    return since.days * A_DAY + since.seconds * A_SECOND + since.microseconds


def day_number(day: date) -> int:
    """Days since 1970-01-01 on the patient's own calendar."""
    return day.toordinal() - FIRST_DAY


def beginning(moment: Moment | None) -> tuple[int, int, int]:
    """Instant, day and WHOLE_DAY flag of a moment; of one that is not known: LONG_AGO, NO_DAY."""
    if moment is None:
        return LONG_AGO, NO_DAY, 0
    return microseconds(moment.at), day_number(moment.day), WHOLE_DAY if moment.whole_day else 0


def ending(moment: Moment | None) -> tuple[int, int, bool]:
    """Instant, day and whether it is a whole day; of an end that has not come: NEVER, NEVER_DAY."""
    return (NEVER, NEVER_DAY, False) if moment is None else (*beginning(moment)[:2], moment.whole_day)


@lru_cache(maxsize=CACHED)
def stored(span: Span) -> Stored:
    """A span in thousandths. An end with more decimals moves outwards to the next thousandth and is open there."""
    low, low_open = _down(span.low)
    high, high_open = _up(span.high)
    flags = LOW_OPEN if span.low_open or low_open else 0
    return Stored(low, high, flags | (HIGH_OPEN if span.high_open or high_open else 0))


def _down(value: Decimal) -> tuple[int, bool]:
    if value == -Decimal("Infinity"):
        return NO_VALUE, True
    whole = int((value * SCALE).to_integral_value(rounding="ROUND_FLOOR"))
    return _within(whole), whole != value * SCALE or whole != _within(whole)


def _up(value: Decimal) -> tuple[int, bool]:
    if value == Decimal("Infinity"):
        return ABOVE_ALL, True
    whole = int((value * SCALE).to_integral_value(rounding="ROUND_CEILING"))
    return _within(whole), whole != value * SCALE or whole != _within(whole)


def _within(whole: int) -> int:
    return min(max(whole, NO_VALUE + 1), ABOVE_ALL)


def dose(mg: Decimal | None) -> int:
    """mg a day in thousandths; NO_VALUE if there is none, or one finer than that: not known, rather than rounded."""
    if mg is None or mg * SCALE != int(mg * SCALE):
        return NO_VALUE
    return _within(int(mg * SCALE))


def limit(upper: Decimal | None) -> tuple[int, bool]:
    """An upper limit of normal in thousandths, and whether it lies above that and below the next; NO_VALUE if none was sent.

    A limit of 0 or less limits nothing and was not sent.
    """
    if upper is None or upper <= 0:
        return NO_VALUE, False
    return _down(upper)
