"""Spans and the one truth table: what can be said of a number that is known only in part.

A span is all the values a fact can still have: exact (low = high), `<0.5` is [0, 0.5), unknown is everything.
A comparison is True, False, or None for not known. Nothing else in Countwell decides what an unknown means.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Truth = bool | None
Op = Literal["<", "<=", ">", ">="]
OPS: tuple[Op, ...] = ("<", "<=", ">", ">=")
NEGATED: dict[Op, Op] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}

INFINITY = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Span:
    """All values from low to high; an open end does not belong to it. Infinite ends are always open."""

    low: Decimal
    high: Decimal
    low_open: bool = False
    high_open: bool = False

    @property
    def exact(self) -> bool:
        """Whether only one value is possible."""
        return self.low == self.high


EVERYTHING = Span(-INFINITY, INFINITY, True, True)
YES = Span(Decimal(1), Decimal(1))
NO = Span(Decimal(0), Decimal(0))
YES_OR_NO = Span(Decimal(0), Decimal(1))
NOTHING_THERE = Span(-INFINITY, -INFINITY)


def exactly(value: Decimal | int) -> Span:
    """The span of one value."""
    number = Decimal(value)
    return Span(number, number)


def compare(span: Span, op: Op, limit: Decimal) -> Truth:
    """Whether every value of the span stands so to the limit (True), none does (False), or some do (None)."""
    match op:
        case "<":
            return _below(span, limit)
        case ">=":
            return negate(_below(span, limit))
        case "<=":
            return _at_most(span, limit)
        case ">":
            return negate(_at_most(span, limit))


def _below(span: Span, limit: Decimal) -> Truth:
    if span.high < limit or (span.high == limit and span.high_open):
        return True
    return False if span.low >= limit else None


def _at_most(span: Span, limit: Decimal) -> Truth:
    if span.high <= limit:
        return True
    return False if span.low > limit or (span.low == limit and span.low_open) else None


def compare_spans(left: Span, op: Op, right: Span) -> Truth:
    """The same between two spans: True if it holds for every pair of values, False if for none."""
    match op:
        case "<":
            return _span_below(left, right)
        case ">=":
            return negate(_span_below(left, right))
        case ">":
            return _span_below(right, left)
        case "<=":
            return negate(_span_below(right, left))


def _span_below(left: Span, right: Span) -> Truth:
    touching_open = left.high == right.low and (left.high_open or right.low_open)
    if left.high < right.low or touching_open:
        return True
    return False if left.low >= right.high else None


def negate(truth: Truth) -> Truth:
    """Not true is false, not known stays not known."""
    return None if truth is None else not truth


def all_of(truths: Iterable[Truth]) -> Truth:
    """False if one is false, else not known if one is not known, else True (of none: True)."""
    known: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            known = None
    return known


def any_of(truths: Iterable[Truth]) -> Truth:
    """True if one is true, else not known if one is not known, else False (of none: False)."""
    return negate(all_of(negate(truth) for truth in truths))


def worse_half(span: Span, worse: str) -> Span:
    """The half-line of a value that no longer vouches: itself at the good end, nothing known towards the bad.

    worse: `lower` or `higher`; with `none` nothing is known any more.
    """
    match worse:
        case "lower":
            return Span(-INFINITY, span.high, True, span.high_open)
        case "higher":
            return Span(span.low, INFINITY, span.low_open, True)
        case _:
            return EVERYTHING


def worst(spans: Iterable[Span], worse: str) -> Span:
    """The span that is worst at its good end: of several values that cannot all be right, the one to reckon with."""
    return min(spans, key=lambda s: (s.high, s.low)) if worse == "lower" else max(spans, key=lambda s: (s.low, s.high))
