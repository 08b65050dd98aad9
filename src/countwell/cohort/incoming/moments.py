"""Dates and times of many rows at once: each distinct day, and each distinct time of a day, is read once.

An instant is microseconds UTC. Of a whole day it is the day times A_DAY, until the zone of the patient is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from countwell.base.dates import FIRST_YEAR, LAST_YEAR
from countwell.cohort.columns import LONG_AGO
from countwell.cohort.integers import A_DAY, EPOCH, day_number
from countwell.exchange.csv_mapping import LabMapping

MICROSECOND = timedelta(microseconds=1)
EPOCH_DAY = EPOCH.date()
TIME_OF_DAY = re.compile(r"%[HIMSpfz]")
OF_THE_DAY = re.compile(r"%[YymdbBj]")
PADDED = datetime(LAST_YEAR, 10, 10, tzinfo=UTC)  # every part of it fills its width
NOT_READ = LONG_AGO
AROUND_A_DAY = range(-1, timedelta(days=1) // timedelta(hours=1) + 2)


class Moments(NamedTuple):
    """One for each row. at: see above; whole: a day without a time; sent: something stood there; plain: it was read."""

    at: np.ndarray
    whole: np.ndarray
    sent: np.ndarray
    plain: np.ndarray

    def only(self, rows: np.ndarray) -> Moments:
        """Those of some rows."""
        return Moments(*(column[rows] for column in self))


FIRST_DAY, LAST_DAY = day_number(date(FIRST_YEAR, 1, 1)), day_number(date(LAST_YEAR + 1, 1, 1)) - 1


def nothing(rows: int) -> Moments:
    """The moments of a column that is not there."""
    none = np.zeros(rows, bool)
    return Moments(np.zeros(rows, np.int64), none, none, ~none)


def of_column(column: pa.Array, mapping: LabMapping) -> Moments:
    """The moments of a column: texts in the mapping's forms, or Arrow's own days and instants (without a zone: the mapping's).

    Not plain is a text of another form, a time that the clocks skipped or showed twice, and a year outside living memory.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        distinct = Moments(*map(np.append, of_column(column.dictionary, mapping), nothing(1)))
        return distinct.only(np.asarray(column.indices.fill_null(len(column.dictionary))))
    if pa.types.is_date(kind):
        return _of_numbers(column.cast(pa.date32()).cast(pa.int32()), lambda days: days * A_DAY, whole=True)
    if pa.types.is_timestamp(kind):
        numbers = column.cast(pa.timestamp("us", kind.tz)).cast(pa.int64())
        place = None if kind.tz else mapping.time_zone
        return _of_numbers(numbers, lambda local: local if place is None else to_instant(local, place), mapping=mapping)
    return of_texts(column, mapping)


def _of_numbers(
    column: pa.Array,
    meaning: Callable[[np.ndarray], np.ndarray],
    whole: bool = False,
    mapping: LabMapping | None = None,
) -> Moments:
    sent = np.asarray(column.is_valid())
    numbers = np.asarray(column.fill_null(0)).astype(np.int64)
    days = np.full(len(numbers), whole)
    at = meaning(numbers)
    if mapping is not None and mapping.midnight_is_day:
        days = numbers % A_DAY == 0
        at = np.where(days, numbers, at)
    return Moments(at, days, sent, ~sent | in_living_memory(at))


def in_living_memory(at: np.ndarray) -> np.ndarray:
    """Whether moments lie in years that a record may have."""
    return (at >= (FIRST_DAY + 1) * A_DAY) & (at < LAST_DAY * A_DAY)


def of_texts(texts: pa.Array, mapping: LabMapping) -> Moments:
    """The moments of a column of texts in the forms that the mapping names."""
    texts = pc.utf8_trim_whitespace(texts.cast(pa.string()).fill_null(""))
    length = np.asarray(pc.binary_length(texts))
    found = Moments(np.full(len(texts), NOT_READ), np.zeros(len(texts), bool), length > 0, length == 0)
    day_long = len(PADDED.strftime(mapping.day)) if mapping.day else 0
    if day_long:
        _fill(found, length == day_long, texts, lambda rows: _days(rows, mapping.day))
    if mapping.date and (cut := _cut(mapping.date)):
        _fill(found, (length != day_long) & (length > 0), texts, lambda rows: _times(rows, cut, mapping))
    return found


def _fill(
    found: Moments, wanted: np.ndarray, texts: pa.Array, read: Callable[[pa.Array], tuple[np.ndarray, np.ndarray]]
) -> None:
    if not wanted.any():
        return
    at, whole = read(texts if wanted.all() else texts.filter(pa.array(wanted)))
    found.at[wanted], found.whole[wanted] = at, whole
    found.plain[wanted] = (at != NOT_READ) & in_living_memory(at)


def _cut(form: str) -> tuple[str, str, int] | None:
    """A form as that of the day, that of the time, and how long the day's text is; None if they do not stand in this order."""
    first = TIME_OF_DAY.search(form)
    if first is None:
        return form, "", len(PADDED.strftime(form))
    day, time = form[: first.start()], form[first.start() :]
    return None if OF_THE_DAY.search(time) else (day, time, len(PADDED.strftime(day)))


def _days(texts: pa.Array, form: str) -> tuple[np.ndarray, np.ndarray]:
    codes, days = each_read_once(texts, lambda text: _day_of(text, form))
    return days[codes], np.ones(len(codes), bool)


def _times(texts: pa.Array, cut: tuple[str, str, int], mapping: LabMapping) -> tuple[np.ndarray, np.ndarray]:
    day_form, time_form, width = cut
    day_codes, days = each_read_once(pc.utf8_slice_codeunits(texts, 0, width), lambda text: _day_of(text, day_form))
    rest = pc.utf8_slice_codeunits(texts, width)
    codes, times, offsets = each_read_once(
        rest, lambda text: _time_of(text, time_form), lambda text: _offset_of(text, time_form)
    )
    day, time, offset = days[day_codes], times[codes], offsets[codes]
    read = (day != NOT_READ) & (time != NOT_READ)
    local = np.where(read, day + time, 0)
    at = np.where(offset == NOT_READ, to_instant(local, mapping.time_zone), local - offset)
    midnight = read & (time == 0) if mapping.midnight_is_day else np.zeros(len(read), bool)
    return np.where(read, np.where(midnight, local, at), NOT_READ), midnight


def each_read_once(texts: pa.Array, *reads: Callable[[str], int]) -> tuple[np.ndarray, ...]:
    """(code of each row, and for each reader the number of each code): each distinct text read once."""
    encoded = texts.dictionary_encode()
    found = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    distinct = found.dictionary.to_pylist()
    return np.asarray(found.indices), *(np.array([read(text) for text in distinct], dtype=np.int64) for read in reads)


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form) if text.isascii() else None  # noqa: DTZ007 - the zone is the mapping's
    except ValueError:
        return None


@lru_cache(maxsize=1 << 18)
def _day_of(text: str, form: str) -> int:
    found = _parsed(text, form)
    return NOT_READ if found is None else day_number(found.date()) * A_DAY


@lru_cache(maxsize=1 << 18)
def _time_of(text: str, form: str) -> int:
    found = _parsed(text, form)
    if found is None:
        return NOT_READ
    clock = timedelta(hours=found.hour, minutes=found.minute, seconds=found.second, microseconds=found.microsecond)
    return clock // MICROSECOND


@lru_cache(maxsize=1 << 18)
def _offset_of(text: str, form: str) -> int:
    found = _parsed(text, form)
    offset = found.utcoffset() if found is not None else None
    return NOT_READ if offset is None else offset // MICROSECOND


def to_instant(local: np.ndarray, place: ZoneInfo) -> np.ndarray:
    """Clock times of a zone (microseconds as if they were UTC) as instants; NOT_READ where the clocks skipped it or showed it
    twice."""
    days, codes = _distinct_days(local // A_DAY)
    offsets = np.array([_offset_all_day(int(day), place) for day in days], dtype=np.int64)[codes]
    at = local - offsets
    for row in np.flatnonzero(offsets == NOT_READ):
        at[row] = _one_instant(int(local[row]), place)
    return at


@lru_cache(maxsize=1 << 16)
def _offset_all_day(day: int, place: ZoneInfo) -> int:
    """The offset of a day (its clock times) on which the clocks are not changed, else NOT_READ."""
    try:
        start = datetime.combine(EPOCH_DAY + timedelta(days=day), datetime.min.time())
        told = [(start + timedelta(hours=hour)).replace(tzinfo=place).utcoffset() for hour in AROUND_A_DAY]
    except OverflowError:
        return NOT_READ
    return told[0] // MICROSECOND if told[0] is not None and len(set(told)) == 1 else NOT_READ


@lru_cache(maxsize=1 << 16)
def _one_instant(local: int, place: ZoneInfo) -> int:
    try:
        clock = (EPOCH + local * MICROSECOND).replace(tzinfo=None)
    except OverflowError:
        return NOT_READ
    first, second = (clock.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    return NOT_READ if first.utcoffset() != second.utcoffset() else (first - EPOCH) // MICROSECOND


def days_of(at: np.ndarray, place: ZoneInfo) -> np.ndarray:
    """The calendar day of each instant in a zone."""
    utc_days, codes = _distinct_days(at // A_DAY)
    offsets = np.array([_offset_all_utc_day(int(day), place) for day in utc_days], dtype=np.int64)[codes]
    days = (at + offsets) // A_DAY
    for row in np.flatnonzero(offsets == NOT_READ):
        days[row] = day_number((EPOCH + int(at[row]) * MICROSECOND).astimezone(place).date())
    return days.astype(np.int32)


@lru_cache(maxsize=1 << 16)
def _offset_all_utc_day(day: int, place: ZoneInfo) -> int:
    start = EPOCH + timedelta(days=day)
    told = {(start + timedelta(hours=hour)).astimezone(place).utcoffset() for hour in AROUND_A_DAY}
    offset = told.pop()
    return NOT_READ if told or offset is None else offset // MICROSECOND


def _distinct_days(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(the days in order, the number of each row's day). Days outside living memory count as its ends: they are not read."""
    first = FIRST_DAY - 1
    places = np.clip(days, first, LAST_DAY + 1) - first
    found = np.zeros(LAST_DAY + 2 - first, bool)
    found[places] = True
    return np.flatnonzero(found) + first, (np.cumsum(found) - 1)[places]


def midnights(days: np.ndarray, place: ZoneInfo) -> np.ndarray:
    """The instant at which each day begins in a zone."""
    distinct, codes = _distinct_days(days)
    starts = [datetime.combine(EPOCH_DAY + timedelta(days=int(day)), datetime.min.time(), place) for day in distinct]
    return np.array([(start.astimezone(UTC) - EPOCH) // MICROSECOND for start in starts], dtype=np.int64)[codes]
