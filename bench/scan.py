"""What a pass is measured against: reading the columns that it needs, by pyarrow, with two threads over the row groups."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from countwell.cohort.store import RowGroup, Store
from countwell.cohort.tables import EVENTS_READ, LABS_READ, PATIENTS_READ


def read(store: Store, place: Any) -> RowGroup:
    """One row group: the columns that a pass reads, and `patient`."""
    return store.read(place, patients=list(PATIENTS_READ), labs=list(LABS_READ), events=list(EVENTS_READ))


def scan(store: Store, threads: int = 2) -> int:
    """Decodes every column of every row group into arrays and looks at nothing; the bytes in memory."""
    import pyarrow.parquet as pq

    wanted = {"patients": PATIENTS_READ, "labs": LABS_READ, "events": EVENTS_READ}

    def one(place: Any) -> int:
        size = 0
        for table, columns in wanted.items():
            with pq.ParquetFile(store.files(table)[place.part]) as file:
                rows = file.read_row_group(place.group, columns=["patient", *columns], use_threads=False)
            size += sum(rows.column(name).combine_chunks().to_numpy().nbytes for name in rows.column_names)
        return size

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(one, store.places))


def size(store: Store) -> int:
    """Bytes on disk."""
    return sum(file.stat().st_size for table in ("patients", "labs", "events") for file in store.files(table))
