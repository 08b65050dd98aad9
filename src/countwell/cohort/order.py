"""The order that every reader of a store relies on, checked over whole columns at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countwell.base.errors import CohortError

Arrays = Mapping[str, NDArray[Any]]

# The columns by which the rows of a table are sorted. A day stands for its instant where only the day was asked for.
ORDER: Mapping[str, Sequence[str]] = {
    "patients": ("patient",),
    "labs": ("patient", "collected", "test", "known", "ref"),
    "events": ("patient", "at", "kind", "ref"),
}
DAYS = {"collected": "collected_day", "at": "at_day"}


def refuse_disorder(where: str, table: str, columns: Arrays, first: int, count: int) -> None:
    """Raises CohortError, saying where, unless these are rows of the patients first, first + 1 … first + count - 1 in order.

    Of `patients` each stands once. Of the others the order is checked as far as its columns are there, one after the other.
    """
    patient = columns["patient"]
    if table == "patients":
        if not np.array_equal(patient, np.arange(first, first + count, dtype=patient.dtype)):
            raise CohortError(f"{where}: the patients are not numbered one after the other. Import it again.")
        return
    if len(patient) and (patient[0] < first or patient[-1] >= first + count):
        raise CohortError(f"{where}: holds rows of patients of another row group. Import it again.")
    _refuse_unsorted(where, table, columns)


def _refuse_unsorted(where: str, table: str, columns: Arrays) -> None:
    same: NDArray[np.bool_] | None = None
    for name in ORDER[table]:
        column = columns.get(name, columns.get(DAYS.get(name, "")))
        if column is None:
            return
        falls = column[1:] < column[:-1] if same is None else same & (column[1:] < column[:-1])
        if falls.any():
            raise CohortError(f"{where}: is not in order of {name}. Import it again.")
        equal = column[1:] == column[:-1]
        same = equal if same is None else same & equal
        if name not in columns:
            return
