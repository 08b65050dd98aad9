"""How long a person waits for `countwell ask` on one record, from nothing to the answer.

    python bench/start.py [--rounds 20]

Interleaved with two yardsticks: Python that does nothing, and Python that imports what Countwell needs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from common import ROOT, heading, late, middle, table

from countwell.base.dates import of_instant, zone
from countwell.simulate.situations import situations

AS_OF = datetime(2026, 3, 2, 12, tzinfo=UTC)
WHO = "demo-36"
GOAL_MS = 600


def commands(record: Path) -> dict[str, list[str]]:
    """What is run."""
    ask = [sys.executable, "-m", "countwell", "ask", "review", str(record), "--as-of", AS_OF.isoformat()]
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python, import click and yaml": [sys.executable, "-c", "import click, yaml"],
        "countwell ask review --json": [*ask, "--json"],
        "countwell ask review": ask,
    }


def wall(command: list[str]) -> float:
    """Seconds until it has ended."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - begun


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    told = next(one for one in situations(of_instant(AS_OF, zone("UTC"))) if one.id == WHO)
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "record.json"
        record.write_text(json.dumps(told.record), encoding="utf-8")
        runs = commands(record)
        for command in runs.values():
            wall(command)
        times = {name: [] for name in runs}
        for _ in range(rounds):
            for name, command in runs.items():
                times[name].append(wall(command))
    heading(f"Start: {len(told.record['events'])} events, {rounds} interleaved rounds, wall time in ms; goal {GOAL_MS}")
    table(("command", "median", "p95"), [(name, middle(found), late(found)) for name, found in times.items()])


if __name__ == "__main__":
    main()
