"""What a pass gives of one row group, as a table and as one file that is there whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from countwell.cohort.whole import written_whole


def table_of(columns: Mapping[str, NDArray[Any]]) -> pa.Table:
    """Columns by name; an array of two dimensions becomes a column of lists of that length."""
    return pa.table({name: _column(array) for name, array in columns.items()})


def _column(array: NDArray[Any]) -> pa.Array:
    if array.ndim == 1:
        return pa.array(array)
    flat = pa.array(np.ascontiguousarray(array).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, array.shape[1])


def write_whole(table: pa.Table, file: Path) -> None:
    """Writes a Parquet file that is there whole or not at all; a second worker at the same task leaves the same one file."""
    with written_whole(file) as aside:
        pq.write_table(table, aside, compression="zstd")
