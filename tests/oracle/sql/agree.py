"""SQL against the reference on many records: `python -m tests.oracle.sql.agree --patients N [--protocol cidp] [--seed S]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from countwell.engine.joined import Joined
from countwell.model.records import Record
from countwell.pack.load import load

from .ground import lay_out
from .reference import reference, tables_of
from .status import status

WITHIN = {"first_mg": 3, "low_mg": 3, "high_mg": 3, "ceiling_mg": 3}  # a weight is stored to the gram


class Difference(NamedTuple):
    """One column in which one patient's two answers differ."""

    patient: int
    column: str
    by_reference: Any
    by_sql: Any


def differences(protocol: str, records: Sequence[Record], as_of: datetime) -> Iterator[Difference]:
    """Where SQL and the reference say different things of these records, as of an instant."""
    packs = load(protocol, cases=False).packs
    joined = Joined(packs)
    patients, labs, events, words = tables_of(records)
    by_sql = status(lay_out(patients, labs, events, words), packs, as_of).of
    for number, record in enumerate(records):
        wanted = reference(joined, record, as_of)
        found = by_sql[number]
        for column, value in wanted.items():
            if not _agree(column, value, found[column]):
                yield Difference(number, column, value, found[column])


def _agree(column: str, one: Any, other: Any) -> bool:
    if column in WITHIN and one is not None and other is not None:
        return abs(one - other) <= WITHIN[column]
    return bool(one == other)
