"""A row group as measures see it: its tables, and what the pass has said of its patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countwell.cohort.store import Arrays, RowGroup

Ints = NDArray[Any]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of words: `place` (one per row) says which of `names`."""

    place: Ints
    names: tuple[str, ...]

    def of(self, rows: Ints | Mask) -> Coded:
        """The same column for some rows, or spread over rows by their patients."""
        return Coded(self.place[rows], self.names)


@dataclass(frozen=True, slots=True)
class Seen:
    """A row group, looked at up to the day `as_of` (days since 1970).

    first: number of its first patient. mine: which of its patients are looked at (one bool each), for instance those of one
    protocol. status, episodes, delays: what the pass gives; rules, groups: the names of their places.
    """

    group: RowGroup
    as_of: int
    mine: Mask
    status: Arrays | None = None
    episodes: Arrays | None = None
    delays: Arrays | None = None
    rules: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def first(self) -> int:
        """The number of the first patient of the group."""
        return int(self.group.patients["patient"][0]) if len(self.group.patients["patient"]) else 0

    @property
    def size(self) -> int:
        """How many patients the group has, looked at or not."""
        return len(self.group.patients["patient"])

    def of(self, table: Arrays, columns: Sequence[str], where: Mask | None = None) -> dict[str, Ints]:
        """Rows of a table that belong to patients looked at, with `patient` counted from 0 within the group."""
        patient = table["patient"].astype(np.int64) - self.first
        kept = self.mine[patient] if where is None else self.mine[patient] & where
        return {"patient": patient[kept], **{name: table[name][kept] for name in columns}}

    def events(self, kind: int, columns: Sequence[str]) -> dict[str, Ints]:
        """The events of one kind, up to the day looked at."""
        table = self.group.events
        return self.of(table, columns, (table["kind"] == kind) & (table["at_day"] <= self.as_of))


def words(manifest: Mapping[str, Any], name: str) -> list[str]:
    """A word list of a store. Raises KeyError if its manifest has none of that name."""
    return [str(word) for word in manifest[name]]
