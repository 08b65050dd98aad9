"""Whether an independent engine says of patients at random what the reference says, from the exported libraries alone.

    cd tests; python -m cql.agree --patients 1000 --protocol cidp

Prints how many rules and tables were compared, how often each was true, not ruled out and false, and every difference.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from cohort.patients_at_random import as_of, records
from countwell.base.dates import of_instant
from countwell.engine.joined import Joined
from countwell.engine.standing import Standing
from countwell.exchange.record_json import read_record
from countwell.facts.past import past_of
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from countwell.questions.ask import joined
from countwell.questions.supposed import Said, suppose

from .meets import Difference, Libraries, compared, differences

Json = dict[str, Any]
DAY = timedelta(days=1)
# Every second patient is asked for the review; the others one of these each, in turn.
QUESTIONS: tuple[tuple[str, Said], ...] = (
    ("vaccine", {"name": ["influenza, injected"]}),
    ("missed-dose", {"missed": ["{day}T00:01"]}),
    ("missed-dose", {"missed": ["{before}T20:00", "{day}T00:01"]}),
    ("medicine", {"name": ["allopurinol"]}),
    ("pregnancy", {"plan": ["now"]}),
    ("lifestyle", {"topic": ["alcohol"]}),
    ("vaccine", {"name": ["MMR"]}),
    ("start", {}),
    ("restart", {}),
    ("dose", {}),
    ("travel", {"from": ["2026-07-01"], "to": ["2026-07-15"]}),
    ("pregnancy", {"pregnant": ["yes"]}),
    ("split", {"mg_per_day": ["75"]}),
    ("medicine", {"name": ["febuxostat"]}),
)


def protocols() -> list[str]:
    """The protocols that come with Countwell."""
    return [name for name in shipped() if read_pack(find(name)).kind == "protocol"]


def with_all_layers(protocol: str) -> Joined:
    """A protocol with its own layers and, after them, all others: their tables join, or are views."""
    own = read_pack(find(protocol)).layers
    others = (name for name in shipped() if read_pack(find(name)).kind == "layer")
    return joined(protocol, [*own, *(name for name in others if name not in own)])


def standings(protocol: str, count: int, seed: int) -> Iterator[tuple[Json, Standing]]:
    """So many patients at random of a protocol, each with what is asked of them, as the reference stands to them."""
    instant = as_of(seed)
    packs = with_all_layers(protocol)
    conditions = packs.protocol.conditions
    for number, document in enumerate(records(protocol, count, seed, instant)):
        if document["course"]["condition"] == protocol:
            document["course"]["condition"] = conditions[number % len(conditions)]
        yield document, standing(packs, document, instant, number)


def standing(packs: Joined, document: Json, instant: datetime, number: int) -> Standing:
    """One patient; the number says what is asked."""
    past = past_of(read_record(document))
    moment = of_instant(instant, past.time_zone)
    question, said = ("review", {}) if number % 2 else QUESTIONS[number // 2 % len(QUESTIONS)]
    said = {
        key: [value.format(day=moment.day, before=moment.day - DAY) for value in values] for key, values in said.items()
    }
    supposed = suppose(question, said, moment, past.time_zone, past.course(moment))
    return Standing(packs, past.supposing(*supposed.events), moment, moment, supposed.asked[0])


class Tally:
    """What was compared so far. of_rules: how often a rule was true, not ruled out, false."""

    def __init__(self) -> None:
        self.patients = 0
        self.things = 0
        self.differing = 0
        self.of_rules: Counter[str] = Counter()
        self.differences: Counter[Difference] = Counter()

    def count(self, standing: Standing, libraries: Libraries) -> None:
        """One more patient."""
        libraries.give(standing)
        found = list(differences(standing, libraries))
        self.patients += 1
        self.differing += bool(found)
        self.things += compared(standing)
        self.differences.update(found)
        states = Counter("true" if state.truth else "not ruled out" for state in _states(standing))
        self.of_rules += states
        self.of_rules["false"] += len(standing.joined.rules) - states.total()


def _states(standing: Standing) -> Iterator[Any]:
    for placed in standing.joined.tables:
        yield from standing.states(placed)


def agree(protocol: str, patients: int, seed: int, libraries: Libraries | None = None) -> Tally:
    """All of a seed."""
    tally, libraries = Tally(), libraries or Libraries(with_all_layers(protocol))
    for _, each in standings(protocol, patients, seed):
        tally.count(each, libraries)
    return tally


def main(arguments: Sequence[str]) -> int:
    """0 if all agree, 1 if not."""
    parser = argparse.ArgumentParser(prog="cql.agree", description=__doc__)
    parser.add_argument("--patients", type=int, default=1000, help="of each protocol")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--protocol", action="append", help="default: all")
    asked = parser.parse_args(arguments)
    differing = 0
    for protocol in asked.protocol or protocols():
        begun = time.process_time()
        tally = agree(protocol, asked.patients, asked.seed)
        differing += tally.differing
        rules = ", ".join(f"{count} {name}" for name, count in sorted(tally.of_rules.items()))
        sys.stdout.write(
            f"{protocol}: {tally.patients} patients as of {as_of(asked.seed)}, {tally.things} things compared"
            f" (rules: {rules}), {tally.differing} patients differ; {time.process_time() - begun:.0f} s of CPU\n"
        )
        for difference, count in tally.differences.most_common(10):
            sys.stdout.write(f"{count:8} {difference}\n")
        sys.stdout.flush()
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
