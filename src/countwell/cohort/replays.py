"""REPLAY of a whole store: episodes of rules and delays of tests, counted, and as two Parquet files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from countwell.cohort.columns import NEVER_DAY
from countwell.cohort.in_order import in_order
from countwell.cohort.measured import NUMBERS, Moved
from countwell.cohort.measures.happened import delays, episodes
from countwell.cohort.measures.seen import Ints
from countwell.cohort.passes import replay_of
from countwell.cohort.plan import Plan
from countwell.cohort.protocols import parted, plans_of
from countwell.cohort.store import Arrays, RowGroup, Store
from countwell.cohort.whole import written_whole


@dataclass
class Replayed:
    """What was counted. points: decision points; rules: episodes by rule; tests: due dates met, and not met, by group."""

    points: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    tests: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def lines(self) -> Iterator[str]:
        """The counts as lines."""
        yield f"{self.points:>12,}  decision points"
        for group in sorted({group for group, _ in self.tests}):
            yield f"{self.tests[group, True]:>12,}  due dates of {group} answered, {self.tests[group, False]:,} not"
        for rule, count in self.rules.most_common():
            yield f"{count:>12,}  episodes of {rule}"


def replay(
    store: Store, until: date, protocol: str | None = None, out: Path | None = None, moved: Moved | None = None
) -> Replayed:
    """REPLAY of every patient under their own protocol, or all under one.

    out: a folder that gets `episodes.parquet` (patient, rule, begun_day, ended_day) and `delays.parquet`
    (patient, group, due_by, done_day).
    """
    found, plans = Replayed(), plans_of(store, protocol)
    with _Files(out) as files:
        for parts in in_order(_groups(store, out), lambda group: _replayed(group, plans, protocol, until)):
            for name, part, points in parts:
                if name:
                    _add(found, part, points, plans[name], files)
                if moved is not None:
                    moved(len(part.patients["patient"]))
    return found


def _replayed(
    group: RowGroup, plans: Mapping[str, Plan], protocol: str | None, until: date
) -> list[tuple[str, RowGroup, Arrays]]:
    """The decision points of each protocol's patients; of those without one none."""
    parts = parted(group, protocol)
    return [(name, part, replay_of(part, plans[name], until) if name else {}) for name, part in parts]


def _groups(store: Store, out: Path | None) -> Iterator[RowGroup]:
    """The row groups; with the senders' identifiers if they are to be written."""
    return store.row_groups(patients=[*NUMBERS, "id"] if out else None)


def _add(found: Replayed, group: RowGroup, points: Arrays, rules: Plan, files: _Files) -> None:
    names = np.array([rule.key for rule in rules.rules], dtype=object)
    groups = np.array(rules.groups, dtype=object)
    lasted, tested = episodes(points, len(names)), delays(points, len(groups))
    found.points += len(points["patient"])
    found.rules.update(Counter(names[lasted["rule"]].tolist()))
    found.tests.update(zip(groups[tested["group"]].tolist(), (tested["done_day"] < NEVER_DAY).tolist(), strict=True))
    files.write("episodes", group, {**lasted, "rule": names[lasted["rule"]]})
    files.write("delays", group, {**tested, "group": groups[tested["group"]]})


class _Files:
    """The Parquet files, if they are wanted. Days are dates; what has not come is null."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.open: dict[str, pq.ParquetWriter] = {}
        self.whole = ExitStack()

    def __enter__(self) -> _Files:
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *error: Any) -> None:
        for writer in self.open.values():
            writer.close()
        self.whole.__exit__(*error)

    def write(self, name: str, group: RowGroup, columns: Mapping[str, Ints]) -> None:
        """Some rows of one of the files, each with its patient's identifier in the place of the number."""
        if self.folder is None:
            return
        who = columns["patient"] - group.patients["patient"][0]
        columns = {**columns, "patient": group.patients["id"][who]}
        table = pa.table({column: _dated(column, values) for column, values in columns.items()})
        if name not in self.open:
            aside = self.whole.enter_context(written_whole(self.folder / f"{name}.parquet"))
            self.open[name] = pq.ParquetWriter(aside, table.schema, compression="zstd")
        self.open[name].write_table(table)


def _dated(name: str, values: Ints) -> Any:
    if not name.endswith(("_day", "_by")):
        return pa.array(values)
    return pa.array(values.astype(np.int32), mask=values == NEVER_DAY).cast(pa.date32())
