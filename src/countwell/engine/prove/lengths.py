"""How long calendar durations are in days: never one number, but bounds that hold from every day of the calendar.

A month is 28 to 31 days, three months 89 to 92, and three months less one month 59 to 62: the solver is told these bounds, so
what it proves holds whichever day the clock began.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from countwell.base.dates import Duration, MonthEnd, add

# Every day of nine years that hold a leap day and a year 1900 without one.
_FIRST, _LAST = date.fromisoformat("1896-01-01"), date.fromisoformat("1904-12-31")


@cache
def lengths(duration: Duration, month_end: MonthEnd = "later") -> tuple[int, ...]:
    """The days of `duration`, counted from each of the sampled days."""
    days = (_FIRST + timedelta(days=n) for n in range((_LAST - _FIRST).days + 1))
    return tuple((add(day, duration, month_end) - day).days for day in days)


@cache
def bounds(duration: Duration) -> tuple[int, int]:
    """The fewest and the most days that `duration` can have.

    >>> bounds(Duration(1, "months"))
    (28, 31)
    """
    return min(lengths(duration)), max(lengths(duration))


@cache
def difference(longer: Duration, shorter: Duration, month_end: MonthEnd = "later") -> tuple[int, int]:
    """The fewest and the most days by which one exceeds the other, begun on the same day.

    >>> difference(Duration(3, "months"), Duration(1, "months"))
    (59, 62)
    """
    apart = [one - other for one, other in zip(lengths(longer, month_end), lengths(shorter, month_end), strict=True)]
    return min(apart), max(apart)


def never_longer(one: Duration, other: Duration) -> bool:
    """Whether a test due after `one` is never due later than after `other`, whichever day both began."""
    return difference(one, other, "earlier")[1] <= 0
