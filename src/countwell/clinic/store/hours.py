"""A clinic's own day, and when its list is watched: Monday to Friday, from one time of that day to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from countwell.base.dates import zone
from countwell.clinic.models import Clinic

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Hours:
    """Until when the list is watched on a day, from when the next time, and whether it is watched now."""

    until: datetime
    again: datetime
    watched: bool


def today_of(clinic: Clinic, at: datetime) -> date:
    """The clinic's day as of an instant, by its own calendar."""
    return at.astimezone(zone(clinic.zone)).date()


def hours(clinic: Clinic, at: datetime) -> Hours:
    """The hours as of an instant."""
    own = at.astimezone(zone(clinic.zone))
    begin, end = (datetime.combine(own.date(), one, own.tzinfo) for one in _window(clinic))
    working = own.weekday() < SATURDAY
    following = begin if working and own < begin else begin + timedelta(days=1)
    while following.weekday() >= SATURDAY:
        following += timedelta(days=1)
    return Hours(end, following, working and begin <= own < end)


def _window(clinic: Clinic) -> tuple[time, time]:
    """From when and until when. A clinic that has just been made still holds these as text."""
    return time.fromisoformat(f"{clinic.watched_from}"), time.fromisoformat(f"{clinic.watched_until}")
