"""The facts of one patient as the parameters of a library: from the values that Countwell has of them.

Types are those of CQL: a Decimal, a Boolean, a Date, a list of texts; None is null. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from countwell.base.spans import NO, NOTHING_THERE, YES, Span
from countwell.cql.facts import LAPSED, SILENT, WAS, Shape, holds_all, may_lapse, shapes
from countwell.cql.written import LOWEST, SMALLEST
from countwell.model.facts import Value
from countwell.model.pack import FactDefinition, Pack

Parameter = Decimal | bool | date | list[str] | None


class Parameters:
    """The parameters of the library of one pack, laid out once for all patients."""

    def __init__(self, pack: Pack) -> None:
        self._facts = [(pack.facts[name], shape) for name, shape in shapes(pack).items()]

    def of(self, value_of: Callable[[str], Value]) -> dict[str, Parameter]:
        """Every parameter of the facts of the pack, by name. value_of: the value of a fact of this pack.

        A number of more places than CQL has is given as the open span between its neighbours: no number of a pack has
        more places, so no comparison with one changes. Raises ValueError for a value that its parameter cannot hold.
        """
        return dict(pair for fact, shape in self._facts for pair in _of_fact(fact, shape, value_of(fact.name)))


def _of_fact(definition: FactDefinition, shape: Shape, value: Value) -> Iterator[tuple[str, Parameter]]:
    yield definition.name + SILENT[0], value.silent
    match shape:
        case Shape.NUMBER:
            yield from _number(definition.name, value)
            if may_lapse(definition):
                yield definition.name + LAPSED[0], value.was is not None
                yield from _span(definition.name + WAS, value.was)
        case Shape.TIME:
            yield from _time(definition.name, value)
        case Shape.YES_NO:
            yield definition.name, True if value.span == YES else False if value.span == NO else None
        case Shape.WORDS:
            yield definition.name, _words(definition, value)


def _number(name: str, value: Value) -> Iterator[tuple[str, Parameter]]:
    """The ends of a span. Of what was not asked nothing is known, whatever span stands for it."""
    unasked = value.silent and value.why == "not-asked"
    yield from _span(name, None if unasked else value.span)


def _span(name: str, span: Span | None) -> Iterator[tuple[str, Parameter]]:
    low, low_open, high, high_open = (None, True, None, True) if span is None else _ends(span)
    yield from ((f"{name} low", low), (f"{name} low is open", low_open))
    yield from ((f"{name} high", high), (f"{name} high is open", high_open))


def _ends(span: Span) -> tuple[Decimal | None, bool, Decimal | None, bool]:
    if span == NOTHING_THERE:
        return Decimal(LOWEST), False, Decimal(LOWEST), False
    low, high = _at_most(span.low), _at_least(span.high)
    return low, span.low_open or low != span.low, high, span.high_open or high != span.high


def _at_most(end: Decimal) -> Decimal | None:
    return end.quantize(SMALLEST, ROUND_FLOOR).normalize() if end.is_finite() else None


def _at_least(end: Decimal) -> Decimal | None:
    return end.quantize(SMALLEST, ROUND_CEILING).normalize() if end.is_finite() else None


def _time(name: str, value: Value) -> Iterator[tuple[str, Parameter]]:
    earliest, latest = value.origin if value.origin is not None else (None, None)
    if value.origin is not None and latest is None:
        raise ValueError(f"{name}: a time that has begun needs its latest day.")
    if value.origin is None and value.span.low.is_finite():
        raise ValueError(f"{name}: a time is given by the day on which it began, not by a number.")
    yield f"{name} has begun", True if value.origin is not None else False if value.span == NOTHING_THERE else None
    yield from ((f"{name} earliest", earliest), (f"{name} latest", latest))


def _words(definition: FactDefinition, value: Value) -> Parameter:
    if value.words is not None and value.several is not holds_all(definition):
        raise ValueError(f"{definition.name}: words that hold all at once and words that are possible are two things.")
    return sorted(value.words) if value.words is not None else None
