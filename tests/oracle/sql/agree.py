"""SQL against the reference on many records: `cd tests; python -m oracle.sql.agree --patients N --protocol cidp --seed S`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from countwell.engine.joined import Joined
from countwell.exchange.record_json import read_record
from countwell.model.pack import Pack
from countwell.model.records import Record
from countwell.pack.load import load

from .ground import lay_out
from .reference import reference, tables_of
from .status import status

AT_ONCE = 1000
SHOWN = 10
WITHIN = {
    "low_mg": 3,
    "high_mg": 3,
    "ceiling_mg": 3,
}  # thousandths of a mg: a weight is stored to the gram, at most 3 mg a kg
PROTOCOLS = ("cidp", "mg", "aih")


class Difference(NamedTuple):
    """One column in which the two answers about one patient differ."""

    patient: int
    column: str
    by_reference: Any
    by_sql: Any


def differences(packs: Sequence[Pack], records: Sequence[Record], as_of: datetime) -> Iterator[Difference]:
    """Where SQL and the reference say different things of these records, known and asked as of an instant with its offset.

    packs: a protocol, then its layers.
    """
    by_sql = status(lay_out(*tables_of(records)), packs, as_of).of
    joined = Joined(packs)
    for number, record in enumerate(records):
        found = by_sql[number]
        for column, wanted in reference(joined, record, as_of).items():
            if not agrees(column, wanted, found[column]):
                yield Difference(number, column, wanted, found[column])


def agrees(column: str, one: Any, other: Any) -> bool:
    """Whether two values of a column are the same; a dose per kg may differ as much as a gram of weight makes."""
    if column in WITHIN and one is not None and other is not None:
        return abs(one - other) <= WITHIN[column]
    return bool(one == other)


def shown(difference: Difference) -> str:
    """One line: what stands on one side alone."""
    one, other = difference.by_reference, difference.by_sql
    if isinstance(one, set):
        one, other = one - other, other - one
    if isinstance(one, dict):
        pairs = {name: (one.get(name), other.get(name)) for name in {*one, *other} if one.get(name) != other.get(name)}
        one, other = {n: pair[0] for n, pair in pairs.items()}, {n: pair[1] for n, pair in pairs.items()}
    return f"patient {difference.patient}, {difference.column}: reference {one}, SQL {other}"


class Task(NamedTuple):
    """Some records of one protocol, as of an instant. first: the number of the first."""

    protocol: str
    records: Sequence[Record]
    as_of: datetime
    first: int


def main(arguments: Sequence[str]) -> int:
    """0 if all agree, 1 if not. Patients at random, a thousand at a time, or the records on the edges."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--protocol", choices=PROTOCOLS, action="append", help="default: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--edges", type=date.fromisoformat, help="instead: every number and window, at the end of this day"
    )
    asked = parser.parse_args(arguments)
    protocols = asked.protocol or PROTOCOLS
    tasks = _edges(protocols, asked.edges) if asked.edges else _at_random(protocols, asked.patients, asked.seed)
    found: Counter[str] = Counter()
    for task in tasks:
        begun = time.perf_counter()
        here = list(differences(load(task.protocol, cases=False).packs, task.records, task.as_of))
        found.update(f"{task.protocol} {difference.column}" for difference in here)
        lines = [shown(difference._replace(patient=task.first + difference.patient)) for difference in here[:SHOWN]]
        many = f"{task.protocol} {task.first}+{len(task.records)} as of {task.as_of}"
        done = f"{many}: {len(here)} differences, {time.perf_counter() - begun:.0f} s"
        sys.stdout.write("\n".join([done, *lines, ""]))
        sys.stdout.flush()
    sys.stdout.write(f"{dict(found) or 'all agree'}\n")
    return 1 if found else 0


def _at_random(protocols: Sequence[str], patients: int, seed: int) -> Iterator[Task]:
    from cohort.as_reference import without_sentences
    from cohort.patients_at_random import as_of, records

    without_sentences()
    for protocol in protocols:
        for first in range(0, patients, AT_ONCE):
            made = records(protocol, min(AT_ONCE, patients - first), seed, as_of(seed), first)
            yield Task(protocol, [read_record(one) for one in made], as_of(seed), first)


def _edges(protocols: Sequence[str], day: date) -> Iterator[Task]:
    from .edges import documents

    end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=ZoneInfo("Europe/London"))
    for protocol in protocols:
        made = documents(load(protocol, cases=False).packs, day)
        yield Task(protocol, [read_record(one) for one in made], end, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
