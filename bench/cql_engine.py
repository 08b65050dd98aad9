"""How long one patient takes in an independent CQL engine, beside Countwell, on the same rules: round by round, in CPU time.

    python bench/cql_engine.py [--rounds 100]

Countwell works out the facts too; the CQL engine is given them as parameters, since it could not. Needs ms-cql-sdk.
"""

import argparse
import sys
import time
from collections.abc import Callable

from common import ROOT, heading, late, middle, table
from review import AS_OF, RESULTS, record_of_200

sys.path.insert(0, str(ROOT / "tests"))

from countwell.base.dates import of_instant, zone
from countwell.engine.decide import decide
from countwell.engine.standing import Standing
from countwell.exchange.record_json import read_record
from countwell.facts.asked import NOTHING_ASKED
from countwell.facts.past import past_of
from countwell.questions.ask import joined
from cql.meets import Libraries


def jobs(protocol: str) -> dict[str, Callable[[], object]]:
    """What is timed, on the newest results of one simulated patient."""
    record = read_record(record_of_200(protocol))
    as_of, past, packs = of_instant(AS_OF, zone(record.patient.time_zone)), past_of(record), joined(protocol)
    libraries = Libraries(packs)
    rules = [(rule.pack.name, f"{rule.table.name}/{rule.rule.name}") for rule in packs.rules]
    known = Standing(packs, past, as_of, as_of, NOTHING_ASKED)
    libraries.give(known)

    def standing() -> Standing:
        return Standing(packs, past, as_of, as_of, NOTHING_ASKED)

    def decision() -> tuple:
        decided = decide(packs, past, as_of=as_of, known_at=as_of, asked=NOTHING_ASKED)
        return decided.at_least, decided.at_most

    def every_rule() -> list:
        fresh = standing()
        return [fresh.state(rule) for rule in packs.rules]

    def cql_advice() -> dict:
        libraries.give(known)
        return libraries.advice()

    def cql_rules() -> list:
        libraries.give(known)
        return [libraries.runs[pack][name] for pack, name in rules]

    return {
        "Countwell: decision, facts included": decision,
        "Countwell: every rule, facts included": every_rule,
        "CQL engine: advice, facts given": cql_advice,
        "CQL engine: every rule, facts given": cql_rules,
    }


def side_by_side(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each, one after the other in every round; the first rounds warm up."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 3):
        for name, call in calls.items():
            begun = time.process_time()
            call()
            if number >= 3:
                found[name].append(time.process_time() - begun)
    return found


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    heading(f"One patient, {RESULTS} results, CPU time, {rounds} rounds side by side")
    for protocol in ("cidp", "mg", "aih"):
        times = side_by_side(jobs(protocol), rounds)
        yardstick = middle(times["Countwell: decision, facts included"])
        rows = [
            (name, f"{middle(took):.3f}", f"{late(took):.3f}", f"{middle(took) / yardstick:.1f}")
            for name, took in times.items()
        ]
        table((protocol, "p50 ms", "p95 ms", "times the decision"), rows)


if __name__ == "__main__":
    main()
