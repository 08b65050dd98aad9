"""Long tables, one row a result, by a mapping as for the laboratory CSV of one patient.

Each batch becomes rows of `sent`: dates, statuses, readings and limits as numbers where every row of that wording is plain; any
other row goes through the reader of a single row.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from countwell.cohort.incoming import moments
from countwell.cohort.incoming.readings import (
    OF_A_READING,
    OF_LIMITS,
    Distinct,
    Limits,
    Reading,
    Wordings,
    is_odd,
    limits_of,
)
from countwell.cohort.incoming.sent import COLLECTED_WHOLE, KNOWN_WHOLE, NO_STATUS, NOT_SENT, as_sent
from countwell.cohort.incoming.table_files import Batch
from countwell.exchange.csv_mapping import LabMapping
from countwell.exchange.csv_rows import NOBODY, Cells, result_of, status_of
from countwell.exchange.entries import unusable
from countwell.exchange.results import STATUSES
from countwell.exchange.strict_json import Node

CANNOT_BE_NUMBERS = ("born", "name")
TEXTS = ("patient", "id", "order", "replaces")


@dataclass
class LongTables:
    """Reads batches by one mapping. What was read once is remembered in `readings`, `limits` and `labs`."""

    mapping: LabMapping
    source: int = 0
    patient: str | None = None
    readings: Distinct[Reading] = field(init=False)
    limits: Distinct[Limits] = field(init=False)
    labs: Distinct[str] = field(init=False)
    statuses: Distinct[int] = field(init=False)

    def __post_init__(self) -> None:
        mapping = self.mapping
        self.readings = Distinct(OF_A_READING, Wordings(mapping).reading)
        self.limits = Distinct(OF_LIMITS, lambda cells: limits_of(cells, mapping))
        self.labs = Distinct(("lab",), lambda cells: self._cell(cells, "lab"))
        self.statuses = Distinct(("status",), lambda cells: self._status(cells))

    def _cell(self, cells: Mapping[str, str], name: str) -> str:
        return Cells({self.mapping.columns[one]: cell for one, cell in cells.items()}, self.mapping).get(name) or ""

    def _status(self, cells: Mapping[str, str]) -> int:
        sent = status_of(Cells({self.mapping.columns[one]: cell for one, cell in cells.items()}, self.mapping))
        return STATUSES.index(sent) if sent in STATUSES else NO_STATUS

    def sent(self, batch: Batch, is_csv: bool) -> Iterator[pa.RecordBatch]:
        """The batch as rows of `sent`."""
        ours = {name: batch.columns[column] for name, column in self.mapping.columns.items()}
        rows = batch.rows
        texts = {name: self._texts(ours, name, rows) for name in TEXTS}
        collected, known = (self._moments(ours, name, rows) for name in ("collected", "received"))
        readings = self.readings.numbers(ours, rows)
        limits = self.limits.numbers(ours, rows)
        status = self._numbers(self.statuses, ours, rows)
        plain = collected.sent & collected.plain & known.plain & (status != NO_STATUS) & (readings >= 0)
        plain &= self._flags(self.readings, lambda reading: reading.plain)[readings]
        plain &= self._flags(self.limits, lambda limit: limit.plain)[limits]
        plain &= np.asarray(pc.not_equal(texts["patient"], ""))
        for name in CANNOT_BE_NUMBERS:
            if name in ours:
                plain &= np.asarray(pc.equal(_trimmed(ours[name]), ""))
        if is_csv:
            plain &= ~_odd(batch)
        events = self._events(batch, texts["patient"], np.flatnonzero(~plain))
        owners = pc.if_else(pc.equal(texts["patient"], ""), self.patient or NOBODY, texts["patient"])
        yield as_sent(
            rows,
            {
                **texts,
                "patient": owners,
                "source": np.full(rows, self.source, np.uint8),
                "reading": readings,
                "limits": limits,
                "status": status.astype(np.uint8),
                "lab": self.labs.numbers(ours, rows),
                "collected": np.where(collected.plain, collected.at, 0),
                "known": np.where(known.sent, np.where(known.plain, known.at, 0), NOT_SENT),
                "whole": (collected.whole * COLLECTED_WHOLE + known.whole * KNOWN_WHOLE).astype(np.uint8),
                "event": events,
            },
        )
        if batch.broken:
            yield self._broken(batch)

    def _texts(self, ours: Mapping[str, pa.Array], name: str, rows: int) -> pa.Array:
        constant = self.mapping.constants.get(name, "")
        if name not in ours:
            return pa.repeat(pa.scalar(constant), rows)
        texts = _trimmed(ours[name])
        return pc.if_else(pc.equal(texts, ""), constant, texts) if constant else texts

    def _moments(self, ours: Mapping[str, pa.Array], name: str, rows: int) -> moments.Moments:
        if name in self.mapping.constants:
            column = self._texts(ours, name, rows)
        elif name in ours:
            column = ours[name]
        else:
            return moments.nothing(rows)
        return moments.of_column(column, self.mapping)

    @staticmethod
    def _numbers(distinct: Distinct[int], ours: Mapping[str, pa.Array], rows: int) -> np.ndarray:
        numbers = distinct.numbers(ours, rows)
        return np.array(distinct.found, np.int32)[numbers] if rows else numbers

    @staticmethod
    def _flags(distinct: Distinct[Any], ask: Any) -> np.ndarray:
        return np.array([ask(one) for one in distinct.found], bool)

    def _events(self, batch: Batch, owners: pa.Array, rows: np.ndarray) -> pa.Array:
        """What the reader of a single row makes of those rows; the others are empty."""
        if not len(rows):
            return pa.repeat(pa.scalar(""), batch.rows)
        place = pa.array(rows)
        names = list(batch.columns)
        cells = [_as_texts(batch.columns[name].take(place), self.mapping) for name in names]
        told = [
            self._event(dict(zip(names, row, strict=True)), owner)
            for row, owner in zip(zip(*cells, strict=True), owners.take(place).to_pylist(), strict=True)
        ]
        events = np.full(batch.rows, "", dtype=object)
        events[rows] = told
        return pa.array(events, pa.string())

    def _event(self, cells: dict[str, str], owner: str) -> str:
        if any(is_odd(cell) for cell in cells.values()):
            part = unusable(
                dict[str, Node](cells), "a cell that must not stand in a laboratory's file: a formula, a NUL.", ""
            )
            return json.dumps(part.events[0])
        return json.dumps(result_of(cells, self.mapping, owner or self.patient or NOBODY))

    def _broken(self, batch: Batch) -> pa.RecordBatch:
        """Rows that are no rows of the table, under the patient that they name."""
        names = list(batch.columns)
        told, owners = [], []
        for text, says in batch.broken:
            cells = dict(zip(names, next(csv.reader([text], delimiter=self.mapping.delimiter), []), strict=False))
            owners.append(Cells(cells, self.mapping).get("patient") or self.patient or NOBODY)
            told.append(json.dumps(unusable(dict(cells), says, "").events[0]))
        rows = len(told)
        source = np.full(rows, self.source, np.uint8)
        columns = {"patient": pa.array(owners, pa.string()), "event": pa.array(told, pa.string()), "source": source}
        return as_sent(rows, columns)


def _plain_column(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _trimmed(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        distinct = _trimmed(column.dictionary)
        return distinct.take(column.indices).fill_null("") if len(distinct) else pa.repeat("", len(column))
    return pc.utf8_trim_whitespace(column.cast(pa.string()).fill_null(""))


def _as_texts(column: pa.Array, mapping: LabMapping) -> list[str]:
    """The cells as a CSV by the same mapping would have them."""
    plain = _plain_column(column)
    if pa.types.is_date(plain.type):
        plain = pc.strftime(plain.cast(pa.timestamp("s")), mapping.day or mapping.date)
    elif pa.types.is_timestamp(plain.type):
        plain = pc.strftime(plain.cast(pa.timestamp("s", plain.type.tz), safe=False), mapping.date)
    return plain.cast(pa.string()).fill_null("").to_pylist()


def _odd(batch: Batch) -> np.ndarray:
    """Rows in which a cell begins like a formula, or holds a NUL."""
    found = np.zeros(batch.rows, bool)
    for column in batch.columns.values():
        for sign in ("=", "@", "\0"):
            held = np.asarray(pc.match_substring(column, sign))
            for row in np.flatnonzero(held):
                found[row] |= is_odd(column[int(row)].as_py())
    return found
