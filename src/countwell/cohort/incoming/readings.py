"""What test, value and unit of a row say: each distinct combination is read once, by the reader of a single row.

Rows are then numbers. A combination that is no plain laboratory value is left to be read row by row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from countwell.base.errors import Unreadable
from countwell.base.spans import Span
from countwell.cohort.readings import bare_limit, span_of
from countwell.exchange.csv_mapping import LabMapping
from countwell.exchange.csv_rows import Cells, result_of, value
from countwell.exchange.entries import Event
from countwell.exchange.fields import FieldFault
from countwell.vocabulary.quantities import read_quantity, read_upper_limit
from countwell.vocabulary.tests import test

OF_A_READING = ("test", "code", "value", "comparator", "unit")
OF_LIMITS = ("test", "code", "unit", "low", "high", "range")
NOT_READ = "other-result"
PLAIN_KINDS = ("result", NOT_READ)
SAID = ("kind", "test", "code", "display", "value", "unit")
ODD_BEGINNINGS = ("=", "@")
A_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)


class Reading(NamedTuple):
    """event: test, code, value and unit as the single reader gives them. test: "" if it is no plain result: then its rows are
    read one by one, unless it is plainly something that is not read (aside). span: in the test's own unit, None if the value
    cannot be used."""

    event: Event
    test: str = ""
    span: Span | None = None
    aside: bool = False

    @property
    def plain(self) -> bool:
        """Whether its rows need not be read one by one."""
        return self.aside or bool(self.test)


class Limits(NamedTuple):
    """The limits of a report as events have them. high: the upper one in the test's own unit, None if there is none or it is
    not believed; bare: the same at its word; plain: not if they are of a form that marks the whole row."""

    event: Event
    high: Decimal | None = None
    plain: bool = True
    bare: Decimal | None = None


T = TypeVar("T")


class Distinct(Generic[T]):
    """Texts of several columns together, each combination read once and numbered."""

    def __init__(self, columns: Sequence[str], read: Callable[[Mapping[str, str]], T]) -> None:
        self.columns, self.read = tuple(columns), read
        self.found: list[T] = []
        self._numbers: dict[tuple[str, ...], int] = {}

    def numbers(self, batch: Mapping[str, pa.Array], rows: int) -> np.ndarray:
        """The number of each row's combination. A column that is missing is as if empty."""
        there = [name for name in self.columns if name in batch]
        encoded = [_encoded(batch[name]) for name in there]
        rows_of, firsts = _together([(codes, len(texts)) for codes, texts in encoded], rows)
        said = [[texts[code] for code in codes[firsts].tolist()] for codes, texts in encoded]
        one = zip(*said, strict=True) if said else iter([()] * len(firsts))
        return np.array([self._number(there, texts) for texts in one], np.int32)[rows_of]

    def meanings(self, batch: Mapping[str, pa.Array]) -> np.ndarray:
        """What each row's combination was read as, where that is a number."""
        numbers = self.numbers(batch, len(next(iter(batch.values()))))
        return np.array(self.found, np.int32)[numbers] if len(numbers) else numbers

    def _number(self, names: Sequence[str], said: tuple[str, ...]) -> int:
        number = self._numbers.get(said)
        if number is None:
            number = self._numbers[said] = len(self.found)
            self.found.append(self.read(dict(zip(names, said, strict=True))))
        return number


def _together(columns: Sequence[tuple[np.ndarray, int]], rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes of several columns, each with how many there are, as one: (code of each row, a row of each code)."""
    key, many = np.zeros(rows, np.int64), 1
    for codes, of_them in columns:
        if many * of_them > MOST_KEYS:
            encoded = pa.array(key).dictionary_encode()
            key, many = np.asarray(encoded.indices).astype(np.int64), len(encoded.dictionary)
        key = key * of_them + codes if of_them > 1 else key
        many *= max(of_them, 1)
    found = np.asarray(pa.array(key).dictionary_encode().indices)
    firsts = np.zeros(int(found.max(initial=-1)) + 1, np.int64)
    firsts[found[::-1]] = np.arange(rows)[::-1]
    return found, firsts


MOST_KEYS = 1 << 62  # more do not fit into a number


def _encoded(column: pa.Array) -> tuple[np.ndarray, list[str]]:
    """(code of each row, the texts); null is the empty text, a number its shortest text."""
    found = column if pa.types.is_dictionary(column.type) else column.dictionary_encode(null_encoding="encode")
    texts = [text or "" for text in found.dictionary.cast(pa.string()).to_pylist()]
    if found.indices.null_count:
        return np.asarray(found.indices.fill_null(len(texts))), [*texts, ""]
    return np.asarray(found.indices), texts


class Wordings:
    """Reads the cells of `OF_A_READING`. Results of one wording differ in the number alone: each wording is read whole once."""

    def __init__(self, mapping: LabMapping) -> None:
        self.mapping = mapping
        self._plain: dict[tuple[tuple[str, str], ...], Event | None] = {}

    def reading(self, cells: Mapping[str, str]) -> Reading:
        """What the cells say; without a test if that is no plain result."""
        if not A_NUMBER.fullmatch(cells.get("value", "")) or cells["value"] in self.mapping.missing:
            event = self._whole(cells)
        else:
            event = self._of_wording(cells)
        return Reading({}) if event is None else judged(event)

    def _of_wording(self, cells: Mapping[str, str]) -> Event | None:
        wording = tuple((name, cell) for name, cell in cells.items() if name != "value")
        if wording not in self._plain:
            self._plain[wording] = self._whole(cells)
        event = self._plain[wording]
        try:
            return event and {**event, **value(Cells(in_columns(cells, self.mapping), self.mapping))}
        except FieldFault:
            return None

    def _whole(self, cells: Mapping[str, str]) -> Event | None:
        event = result_of(in_columns(cells, self.mapping), self.mapping, "-")
        if event["kind"] not in PLAIN_KINDS or "not_used" in event or any(is_odd(cell) for cell in cells.values()):
            return None
        return {name: event[name] for name in SAID if name in event}


def judged(event: Event) -> Reading:
    """A result with its value as a span, if it can be used; or something that is not read."""
    if event["kind"] == NOT_READ:
        return Reading(event, aside=True)
    name, sent, unit = str(event["test"]), event.get("value"), event.get("unit")
    if test(name).scale != "number":
        return Reading(event)
    try:
        return Reading(event, name, span_of(read_quantity(name, str(sent or ""), None if unit is None else str(unit))))
    except Unreadable:
        return Reading(event, name)


def limits_of(cells: Mapping[str, str], mapping: LabMapping) -> Limits:
    """What the cells of `OF_LIMITS` say; a limit that cannot be read is a limit that was not sent."""
    event = result_of(in_columns(cells, mapping), mapping, "-")
    kept: Event = {name: event[name] for name in ("normal_low", "normal_high") if event.get(name) is not None}
    if "not_used" in event or any(is_odd(cell) for cell in cells.values()):
        return Limits(kept, plain=False)
    if "normal_high" not in kept or not event.get("test") or test(str(event["test"])).scale != "number":
        return Limits(kept)
    return of_test(kept, str(event["test"]), event.get("unit"))


def of_test(kept: Event, name: str, unit: object) -> Limits:
    """Limits with an upper one among them, of a test."""
    text = str(kept["normal_high"])
    return Limits(kept, upper_limit(name, text, unit), bare=bare_limit(name, text))


def upper_limit(name: str, text: str, unit: object) -> Decimal | None:
    """An upper limit in the test's own unit, None if it cannot be read or is not believed."""
    try:
        return read_upper_limit(name, text, None if unit is None else str(unit))
    except (Unreadable, ValueError):
        return None


def in_columns(cells: Mapping[str, str], mapping: LabMapping) -> dict[str, str]:
    """Cells by our names as cells by the header's."""
    return {mapping.columns[name]: cell for name, cell in cells.items() if name in mapping.columns}


def is_odd(cell: str) -> bool:
    """Whether a cell must not stand in a laboratory's file: a spreadsheet formula, a NUL."""
    return "\0" in cell or cell.lstrip().startswith(ODD_BEGINNINGS)
