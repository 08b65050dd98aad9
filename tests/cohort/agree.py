"""Whether an engine says of patients at random what the reference says: `cd tests; python -m cohort.agree --patients N --seed S`.

Prints how many rows differ by column, rule and group, and of each the smallest record, so made small that no event can go.
With `--engine none` it prints instead how often each rule held, so that one sees what the patients reach.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from cohort import as_reference
from cohort.engines import ENGINES, Engine
from cohort.patients_at_random import FURTHER, PROTOCOLS, as_of, records
from countwell.cohort.of_record import write_records
from countwell.cohort.plan import Plan, plan
from countwell.exchange.record_json import read_record
from countwell.questions.ask import joined

Json = dict[str, Any]

AT_ONCE = 250
# A dose per kg is worked out from a weight that is stored to the gram: up to 3 mg per kg, so many thousandths of a mg.
WITHIN = {"first_mg": 3, "low_mg": 3, "high_mg": 3, "ceiling_mg": 3}


class Difference(NamedTuple):
    """One field of one patient: what the reference says, and what the engine says."""

    field: str
    wanted: int
    found: int


class Case(NamedTuple):
    """A patient with a difference."""

    protocol: str
    document: Json
    difference: Difference


class Told(NamedTuple):
    """What became of some patients."""

    patients: int
    differing: int
    differences: Counter[str]
    smallest: dict[str, Case]
    held: Counter[str]


def say(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(f"{text}\n")


@lru_cache
def laid_out(protocol: str) -> Plan:
    return plan(protocol)


def compare(
    protocol: str, documents: Sequence[Json], instant: datetime, engine: Engine
) -> Iterator[tuple[int, Difference]]:
    """Every difference between the reference and the engine, with the number of the patient."""
    return from_reference(protocol, documents, instant, said(protocol, documents, instant, engine))


def said(protocol: str, documents: Sequence[Json], instant: datetime, engine: Engine) -> Mapping[str, Any]:
    """What an engine says: the columns of STATUS."""
    with TemporaryDirectory() as folder:
        store = write_records([read_record(document) for document in documents], Path(folder) / "store")
        return engine(store, laid_out(protocol), instant)


def from_reference(
    protocol: str, documents: Sequence[Json], instant: datetime, found: Mapping[str, Any]
) -> Iterator[tuple[int, Difference]]:
    """Every difference between the reference and what an engine said, patient by patient."""
    for number, document in enumerate(documents):
        row = as_reference.status(read_record(document), joined(protocol), laid_out(protocol), instant)
        for difference in _row(row, found, number, laid_out(protocol)):
            yield number, difference


def _row(row: Json, found: Mapping[str, Any], number: int, of: Plan) -> Iterator[Difference]:
    for name, wanted in row.items():
        if name not in found:
            yield Difference(f"{name} is missing", 0, 0)
        elif not isinstance(wanted, list):
            if abs(int(found[name][number]) - wanted) > WITHIN.get(name, 0):
                yield Difference(name, wanted, int(found[name][number]))
        elif name in ("surely", "possibly"):
            yield from _bits(name, wanted, [int(word) for word in found[name][number]], of)
        else:
            row_found = [int(value) for value in found[name][number]]
            for group, one, other in zip(of.groups, wanted, row_found, strict=True):
                if one != other:
                    yield Difference(f"{name} {group}", one, other)


def _bits(name: str, wanted: list[int], found: list[int], of: Plan) -> Iterator[Difference]:
    for rule in of.rules:
        word, bit = divmod(rule.place, as_reference.WORD)
        one, other = wanted[word] >> bit & 1, (found[word] % 2**as_reference.WORD) >> bit & 1
        if one != other:
            yield Difference(f"{name} {rule.key}", one, other)


def work(task: tuple[str, int, int, int, str]) -> Told:
    """Some patients of one protocol: first, first + 1 … of a seed."""
    protocol, seed, first, count, engine = task
    as_reference.without_sentences()
    instant = as_of(seed)
    documents = list(records(protocol, count, seed, instant, first))
    if engine == "none":
        return Told(count, 0, Counter(), {}, _held(protocol, documents, instant))
    differences: Counter[str] = Counter()
    smallest: dict[str, Case] = {}
    differing = set()
    for number, difference in compare(protocol, documents, instant, ENGINES[engine]):
        field = difference.field
        differing.add(number)
        differences[f"{protocol}: {field}"] += 1
        case = Case(protocol, documents[number], difference)
        if field not in smallest or _size(case) < _size(smallest[field]):
            smallest[field] = case
    return Told(count, len(differing), differences, smallest, Counter())


def _size(case: Case) -> int:
    return len(case.document["events"])


def _held(protocol: str, documents: Sequence[Json], instant: datetime) -> Counter[str]:
    held: Counter[str] = Counter({f"{protocol}: {rule.key}": 0 for rule in laid_out(protocol).rules})
    for document in documents:
        row = as_reference.status(read_record(document), joined(protocol), laid_out(protocol), instant)
        for rule in laid_out(protocol).rules:
            word, bit = divmod(rule.place, as_reference.WORD)
            held[f"{protocol}: {rule.key}"] += row["surely"][word] >> bit & 1
    return held


def small(case: Case, instant: datetime, engine: Engine) -> Case:
    """The same difference with as few events as can be. Each round leaves out every event in turn, all tries at one go; of those
    that can go alone, then as many as can go together."""
    while can_go := [place for place, one in enumerate(_tried(case, _without_each(case), instant, engine)) if one]:
        shares = [can_go[: -(-len(can_go) // 2**halved)] for halved in range(len(can_go).bit_length() + 1)]
        tries = [_without(case, share) for share in shares]
        case = next(smaller for smaller in _tried(case, tries, instant, engine) if smaller)
    return case


def _without_each(case: Case) -> list[Json]:
    return [_without(case, [place]) for place in range(_size(case))]


def _without(case: Case, places: Sequence[int]) -> Json:
    events = [event for place, event in enumerate(case.document["events"]) if place not in places]
    return {**case.document, "events": events}


def _tried(case: Case, documents: Sequence[Json], instant: datetime, engine: Engine) -> list[Case | None]:
    """Each of some smaller records as a case of the same difference, or None if it shows none."""
    found: list[Case | None] = [None] * len(documents)
    for number, difference in compare(case.protocol, documents, instant, engine) if documents else ():
        if difference.field == case.difference.field:
            found[number] = Case(case.protocol, documents[number], difference)
    return found


def together(told: Sequence[Told]) -> Told:
    """All of it as one."""
    smallest: dict[str, Case] = {}
    for one in told:
        for field, case in one.smallest.items():
            if field not in smallest or _size(case) < _size(smallest[field]):
                smallest[field] = case
    counted, held = Counter[str](), Counter[str]()
    for one in told:
        counted.update(one.differences)
        held.update(one.held)
    return Told(sum(t.patients for t in told), sum(t.differing for t in told), counted, smallest, held)


def main(arguments: Sequence[str]) -> int:
    """0 if all agree, 1 if not."""
    parser = argparse.ArgumentParser(prog="cohort.agree", description=__doc__)
    parser.add_argument("--patients", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--engine", choices=[*ENGINES, "none"], default="pass")
    parser.add_argument("--protocol", choices=[*PROTOCOLS, *FURTHER], action="append", help="default: cidp, mg, aih")
    parser.add_argument("--show", type=int, default=5, help="how many records are made small and printed")
    asked = parser.parse_args(arguments)
    protocols = asked.protocol or PROTOCOLS
    each = -(-asked.patients // len(protocols))
    tasks = [
        (protocol, asked.seed, first, min(AT_ONCE, each - first), asked.engine)
        for protocol in protocols
        for first in range(0, each, AT_ONCE)
    ]
    begun = time.perf_counter()
    with ProcessPoolExecutor(asked.processes, get_context("spawn")) as pool:
        told = together(list(pool.map(work, tasks)))
    say(
        f"{told.patients} patients as of {as_of(asked.seed)}: {told.differing} differ. {time.perf_counter() - begun:.0f} s."
    )
    for field, count in (told.held or told.differences).most_common():
        say(f"{count:8} {field}")
    if asked.engine != "none":
        _show(told, asked.show, as_of(asked.seed), ENGINES[asked.engine])
    return 1 if told.differing else 0


def _show(told: Told, most: int, instant: datetime, engine: Engine) -> None:
    for case in sorted(told.smallest.values(), key=_size)[:most]:
        case = small(case, instant, engine)
        say(
            f"\n{case.protocol}, {case.difference.field}: {case.difference.wanted} wanted, {case.difference.found} found"
        )
        say(json.dumps(case.document, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
