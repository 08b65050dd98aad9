"""The limits of a test, found by reading the packs: where a rule that hangs on this test alone begins to give advice.

Nothing is typed here: value, side, and whether the limit itself belongs to it come from the comparison, the words and
their rank from `model.advice`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from countwell.base.spans import Op, Span, compare
from countwell.engine.joined import Joined
from countwell.model.advice import CALM, Rank, rank
from countwell.model.pack import FactDefinition, Pack
from countwell.model.rules import Compare, Rule, atoms, facts_of, normal
from countwell.paper.plain import number
from countwell.paper.words import LIMITS


@dataclass(frozen=True, slots=True)
class Limit:
    """Where advice begins. below: what lies below is worse. closed: the limit itself belongs to the worse side."""

    value: Decimal
    below: bool
    closed: bool
    rank: Rank
    layer: str
    number: str

    @property
    def words(self) -> str:
        """Where it begins: `at 3.0 or less`."""
        return LIMITS[self.below, self.closed].format(number(self.value))

    def reached(self, span: Span) -> bool:
        """Whether every value that is possible lies on the worse side."""
        return compare(span, self._op, self.value) is True

    @property
    def _op(self) -> Op:
        if self.below:
            return "<=" if self.closed else "<"
        return ">=" if self.closed else ">"

    @property
    def order(self) -> tuple[Decimal, bool]:
        """From the mild end to the grave one; of two at one value, the one that holds the value first."""
        return (-self.value if self.below else self.value), not self.closed


@dataclass(frozen=True, slots=True)
class Band:
    """From one limit on towards the worse side, up to where something graver begins (None: to the edge)."""

    limit: Limit
    until: Decimal | None


def limits_of(test: str, packs: Sequence[Pack]) -> tuple[Limit, ...]:
    """Every limit of a test's own values under these packs."""
    return _sifted(_of_facts("latest", (test,), packs))


def limits_of_ratio(test: str, packs: Sequence[Pack]) -> tuple[Limit, ...]:
    """Every limit of a test as a multiple of its upper limit of normal."""
    return _sifted(_of_facts("highest", (test,), packs))


def ratio_of(test: str, packs: Sequence[Pack]) -> tuple[Pack, FactDefinition] | None:
    """The first fact that reads this test as a multiple of its upper limit."""
    found = ((pack, fact) for pack in packs for fact in pack.facts.values() if _is(fact, "highest", test))
    return next(found, None)


def bands(limits: Sequence[Limit]) -> tuple[Band, ...]:
    """The limits as bands, each up to the next."""
    nexts = [*(limit.value for limit in limits[1:]), None]
    return tuple(Band(limit, until) for limit, until in zip(limits, nexts, strict=False))


def band_of(span: Span | None, limits: Sequence[Limit]) -> Limit | None:
    """The gravest limit that the whole span lies beyond."""
    return next((limit for limit in reversed(limits) if span is not None and limit.reached(span)), None)


def _sifted(limits: Iterable[Limit]) -> tuple[Limit, ...]:
    """From mild to grave; a limit that adds nothing to one before it is left out."""
    kept: list[Limit] = []
    for limit in sorted(limits, key=lambda one: (one.order, one.rank.place)):
        if not kept or limit.rank.place < kept[-1].rank.place:
            kept.append(limit)
    return tuple(kept)


def _of_facts(kind: str, tests: tuple[str, ...], packs: Sequence[Pack]) -> Iterator[Limit]:
    named = {pack.name: {name for name, fact in pack.facts.items() if _is(fact, kind, tests[0])} for pack in packs}
    for placed in Joined(packs).rules:
        if named[placed.pack.name].issuperset(facts_of(placed.rule.when)) and not placed.table.asks:
            yield from _of_rule(placed.rule, placed.pack)


def _is(fact: FactDefinition, kind: str, test: str) -> bool:
    """Whether a fact is this test now: its latest value, or as a multiple of its limit (and over no stretch of time)."""
    as_limits = fact.param("as") == "limits"
    return fact.kind == kind and test in fact.of and as_limits == (kind == "highest") and not fact.param("within")


def _of_rule(rule: Rule, pack: Pack) -> Iterator[Limit]:
    ranked = rank(rule.advice) if rule.advice is not None else CALM
    if ranked is CALM:
        return
    for atom in atoms(normal(rule.when)):
        if isinstance(atom, Compare) and atom.number is not None and _towards_worse(atom, pack):
            value = pack.numbers[atom.number].value
            yield Limit(value, atom.op in ("<", "<="), "=" in atom.op, ranked, pack.name, atom.number)


def _towards_worse(atom: Compare, pack: Pack) -> bool:
    """Whether a comparison asks for worse values; the other one only ends a stretch."""
    worse = pack.facts[atom.fact].worse
    return worse == "none" or (worse == "lower") == (atom.op in ("<", "<="))
