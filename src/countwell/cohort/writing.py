"""Writes a store: batches of whole patients in, aligned row groups out.

Written aside in a folder beside its place and renamed at the end, so that an interruption leaves nothing that opens.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from countwell.base.errors import CohortError, StoreError
from countwell.cohort.columns import PATIENTS_PER_ROW_GROUP
from countwell.cohort.manifest import NAME, TABLES, file_marks, made, schema_of
from countwell.cohort.order import ORDER, refuse_disorder
from countwell.cohort.vocabularies import Words

PATIENTS_PER_PART = 100_000
FOR_THE_OWNER = 0o700
Columns: TypeAlias = "pa.Table | pa.RecordBatch | Mapping[str, Any]"


class StoreWriter:
    """A store being written. Use it with `with`: it appears in its place at the end, or not at all.

    words: the lists of the store; places in the columns of a batch are places in these. aside: the folder that becomes it
    at the end, with all that was put there; the next import into the same place clears what a killed one left of it.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        further: tuple[str, ...] = (),
        patients_per_row_group: int = PATIENTS_PER_ROW_GROUP,
        patients_per_part: int = PATIENTS_PER_PART,
    ) -> None:
        """path: where the store shall be; nothing may be there. further: text columns of the patients beside the schema's.

        patients_per_part is a multiple of patients_per_row_group. Raises StoreError if the place is taken, or another is
        writing there.
        """
        self.path, self.further, self.words = Path(path), further, Words()
        self.patients = 0
        self._group_size, self._part_size = patients_per_row_group, patients_per_part
        self._waiting: dict[str, list[pa.Table]] = {table: [] for table in TABLES}
        self._waiting_patients = 0
        self._parts: list[dict[str, Any]] = []
        self._files: dict[str, pq.ParquetWriter] = {}
        with disk_told(self.path):
            self.aside, self._lock = _claimed(self.path)

    def __enter__(self) -> StoreWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                with disk_told(self.path):
                    self._finish()
        finally:
            self._leave()

    def add(self, patients: Columns, labs: Columns, events: Columns) -> None:
        """Takes a batch of whole patients: tables, or columns by name, as in `countwell.cohort.columns`.

        `patient` counts from 0 within the batch, each patient once and in order, and stands so in labs and events, sorted as
        `columns` says. Raises CohortError for a missing column, a value out of its type, rows out of order; StoreError if
        they cannot be written.
        """
        batch = {"patients": patients, "labs": labs, "events": events}
        tables = {name: _typed(name, columns, schema_of(name, self.further)) for name, columns in batch.items()}
        count = tables["patients"].num_rows
        for name, table in tables.items():
            refuse_disorder(f"batch, {name}", name, _arrays(name, table), 0, count)
            self._waiting[name].append(_shifted(table, self.patients))
        self.patients += count
        self._waiting_patients += count
        with disk_told(self.path):
            self._write_whole_groups()

    def _write_whole_groups(self) -> None:
        if self._waiting_patients < self._group_size:
            return
        waiting = {name: pa.concat_tables(tables) for name, tables in self._waiting.items()}
        while self._waiting_patients >= self._group_size:
            waiting = self._write_group(waiting, self._group_size)
        self._waiting = {name: [table] for name, table in waiting.items()}

    def _write_group(self, waiting: Mapping[str, pa.Table], count: int) -> dict[str, pa.Table]:
        """Writes the first patients that wait as one row group of each file; gives back what still waits."""
        first = self.patients - self._waiting_patients
        if first % self._part_size == 0:
            self._begin_part()
        rest, rows = {}, {}
        for name, table in waiting.items():
            rows[name] = int(np.searchsorted(table.column("patient").to_numpy(), first + count))
            self._files[name].write_table(table.slice(0, rows[name]), row_group_size=max(rows[name], 1))
            rest[name] = table.slice(rows[name])
        self._parts[-1]["row_groups"].append(rows)
        self._waiting_patients -= count
        return rest

    def _begin_part(self) -> None:
        self._end_part()
        name = f"part-{len(self._parts):05d}"
        (self.aside / name).mkdir()
        for table in TABLES:
            file = self.aside / name / f"{table}.parquet"
            self._files[table] = pq.ParquetWriter(
                file, schema_of(table, self.further), compression="zstd", write_page_checksum=True
            )
        self._parts.append({"name": name, "row_groups": [], "files": {}})

    def _end_part(self) -> None:
        for table, writer in self._files.items():
            writer.close()
            file = self.aside / self._parts[-1]["name"] / f"{table}.parquet"
            _on_disk(file)
            self._parts[-1]["files"][table] = file_marks(file)
        if self._files:
            _on_disk(self.aside / self._parts[-1]["name"])
        self._files = {}

    def _finish(self) -> None:
        if self._waiting_patients:
            self._write_group({name: pa.concat_tables(t) for name, t in self._waiting.items()}, self._waiting_patients)
        self._end_part()
        manifest = made(self.words, self.further, self._group_size, self._parts)
        (self.aside / NAME).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        _on_disk(self.aside / NAME)
        _on_disk(self.aside)
        self.aside.rename(self.path)
        _on_disk(self.path.absolute().parent)

    def _leave(self) -> None:
        """Frees the place; what was written and not finished goes."""
        for writer in self._files.values():
            with contextlib.suppress(OSError, pa.ArrowException):
                writer.close()
        if self.aside.exists() and not self.path.exists():
            shutil.rmtree(self.aside, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


@contextmanager
def disk_told(path: Path) -> Iterator[None]:
    """What the disk says, as a StoreError."""
    try:
        yield
    except OSError as error:
        says = error.strerror or "the disk refuses"
        raise StoreError(f"{path.name}: cannot be written: {says}. Nothing is left of it.") from error


def _claimed(path: Path) -> tuple[Path, int | None]:
    """The folder beside the place, empty, and the lock that holds it as long as this process lives."""
    if path.exists():
        raise StoreError(f"{path.name}: is there already. Choose another place, or remove it.")
    aside = path.absolute().parent / f".{path.name}.writing"
    aside.parent.mkdir(parents=True, exist_ok=True)
    aside.mkdir(mode=FOR_THE_OWNER, exist_ok=sys.platform != "win32")
    lock = _locked(aside)
    if path.exists() or (lock is not None and os.fstat(lock).st_ino != aside.stat().st_ino):
        raise StoreError(f"{path.name}: another import has just written it.")
    for left in aside.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    return aside, lock


def _locked(aside: Path) -> int | None:
    """A lock on a folder, free when its process ends, however it ends. On Windows the folder itself is the lock."""
    if sys.platform == "win32":
        return None
    import fcntl

    lock = os.open(aside, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise StoreError(
            f"{aside.name}: another import is writing there. Wait for it, or choose another place."
        ) from error
    return lock


def _on_disk(path: Path) -> None:
    """Waits until a file or folder is on the disk."""
    if sys.platform == "win32" and path.is_dir():
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _typed(name: str, columns: Columns, schema: pa.Schema) -> pa.Table:
    given = list(columns) if isinstance(columns, Mapping) else columns.schema.names
    if missing := [field.name for field in schema if field.name not in given]:
        raise CohortError(f"batch, {name}: the column {missing[0]} is missing.")
    arrays = [_column(name, columns[field.name], field) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _column(name: str, column: Any, field: pa.Field) -> Any:
    try:
        array = column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column)
        array = array if array.type == field.type else array.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise CohortError(f"batch, {name}: the column {field.name} does not fit {field.type}.") from error
    if array.null_count:
        raise CohortError(f"batch, {name}: the column {field.name} has empty places.")
    return array


def _arrays(name: str, table: pa.Table) -> dict[str, Any]:
    return {column: table.column(column).to_numpy() for column in ORDER[name]}


def _shifted(table: pa.Table, by: int) -> pa.Table:
    """The same with patients numbered within the store."""
    numbers = table.column("patient").to_numpy() + np.int32(by)
    return table.set_column(0, table.schema.field(0), pa.array(numbers, pa.int32()))
