"""One job done by Countwell and, as a user would write it, by DuckDB SQL, Polars and pandas: equal answers, times, memory.

    python bench/peers.py STORE [--rounds 5] [--without pandas]

STORE: a plain register (`cohort_register.py store FOLDER --plain`), on which tools that know nothing of corrections can be
right. The job (peers.yaml), for every patient as of 30 June 2026, noon UTC: the state of the course; the worst grade of the
newest white cells, neutrophils, platelets and ALT against its limit; the day by which white cells are due. Answers are
compared whole.
Rounds alternate within one process; memory is the peak of a fresh process per tool.
"""

import argparse
import statistics
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
from cohort_measured import Round, busy, peak_of, timed
from common import heading, table

from countwell.cohort import columns as c
from countwell.cohort.store import open_store
from countwell.pack.load import load

PACK = Path(__file__).with_name("peers.yaml")
AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
ENGINES = ("countwell", "duckdb", "polars", "pandas")
MODULES = {"countwell": "peers_pass", "duckdb": "peers_sql", "polars": "peers_polars", "pandas": "peers_pandas"}
DECISIONS = ("start", "restart", "raise", "reduce", "hold", "stop", "transfer-in", "transfer-out")


def words(store: Path) -> dict[str, Any]:
    """What the peers are told: places of words in the store's lists, and the numbers of the pack in thousandths or days."""
    lists = open_store(store).manifest
    tests = {name: lists["tests"].index(name) for name in ("wbc", "neutrophils", "platelets", "alt")}
    dos = {name.replace("-", "_"): lists["dos"].index(name) for name in DECISIONS}
    dos["raise_"] = dos.pop("raise")
    at = int(AS_OF.timestamp()) * 1_000_000
    kinds = {"decision": c.DECISION, "died": c.DIED, "almost_a_day": 86_399_000_000}
    return {"at": at, **tests, **dos, **kinds, **_numbers()}


def _numbers() -> dict[str, int]:
    numbers = load(PACK).pack.numbers
    days = {name: n.duration.count for name, n in numbers.items() if n.duration is not None}
    times = {name: int(n.value) for name, n in numbers.items() if n.unit == "times"}
    return {name: int(n.value * Decimal(c.SCALE)) for name, n in numbers.items()} | days | times


def engine(name: str) -> Callable[[str, Mapping[str, Any]], pa.Table]:
    """The status function of a tool."""
    return import_module(MODULES[name]).status


def refuse_other(answers: Mapping[str, pa.Table]) -> None:
    """Ends the bench unless all tools gave the same answers."""
    first, *others = answers
    for other in others:
        for name in answers[first].column_names:
            if not answers[first][name].combine_chunks().equals(answers[other][name].combine_chunks()):
                sys.exit(f"{first} and {other} differ in {name}: no time is worth printing.")


def main() -> None:
    """Rounds of all tools in turn, then memory of each alone."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("store", type=Path)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--without", action="append", default=[], choices=ENGINES)
    asked.add_argument("--only", choices=ENGINES, help="one tool once, for its memory")
    given = asked.parse_args()
    told = words(given.store)
    if given.only:
        engine(given.only)(str(given.store), told)
        return
    names = [name for name in ENGINES if name not in given.without]
    heading(f"{PACK.name} on {given.store.name}, {open_store(given.store).patients} patients; {busy()}")
    answers = {name: engine(name)(str(given.store), told) for name in names}
    refuse_other(answers)
    rounds: dict[str, list[Round]] = {name: [] for name in names}
    for _ in range(given.rounds):
        for name in names:
            rounds[name].append(timed(lambda name=name: engine(name)(str(given.store), told)))
    _print(rounds, {name: peak_of([*sys.argv, "--only", name]) for name in names})


def _print(rounds: Mapping[str, list[Round]], peaks: Mapping[str, float]) -> None:
    first = next(iter(rounds))
    wall = {name: statistics.median(one.wall for one in row) for name, row in rounds.items()}
    cpu = {name: statistics.median(one.cpu for one in row) for name, row in rounds.items()}
    rows = [
        [name, wall[name], cpu[name], wall[name] / wall[first], cpu[name] / cpu[first], round(peaks[name])]
        for name in rounds
    ]
    table(["tool", "wall s", "CPU s", "wall ratio", "CPU ratio", "peak MB"], rows)


if __name__ == "__main__":
    main()
