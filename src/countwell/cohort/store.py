"""Reads a store: row groups of whole patients as NumPy arrays, only the columns asked for, checked before they are given out.

What is broken, cut off, out of order or of another schema is refused with file and row group; it is never a wrong answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from countwell.base.errors import CohortError, StoreError
from countwell.cohort.manifest import AGAIN, TABLES, file_marks, footer_mark, read_manifest, schema_of
from countwell.cohort.order import refuse_disorder
from countwell.cohort.sound import refuse_unsound

Arrays = Mapping[str, NDArray[Any]]


class RowGroup(NamedTuple):
    """The same patients of the three files: column name -> array, whole patients only. manifest: of the store (its lists)."""

    manifest: Mapping[str, Any]
    patients: Arrays
    labs: Arrays
    events: Arrays


class Place(NamedTuple):
    """Where a row group stands: part and group by number; its patients are first, first + 1 … first + patients - 1."""

    part: int
    group: int
    first: int
    patients: int


@dataclass(frozen=True)
class Store:
    """A store that can be read. Open it with `open_store`; it holds no open file and may be sent to another process."""

    path: Path
    manifest: Mapping[str, Any]

    @property
    def patients(self) -> int:
        """How many patients it holds."""
        return int(self.manifest["rows"]["patients"])

    @property
    def places(self) -> list[Place]:
        """Its row groups in order."""
        found: list[Place] = []
        for part, said in enumerate(self.manifest["parts"]):
            for group, rows in enumerate(said["row_groups"]):
                first = found[-1].first + found[-1].patients if found else 0
                found.append(Place(part, group, first, rows["patients"]))
        return found

    def files(self, table: str) -> list[Path]:
        """The files of `patients`, `labs` or `events`, in order."""
        return [self.path / part["name"] / f"{table}.parquet" for part in self.manifest["parts"]]

    def row_groups(
        self,
        *,
        patients: Sequence[str] | None = None,
        labs: Sequence[str] | None = None,
        events: Sequence[str] | None = None,
    ) -> Iterator[RowGroup]:
        """Every row group in order; see `read`."""
        return (self.read(place, patients=patients, labs=labs, events=events) for place in self.places)

    def read(
        self,
        place: Place,
        *,
        patients: Sequence[str] | None = None,
        labs: Sequence[str] | None = None,
        events: Sequence[str] | None = None,
    ) -> RowGroup:
        """One row group. The columns asked for, and `patient` beside them; None: all that hold numbers; (): not read.

        Arrays are read-only where they are the decoded file itself; text columns are arrays of objects.
        Raises CohortError, naming file and row group, if it cannot be decoded or is not in order.
        """
        asked = {"patients": patients, "labs": labs, "events": events}
        return RowGroup(self.manifest, **{table: self._read(table, place, names) for table, names in asked.items()})

    def _read(self, table: str, place: Place, names: Sequence[str] | None) -> Arrays:
        if names is not None and not names:
            return {}
        wanted = [field.name for field in TABLES[table] if field.type != pa.string()] if names is None else list(names)
        wanted = list(dict.fromkeys(["patient", *wanted]))
        where = _where(self.files(table)[place.part], place.group)
        columns = _decoded(self.files(table)[place.part], place.group, wanted, where)
        rows = self.manifest["parts"][place.part]["row_groups"][place.group][table]
        if len(columns["patient"]) != rows:
            raise CohortError(f"{where}: {len(columns['patient'])} rows, the manifest says {rows}. {AGAIN}")
        refuse_disorder(where, table, columns, place.first, place.patients)
        refuse_unsound(where, table, columns, self.manifest)
        return columns


def open_store(path: Path | str, *, thorough: bool = False) -> Store:
    """The store in that folder, once manifest, word lists, files and footers agree. thorough: every byte is hashed too.

    Raises StoreError if it cannot be reached, CohortError if it is no store, incomplete, changed since it was written, or
    written with another schema or other word lists.
    """
    store = Store(Path(path), read_manifest(Path(path)))
    for part, said in enumerate(store.manifest["parts"]):
        for table in TABLES:
            try:
                _check_file(store, part, table, said["files"][table], thorough=thorough)
            except OSError as error:
                raise StoreError(f"{_where(store.files(table)[part])}: cannot be read: {error.strerror}.") from error
    return store


def _check_file(store: Store, part: int, table: str, marks: Mapping[str, Any], *, thorough: bool) -> None:
    file = store.files(table)[part]
    where = _where(file)
    if not file.is_file():
        raise CohortError(f"{where}: is missing. {AGAIN}")
    if file.stat().st_size != marks["bytes"]:
        raise CohortError(f"{where}: {file.stat().st_size} bytes, the manifest says {marks['bytes']}: cut off? {AGAIN}")
    if (file_marks(file) != marks) if thorough else (footer_mark(file) != marks["footer"]):
        raise CohortError(f"{where}: is not the file that was written. {AGAIN}")
    _check_columns(store, part, table, where)


def _check_columns(store: Store, part: int, table: str, where: str) -> None:
    """Whether a file holds the columns and the row groups that it should, and in each the patients of its place."""
    metadata, schema = _footer(store.files(table)[part], where)
    wanted = schema_of(table, tuple(store.manifest["further"]))
    for field in wanted:
        if field.name not in schema.names:
            raise CohortError(f"{where}: the column {field.name} is missing. {AGAIN}")
        if schema.field(field.name).type != field.type:
            raise CohortError(f"{where}: {field.name} is {schema.field(field.name).type}, not {field.type}. {AGAIN}")
    places = [place for place in store.places if place.part == part]
    if metadata.num_row_groups != len(places):
        raise CohortError(f"{where}: {metadata.num_row_groups} row groups, the manifest says {len(places)}. {AGAIN}")
    for place in places:
        _check_patients(metadata.row_group(place.group), schema.names.index("patient"), place, where)


def _footer(file: Path, where: str) -> tuple[Any, pa.Schema]:
    try:
        metadata = pq.read_metadata(file)
        return metadata, metadata.schema.to_arrow_schema()
    except pa.ArrowInvalid as error:
        raise CohortError(f"{where}: is no Parquet file. {AGAIN}") from error


def _check_patients(group: Any, column: int, place: Place, where: str) -> None:
    said = group.column(column).statistics
    if said is None or not said.has_min_max:
        return
    if said.min < place.first or said.max >= place.first + place.patients:
        raise CohortError(f"{where}, row group {place.group}: holds patients of another row group. {AGAIN}")


def _decoded(file: Path, group: int, names: Sequence[str], where: str) -> dict[str, NDArray[Any]]:
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as opened:
            if missing := [name for name in names if name not in opened.schema_arrow.names]:
                raise CohortError(f"{where}: the column {missing[0]} is missing. {AGAIN}")
            table = opened.read_row_group(group, columns=list(names), use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise CohortError(f"{where}: cannot be decoded. {AGAIN}") from error
    return {name: _array(table.column(name), name, where) for name in names}


def _array(column: pa.ChunkedArray, name: str, where: str) -> NDArray[Any]:
    if column.null_count:
        raise CohortError(f"{where}: the column {name} has empty places. {AGAIN}")
    if column.type == pa.string():
        return np.asarray(column.to_pylist(), dtype=object)
    return (
        column.combine_chunks().to_numpy(zero_copy_only=True) if column.num_chunks != 1 else column.chunk(0).to_numpy()
    )


def _where(file: Path, group: int | None = None) -> str:
    """A file of a store as it is named in a fault."""
    return f"{file.parent.name}/{file.name}" + ("" if group is None else f", row group {group}")
