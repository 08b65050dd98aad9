"""How long one review takes in process: a patient with 200 results, every layer on, the explanation included.

    python bench/review.py [--rounds 300]

Yardstick: a status function written by hand for the latest values, a few limits, three falls in a row and the next date.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from common import heading, late, middle, table

from countwell.base.dates import of_instant, zone
from countwell.engine.decide import decide
from countwell.exchange.record_json import read_record
from countwell.facts.asked import NOTHING_ASKED
from countwell.facts.past import past_of
from countwell.questions.ask import ask, joined
from countwell.simulate.parameters import parameters
from countwell.simulate.patients import patient

RESULTS = 200
AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)


def record_of_200(condition: str) -> dict:
    """The first simulated patient of this condition, with the newest 200 results."""
    given = parameters(no_neutrophils=0, no_upper_limit=0)
    documents = (patient(number, 24, 1, given) for number in range(1, 200))
    found = next(one for one in documents if one["course"]["condition"] == condition and len(results(one)) >= RESULTS)
    newest = results(found)[-RESULTS:]
    kept = [event for event in found["events"] if event["kind"] != "result" or event in newest]
    return {**found, "events": kept}


def results(document: Mapping) -> list[dict]:
    """Its final results, oldest first."""
    return [event for event in document["events"] if event["kind"] == "result" and event["status"] == "final"]


def by_hand(document: Mapping) -> tuple:
    """What a person would write for one protocol, without units, unknowns, reasons or sources."""
    rows = sorted((event["collected"], event["test"], event["value"]) for event in results(document))
    values: dict[str, list[tuple[str, float]]] = {}
    for collected, test, value in rows:
        if not value.startswith("<"):
            values.setdefault(test, []).append((collected, float(value)))
    latest = {test: row[-1][1] for test, row in values.items()}
    grade = 0
    for test, low, lower in (("wbc", 3.0, 2.0), ("neutrophils", 1.6, 1.0), ("platelets", 100, 50)):
        value = latest.get(test, 1e9)
        grade = max(grade, 2 if value <= lower else 1 if value <= low else 0)
    alt = latest.get("alt", 0) / 40
    grade = max(grade, 2 if alt > 5 else 1 if alt > 2 else 0)
    white = [value for _, value in values["wbc"][-4:]]
    falling = all(after < before * 0.9 for before, after in pairwise(white))
    due = datetime.fromisoformat(values["wbc"][-1][0]) + timedelta(days=28)
    return grade, falling, due, latest


def timed(call: Callable[[], object], rounds: int) -> list[float]:
    """Seconds of each round, after some to warm up."""
    for _ in range(20):
        call()
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        call()
        found.append(time.perf_counter() - begun)
    return found


def jobs(document: dict) -> dict[str, Callable[[], object]]:
    """What is timed."""
    record = read_record(document)
    as_of = of_instant(AS_OF, zone(record.patient.time_zone))
    past = past_of(record)
    packs = joined(document["course"]["protocol"])
    decided = lambda: decide(packs, past, as_of=as_of, known_at=as_of, asked=NOTHING_ASKED)  # noqa: E731
    return {
        "by hand: status of one patient": lambda: by_hand(document),
        "decision alone (record already read)": lambda: decided().at_least,
        "decision, at least and at most": lambda: both(decided()),
        "review: Answer with findings": lambda: ask("review", record, as_of=as_of),
        "review and its JSON text": lambda: json.dumps(ask("review", record, as_of=as_of).to_json()),
        "reading the record": lambda: read_record(document),
        "ready to be asked (past_of)": lambda: past_of(record),
    }


def both(decided) -> tuple:
    """Advice at least and at most."""
    return decided.at_least, decided.at_most


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    heading(
        f"Review of one patient, {RESULTS} results, in process, {rounds} rounds; goals: review p50 2 ms, decision 0.2 ms"
    )
    for condition in ("cidp", "mg", "aih"):
        times = {name: timed(call, rounds) for name, call in jobs(record_of_200(condition)).items()}
        yardstick = middle(next(iter(times.values())))
        rows = [
            (name, f"{middle(found):.3f}", f"{late(found):.3f}", f"{middle(found) / yardstick:.1f}")
            for name, found in times.items()
        ]
        table((condition, "p50 ms", "p95 ms", "times by hand"), rows)


if __name__ == "__main__":
    main()
