"""Whether REPLAY says at every decision point what the reference says then: `cd tests; python -m cohort.replay_agrees cidp 20 3`.

Arguments: protocol, patients, seed. Prints the decision points and how many fields differ; of each field the first.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from cohort import as_reference
from cohort.agree import Json, _row, laid_out, say
from cohort.patients_at_random import as_of, records
from countwell.cohort.integers import EPOCH
from countwell.cohort.of_record import write_records
from countwell.cohort.passes import replay_of
from countwell.exchange.record_json import read_record
from countwell.facts.readings import read_result
from countwell.model.records import Event, Record, Result
from countwell.questions.ask import joined


def instant_of(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def without_receipt(protocol: str) -> Json:
    """One whose white cells fell, without a time of receipt: nobody knew before they were counted."""
    count = {"kind": "result", "test": "wbc", "unit": "10*9/L", "status": "final"}
    events = [
        {"kind": "decision", "do": "start", "at": "2023-06-01", "mg_per_day": "150"},
        {**count, "value": "6.0", "collected": "2023-06-14", "received": "2023-06-14"},
        {**count, "value": "1.0", "collected": "2023-06-20"},
    ]
    who, course = {"id": "without receipt", "time_zone": "UTC"}, {"condition": protocol, "protocol": protocol}
    return {"schema": "countwell.record/1", "patient": who, "course": course, "events": events}


def as_it_stood(record: Record, when: datetime) -> Record:
    """The record without what had not come: a result whose receipt was not sent, or is not believed, came when it was collected."""
    return replace(record, events=tuple(event for event in record.events if not _is_to_come(event, when)))


def _is_to_come(event: Event, when: datetime) -> bool:
    if not isinstance(event, Result) or event.test is None or event.collected is None or event.collected.at <= when:
        return False
    return not read_result(event).has_received


def differences(protocol: str, patients: int, seed: int) -> tuple[int, Counter[str], list[str]]:
    """How many decision points, how many fields differ by name, and of each the first."""
    until, plan = as_of(seed), laid_out(protocol)
    read = [
        read_record(document) for document in (*records(protocol, patients, seed, until), without_receipt(protocol))
    ]
    found: Counter[str] = Counter()
    firsts: list[str] = []
    with TemporaryDirectory() as folder:
        groups = [replay_of(group, plan, until) for group in write_records(read, Path(folder) / "store").row_groups()]
    points = {name: np.concatenate([group[name] for group in groups]) for name in groups[0]}
    for row, instant in enumerate(points["at"].tolist()):
        who, when = int(points["patient"][row]), instant_of(instant)
        for difference in _row(
            as_reference.status(as_it_stood(read[who], when), joined(protocol), plan, when), points, row, plan
        ):
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
