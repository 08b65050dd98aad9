"""The files of long tables: CSV and Parquet, batch by batch, every cell as it was sent.

Strict about the file, as the reader of one patient's CSV is: a column that is missing or stands twice refuses it; a row of
another length is refused alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from countwell.base.errors import RecordError
from countwell.exchange.csv_mapping import LabMapping

ROWS_AT_ONCE = 100 * 100 * 10 // 2
BYTES_AT_ONCE = 100 * 100 * 100 * 2 * 10


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
    """About how many rows a file has. Raises RecordError if it is Parquet that cannot be read."""
    if path.suffix == ".parquet":
        with read_or_told(path):
            return int(pq.ParquetFile(path).metadata.num_rows)
    return path.stat().st_size // 10**2


def _of_parquet(path: Path, mapping: LabMapping) -> Iterator[Batch]:
    wanted = list(dict.fromkeys(mapping.columns.values()))
    with read_or_told(path):
        _refuse_other_columns(path, wanted)
        file = pq.ParquetFile(path, read_dictionary=[name for name in wanted if name != mapping.columns.get("id")])
        for groups in _row_groups(file.metadata):
            table = file.read_row_groups(groups, columns=wanted)
            for batch in (table.combine_chunks() if len(groups) > 1 else table).to_batches():
                yield Batch(dict(zip(batch.schema.names, batch.columns, strict=True)), batch.num_rows)


def _refuse_other_columns(path: Path, wanted: Sequence[str]) -> None:
    schema = pq.read_schema(path)
    if missing := sorted(set(wanted) - set(schema.names)):
        raise RecordError(f"{path.name}: columns that the mapping names are missing: {', '.join(missing)}.")
    if nested := [name for name in wanted if pa.types.is_nested(schema.field(name).type)]:
        raise RecordError(f"{path.name}: the column {nested[0]} holds lists or objects. Give it one value in each row.")


@contextmanager
def read_or_told(path: Path, what: str = "not Parquet that can be read") -> Iterator[None]:
    """What Arrow says of a file that it cannot read, as a RecordError."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path.name}: {what}: {_first_line(error)}") from error


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
    with (
        read_or_told(path, "cannot be read as the mapping says"),
        pa_csv.open_csv(path, reading, parsing, meaning) as reader,
    ):
        for batch in reader:
            taken, broken[:] = list(broken), []
            yield Batch(dict(zip(header, batch.columns, strict=True)), batch.num_rows, taken)
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
