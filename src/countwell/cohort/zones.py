"""The first and the last second of each day in each time zone, as the reference reads them, for every year of a record."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from countwell.base.dates import FIRST_YEAR, LAST_YEAR, zone

EPOCH = date(1970, 1, 1)
FIRST_DAY = (date(FIRST_YEAR, 1, 1) - EPOCH).days
LAST_DAY = (date(LAST_YEAR, 12, 31) - EPOCH).days
A_DAY, A_SECOND = 86_400_000_000, 1_000_000
A_WEEK = 7
BEGIN, END = time(), time(23, 59, 59, fold=1)
OF_ZONES = 64


@lru_cache(maxsize=OF_ZONES)
def days_of(name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(instant of its first second, of its last second) of every day from FIRST_DAY on, in microseconds."""
    days = np.arange(FIRST_DAY, LAST_DAY + 1, dtype=np.int64)
    begin = days * A_DAY - _offsets(name, BEGIN)
    end = days * A_DAY + (A_DAY - A_SECOND) - _offsets(name, END)
    return begin, end


def _offsets(name: str, of_day: time) -> NDArray[np.int64]:
    """The offset from UTC at that time of each day. Clocks are looked at weekly, and daily where they change."""
    found = np.empty(LAST_DAY - FIRST_DAY + 1, dtype=np.int64)
    for begin in range(0, len(found), A_WEEK):
        last = min(begin + A_WEEK, len(found)) - 1
        one, other = _offset(name, begin, of_day), _offset(name, last + 1, of_day)
        found[begin : last + 1] = one
        if one != other:
            found[begin : last + 1] = [_offset(name, day, of_day) for day in range(begin, last + 1)]
    return found


def _offset(name: str, place: int, of_day: time) -> int:
    local = datetime.combine(EPOCH + timedelta(days=FIRST_DAY + place), of_day, zone(name))
    offset = local.utcoffset()
    assert offset is not None
    return round(offset / timedelta(microseconds=1))
