"""Word facts as bits: every word that a rule asks for has its own; all other words share the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from countwell.cohort.plan import Plan
from countwell.cohort.wanted import Fact
from countwell.model.rules import IsWord

ANOTHER_WORD = 0


@dataclass(frozen=True)
class Words:
    """By number of the fact, and by kind, the words that rules ask for, in order of their bits from 1 on."""

    of_fact: Mapping[int, tuple[str, ...]]
    of_kind: Mapping[str, tuple[str, ...]]

    def bit_of(self, fact: Fact, word: str) -> int:
        """The place of a word's bit."""
        return self.bit(fact.kind, word)

    def bit(self, kind: str, word: str) -> int:
        """The same for any fact of a kind."""
        asked = self.of_kind.get(kind, ())
        return asked.index(word) + 1 if word in asked else ANOTHER_WORD


def words_of(plan: Plan) -> Words:
    """The words that the rules of a plan ask for. Facts of one kind share their bits."""
    of_fact: dict[int, set[str]] = {}
    of_kind: dict[str, set[str]] = {}
    for rule in plan.rules:
        for atom in rule.atoms():
            if isinstance(atom, IsWord):
                fact = plan.fact(rule, atom.fact)
                of_fact.setdefault(fact.number, set()).update(atom.words)
                of_kind.setdefault(fact.kind, set()).update(atom.words)
    return Words(
        {number: tuple(sorted(words)) for number, words in of_fact.items()},
        {kind: tuple(sorted(words)) for kind, words in of_kind.items()},
    )
