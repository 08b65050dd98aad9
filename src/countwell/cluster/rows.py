"""What a pass gives of one row group, as a table and as one file that is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray


def table_of(columns: Mapping[str, NDArray[Any]]) -> pa.Table:
    """Columns by name; an array of two dimensions becomes a column of lists of that length."""
    return pa.table({name: _column(array) for name, array in columns.items()})


def _column(array: NDArray[Any]) -> pa.Array:
    if array.ndim == 1:
        return pa.array(array)
    flat = pa.array(np.ascontiguousarray(array).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, array.shape[1])


def write_whole(table: pa.Table, file: Path) -> None:
    """Writes a Parquet file aside and renames it: a second worker at the same task leaves the same one file."""
    aside = file.with_name(f".{file.name}.{os.uname().nodename}-{os.getpid()}")
    try:
        with aside.open("wb") as opened:
            pq.write_table(table, opened, compression="zstd")
            opened.flush()
            os.fsync(opened.fileno())
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
