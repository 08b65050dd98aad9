"""Whether REPLAY says at every decision point what the reference says then: `cd tests; python -m cohort.replay_agrees cidp 20 3`.

Arguments: protocol, patients, seed. Prints the decision points and how many fields differ; of each field the first.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from cohort import as_reference
from cohort.agree import _row, laid_out, say
from cohort.patients_at_random import as_of, records
from countwell.cohort.integers import EPOCH
from countwell.cohort.of_record import write_records
from countwell.cohort.passes import replay_of
from countwell.exchange.record_json import read_record
from countwell.questions.ask import joined


def instant_of(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def differences(protocol: str, patients: int, seed: int) -> tuple[int, Counter[str], list[str]]:
    """How many decision points, how many fields differ by name, and of each the first."""
    until, plan = as_of(seed), laid_out(protocol)
    read = [read_record(document) for document in records(protocol, patients, seed, until)]
    found: Counter[str] = Counter()
    firsts: list[str] = []
    with TemporaryDirectory() as folder:
        groups = [replay_of(group, plan, until) for group in write_records(read, Path(folder) / "store").row_groups()]
    points = {name: np.concatenate([group[name] for group in groups]) for name in groups[0]}
    for row, instant in enumerate(points["at"].tolist()):
        who, when = int(points["patient"][row]), instant_of(instant)
        for difference in _row(as_reference.status(read[who], joined(protocol), plan, when), points, row, plan):
            if not found[difference.field]:
                firsts.append(f"patient {who}, {when}: {difference}")
            found[difference.field] += 1
    return len(points["at"]), found, firsts


def main(arguments: Sequence[str]) -> int:
    """0 if all agree, 1 if not."""
    protocol, patients, seed = arguments[0], int(arguments[1]), int(arguments[2])
    as_reference.without_sentences()
    points, found, firsts = differences(protocol, patients, seed)
    say(f"{points} decision points of {patients} patients of {protocol}: {sum(found.values())} fields differ.")
    for line in firsts:
        say(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
