"""Each patient under the rules of their own protocol, or all under one: a row group parted by protocol."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from countwell.cohort.measures.seen import Mask, words
from countwell.cohort.plan import Plan, plan
from countwell.cohort.store import Arrays, RowGroup, Store


def plans_of(store: Store, protocol: str | None) -> dict[str, Plan]:
    """The plan of each protocol that a store names; with `protocol` of that one. Raises PackError if it is not there."""
    named = [protocol] if protocol else [name for name in words(store.manifest, "protocols") if name]
    return {name: plan(name) for name in named}


def parted(group: RowGroup, protocol: str | None) -> Iterator[tuple[str, RowGroup]]:
    """(protocol, its patients) of a row group, "" for those of none; parts without patients are left out.

    Each part is a row group of its own: its patients are numbered on from the first of the whole.
    """
    if protocol:
        yield protocol, group
        return
    for place, name in enumerate(words(group.manifest, "protocols")):
        mine = group.patients["protocol"] == place
        if mine.any():
            yield name, group if mine.all() else only(group, mine)


def only(group: RowGroup, mine: Mask) -> RowGroup:
    """Some patients of a row group, in their order, numbered anew from the same first number. mine: one bool per patient."""
    first = int(group.patients["patient"][0])
    number = first + np.cumsum(mine) - 1
    people = {name: column[mine] for name, column in group.patients.items()}
    people["patient"] = number[mine].astype(np.int32)
    return RowGroup(
        group.manifest, people, _rows(group.labs, mine, number, first), _rows(group.events, mine, number, first)
    )


def _rows(table: Arrays, mine: Mask, number: np.ndarray, first: int) -> Arrays:
    if not table:
        return table
    patient = table["patient"] - first
    kept = mine[patient]
    rows = {name: column[kept] for name, column in table.items()}
    return rows | {"patient": number[patient[kept]].astype(np.int32)}
