"""Calendar arithmetic: moments on a patient's own calendar, and durations counted as people count them.

A moment is an instant together with the day it falls on where the patient lives. A date without a time is a whole day.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from countwell.base.errors import RecordError

Unit = Literal["hours", "days", "weeks", "months", "years"]
UNITS: tuple[Unit, ...] = ("hours", "days", "weeks", "months", "years")
FIRST_YEAR, LAST_YEAR = 1850, 2200
SHORTEST_MONTH = 28
REMEMBERED = 1 << 14
MonthEnd = Literal["later", "earlier"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_PARTIAL = re.compile(r"\d{4}(-\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """An instant (UTC) and the patient-local day it falls on. A whole day begins at its local midnight.

    In order of time a whole day comes after the midnight at which it begins: it may have been at any hour of it.
    """

    at: datetime
    day: date
    whole_day: bool = False

    def __str__(self) -> str:
        return self.day.isoformat() if self.whole_day else self.at.isoformat()


@dataclass(frozen=True, slots=True)
class Duration:
    """A span of calendar time, such as 3 months. The count is whole and not negative."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit[:-1] if self.count == 1 else self.unit}"

    @property
    def about_days(self) -> int:
        """Roughly how long, in days: for ordering durations only, never for a date."""
        return self.count * {"hours": 0, "days": 1, "weeks": 7, "months": 30, "years": 365}[self.unit]


@lru_cache
def zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises RecordError if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RecordError(
            "patient.time_zone: not a known time zone. Give an IANA name such as Europe/London."
        ) from error


def add(day: date, duration: Duration, month_end: MonthEnd) -> date:
    """The day that is `duration` after `day`; hours count as the days they fill.

    month_end: what to do where the month has no such day (31 August + 6 months): `later` (1 March) for waiting times,
    `earlier` (28 February) for tests that are due. Raises RecordError past the year 9999.
    """
    try:
        match duration.unit:
            case "hours":
                return day + timedelta(hours=duration.count)
            case "days":
                return day + timedelta(days=duration.count)
            case "weeks":
                return day + timedelta(weeks=duration.count)
            case "months":
                return _add_months(day, duration.count, month_end)
            case "years":
                return _add_months(day, duration.count * 12, month_end)
    except (OverflowError, ValueError) as error:
        raise RecordError("a date lies beyond the calendar. Check the dates of the record.") from error


def _add_months(day: date, months: int, month_end: MonthEnd) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= SHORTEST_MONTH:
        return date(year, month + 1, day.day)
    last = calendar.monthrange(year, month + 1)[1]
    if day.day <= last:
        return date(year, month + 1, day.day)
    end = date(year, month + 1, last)
    return end + timedelta(days=1) if month_end == "later" else end


def before(day: date, duration: Duration) -> date:
    """The day that is `duration` before `day`; a missing month-end day falls to the end of its month."""
    match duration.unit:
        case "hours":
            return day - timedelta(hours=duration.count)
        case "days":
            return day - timedelta(days=duration.count)
        case "weeks":
            return day - timedelta(weeks=duration.count)
        case "months":
            return _add_months(day, -duration.count, "earlier")
        case "years":
            return _add_months(day, -12 * duration.count, "earlier")


@lru_cache(maxsize=REMEMBERED)
def moment(text: str, time_zone: ZoneInfo, *, local: bool = False, partial: bool = False) -> Moment:
    """A date or an instant as a record writes it: `2026-03-01` or `2026-03-01T09:00:00-05:00`.

    local: a clock time without an offset is the patient's own; without it such a time is refused.
    partial: `2019` and `2019-05` are taken as their first day.
    Raises RecordError for every other form, such as 03/04/2026.
    """
    if _DAY.fullmatch(text):
        return whole_day(_day(text), time_zone)
    if partial and _PARTIAL.fullmatch(text):
        return whole_day(_day((text + "-01-01")[:10]), time_zone)
    if not _INSTANT.fullmatch(text):
        raise RecordError("not a date that can be read. Write 2026-03-01 or 2026-03-01T09:00:00-05:00.")
    return _instant(text, time_zone, local)


def _day(text: str) -> date:
    try:
        return _in_living_memory(date.fromisoformat(text))
    except ValueError as error:
        raise RecordError("no such day in the calendar.") from error


def _in_living_memory(day: date) -> date:
    """The day itself; a year in which no patient of today can have been is refused."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RecordError(f"no year between {FIRST_YEAR} and {LAST_YEAR}.")
    return day


def _instant(text: str, time_zone: ZoneInfo, local: bool) -> Moment:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise RecordError("no such time.") from error
    if instant.tzinfo is None:
        if not local:
            raise RecordError("a clock time needs its offset, such as 2026-03-01T09:00:00-05:00.")
        instant = instant.replace(tzinfo=time_zone)
    return of_instant(instant, time_zone)


def of_instant(instant: datetime, time_zone: ZoneInfo) -> Moment:
    """The moment of an instant that knows its offset. Raises RecordError at the ends of the calendar."""
    try:
        return Moment(instant.astimezone(UTC), _in_living_memory(instant.astimezone(time_zone).date()))
    except (OverflowError, ValueError) as error:
        raise RecordError("a date lies beyond the calendar. Check the dates of the record.") from error


def whole_day(day: date, time_zone: ZoneInfo) -> Moment:
    """A whole patient-local day; its instant is its first."""
    try:
        return Moment(datetime.combine(day, time(), time_zone).astimezone(UTC), day, whole_day=True)
    except (OverflowError, ValueError) as error:
        raise RecordError("a date lies beyond the calendar. Check the dates of the record.") from error


def end_of_day(day: date, time_zone: ZoneInfo) -> Moment:
    """The last instant of a patient-local day: what a question asked `as of` a date means."""
    last = datetime.combine(day, time(23, 59, 59, fold=1), time_zone)  # of an hour that comes twice the second
    return Moment(last.astimezone(UTC), day)
