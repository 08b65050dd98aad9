"""An import from beginning to end: rows of a source into buckets, buckets into the store, a report of what became of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Protocol

import pyarrow as pa

from countwell.cohort.incoming.bucket import Source
from countwell.cohort.incoming.gathered import Gathering
from countwell.cohort.incoming.report import as_json
from countwell.cohort.incoming.sent import Buckets
from countwell.cohort.incoming.tally import Tally
from countwell.cohort.incoming.tenfold import Place
from countwell.cohort.writing import StoreWriter

REPORT = "import.json"


class Incoming(Source, Protocol):
    """A source that can be imported. skipped: entries of kinds that are not read, by kind."""

    skipped: Counter[str]

    def expected(self) -> int:
        """About how many rows will come."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows, as `sent`."""

    def notes(self) -> Mapping[str, Any]:
        """What the report should say of the source."""


class Progress(Protocol):
    """Told how far an import has come."""

    def step(self, says: str, done: int, of: int) -> None:
        """done of about `of`."""


def bring_in(source: Incoming, into: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Import a source into a new store at `into`, and leave the report beside it (`import.json`). Returns the report.

    Raises RecordError if the source as a whole cannot be read, StoreError if the place is taken or cannot be written. Then, and
    if it is interrupted, nothing stands at `into`.
    """
    tally, seen = Tally(), Counter[Place]()
    began = perf_counter()
    with (
        StoreWriter(into, further=source.further) as writer,
        _room(into) as room,
        Buckets(room, source.expected()) as buckets,
    ):
        for rows in _counted(source, progress):
            buckets.add(rows)
        read = perf_counter()
        for kind, count in source.skipped.items():
            tally.filed(f"{kind} (not read here)", count)
        gathering = Gathering(source, writer.words, tally)
        for number, table in enumerate(buckets.tables()):
            found = gathering.gathered(table)
            writer.add(found.patients, found.labs, found.events)
            seen.update(found.seen)
            if progress is not None:
                progress.step("settling", number + 1, buckets.count)
        patients = writer.patients
    took = {"reading": round(read - began, 1), "settling and writing": round(perf_counter() - read, 1)}
    report = as_json(tally, seen, {"patients": patients, "seconds": took, **source.notes()})
    (into / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return report


def _counted(source: Incoming, progress: Progress | None) -> Iterator[pa.RecordBatch]:
    expected, done = source.expected(), 0
    for rows in source.batches():
        yield rows
        done += rows.num_rows
        if progress is not None:
            progress.step("reading", done, max(expected, done))


@contextmanager
def _room(into: Path) -> Iterator[Path]:
    """A folder on the disk of the store for what does not fit into memory; it goes with the import."""
    parent = into.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{into.name}.buckets-", dir=parent) as folder:
        yield Path(folder)
