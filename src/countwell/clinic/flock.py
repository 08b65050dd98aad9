"""Canaries: invented patients, for each rule one on whom it speaks, sent down the whole way from text to answer.

They stand in `canaries/PROTOCOL.json` with all that must be said of them; no row of the store is read for them. A rule
that is silenced, renamed, or fed from another code than before says something else, and that is a fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from countwell import ask, read_record
from countwell.base.dates import Moment, moment
from countwell.base.errors import CountwellError
from countwell.engine.decide import decide
from countwell.facts.past import past_of
from countwell.pack.certificate import rules_hash
from countwell.questions.ask import joined
from countwell.questions.supposed import suppose


@dataclass(frozen=True, slots=True)
class Canary:
    """One invented patient. record: as text; rules: exactly those that must hold; actions: what must be called for."""

    record: str
    as_of: str
    question: str
    said: Mapping[str, Sequence[str]]
    rules: frozenset[str]
    actions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What the rules said of a canary."""

    rules: frozenset[str]
    actions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Flock:
    """The canaries of a protocol: of each of its rules at least one on whom it speaks. made_for: pack: hash of its rules."""

    canaries: tuple[Canary, ...]
    made_for: Mapping[str, str]


@cache
def flock(protocol: str) -> Flock | None:
    """The canaries of a protocol; `None` if it came without."""
    path = files("countwell.clinic").joinpath("canaries", f"{protocol}.json")
    if not path.is_file():
        return None
    sent = json.loads(path.read_text(encoding="utf-8"))
    return Flock(tuple(_canary(one) for one in sent["canaries"]), sent["made_for"])


def _canary(sent: Mapping[str, object]) -> Canary:
    rules, actions, said = sent["rules"], sent["actions"], sent["said"]
    assert isinstance(rules, list) and isinstance(actions, list) and isinstance(said, dict)
    record = json.dumps(sent["record"], ensure_ascii=False)
    return Canary(record, str(sent["as_of"]), str(sent["question"]), said, frozenset(rules), frozenset(actions))


def sent_down(canary: Canary, protocol: str) -> Said:
    """What is said of it now: from its text, through the reader of records, the packs as installed, to the answer."""
    record = read_record(canary.record)
    past = past_of(record)
    at: Moment = moment(canary.as_of, past.time_zone)
    supposition = suppose(canary.question, canary.said, at, past.time_zone, past.course(at))
    supposing = past.supposing(*supposition.events) if supposition.events else past
    decided = decide(joined(protocol), supposing, as_of=at, known_at=at, asked=supposition.asked[0])
    standing = decided.standing
    states = (state for placed in standing.awake for state in standing.states(placed))
    rules = frozenset(state.placed.key for state in states if state.truth is True)
    return Said(rules, frozenset(ask(canary.question, record, as_of=at, protocol=protocol, said=canary.said).actions))


def faults(protocol: str) -> list[str]:
    """Everything that is not as it should be with a protocol's rules, in words that name no patient (there is none)."""
    its = flock(protocol)
    if its is None:
        return [f"{protocol} has no canaries: nothing would tell if one of its rules fell silent."]
    found = [*other_rules(protocol, its), *uncovered(protocol, its)]
    for canary in its.canaries:
        found += differences(canary, protocol)
    return list(dict.fromkeys(found))


def made_for(protocol: str) -> dict[str, str]:
    """The packs of a protocol as they run, each with the hash of its rules: numbers, conditions, advice, all that decides."""
    return {pack.name: rules_hash(pack) for pack in joined(protocol).packs}


def other_rules(protocol: str, its: Flock) -> Iterator[str]:
    """The packs whose rules are not those that the canaries were made for: whose number was moved, for one."""
    running = made_for(protocol)
    for pack in sorted(running.keys() | its.made_for.keys()):
        if running.get(pack) != its.made_for.get(pack):
            yield f"{protocol}: the rules of {pack} are not those that its canaries were made for."


def uncovered(protocol: str, its: Flock) -> Iterator[str]:
    watched = frozenset().union(*(canary.rules for canary in its.canaries))
    there = {placed.key for placed in joined(protocol).rules}
    for rule in sorted(there - watched):
        yield f"{protocol}: {rule} has no canary."
    for rule in sorted(watched - there):
        yield f"{protocol}: there is no rule {rule} any more."


def differences(canary: Canary, protocol: str) -> Iterator[str]:
    """What is said of one canary otherwise than it must be, in words."""
    try:
        said = sent_down(canary, protocol)
    except CountwellError as error:
        yield f"{protocol}: a canary could not be asked about: {error}"
        return
    for rule in sorted(canary.rules - said.rules):
        yield f"{protocol}: {rule} is silent where it must speak."
    for rule in sorted(said.rules - canary.rules):
        yield f"{protocol}: {rule} speaks where it must be silent."
    if said.rules == canary.rules and said.actions != canary.actions:
        yield f"{protocol}: the answer says {', '.join(sorted(said.actions ^ canary.actions))} otherwise than it must."
