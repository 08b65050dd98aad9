"""Conditions made ready once for every patient: each atom knows its facts and its number, and equal atoms of a pack are one.

This is the one place that says what a condition means for one patient. A standing asks each atom once, and findings
show the very atoms that were asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

from countwell.base.spans import Truth, compare_spans, negate
from countwell.model.facts import compare_value, is_word, is_yes
from countwell.model.pack import Pack
from countwell.model.rules import And, AtLeast, Atom, Compare, Condition, Holds, IsWord, Not, Or, facts_of

if TYPE_CHECKING:
    from countwell.engine.standing import Standing


class Silence(Enum):
    """An atom about something that nothing requires and nobody sent or asked."""

    SILENT = "silent"


SILENT = Silence.SILENT
Heard = Truth | Silence
Mode = Literal["when", "clear", "unless"]
HEARD_AS: dict[Mode, Truth] = {"when": False, "clear": True, "unless": None}
# Kinds of facts that are silent as long as nobody spoke of what they are about.
SPOKEN = frozenset({"symptom", "circumstance"})
AskAtom = Callable[["Standing"], Heard]
Ask = Callable[["Standing"], Truth]


@dataclass(frozen=True, slots=True, eq=False)
class ReadyAtom:
    """One atom. facts: those it reads, and their kinds; ask: whether it is true, false, not known or silent."""

    atom: Atom
    facts: tuple[str, ...]
    kinds: frozenset[str]
    ask: AskAtom


class ReadyPack:
    """The conditions of one pack."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._atoms: dict[Atom, ReadyAtom] = {}

    def atom(self, atom: Atom) -> ReadyAtom:
        """An atom made ready; the same one for equal atoms."""
        ready = self._atoms.get(atom)
        if ready is None:
            facts = tuple(facts_of(atom))
            kinds = frozenset(self.pack.facts[name].kind for name in facts)
            ready = self._atoms[atom] = ReadyAtom(atom, facts, kinds, _asks(self.pack, atom))
        return ready

    def condition(self, condition: Condition, mode: Mode) -> Ask:
        """Whether a condition holds; silence counts as `mode` says."""
        match condition:
            case And(of):
                return _all([self.condition(part, mode) for part in of])
            case Or(of):
                return _any([self.condition(part, mode) for part in of])
            case Not():
                raise AssertionError("conditions of a pack are normal")
            case _:
                return _one(self.atom(condition), HEARD_AS[mode])

    def topics(self, condition: Condition) -> frozenset[str] | None:
        """Of what something must have been said for a condition to hold, one of these; None if it may hold without.

        An atom on what nobody spoke of is silent, and a rule does not hear it.
        """
        match condition:
            case And(of):
                wanted = [topics for part in of if (topics := self.topics(part)) is not None]
                return min(wanted, key=len, default=None)
            case Or(of):
                each = [self.topics(part) for part in of]
                return None if None in each else frozenset(name for topics in each if topics for name in topics)
            case Holds(fact) | Compare(fact, other=None):
                definition = self.pack.facts[fact]
                return frozenset(definition.of) if definition.kind in SPOKEN else None
            case _:
                return None


def _all(parts: Sequence[Ask]) -> Ask:
    def ask(standing: Standing) -> Truth:
        known: Truth = True
        for part in parts:
            truth = part(standing)
            if truth is False:
                return False
            if truth is None:
                known = None
        return known

    return ask


def _any(parts: Sequence[Ask]) -> Ask:
    def ask(standing: Standing) -> Truth:
        known: Truth = False
        for part in parts:
            truth = part(standing)
            if truth is True:
                return True
            if truth is None:
                known = None
        return known

    return ask


def _one(ready: ReadyAtom, silence: Truth) -> Ask:
    def ask(standing: Standing) -> Truth:
        heard = standing.heard(ready)
        return silence if heard is SILENT else heard

    return ask


def _asks(pack: Pack, atom: Atom) -> AskAtom:
    match atom:
        case Compare(other=None):
            return _with_number(pack, atom)
        case Compare():
            return _with_fact(pack, atom)
        case Holds():
            return _holds(pack, atom)
        case IsWord():
            return _is_word(pack, atom)
        case AtLeast():
            return _at_least(atom)


def _with_number(pack: Pack, atom: Compare) -> AskAtom:
    fact, op, number = atom.fact, atom.op, pack.numbers[atom.number or ""]

    def ask(standing: Standing) -> Heard:
        value = standing.facts.value(pack, fact)
        if value.silent and value.origin is None and value.why == "not-asked":
            return SILENT
        # What was open before it lapsed stays open: no finding goes because a day has passed.
        silent = value.silent and not value.open_before(op, number.value)
        return _heard(compare_value(value, op, number.value, number.duration), False, silent)

    return ask


def _with_fact(pack: Pack, atom: Compare) -> AskAtom:
    fact, op, other = atom.fact, atom.op, atom.other or ""

    def ask(standing: Standing) -> Heard:
        one, two = standing.facts.value(pack, fact), standing.facts.value(pack, other)
        return _heard(compare_spans(one.span, op, two.span), False, one.silent or two.silent)

    return ask


def _holds(pack: Pack, atom: Holds) -> AskAtom:
    fact, negated = atom.fact, atom.negated

    def ask(standing: Standing) -> Heard:
        value = standing.facts.value(pack, fact)
        return _heard(is_yes(value), negated, value.silent)

    return ask


def _is_word(pack: Pack, atom: IsWord) -> AskAtom:
    fact, words, negated = atom.fact, atom.words, atom.negated

    def ask(standing: Standing) -> Heard:
        value = standing.facts.value(pack, fact)
        return _heard(is_word(value, words), negated, value.silent)

    return ask


def _at_least(atom: AtLeast) -> AskAtom:
    table, word, negated = atom.table, atom.word, atom.negated

    def ask(standing: Standing) -> Heard:
        outcome = standing.outcome_named(table)
        reached = outcome.at_least.at_least(word)
        truth = True if reached else (None if outcome.at_most.at_least(word) else False)
        return SILENT if outcome.silent else (negate(truth) if negated else truth)

    return ask


def _heard(truth: Truth, negated: bool, silent: bool) -> Heard:
    """A truth as it is heard: what is not known and silent is silence."""
    if truth is None:
        return SILENT if silent else None
    return not truth if negated else truth
