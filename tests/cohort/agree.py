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
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from cohort import as_reference
from cohort.chosen import FURTHER, PROTOCOLS, joined, laid_out
from cohort.engines import ENGINES, Engine
from cohort.patients_at_random import as_of, records
from countwell.cohort.of_record import write_records
from countwell.cohort.plan import Plan
from countwell.cohort.store import Store
from countwell.exchange.record_json import read_record
from countwell.facts.past import Past, past_of

Json = dict[str, Any]

AT_ONCE = 250
# Each patient is asked about as of an instant, and again so many days off it: what is met on a day is then just not, or just over.
DAYS_OFF = (0, 1, -1, 30, -7, 100)
# A dose per kg is worked out from a weight that is stored to the gram: up to 3 mg per kg, so many thousandths of a mg.
WITHIN = {"first_mg": 3, "low_mg": 3, "high_mg": 3, "ceiling_mg": 3}


class Difference(NamedTuple):
    """One field of one patient: what the reference says, and what the engine says."""

    field: str
    wanted: int
    found: int


class Case(NamedTuple):
    """A patient with a difference. rules: the name under which they stand in `chosen`."""

    rules: str
    document: Json
    instant: datetime
    difference: Difference


class Told(NamedTuple):
    """What became of some patients. asked: how often they were asked about; differing: of how many an engine says otherwise."""

    patients: int
    asked: int
    differing: int
    differences: Counter[str]
    smallest: dict[str, Case]
    held: Counter[str]


def say(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(f"{text}\n")


@contextmanager
def stored(documents: Sequence[Json]) -> Iterator[tuple[list[Past], Store]]:
    """Records read once: as the reference asks them, and as a store."""
    read = [read_record(document) for document in documents]
    with TemporaryDirectory() as folder:
        yield [past_of(record) for record in read], write_records(read, Path(folder) / "store")


def compare(
    rules: str, documents: Sequence[Json], instant: datetime, engine: Engine
) -> Iterator[tuple[int, Difference]]:
    """Every difference between the reference and the engine, with the number of the patient."""
    with stored(documents) as (pasts, store):
        yield from from_reference(rules, pasts, instant, engine(store, laid_out(rules), instant))


def from_reference(
    rules: str, pasts: Sequence[Past], instant: datetime, said: Mapping[str, Any]
) -> Iterator[tuple[int, Difference]]:
    """Every difference between the reference and what an engine said, patient by patient."""
    found = plain(said)
    for number, past in enumerate(pasts):
        row = as_reference.status(past, joined(rules), laid_out(rules), instant)
        for difference in differing(row, found, number, laid_out(rules)):
            yield number, difference


def plain(said: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Columns as lists of whole numbers; words of bits without a sign."""
    rows = {name: column.tolist() if hasattr(column, "tolist") else list(column) for name, column in said.items()}
    for name in rows.keys() & {"surely", "possibly"}:
        rows[name] = [[int(word) % 2**as_reference.WORD for word in row] for row in rows[name]]
    return rows


def differing(row: Json, found: Mapping[str, list[Any]], number: int, of: Plan) -> Iterator[Difference]:
    """Every difference of one row from row `number` of the columns, which hold whole numbers or lists of them."""
    for name, wanted in row.items():
        if name not in found:
            yield Difference(f"{name} is missing", 0, 0)
            continue
        one = found[name][number]
        if one == wanted:
            continue
        if not isinstance(wanted, list):
            if abs(one - wanted) > WITHIN.get(name, 0):
                yield Difference(name, wanted, int(one))
        elif name in ("surely", "possibly"):
            yield from _bits(name, wanted, one, of)
        else:
            groups = zip(of.groups, wanted, one, strict=True)
            yield from (Difference(f"{name} {group}", w, int(f)) for group, w, f in groups if w != f)


def _bits(name: str, wanted: list[int], found: list[int], of: Plan) -> Iterator[Difference]:
    for rule in of.rules:
        word, bit = divmod(rule.place, as_reference.WORD)
        one, other = wanted[word] >> bit & 1, found[word] >> bit & 1
        if one != other:
            yield Difference(f"{name} {rule.key}", one, other)


class Task(NamedTuple):
    """Some patients under one set of rules: number `first` of a seed and those after it, each asked about so many times."""

    rules: str
    seed: int
    first: int
    count: int
    engine: str
    times: int


def instants_of(seed: int, times: int) -> list[datetime]:
    """The instant of a seed, and others some days off it."""
    return [as_of(seed) + timedelta(days=days) for days in DAYS_OFF[:times]]


def work(task: Task) -> Told:
    """What an engine says of some patients, held against the reference."""
    as_reference.without_sentences()
    documents = list(records(task.rules, task.count, task.seed, as_of(task.seed), task.first))
    if task.engine == "none":
        return Told(task.count, task.count, 0, Counter(), {}, _held(task.rules, documents, as_of(task.seed)))
    counted: Counter[str] = Counter()
    smallest: dict[str, Case] = {}
    who = set()
    with stored(documents) as (pasts, store):
        for instant in instants_of(task.seed, task.times):
            said = ENGINES[task.engine](store, laid_out(task.rules), instant)
            for number, difference in from_reference(task.rules, pasts, instant, said):
                field = difference.field
                who.add(number)
                counted[f"{task.rules}: {field}"] += 1
                case = Case(task.rules, documents[number], instant, difference)
                if field not in smallest or _size(case) < _size(smallest[field]):
                    smallest[field] = case
    return Told(task.count, task.count * task.times, len(who), counted, smallest, Counter())


def _size(case: Case) -> int:
    return len(case.document["events"])


def _held(rules: str, documents: Sequence[Json], instant: datetime) -> Counter[str]:
    held: Counter[str] = Counter({f"{rules}: {rule.key}": 0 for rule in laid_out(rules).rules})
    for document in documents:
        row = as_reference.status(past_of(read_record(document)), joined(rules), laid_out(rules), instant)
        for rule in laid_out(rules).rules:
            word, bit = divmod(rule.place, as_reference.WORD)
            held[f"{rules}: {rule.key}"] += row["surely"][word] >> bit & 1
    return held


def small(case: Case, engine: Engine) -> Case:
    """The same difference with as few events as can be. Each round leaves out every event in turn, all tries at one go; of those
    that can go alone, then as many as can go together."""
    while can_go := [place for place, one in enumerate(_tried(case, _without_each(case), engine)) if one]:
        shares = [can_go[: -(-len(can_go) // 2**halved)] for halved in range(len(can_go).bit_length() + 1)]
        tries = [_without(case, share) for share in shares]
        case = next(smaller for smaller in _tried(case, tries, engine) if smaller)
    return case


def _without_each(case: Case) -> list[Json]:
    return [_without(case, [place]) for place in range(_size(case))]


def _without(case: Case, places: Sequence[int]) -> Json:
    events = [event for place, event in enumerate(case.document["events"]) if place not in places]
    return {**case.document, "events": events}


def _tried(case: Case, documents: Sequence[Json], engine: Engine) -> list[Case | None]:
    """Each of some smaller records as a case of the same difference, or None if it shows none."""
    found: list[Case | None] = [None] * len(documents)
    for number, difference in compare(case.rules, documents, case.instant, engine) if documents else ():
        if difference.field == case.difference.field:
            found[number] = case._replace(document=documents[number], difference=difference)
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
    patients, asked, differing = (sum(each) for each in zip(*(t[:3] for t in told), strict=True))
    return Told(patients, asked, differing, counted, smallest, held)


def main(arguments: Sequence[str]) -> int:
    """0 if all agree, 1 if not."""
    parser = argparse.ArgumentParser(prog="cohort.agree", description=__doc__)
    parser.add_argument("--patients", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--times", type=int, choices=range(1, len(DAYS_OFF) + 1), default=1, help="instants per patient"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--engine", choices=[*ENGINES, "none"], default="pass")
    parser.add_argument(
        "--protocol", choices=[*PROTOCOLS, *FURTHER, "all"], action="append", help="default: cidp, mg, aih"
    )
    parser.add_argument("--show", type=int, default=5, help="how many records are made small and printed")
    asked = parser.parse_args(arguments)
    named = (*PROTOCOLS, *FURTHER) if asked.protocol == ["all"] else asked.protocol or PROTOCOLS
    each = -(-asked.patients // len(named))
    tasks = [
        Task(rules, asked.seed, first, min(AT_ONCE, each - first), asked.engine, asked.times)
        for rules in named
        for first in range(0, each, AT_ONCE)
    ]
    begun = time.perf_counter()
    with ProcessPoolExecutor(asked.processes, get_context("spawn")) as pool:
        told = together(list(pool.map(work, tasks)))
    say(
        f"{told.patients} patients, asked about {told.asked} times, as of {as_of(asked.seed)} and about it: "
        f"{told.differing} differ. {time.perf_counter() - begun:.0f} s."
    )
    for field, count in (told.held or told.differences).most_common():
        say(f"{count:8} {field}")
    _show(told, asked.show, ENGINES.get(asked.engine))
    return 1 if told.differing else 0


def _show(told: Told, most: int, engine: Engine | None) -> None:
    for case in sorted(told.smallest.values(), key=_size)[:most] if engine else ():
        case = small(case, engine)
        field, wanted, found = case.difference
        say(f"\n{case.rules} as of {case.instant}, {field}: {wanted} wanted, {found} found")
        say(json.dumps(case.document, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
