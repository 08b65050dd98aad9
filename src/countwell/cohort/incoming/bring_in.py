"""An import from beginning to end: rows of a source into buckets, buckets into the store, a report of what became of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
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
from countwell.cohort.writing import StoreWriter, disk_told

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
    tally = Tally()
    began = perf_counter()
    with StoreWriter(into, further=source.further) as writer:
        with TemporaryDirectory(dir=writer.aside) as room, Buckets(Path(room), source.expected()) as buckets:
            for rows in _counted(source, progress):
                with disk_told(into):
                    buckets.add(rows)
            with disk_told(into):
                buckets.end()
            read = perf_counter()
            for kind, count in source.skipped.items():
                tally.filed(f"{kind} (not read here)", count)
            seen = _settled(buckets, Gathering(source, writer.words, tally), writer, progress)
        took = {"reading": round(read - began, 1), "settling": round(perf_counter() - read, 1)}
        report = as_json(tally, seen, {"patients": writer.patients, "seconds": took, **source.notes()})
        with disk_told(into):
            text = json.dumps(report, ensure_ascii=False, indent=1)
            (writer.aside / REPORT).write_text(f"{text}\n", encoding="utf-8")
    return report


def _settled(buckets: Buckets, gathering: Gathering, writer: StoreWriter, progress: Progress | None) -> Counter[Place]:
    """Writes the rows of each bucket; gives back where they fall."""
    seen = Counter[Place]()
    for number, table in enumerate(buckets.tables()):
        found = gathering.gathered(table)
        writer.add(found.patients, found.labs, found.events)
        seen.update(found.seen)
        if progress is not None:
            progress.step("settling", number + 1, buckets.count)
    return seen


def _counted(source: Incoming, progress: Progress | None) -> Iterator[pa.RecordBatch]:
    expected, done = source.expected(), 0
    for rows in source.batches():
        yield rows
        done += rows.num_rows
        if progress is not None:
            progress.step("reading", done, max(expected, done))
