"""FHIR dates and instants of many rows at once: each distinct day, and each distinct time with its offset, is read once.

A year or a month alone and a time without its offset are not plain: the reader of a single patient says what they are.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from countwell.cohort.incoming.moments import FIRST_DAY, LAST_DAY, MICROSECOND, NOT_READ, Moments, each_read_once
from countwell.cohort.integers import A_DAY, EPOCH, day_number

DAY_LONG = len("2026-03-01")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME = re.compile(r"T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
NO_TIME = ""
CACHED = 1 << 16


def of_texts(texts: pa.Array) -> Moments:
    """The moments of a column of texts; an empty one was not sent, and is plain."""
    encoded = texts.dictionary_encode()
    rows, distinct = np.asarray(encoded.indices), encoded.dictionary
    length = np.asarray(pc.binary_length(distinct))
    day_codes, days = each_read_once(pc.utf8_slice_codeunits(distinct, 0, DAY_LONG), _day)
    codes, times = each_read_once(pc.utf8_slice_codeunits(distinct, DAY_LONG), _time)
    day, time, sent, whole = days[day_codes], times[codes], length > 0, length == DAY_LONG
    read = (day != NOT_READ) & (time != NOT_READ)
    at = np.where(read, day, 0) + np.where(read, time, 0)
    return Moments(at[rows], (read & whole)[rows], sent[rows], (read | ~sent)[rows])


@lru_cache(maxsize=CACHED)
def _day(text: str) -> int:
    """Microseconds of the day's beginning, as if it were UTC."""
    try:
        day = day_number(date.fromisoformat(text)) if DATE.fullmatch(text) else NOT_READ
    except ValueError:
        return NOT_READ
    return day * A_DAY if FIRST_DAY < day < LAST_DAY else NOT_READ


@lru_cache(maxsize=CACHED)
def _time(text: str) -> int:
    """Microseconds of a time of the day less its offset; 0 where there is none."""
    if text == NO_TIME:
        return 0
    try:
        found = datetime.fromisoformat(f"{EPOCH.date()}{text}") if TIME.fullmatch(text) else None
    except ValueError:
        return NOT_READ
    return NOT_READ if found is None else (found - EPOCH) // MICROSECOND
