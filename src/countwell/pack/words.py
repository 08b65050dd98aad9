"""The grammar of conditions: `or`, `and`, `not`, brackets, and four kinds of atom. No figures, no arithmetic.

Reads a condition as it is written (a `Not` stays a `Not`) and writes one back. Knows nothing of what the names mean.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from countwell.base.spans import OPS, Op
from countwell.model.rules import And, AtLeast, Atom, Compare, Condition, Holds, IsWord, Not, Or
from countwell.pack.faults import meant
from countwell.pack.tokens import Stop, Wrong, tokens

ALL_TABLES = "advice"
RESERVED = frozenset(("or", "and", "not", "is", "in", "at", "least", ALL_TABLES))

_NAME = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
_SYNTAX = RESERVED - {ALL_TABLES}
_DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Names:
    """What a condition may name."""

    facts: Collection[str] = ()
    numbers: Collection[str] = ()
    tables: Collection[str] = ()
    sets: Mapping[str, frozenset[str]] = field(default_factory=dict)


def parse(text: str, names: Names) -> tuple[Condition | None, list[Wrong]]:
    """The condition as written, and what is wrong with it. With anything wrong, the condition is not to be used.

    >>> parse("wbc < wbc_low", Names(facts=["wbc"], numbers=["wbc_low"]))[0]
    Compare(fact='wbc', op='<', number='wbc_low', other=None)
    """
    parser = _Parser(names)
    try:
        parser.tokens = tokens(text)
        return parser.whole(), parser.wrong
    except Stop as stop:
        return None, [*parser.wrong, stop.wrong]


class _Parser:
    """Recursive descent over the tokens: or, and, not, atom."""

    def __init__(self, names: Names) -> None:
        self.tokens: list[str] = []
        self.wrong: list[Wrong] = []
        self._names = names
        self._at = 0
        self._depth = 0

    def whole(self) -> Condition:
        """The condition that all the tokens make."""
        condition = self._any()
        if self._at < len(self.tokens):
            raise _too_much(self.tokens[self._at])
        return condition

    def _peek(self) -> str | None:
        return self.tokens[self._at] if self._at < len(self.tokens) else None

    def _takes(self, token: str) -> bool:
        found = self._peek() == token
        self._at += found
        return found

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._takes("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Condition:
        if self._depth == _DEEPEST:
            raise Stop("brackets within brackets, too deep to read.", "Write it more simply.")
        self._depth += 1
        condition = self._negated_or_bracketed()
        self._depth -= 1
        return condition

    def _negated_or_bracketed(self) -> Condition:
        if self._takes("not"):
            return Not(self._one())
        if not self._takes("("):
            return self._atom()
        inner = self._any()
        if not self._takes(")"):
            raise Stop("a bracket is not closed.", "Count the brackets.")
        return inner

    def _atom(self) -> Atom:
        name = self._name("a fact")
        token = self._peek()
        if token in OPS:
            return self._comparison(name, token)
        if self._takes("is"):
            return IsWord(self._fact(name), frozenset([self._word()]))
        if self._takes("in"):
            return IsWord(self._fact(name), self._set())
        if self._takes("at"):
            return self._outcome(name)
        return Holds(self._fact(name))

    def _comparison(self, left: str, op: Op) -> Compare:
        self._at += 1
        right = self._name("a number or a fact")
        if left in self._names.numbers and left not in self._names.facts:
            self.wrong.append(Wrong(f"`{left}` is a number.", "The fact stands first: write it the other way round."))
            return Compare(left, op)
        if right in self._names.numbers:
            return Compare(self._fact(left), op, number=right)
        known = [*self._names.numbers, *self._names.facts]
        return Compare(self._fact(left), op, other=self._known(right, known, "number or fact"))

    def _outcome(self, table: str) -> AtLeast:
        if not self._takes("least"):
            raise Stop("`at` is followed by `least`.", f"Write `{table} at least hold`.")
        known = [*self._names.tables, ALL_TABLES]
        return AtLeast(self._known(table, known, "table"), self._word())

    def _set(self) -> frozenset[str]:
        name = self._name("a set")
        self._known(name, self._names.sets, "set")
        return self._names.sets.get(name, frozenset())

    def _fact(self, name: str) -> str:
        if name in self._names.numbers and name not in self._names.facts:
            self.wrong.append(Wrong(f"`{name}` is a number, not a fact.", "Compare a fact with it."))
            return name
        return self._known(name, self._names.facts, "fact")

    def _known(self, name: str, known: Collection[str], kind: str) -> str:
        if name not in known:
            self.wrong.append(Wrong(f"there is no {kind} `{name}`.", meant(name, known)))
        return name

    def _name(self, wanted: str) -> str:
        token = self._next(wanted)
        if not _NAME.fullmatch(token) and token.casefold() not in self._names.facts:
            raise Stop(f"`{token}` is no name.", "Names are of small letters, digits, - and _.")
        return token

    def _word(self) -> str:
        return self._next("a word")

    def _next(self, wanted: str) -> str:
        token = self._peek()
        if token is None:
            raise Stop(f"{wanted} is missing at the end.", "Complete the condition.")
        if token in _SYNTAX or token in OPS or token in "()":
            raise Stop(f"`{token}` stands where {wanted} is wanted.", "Complete the condition.")
        self._at += 1
        return token


def _too_much(token: str) -> Stop:
    if token == ")":
        return Stop("a bracket is closed that was not opened.", "Count the brackets.")
    if token in OPS:
        return Stop("two comparisons in a row.", "Write them apart: `fact >= low and fact < high`.")
    if token.casefold() in _SYNTAX:
        return Stop(f"`{token}` is not known here.", f"Write `{token.casefold()}`, in its place.")
    return Stop(f"`{token}` follows without `and` or `or`.", "Write which of the two is meant.")
