"""Every target, half of its seconds on plain random input and half guided by atheris; what broke a law is kept as a file.

    python -m tests.fuzz.campaign --seconds 150 [--only record,fhir] [--into FOLDER] [--jobs 2] [--seed 1]

Needs `pip install --require-hashes -r requirements/fuzz.txt`. Exit 1 if anything broke a law.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAMES = tuple(sorted(path.stem.removeprefix("fuzz_") for path in HERE.glob("fuzz_*.py")))
EXECUTIONS = re.compile(r"^(?:#|stat::number_of_executed_units: +)([0-9]+)", re.MULTILINE)
RAISED = re.compile(r"^([A-Za-z_.]+(?:Error|Broken|Exception|Interrupt)[^\n]*)", re.MULTILINE)
PLACE = re.compile(r'File "[^"]*/(countwell/[^"]+)", line ([0-9]+)')
LEAST_SECONDS = 5
SEEDS = 30


@dataclass
class Outcome:
    """What a target did in its time. broken: what was raised and where, with the file that does it."""

    name: str
    plain: int = 0
    guided: int = 0
    broken: dict[str, Path] = field(default_factory=dict)


def campaign(name: str, seconds: float, into: Path, source: str, seed: int) -> Outcome:
    """One target. After a crash the guided half goes on with another seed until its time is up."""
    outcome, crashes = Outcome(name), into / name / "crashes"
    crashes.mkdir(parents=True, exist_ok=True)
    _plain(outcome, seconds / 2, crashes, source, seed)
    corpus = _corpus(into / name / "corpus", seed)
    until = time.monotonic() + seconds / 2
    while (left := until - time.monotonic()) > LEAST_SECONDS:
        said = _guided(name, corpus, crashes, int(left), seed, source)
        outcome.guided += max(map(int, EXECUTIONS.findall(said)), default=0)
        for place in _new_crash(said):
            outcome.broken.setdefault(place, _newest(crashes))
        seed += 1
    return outcome


def _plain(outcome: Outcome, seconds: float, crashes: Path, source: str, seed: int) -> None:
    options = ["--seconds", str(seconds), "--seed", str(seed), "--into", str(crashes)]
    said = _said([sys.executable, "-m", "tests.fuzz.plain", outcome.name, *options], source)
    outcome.plain = max(map(int, EXECUTIONS.findall(said)), default=0)
    for line in said.splitlines():
        if line.startswith("FAILED "):
            outcome.broken.setdefault(line.removeprefix("FAILED "), crashes)


def _corpus(folder: Path, seed: int) -> Path:
    """Random inputs to begin with: from nothing, libFuzzer would spend its time on inputs of four bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    for place in range(SEEDS):
        (folder / f"seed-{seed}-{place}").write_bytes(chance.randbytes(20 + 10 * place))
    return folder


def _guided(name: str, corpus: Path, crashes: Path, seconds: int, seed: int, source: str) -> str:
    options = [f"-max_total_time={seconds}", f"-seed={seed}", "-max_len=400", "-timeout=20", "-rss_limit_mb=2048"]
    options += ["-len_control=0", "-print_final_stats=1"]
    command = [sys.executable, str(HERE / f"fuzz_{name}.py"), str(corpus), f"-artifact_prefix={crashes}/", *options]
    return _said(command, source)


def _said(command: list[str], source: str) -> str:
    path = os.pathsep.join((source, str(ROOT)))
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=False)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def _new_crash(said: str) -> list[str]:
    if not any(word in said for word in ("Uncaught Python exception", "ERROR: libFuzzer", "Traceback")):
        return []
    raised = RAISED.findall(said)
    places = PLACE.findall(said)
    where = f"{places[-1][0]}:{places[-1][1]}" if places else "no place in countwell"
    return [f"{(raised[-1] if raised else said[-200:])[:160]} at {where}"]


def _newest(folder: Path) -> Path:
    return max(folder.iterdir(), key=lambda path: path.stat().st_mtime, default=folder)


def main() -> int:
    """Run, and say for each target how often it ran and what it broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--only", default=",".join(NAMES))
    parser.add_argument("--into", type=Path, default=ROOT / ".fuzz")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--source", default=str(ROOT / "src"), help="where countwell is imported from")
    asked = parser.parse_args()
    broken = False
    with ThreadPoolExecutor(asked.jobs) as pool:
        names = asked.only.split(",")
        running = [pool.submit(campaign, name, asked.seconds, asked.into, asked.source, asked.seed) for name in names]
        for outcome in (done.result() for done in as_completed(running)):
            show(outcome)
            broken = broken or bool(outcome.broken)
    return 1 if broken else 0


def show(outcome: Outcome) -> None:
    """How often a target ran and what it broke, as soon as its time is up."""
    ran = f"{outcome.plain:>9} plain, {outcome.guided:>9} guided executions"
    lines = [f"{outcome.name:12} {ran}, {len(outcome.broken)} kinds of crash"]
    lines += [f"    {says}\n        {path}" for says, path in outcome.broken.items()]
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
