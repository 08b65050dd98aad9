"""SQL against the reference on many records: `cd tests; python -m oracle.sql.agree --patients N --protocol cidp --seed S`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from countwell.engine.joined import Joined
from countwell.exchange.record_json import read_record
from countwell.model.pack import Pack
from countwell.model.records import Record
from countwell.pack.load import load

from .ground import lay_out
from .reference import reference, tables_of
from .status import status

AT_ONCE = 1000
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


def main(arguments: Sequence[str]) -> int:
    """0 if all agree, 1 if not. Patients at random, a thousand at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--protocol", choices=PROTOCOLS, action="append", help="default: all")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from cohort.as_reference import without_sentences
    from cohort.patients_at_random import as_of, records

    without_sentences()
    found: Counter[str] = Counter()
    for protocol in asked.protocol or PROTOCOLS:
        for first in range(0, asked.patients, AT_ONCE):
            begun, count = time.perf_counter(), min(AT_ONCE, asked.patients - first)
            documents = records(protocol, count, asked.seed, as_of(asked.seed), first)
            here = list(
                differences(
                    load(protocol, cases=False).packs, [read_record(one) for one in documents], as_of(asked.seed)
                )
            )
            found.update(f"{protocol} {difference.column}" for difference in here)
            lines = [shown(difference._replace(patient=first + difference.patient)) for difference in here[:10]]
            done = f"{protocol} {first + count}: {len(here)} differences, {time.perf_counter() - begun:.0f} s"
            sys.stdout.write("\n".join([done, *lines, ""]))
            sys.stdout.flush()
    sys.stdout.write(f"{dict(found) or 'all agree'}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
