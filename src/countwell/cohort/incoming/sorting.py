"""The order of many rows by several columns of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ROOM = 1 << 62  # more do not fit into one number


def by_number(numbers: np.ndarray) -> np.ndarray:
    """The places of numbers from 0 on in their order; equal ones stay as they stand. Short numbers are sorted faster."""
    few = len(numbers) == 0 or numbers.max() <= np.iinfo(np.uint16).max
    return np.argsort(numbers.astype(np.uint16) if few else numbers, kind="stable")


def in_order(columns: Sequence[np.ndarray]) -> np.ndarray:
    """The numbers of the rows in order of the columns, the first of which counts most. One column at least; none may be empty
    of rows that another has.

    As many columns as have room go into one number for each row; only rows that are alike in it are sorted by the rest.
    """
    if not len(columns[0]):
        return np.zeros(0, np.int64)
    key, packed = _packed(columns)
    order = np.argsort(key)
    same = key[order][1:] == key[order][:-1]
    alike = np.flatnonzero(np.append(same, False) | np.append(False, same))
    rows = order[alike]
    order[alike] = rows[np.lexsort([column[rows] for column in (*columns[packed:][::-1], key)])]
    return order


def _packed(columns: Sequence[np.ndarray]) -> tuple[np.ndarray, int]:
    """One number for each row that orders them as the first columns do, and how many of these went into it."""
    key, room = np.zeros(len(columns[0]), np.int64), ROOM
    for place, column in enumerate(columns):
        low, high = int(column.min()), int(column.max())
        if high - low >= ROOM:
            return key, place
        above = column.astype(np.int64) - low
        step = int(np.gcd.reduce(above)) or 1
        size = (high - low) // step + 1
        if size > room:
            return key, place
        key = key * size + (above // step if step > 1 else above)
        room //= size
    return key, len(columns)
