"""A row on its way from a source to the store: as numbers where it could be read, else as the event that its reader made.

Rows of one patient meet in one bucket. Buckets are files, so that a source may be larger than memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa

from countwell.cohort.columns import LONG_AGO
from countwell.cohort.incoming.fingerprints import fingerprints
from countwell.exchange.results import STATUSES

ROWS_PER_BUCKET = 100 * 100 * 100 // 2 // 2
MOST_BUCKETS = 2 * 10**2

NO_READING = -1  # of `reading`: only `event` says what it is
NO_STATUS = len(STATUSES)  # of `status`
NOT_SENT = LONG_AGO  # of `known`
COLLECTED_WHOLE, KNOWN_WHOLE = 1, 2  # of `whole`: days without a time, held as the day times moments.A_DAY

SENT = pa.schema(
    [
        ("patient", pa.string()),
        ("source", pa.uint8()),  # place among the names of what came
        ("reading", pa.int32()),  # number of what its test, value and unit say
        ("limits", pa.int32()),
        ("status", pa.uint8()),  # place in exchange.results.STATUSES
        ("lab", pa.int32()),
        ("collected", pa.int64()),
        ("known", pa.int64()),
        ("whole", pa.uint8()),
        ("id", pa.string()),
        ("order", pa.string()),
        ("replaces", pa.string()),
        ("version", pa.string()),
        ("event", pa.string()),  # JSON, where the row is not told by the numbers; else empty
    ]
)


def as_sent(rows: int, columns: Mapping[str, object]) -> pa.RecordBatch:
    """A batch of `SENT`; a column that is not given is empty, 0 or, of `known`, not sent."""
    empty = {"known": NOT_SENT, "reading": NO_READING, "status": NO_STATUS}
    arrays = []
    for field in SENT:
        column = columns.get(field.name)
        if column is None:
            blank = "" if pa.types.is_string(field.type) else empty.get(field.name, 0)
            column = pa.repeat(pa.scalar(blank, field.type), rows)
        arrays.append(column if isinstance(column, pa.Array) else pa.array(column, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=SENT)


class Buckets:
    """Rows by patient: written with `add`, then read bucket by bucket; a patient stands in one bucket alone.

    expected: about how many rows will come. One bucket is kept in memory, several are files of `folder`.
    """

    def __init__(self, folder: Path, expected: int) -> None:
        self.count = min(MOST_BUCKETS, 1 + expected // ROWS_PER_BUCKET)
        self._kept: list[pa.RecordBatch] = []
        several = self.count if self.count > 1 else 0
        self._paths = [folder / f"{number:03}.arrow" for number in range(several)]
        self._files = [pa.ipc.new_file(str(path), SENT, options=_LZ4) for path in self._paths]

    def __enter__(self) -> Buckets:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for file in self._files:
            with suppress(OSError):  # on a full disk: what the writing raised is told
                file.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in rows of any patients."""
        if not self._files:
            self._kept.append(batch)
            return
        bucket = bucket_of(batch.column("patient"), self.count)
        ordered = batch.take(pa.array(np.argsort(bucket, kind="stable")))
        ends = np.cumsum(np.bincount(bucket, minlength=self.count)).tolist()
        for file, start, end in zip(self._files, [0, *ends[:-1]], ends, strict=True):
            if end > start:
                file.write_batch(ordered.slice(start, end - start))

    def end(self) -> None:
        """No more rows will come."""
        for file in self._files:
            file.close()

    def tables(self) -> Iterator[pa.Table]:
        """The rows of each bucket, in the order they came, after the end. A bucket's file is removed once it was read."""
        if not self._files:
            yield pa.Table.from_batches(self._kept, SENT)
            return
        for path in self._paths:
            with pa.memory_map(str(path)) as source:
                yield pa.ipc.open_file(source).read_all()
            path.unlink()


_LZ4 = pa.ipc.IpcWriteOptions(compression="lz4")


def bucket_of(patients: pa.Array, count: int) -> np.ndarray:
    """The bucket of each patient, by the fingerprint of the identifier."""
    return (fingerprints(patients) % np.uint64(count)).astype(np.uint8)
