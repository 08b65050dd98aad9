"""The one rule shape: a condition over facts, and what follows.

Conditions are trees of these few classes; every engine, proof, sentence and export reads them and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, product

from countwell.base.spans import NEGATED, Op
from countwell.model.advice import Advice


@dataclass(frozen=True, slots=True)
class Holds:
    """A yes/no fact: yes (or, negated, no)."""

    fact: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """A fact against a named number, or against another fact. The negation is another comparison."""

    fact: str
    op: Op
    number: str | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class IsWord:
    """A word fact that is one of these words (`is` has one, `in` a set)."""

    fact: str
    words: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AtLeast:
    """An earlier table's joined advice at a rung or above; the table `advice` is the join of all."""

    table: str
    word: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """Only in conditions as written; `normal` pushes it to the atoms."""

    of: Condition


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of these."""

    of: tuple[Condition, ...]


Atom = Holds | Compare | IsWord | AtLeast
Condition = Atom | Not | And | Or


def normal(condition: Condition, negate: bool = False) -> Condition:
    """The same condition with every `not` pushed into its atoms, so that silence is judged atom by atom."""
    match condition:
        case Not(of):
            return normal(of, not negate)
        case And(of):
            parts = tuple(normal(part, negate) for part in of)
            return Or(parts) if negate else And(parts)
        case Or(of):
            parts = tuple(normal(part, negate) for part in of)
            return And(parts) if negate else Or(parts)
        case Compare(fact, op, number, other):
            return Compare(fact, NEGATED[op], number, other) if negate else condition
        case Holds(fact, negated):
            return Holds(fact, negated ^ negate)
        case IsWord(fact, words, negated):
            return IsWord(fact, words, negated ^ negate)
        case AtLeast(table, word, negated):
            return AtLeast(table, word, negated ^ negate)


def atoms(condition: Condition | None) -> Iterator[Atom]:
    """Every atom of a condition, left to right."""
    match condition:
        case None:
            return
        case Not(of):
            yield from atoms(of)
        case And(of) | Or(of):
            for part in of:
                yield from atoms(part)
        case _:
            yield condition


def ways(condition: Condition) -> list[tuple[Atom, ...]]:
    """The ways in which a condition can hold: each the atoms that must all be true. `a and (b or c)` has two."""
    match condition:
        case Or(of):
            return [way for part in of for way in ways(part)]
        case And(of):
            return [tuple(chain.from_iterable(parts)) for parts in product(*map(ways, of))]
        case Not():
            raise AssertionError("conditions of a pack are normal")
        case _:
            return [(condition,)]


def facts_of(condition: Condition | None) -> Iterator[str]:
    """Every fact that a condition reads, left to right, with repeats."""
    for atom in atoms(condition):
        match atom:
            case Compare(fact, _, _, other):
                yield fact
                if other is not None:
                    yield other
            case Holds(fact) | IsWord(fact):
                yield fact


def numbers_of(condition: Condition | None) -> Iterator[str]:
    """Every named number that a condition compares with."""
    for atom in atoms(condition):
        if isinstance(atom, Compare) and atom.number is not None:
            yield atom.number


def tables_of(condition: Condition | None) -> Iterator[str]:
    """Every table whose outcome a condition reads."""
    for atom in atoms(condition):
        if isinstance(atom, AtLeast):
            yield atom.table


@dataclass(frozen=True, slots=True)
class Due:
    """Tests wanted: `every` from the last one (not before `from_`), or `within` of the event that made the rule true.

    groups: test groups or tests. every, from_, within: names of numbers (durations).
    """

    groups: tuple[str, ...]
    every: str | None = None
    from_: str | None = None
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Dose:
    """One limit on the dose. All but `none` hold names of numbers; `of` names a dose fact that `times` multiplies."""

    first: str | None = None
    target: tuple[str, str] | None = None
    ceiling: str | None = None
    times: str | None = None
    of: str | None = None
    none: bool = False
    confirm: str | None = None
    step: str | None = None
    step_every: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which something is to be expected or avoided, from `low` to `high` after a start or stop."""

    after: str
    low: str
    high: str | None = None


@dataclass(frozen=True, slots=True)
class Reserve:
    """How much more to carry on a journey: `days` more, or this `share` more, whichever is larger."""

    days: str | None = None
    share: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """When, and what follows.

    advice carries no dates; `decide_within` and `until` belong to a hold. tell: for `clinician` and `patient`.
    source, at, reading: where a rule without a cited number stands. line: in its file.
    """

    name: str
    when: Condition
    unless: Condition | None = None
    advice: Advice | None = None
    decide_within: str | None = None
    due: Due | None = None
    dose: Dose | None = None
    words: frozenset[str] = frozenset()
    window: Window | None = None
    reserve: Reserve | None = None
    gate: str | None = None
    tell: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    at: str | None = None
    reading: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rules on one subject. `clear` is the only way to say that there is nothing to do.

    asks: questions for which alone it is read (empty: always). joins: `always` or `where-silent`.
    """

    name: str
    rules: tuple[Rule, ...]
    clear: Condition | None = None
    asks: tuple[str, ...] = ()
    joins: str = "always"
    line: int = 0
