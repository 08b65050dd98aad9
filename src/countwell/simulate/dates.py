"""Days told from the day asked about, such as `-3w` or `-1d 14:30`, on an invented patient's own calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OFFSET = re.compile(r"([+-]?\d+)([dw])(?: (\d\d:\d\d))?")
DAYS = {"d": 1, "w": 7}
DRAWN = time(9, 10)
REPORTED_AFTER = timedelta(hours=5)


@dataclass(frozen=True, slots=True)
class Calendar:
    """today: the patient's day at the instant that is asked about."""

    today: date
    zone: ZoneInfo

    def day(self, offset: str) -> date:
        """The day of an offset."""
        return self.today + timedelta(days=days(offset))

    def text(self, offset: str) -> str:
        """The day of an offset as a record writes it; with a clock time, the instant."""
        clock = _parts(offset)[2]
        return self.instant(self.day(offset), time.fromisoformat(clock)) if clock else self.day(offset).isoformat()

    def instant(self, day: date, clock: time) -> str:
        """A clock time of a day, with its offset from UTC."""
        return datetime.combine(day, clock, self.zone).isoformat()

    def drawn(self, day: date) -> tuple[str, str]:
        """When blood was drawn on a day, and when its results came."""
        drawn = datetime.combine(day, DRAWN, self.zone)
        return drawn.isoformat(), (drawn + REPORTED_AFTER).isoformat()


def days(offset: str) -> int:
    """The days in an offset; whole weeks count seven."""
    count, unit, _ = _parts(offset)
    return int(count) * DAYS[unit]


def is_offset(text: object) -> bool:
    """Whether a text is an offset and not a date of its own."""
    return isinstance(text, str) and OFFSET.fullmatch(text) is not None


def _parts(offset: str) -> tuple[str, str, str | None]:
    found = OFFSET.fullmatch(offset)
    if found is None:
        raise ValueError(f"{offset!r} is not a number of days or weeks.")
    return found[1], found[2], found[3]
