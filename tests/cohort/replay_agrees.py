"""Whether REPLAY says at every decision point what the reference says then: `cd tests; python -m cohort.replay_agrees cidp 20 3`.

Arguments: protocol, patients, seed. Prints the decision points and how many fields differ; of each field the first.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from cohort import as_reference
from cohort.agree import Json, differing, plain, say, stored
from cohort.chosen import joined, laid_out
from cohort.patients_at_random import as_of, records
from countwell.cohort.integers import EPOCH
from countwell.cohort.passes import replay_of
from countwell.facts.past import Past, past_of
from countwell.facts.readings import read_result
from countwell.model.records import Event, Result


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


def as_it_stood(past: Past, when: datetime) -> Past:
    """The past without what had not come: a result whose receipt was not sent, or is not believed, came when it was collected."""
    come = tuple(event for event in past.record.events if not _is_to_come(event, when))
    return past if len(come) == len(past.record.events) else past_of(replace(past.record, events=come))


def _is_to_come(event: Event, when: datetime) -> bool:
    if not isinstance(event, Result) or event.test is None or event.collected is None or event.collected.at <= when:
        return False
    return not read_result(event).has_received


def differences(protocol: str, patients: int, seed: int) -> tuple[int, Counter[str], list[str]]:
    """How many decision points, how many fields differ by name, and of each the first."""
    until, plan = as_of(seed), laid_out(protocol)
    found: Counter[str] = Counter()
    firsts: list[str] = []
    with stored([*records(protocol, patients, seed, until), without_receipt(protocol)]) as (pasts, store):
        groups = [replay_of(group, plan, until) for group in store.row_groups()]
    points = plain({name: np.concatenate([group[name] for group in groups]) for name in groups[0]})
    for row, (who, instant) in enumerate(zip(points["patient"], points["at"], strict=True)):
        past, when = pasts[who], instant_of(instant)
        wanted = as_reference.status(as_it_stood(past, when), joined(protocol), plan, when)
        for difference in differing(wanted, points, row, plan):
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
