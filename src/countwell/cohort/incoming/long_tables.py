"""Long tables, CSV or Parquet, one row a result, by a mapping as for the laboratory CSV of one patient.

Each batch becomes rows of `sent`: dates, statuses, readings and limits as numbers where every row of that wording is plain; any other
row goes through the reader of a single row.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from countwell.base.errors import RecordError
from countwell.cohort.incoming import moments
from countwell.cohort.incoming.readings import OF_A_READING, OF_LIMITS, Distinct, is_odd, limits_of, reading_of
from countwell.cohort.incoming.sent import COLLECTED_WHOLE, KNOWN_WHOLE, NO_STATUS, NOT_SENT, as_sent
from countwell.exchange.csv_mapping import LabMapping
from countwell.exchange.csv_rows import NOBODY, Cells, result_of, status_of
from countwell.exchange.entries import unusable
from countwell.exchange.results import STATUSES

ROWS_AT_ONCE = 2**18
BYTES_AT_ONCE = 2**24
CANNOT_BE_NUMBERS = ("born", "name")
TEXTS = ("patient", "id", "order", "replaces")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows: columns by the header's names, and rows that are no rows of the table, as text with what is wrong."""

    columns: Mapping[str, pa.Array]
    rows: int
    broken: Sequence[tuple[str, str]] = ()


def batches(path: Path, mapping: LabMapping) -> Iterator[Batch]:
    """A file's rows. Raises RecordError if it cannot be read as a whole: a column that is missing, another encoding."""
    if path.suffix == ".parquet":
        yield from _of_parquet(path, mapping)
    else:
        yield from _of_csv(path, mapping)


def rows_about(path: Path) -> int:
    """About how many rows a file has."""
    if path.suffix == ".parquet":
        return pq.ParquetFile(path).metadata.num_rows
    return path.stat().st_size // 10**2


def _of_parquet(path: Path, mapping: LabMapping) -> Iterator[Batch]:
    wanted = list(dict.fromkeys(mapping.columns.values()))
    try:
        file = pq.ParquetFile(path, read_dictionary=wanted)
        missing = sorted(set(wanted) - set(file.schema_arrow.names))
        if missing:
            raise RecordError(f"{path.name}: columns that the mapping names are missing: {', '.join(missing)}.")
        for groups in _row_groups(file.metadata):
            table = file.read_row_groups(groups, columns=wanted).combine_chunks()
            for batch in table.to_batches():
                yield Batch(dict(zip(batch.schema.names, batch.columns, strict=True)), batch.num_rows)
    except pa.ArrowInvalid as error:
        raise RecordError(f"{path.name}: not Parquet that can be read: {_first_line(error)}") from error


def _row_groups(metadata: pq.FileMetaData) -> Iterator[list[int]]:
    """Row groups that are read at once: small ones together, for each batch has dictionaries of its own."""
    waiting: list[int] = []
    rows = 0
    for number in range(metadata.num_row_groups):
        waiting.append(number)
        rows += metadata.row_group(number).num_rows
        if rows >= ROWS_AT_ONCE:
            yield waiting
            waiting, rows = [], 0
    if waiting:
        yield waiting


def _of_csv(path: Path, mapping: LabMapping) -> Iterator[Batch]:
    header, lines = _header(path, mapping)
    broken: list[tuple[str, str]] = []

    def note(row: pa_csv.InvalidRow) -> str:
        broken.append((row.text, f"{row.actual_columns} cells where the header has {row.expected_columns}."))
        return "skip"

    reading = pa_csv.ReadOptions(
        column_names=_unlike(header), skip_rows=lines, encoding=mapping.encoding, block_size=BYTES_AT_ONCE
    )
    parsing = pa_csv.ParseOptions(delimiter=mapping.delimiter, newlines_in_values=True, invalid_row_handler=note)
    kinds = {name: pa.string() for name in reading.column_names}
    meaning = pa_csv.ConvertOptions(column_types=kinds, strings_can_be_null=False)
    try:
        with pa_csv.open_csv(path, reading, parsing, meaning) as reader:
            for batch in reader:
                taken, broken[:] = list(broken), []
                yield Batch(dict(zip(header, batch.columns, strict=True)), batch.num_rows, taken)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise RecordError(f"{path.name}: cannot be read as the mapping says: {_first_line(error)}") from error
    if broken:
        yield Batch({name: pa.array([], pa.string()) for name in header}, 0, broken)


def _first_line(error: Exception) -> str:
    """What Arrow says, without the row that it quotes."""
    return str(error).partition("\n")[0].partition(":")[0] + "."


def _unlike(header: Sequence[str]) -> list[str]:
    """The header with names made unlike: columns that the mapping does not name may stand twice."""
    return [f"{place} {name}" for place, name in enumerate(header)]


def _header(path: Path, mapping: LabMapping) -> tuple[list[str], int]:
    """The header's names, and how many lines it fills."""
    encoding = "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=mapping.delimiter, strict=True)
            header = [name.strip() for name in next(reader, [])]
    except (UnicodeDecodeError, csv.Error) as error:
        raise RecordError(f"{path.name}: the header cannot be read as the mapping says.") from error
    wanted = set(mapping.columns.values())
    if missing := wanted - set(header):
        raise RecordError(
            f"{path.name}: the header lacks columns that the mapping names: {', '.join(sorted(missing))}."
        )
    if twice := {name for name in header if header.count(name) > 1} & wanted:
        raise RecordError(f"{path.name}: columns stand twice in the header: {', '.join(sorted(twice))}.")
    return header, reader.line_num


@dataclass
class LongTables:
    """Reads batches by one mapping. What was read once is remembered in `readings`, `limits` and `labs`."""

    mapping: LabMapping
    source: int = 0
    patient: str | None = None
    readings: Distinct = field(init=False)
    limits: Distinct = field(init=False)
    labs: Distinct = field(init=False)
    statuses: Distinct = field(init=False)

    def __post_init__(self) -> None:
        mapping = self.mapping
        self.readings = Distinct(OF_A_READING, lambda cells: reading_of(cells, mapping))
        self.limits = Distinct(OF_LIMITS, lambda cells: limits_of(cells, mapping))
        self.labs = Distinct(("lab",), lambda cells: self._cell(cells, "lab"))
        self.statuses = Distinct(("status",), lambda cells: self._status(cells))

    def _cell(self, cells: Mapping[str, str], name: str) -> str:
        return Cells({self.mapping.columns[one]: cell for one, cell in cells.items()}, self.mapping).get(name) or ""

    def _status(self, cells: Mapping[str, str]) -> int:
        sent = status_of(Cells({self.mapping.columns[one]: cell for one, cell in cells.items()}, self.mapping))
        return STATUSES.index(sent) if sent in STATUSES else NO_STATUS

    def sent(self, batch: Batch, first: int, is_csv: bool) -> Iterator[pa.RecordBatch]:
        """The batch as rows of `sent`, numbered from `first`."""
        ours = {name: batch.columns[column] for name, column in self.mapping.columns.items()}
        rows = batch.rows
        texts = {name: self._texts(ours, name, rows) for name in TEXTS}
        collected, known = (self._moments(ours, name, rows) for name in ("collected", "received"))
        readings = self.readings.numbers(ours, rows)
        limits = self.limits.numbers(ours, rows)
        status = self._numbers(self.statuses, ours, rows)
        plain = collected.sent & collected.plain & known.plain & (status != NO_STATUS) & (readings >= 0)
        plain &= self._flags(self.readings, lambda reading: bool(reading.test))[readings]
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
                "row": np.arange(first, first + rows),
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
            yield self._broken(batch, first + rows)

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
            column = _plain_column(ours[name])
        else:
            return moments.nothing(rows)
        return moments.of_column(column, self.mapping)

    @staticmethod
    def _numbers(distinct: Distinct, ours: Mapping[str, pa.Array], rows: int) -> np.ndarray:
        numbers = distinct.numbers(ours, rows)
        return np.array(distinct.found, np.int32)[numbers] if rows else numbers

    @staticmethod
    def _flags(distinct: Distinct, ask: Any) -> np.ndarray:
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
            part = unusable(cells, "a cell that must not stand in a laboratory's file: a formula, a NUL.", "")
            return json.dumps(part.events[0])
        return json.dumps(result_of(cells, self.mapping, owner or self.patient or NOBODY))

    def _broken(self, batch: Batch, first: int) -> pa.RecordBatch:
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
        return as_sent(rows, {**columns, "row": np.arange(first, first + rows)})


def _plain_column(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _trimmed(column: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(_plain_column(column).cast(pa.string()).fill_null(""))


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
