"""The pass over a register against the scan of its columns: STATUS, REPLAY, memory, growth.

    python bench/cohort.py STORE … [--protocol mg] [--rounds 5] [--passes status,replay]

Several stores of growing size show how the cost per patient grows. Rounds of scan and passes alternate within one process;
memory is the peak of a fresh process for each. The first round of all, which may compile, is not counted.
"""

import argparse
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cohort_measured import Round, busy, own_peak, peak_of, timed
from common import heading, table
from scan import scan, size

from countwell.cohort import stream
from countwell.cohort.plan import Plan, plan
from countwell.cohort.store import Store, open_store

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)


def status(store: Store, rules: Plan) -> int:
    """STATUS of all patients; rows of the answer. Answers of a row group are dropped when they have been counted."""
    return sum(len(answer["patient"]) for answer in stream.status(store, rules, AS_OF))


def replay(store: Store, rules: Plan) -> int:
    """REPLAY of all patients; how many decision points."""
    return sum(len(answer["patient"]) for answer in stream.replay(store, rules, AS_OF))


def calls(store: Store, rules: Plan, passes: list[str]) -> dict[str, Callable[[], int]]:
    """What is measured, the scan first."""
    known = {"status": lambda: status(store, rules), "replay": lambda: replay(store, rules)}
    return {"scan": lambda: scan(store), **{name: known[name] for name in passes}}


def main() -> None:
    """A table per store, then how the cost per patient grew."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("stores", nargs="+", type=Path)
    asked.add_argument("--protocol", default="mg")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--passes", default="status", type=lambda text: text.split(","))
    asked.add_argument("--only", help="one of them once, for its memory")
    given = asked.parse_args()
    rules = plan(given.protocol)
    if given.only:
        calls(open_store(given.stores[0]), rules, [given.only] if given.only != "scan" else [])[given.only]()
        print(f"{own_peak():.0f} MB")
        return
    heading(f"{given.protocol} with its layers: {len(rules.rules)} rules, {len(rules.facts)} facts; {busy()}")
    grown = [_measure(path, rules, given) for path in given.stores]
    names = list(grown[0][1])
    rows = [[patients, *(cpu[name] / patients * 1e6 for name in names)] for patients, cpu in grown]
    table(["patients", *(f"{name} CPU us/patient" for name in names)], rows)


def _measure(path: Path, rules: Plan, given: argparse.Namespace) -> tuple[int, dict[str, float]]:
    store = open_store(path)
    wanted = calls(store, rules, given.passes)
    counts = {name: call() for name, call in wanted.items()}
    rounds: dict[str, list[Round]] = {name: [] for name in wanted}
    for _ in range(given.rounds):
        for name, call in wanted.items():
            rounds[name].append(timed(call))
    wall = {name: statistics.median(one.wall for one in row) for name, row in rounds.items()}
    cpu = {name: statistics.median(one.cpu for one in row) for name, row in rounds.items()}
    peaks = {name: _peak(path, name, given.protocol) for name in wanted}
    rows = [
        [n, counts[n], wall[n], cpu[n], wall[n] / wall["scan"], cpu[n] / cpu["scan"], round(peaks[n])] for n in wanted
    ]
    print(
        f"{path.name}: {store.patients} patients, {store.manifest['rows']['labs']} results, {size(store) >> 20} MB; {busy()}"
    )
    table(["pass", "rows (scan: bytes)", "wall s", "CPU s", "wall/scan", "CPU/scan", "peak MB"], rows)
    return store.patients, cpu


def _peak(path: Path, name: str, protocol: str) -> float:
    return peak_of([sys.argv[0], str(path), "--only", name, "--protocol", protocol])


if __name__ == "__main__":
    main()
