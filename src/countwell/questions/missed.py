"""Missed doses on the patient's own calendar: due today or before, how much of the gap is left, how many days in a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from countwell.base.dates import Moment
from countwell.base.errors import UsageError
from countwell.facts.asked import Asked, Missed
from countwell.facts.course import Course
from countwell.vocabulary import lists

HOURS_A_DAY = 24
SECONDS_AN_HOUR = 3600


def doses_a_day(course: Course) -> int | None:
    """How often a day; None if that is not recorded or not a daily frequency."""
    return lists.doses_per_day(course.frequency) if course.frequency else None


def missed_doses(times: Sequence[Moment], as_of: Moment, course: Course) -> tuple[Asked, ...]:
    """Each missed dose as its own question, newest first. Raises UsageError for a dose that is not due yet."""
    if any(time.at > as_of.at for time in times):
        raise UsageError("missed: a dose that is due later has not been missed.")
    days = _days_in_row({time.day for time in times}, as_of.day)
    newest_first = sorted(times, key=lambda time: time.at, reverse=True)
    return tuple(_asked(time, as_of, course, days) for time in newest_first)


def _asked(time: Moment, as_of: Moment, course: Course, days: int) -> Asked:
    gap = Decimal(HOURS_A_DAY) / (doses_a_day(course) or 1)
    gone = Decimal((as_of.at - time.at).total_seconds()) / SECONDS_AN_HOUR
    left = max(Decimal(0), (gap - gone) / gap)
    missed = Missed(same_day=time.day == as_of.day, gap_left=left, days_in_row=days)
    return Asked("missed-dose", {"missed": str(time)}, missed)


def _days_in_row(missed: Iterable[date], today: date) -> int:
    """The longest row of missed days that ends at the newest missed day."""
    days = set(missed)
    newest = max(days, default=today)
    count = 0
    while newest - timedelta(days=count) in days:
        count += 1
    return count
