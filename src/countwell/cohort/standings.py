"""STATUS of a whole store, row group by row group: counts by advice and due state, a list worst first, a file of all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import nsmallest
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from countwell.cohort.columns import STATES
from countwell.cohort.compare import PARTS, places
from countwell.cohort.in_order import in_order
from countwell.cohort.measured import NUMBERS, Moved
from countwell.cohort.measures.openness import is_over
from countwell.cohort.measures.seen import Ints
from countwell.cohort.passes import status_of
from countwell.cohort.plan import Plan
from countwell.cohort.protocols import parted, plans_of
from countwell.cohort.store import Arrays, RowGroup, Store
from countwell.cohort.whole import written_whole
from countwell.model.advice import CALM, RANKS

DUE_STATES = ("not scheduled", "not due", "due", "overdue", "never done")
OPEN, OVER = "open: at most is graver than at least", "course over"
WORDS = {row.place: row.words for _, row in RANKS} | {CALM.place: CALM.words}
Instant = date | datetime


@dataclass
class Standings:
    """What was counted. advice: by list place, gravest first; due: by (group, state); worst: the first so many of the list.

    without: patients whose protocol is not known, of whom nothing can be said.
    """

    patients: int = 0
    without: int = 0
    over: int = 0
    open: int = 0
    advice: Counter[int] = field(default_factory=Counter)
    due: Counter[tuple[str, str]] = field(default_factory=Counter)
    worst: list[tuple[int, int, int, str]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The counts, worst first; they add up to the patients of the store."""
        for place in sorted(self.advice):
            yield f"{self.advice[place]:>10,}  {WORDS[place]}"
        yield f"{self.over:>10,}  {OVER}"
        if self.without:
            yield f"{self.without:>10,}  no protocol: nothing can be said"
        yield f"{self.patients:>10,}  patients"
        yield f"{self.open:>10,}  of these {OPEN}"

    def due_lines(self) -> Iterator[str]:
        """Due states by test group."""
        groups = dict.fromkeys(group for group, _ in sorted(self.due))
        width = max((len(group) for group in groups), default=0)
        yield " " * width + "".join(f"{state:>15}" for state in DUE_STATES[1:])
        for group in groups:
            yield group.ljust(width) + "".join(f"{self.due[group, state]:>15,}" for state in DUE_STATES[1:])

    def listed(self) -> Iterator[str]:
        """The list: advice, patient."""
        yield from (
            f"{WORDS[place]:22} {'' if place == most else f'up to {WORDS[most]}':30} {who}"
            for place, most, _, who in self.worst
        )


def standings(
    store: Store,
    as_of: Instant,
    known_at: Instant | None = None,
    protocol: str | None = None,
    listed: int = 0,
    out: Path | None = None,
    moved: Moved | None = None,
) -> Standings:
    """STATUS of every patient under their own protocol, or all under one.

    listed: how many patients to name, worst first. out: a Parquet file to write. moved: told how many patients are done.
    """
    found, plans = Standings(), plans_of(store, protocol)
    groups = store.row_groups(patients=[*NUMBERS, "id"] if listed or out else None)
    with _Answers(out, plans) as answers:
        for parts in in_order(groups, lambda group: _answered(group, plans, protocol, as_of, known_at)):
            for name, part, status in parts:
                _count(found, part, status, plans[name].groups if name else (), listed)
                if name:
                    answers.write(name, part, status)
                if moved is not None:
                    moved(len(part.patients["patient"]))
    return found


Part = tuple[str, RowGroup, Arrays]


def _answered(
    group: RowGroup, plans: Mapping[str, Plan], protocol: str | None, as_of: Instant, known_at: Instant | None
) -> list[Part]:
    """STATUS of each protocol's patients; of those without one nothing."""
    parts = parted(group, protocol)
    return [(name, part, status_of(part, plans[name], as_of, known_at) if name else {}) for name, part in parts]


def _count(found: Standings, part: RowGroup, status: Arrays, groups: tuple[str, ...], listed: int) -> None:
    found.patients += len(part.patients["patient"])
    if not status:
        found.without += len(part.patients["patient"])
        return
    _add(found, status, groups)
    if listed:
        found.worst = nsmallest(listed, [*found.worst, *_rows(part, status)])


def _add(found: Standings, status: Arrays, groups: tuple[str, ...]) -> None:
    over = is_over(status["state"])
    here = ~over
    least, most = _places(status)
    found.over += int(over.sum())
    found.open += int((here & (most != least)).sum())
    found.advice.update(Counter(least[here].tolist()))
    for number, group in enumerate(groups):
        counts = np.bincount(status["due_state"][here, number], minlength=len(DUE_STATES))
        found.due.update({(group, state): int(n) for state, n in zip(DUE_STATES, counts, strict=True)})


def _places(status: Arrays) -> tuple[Ints, Ints]:
    """The list place of each patient's advice at least, and at most."""
    place = places()
    return place[tuple(status[p] for p in PARTS)], place[tuple(status[f"{p}_at_most"] for p in PARTS)]


def _rows(group: RowGroup, status: Arrays) -> Iterator[tuple[int, int, int, str]]:
    least, most = _places(status)
    for row in np.flatnonzero(~is_over(status["state"]) & ((least < CALM.place) | (most < CALM.place))):
        yield int(least[row]), int(most[row]), int(group.patients["patient"][row]), str(group.patients["id"][row])


class _Answers:
    """The Parquet file of all answers, if one is wanted; rules and groups by protocol stand in its metadata."""

    def __init__(self, path: Path | None, plans: Mapping[str, Plan]) -> None:
        self.path, self.plans = path, plans
        self.writer: pq.ParquetWriter | None = None
        self.whole = ExitStack()

    def __enter__(self) -> _Answers:
        return self

    def __exit__(self, *error: Any) -> None:
        if self.writer is not None:
            self.writer.close()
        self.whole.__exit__(*error)

    def write(self, protocol: str, group: RowGroup, status: Arrays) -> None:
        """The rows of some patients of one protocol."""
        if self.path is None:
            return
        table = pa.table(dict(self._columns(protocol, group, status)))
        if self.writer is None:
            said = {
                name: {"rules": [r.key for r in one.rules], "groups": list(one.groups)}
                for name, one in self.plans.items()
            }
            table = table.replace_schema_metadata({"countwell.status/1": json.dumps(said)})
            aside = self.whole.enter_context(written_whole(self.path))
            self.writer = pq.ParquetWriter(aside, table.schema, compression="zstd")
        self.writer.write_table(table.cast(self.writer.schema))

    def _columns(self, protocol: str, group: RowGroup, status: Arrays) -> Iterator[tuple[str, Any]]:
        yield "id", pa.array([str(word) for word in group.patients["id"]])
        yield "protocol", pa.array([protocol] * len(group.patients["id"]))
        yield "state", pa.array(np.array(STATES, dtype=object)[status["state"]])
        for name, column in status.items():
            if name not in ("state", "patient"):
                yield name, _column(column)


def _column(column: Ints) -> Any:
    """One column; of several per patient a list."""
    if column.ndim == 1:
        return pa.array(np.ascontiguousarray(column))
    offsets = np.arange(len(column) + 1, dtype=np.int32) * column.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.ascontiguousarray(column).reshape(-1)))
