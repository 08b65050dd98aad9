"""Calendar arithmetic on day numbers (days since 1970-01-01), compiled: the same days as `countwell.base.dates`.

A duration is two whole numbers: how many, and of what (DAYS or MONTHS). Hours count as the days they fill, weeks as seven days,
years as twelve months.
"""

from __future__ import annotations

from countwell.base.dates import Duration
from countwell.cohort.shape import compiled

DAYS, MONTHS = 0, 1
_FROM_MARCH_0000 = 719468  # days from 1 March of the year 0 to 1 January 1970
_IN_400_YEARS, _IN_100_YEARS, _IN_4_YEARS, _IN_A_YEAR = 146097, 36524, 1460, 365

_SHORTEST, _LONGEST = 28, 31  # months, in days


def counted(duration: Duration) -> tuple[int, int]:
    """A duration as two whole numbers, (count, DAYS or MONTHS)."""
    match duration.unit:
        case "hours":
            return duration.count // 24, DAYS
        case "weeks":
            return duration.count * 7, DAYS
        case "months":
            return duration.count, MONTHS
        case "years":
            return duration.count * 12, MONTHS
        case _:
            return duration.count, DAYS


@compiled
def day_number(year, month, day):
    """The number of a calendar day; month 1 to 12, day 1 to 31."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * _IN_400_YEARS + of_era * _IN_A_YEAR + of_era // 4 - of_era // 100 + of_year - _FROM_MARCH_0000


@compiled
def calendar_day(number):
    """(year, month, day) of a day number."""
    number += _FROM_MARCH_0000
    era = number // _IN_400_YEARS
    of_era = number - era * _IN_400_YEARS
    year = (of_era - of_era // _IN_4_YEARS + of_era // _IN_100_YEARS - of_era // (_IN_400_YEARS - 1)) // _IN_A_YEAR
    of_year = of_era - (_IN_A_YEAR * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return year + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1


@compiled
def days_in(year, month):
    """How many days a month has."""
    following = day_number(year + 1, 1, 1) if month == 12 else day_number(year, month + 1, 1)
    return following - day_number(year, month, 1)


@compiled
def add(day, count, unit, later):
    """The day `count` days or months after `day`. later: what a missing day of a month becomes, the first of the next month
    (1) or the last of this one (0)."""
    if unit == DAYS:
        return day + count
    year, month, of_month = calendar_day(day)
    months = year * 12 + month - 1 + count
    year, month = months // 12, months % 12 + 1
    last = days_in(year, month)
    if of_month <= last:
        return day_number(year, month, of_month)
    return day_number(year, month, last) + later


@compiled
def before(day, count, unit):
    """The day `count` days or months before `day`; a missing day of a month is its last."""
    return day - count if unit == DAYS else add(day, -count, unit, 0)


@compiled
def is_over(day, count, unit, later, today):
    """How `today` stands to the day that `add` gives: -1 before it, 0 on it, 1 after it. Months are reckoned out only where
    their lengths matter."""
    if unit == MONTHS and count >= 0:
        if today < day + count * _SHORTEST:
            return -1
        if today > day + count * _LONGEST + 1:
            return 1
    end = add(day, count, unit, later)
    return int(today > end) - int(today < end)


@compiled
def is_since(day, today, count, unit):
    """Whether a day is not earlier than the one that `before` gives."""
    if unit == MONTHS and count >= 0 and not today - count * _LONGEST <= day < today - count * _SHORTEST:
        return day >= today - count * _SHORTEST
    return day >= before(today, count, unit)
