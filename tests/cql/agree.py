"""Whether an independent engine says of patients at random what the reference says, from the exported libraries alone.

    cd tests; python -m cql.agree --patients 1000 --protocol cidp

Prints how many rules and tables were compared, how many of the rules were reached, and every difference.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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


def standings(packs: Joined, count: int, seed: int) -> Iterator[Standing]:
    """So many patients at random of a protocol, each with what is asked of them, as the reference stands to them."""
    instant, protocol = as_of(seed), packs.protocol
    for number, document in enumerate(records(protocol.name, count, seed, instant)):
        if document["course"]["condition"] == protocol.name:
            document["course"]["condition"] = protocol.conditions[number % len(protocol.conditions)]
        yield standing(packs, document, instant, number)


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
    """What was compared so far. held: rules that were true at least once; open: that were once not ruled out."""

    def __init__(self, packs: Joined) -> None:
        self.rules = len(packs.rules)
        self.patients = self.things = self.differing = 0
        self.held: set[str] = set()
        self.open: set[str] = set()
        self.differences: Counter[Difference] = Counter()

    def count(self, standing: Standing, libraries: Libraries) -> None:
        """One more patient."""
        libraries.give(standing)
        found = list(differences(standing, libraries))
        self.patients += 1
        self.differing += bool(found)
        self.things += compared(standing)
        self.differences.update(found)
        for placed in standing.joined.tables:
            for state in standing.states(placed):
                (self.held if state.truth else self.open).add(state.placed.key)

    def __str__(self) -> str:
        reached = f"{len(self.held)} of {self.rules} rules were true, {len(self.open)} not ruled out, at least once"
        return f"{self.patients} patients, {self.things} things compared ({reached}), {self.differing} patients differ"


def agree(packs: Joined, patients: int, seed: int, texts: Mapping[str, str] | None = None) -> Tally:
    """All of a seed. texts: libraries in place of the printed ones."""
    tally, libraries = Tally(packs), Libraries(packs, texts)
    for each in standings(packs, patients, seed):
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
        tally = agree(with_all_layers(protocol), asked.patients, asked.seed)
        differing += tally.differing
        seconds = time.process_time() - begun
        sys.stdout.write(f"{protocol}: as of {as_of(asked.seed)}, {tally}; {seconds:.0f} s of CPU\n")
        for difference, count in tally.differences.most_common(10):
            sys.stdout.write(f"{count:8} {difference}\n")
        sys.stdout.flush()
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
