"""Whether a change of one line in the reference is seen by another engine: `cd tests; python -m cohort.mutants [--engine sql]`.

Each mutant is a copy of the package with one line changed. It must differ on patients at random from what the engine says of them,
which is worked out once, by the package as it is. Exit 1 if one is not seen.
"""

from __future__ import annotations

import argparse
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import countwell
from cohort import as_reference
from cohort.agree import from_reference, say, stored
from cohort.chosen import FURTHER, PROTOCOLS, laid_out
from cohort.engines import ENGINES
from cohort.patients_at_random import as_of, records
from countwell.exchange.record_json import read_record
from countwell.facts.past import past_of

PACKAGE = Path(countwell.__file__).parent
TESTS = Path(__file__).parents[1]
PATIENTS = 150
SEEDS = 4
SAME, DIFFERS = 0, 1
# Not among them, as no rule of a review hangs on it in any protocol: `recovered`, `weight-within`, and whether of several symptoms
# one that was denied beside one that was not asked is "no" or silent.


class Mutant(NamedTuple):
    """A part of one line of a module, and what stands there instead."""

    module: str
    line: str
    instead: str


MUTANTS = (
    Mutant("facts/movement.py", "first <= s.collected.day and", "first < s.collected.day and"),
    Mutant("facts/movement.py", "HUNDRED > step * then", "HUNDRED >= step * then"),
    Mutant("facts/movement.py", 'sign = -1 if definition.param("direction") == "fall"', "sign = -1 if False"),
    Mutant("facts/treatment.py", "facts.as_of.day < last:", "facts.as_of.day <= last:"),
    Mutant("facts/treatment.py", "return None, day", "return day, day"),
    Mutant("facts/treatment.py", "as_of.day <= decision.until", "as_of.day < decision.until"),
    Mutant("facts/orders.py", "return collected.at < moment.at", "return collected.at <= moment.at"),
    Mutant("facts/orders.py", "s.collected.day >= order.at.day for s", "s.collected.day > order.at.day for s"),
    Mutant("facts/life.py", "w.at.day <= change.at.day", "w.at.day < change.at.day"),
    Mutant("facts/life.py", 'if o.status in (None, "pending")]', 'if o.status == "pending"]'),
    Mutant("facts/listed.py", "last.at.day >= before(", "last.at.day > before("),
    Mutant("model/decisions.py", '"hold", "stop")', '"stop", "hold")'),
    Mutant("facts/course.py", 'if decision.do == "restart" else None', "if decision.do else None"),
    Mutant("facts/laboratory.py", "first <= known.collected.day and", "first < known.collected.day and"),
    Mutant("facts/laboratory.py", "if s.collected.day <= day and", "if s.collected.day < day and"),
    Mutant("facts/specimens.py", "if not reading.preliminary] or group", "] or group"),
    Mutant("engine/doses.py", 'weight.kg.high if end == "low"', 'weight.kg.high if end == "high"'),
    Mutant("engine/due.py", "last.day > moment.day if later", "last.day >= moment.day if later"),
    Mutant("engine/due.py", "min(known, key=lambda m: m.at)), missing", "max(known, key=lambda m: m.at)), missing"),
    Mutant("engine/outcomes.py", "now.span.high < then.span.high", "now.span.high <= then.span.high"),
    Mutant("engine/standing.py", 'rule.every, "earlier")', 'rule.every, "later")'),
    Mutant("engine/came_about.py", "for way in state.placed.ways if", "for way in state.placed.ways[:1] if"),
    Mutant(
        "engine/came_about.py",
        "for ref in value.events if ref in begun)",
        "for ref in value.events[:1] if ref in begun)",
    ),
    Mutant(
        "engine/came_about.py",
        "if settled is not None and settled.at",
        "if settled is not None and settled.at > value.at.at and settled.at",
    ),
    Mutant("engine/came_about.py", "and not any_lapsed(standing, placed, way)", ""),
    Mutant("engine/came_about.py", "yield max(choice", "yield min(choice"),
    Mutant("engine/due.py", "dates = earliest_tests(dates, _within(before, known))", "_within(before, known)"),
    Mutant("engine/ready.py", "and not value.open_before(op, number.value)", ""),
    Mutant("facts/laboratory.py", "v.was or v.span for v", "v.span for v"),
)


def seen(mutant: Mutant, answers: Path) -> str | None:
    """The patient that showed the change; None if none did. answers: a folder of what the engine said of patients, some to a file.

    Raises ValueError if the line is not there, RuntimeError if the mutant cannot be run.
    """
    with TemporaryDirectory() as folder:
        copy = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        _change(copy, mutant)
        command = [sys.executable, "-m", "cohort.mutants", "--answers", str(answers)]
        ran = subprocess.run(
            command, cwd=TESTS, env={**os.environ, "PYTHONPATH": folder}, capture_output=True, text=True
        )
    if ran.returncode not in (SAME, DIFFERS) or "Traceback" in ran.stderr:
        raise RuntimeError(f"the comparison itself failed: {ran.stderr[-2000:]}")
    return ran.stdout.strip() if ran.returncode == DIFFERS else None


def _change(package: Path, mutant: Mutant) -> None:
    path = package / mutant.module
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.line) != 1:
        raise ValueError(f"{mutant.module}: '{mutant.line}' stands there {text.count(mutant.line)} times, not once.")
    path.write_text(text.replace(mutant.line, mutant.instead), encoding="utf-8")


def _tries(seeds: int) -> Iterator[tuple[str, int]]:
    for seed in range(seeds):
        for protocol in (*PROTOCOLS, FURTHER[seed % len(FURTHER)]):
            yield protocol, seed


def answer(engine: str, patients: int, seeds: int, folder: Path) -> None:
    """Writes what the engine says of patients at random, a file for each protocol and seed."""
    for place, (rules, seed) in enumerate(_tries(seeds)):
        documents = list(records(rules, patients, seed, as_of(seed)))
        with stored(documents) as (_, store):
            said = ENGINES[engine](store, laid_out(rules), as_of(seed))
        (folder / f"{place:02}").write_bytes(pickle.dumps((rules, seed, documents, said)))


def look(folder: Path) -> int:
    """Says where the reference, as it is on the path, first differs from these answers; SAME if nowhere."""
    as_reference.without_sentences()
    for path in sorted(folder.iterdir()):
        rules, seed, documents, said = pickle.loads(path.read_bytes())
        pasts = [past_of(read_record(document)) for document in documents]
        for number, difference in from_reference(rules, pasts, as_of(seed), said):
            say(f"{rules}, seed {seed}, patient {number}: {difference.field}")
            return DIFFERS
    return SAME


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=tuple(ENGINES), default="sql")
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--from", type=int, default=0, dest="first", help="leave out so many mutants")
    parser.add_argument("--answers", type=Path, help="only look where the package differs from answers in this folder")
    args = parser.parse_args()
    if args.answers is not None:
        return look(args.answers)
    unseen = 0
    with TemporaryDirectory() as folder:
        answer(args.engine, args.patients, args.seeds, Path(folder))
        if look(Path(folder)) == DIFFERS:
            raise RuntimeError("the engine differs from the reference as it is")
        for mutant in MUTANTS[args.first :]:
            by = seen(mutant, Path(folder))
            unseen += by is None
            say(
                f"{'not seen' if by is None else 'seen':8} {mutant.module}: {mutant.instead or f'without {mutant.line}'}  {by or ''}"
            )
            sys.stdout.flush()
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
