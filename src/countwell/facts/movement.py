"""Facts about movement: how far a test has changed, and how many times in a row it fell or rose. Too few values: silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from countwell.base.dates import before
from countwell.base.spans import EVERYTHING, Span, exactly, worse_half, worst
from countwell.facts.laboratory import baseline_of, shown
from countwell.facts.specimens import Specimen
from countwell.facts.treatment import event_moment
from countwell.model.facts import Value
from countwell.model.pack import FactDefinition, Pack
from countwell.vocabulary.tests import test

if TYPE_CHECKING:
    from countwell.facts.of_patient import Facts

HUNDRED = Decimal(100)


def change(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """How far a test has moved, in `%` or absolutely, against its baseline or an extreme of a time; too few values: silent."""
    name = definition.of[0]
    row = facts.specimens(name)
    current = [s for s in row if s.span is not None and s.status != "withdrawn"]
    if not current:
        return Value(EVERYTHING, why="missing", silent=True)
    moves = [(s, move) for s in _since_last_settled(current) if (move := _move(facts, pack, definition, s)) is not None]
    if not moves:
        return Value(EVERYTHING, why="missing", silent=True)
    specimen, span = moves[0]
    if specimen.status == "preliminary" or len(moves) > 1:
        span = worst([move for _, move in moves], definition.worse)
        specimen = next(s for s, move in moves if move == span)
        span = worse_half(span, definition.worse)
    return replace(shown(specimen, span), unit="%" if definition.param("as") == "%" else test(name).unit)


def _since_last_settled(row: Sequence[Specimen]) -> Sequence[Specimen]:
    """The newest settled value and the preliminary ones after it."""
    places = [place for place, specimen in enumerate(row) if specimen.settled]
    return row[places[-1] :] if places else row


def _move(facts: Facts, pack: Pack, definition: FactDefinition, current: Specimen) -> Span | None:
    reference = _reference(facts, pack, definition, current)
    if reference is None or current.span is None or reference.low <= 0:
        return None
    rise = definition.param("direction") != "fall"
    in_percent = definition.param("as") == "%"
    one, other = (current.span, reference) if rise else (_mirrored(current.span), _mirrored(reference))
    return Span(
        _difference(one.low, other.high, in_percent),
        _difference(one.high, other.low, in_percent),
        one.low_open or other.high_open,
        one.high_open or other.low_open,
    )


def _mirrored(span: Span) -> Span:
    return Span(-span.high, -span.low, span.high_open, span.low_open)


def _difference(now: Decimal, then: Decimal, in_percent: bool) -> Decimal:
    if now.is_infinite():
        return now
    if then.is_infinite():
        return -then
    return (now - then) * HUNDRED / abs(then) if in_percent else now - then


def _reference(facts: Facts, pack: Pack, definition: FactDefinition, current: Specimen) -> Span | None:
    against = definition.param("against")
    if against == "baseline":
        found = baseline_of(facts, pack, current.test, definition.param("within"))
        return found.span if found is not None and found.collected < current.collected else None
    duration = pack.numbers[str(definition.param("within"))].duration
    assert duration is not None
    first = before(current.collected.day, duration)
    spans = [
        s.span
        for s in facts.settled(current.test)
        if s.span is not None and first <= s.collected.day and s.collected < current.collected and s.span.exact
    ]
    if not spans:
        return None
    return max(spans, key=lambda s: s.high) if against == "highest" else min(spans, key=lambda s: s.low)


def streak(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """How many successive falls (or rises), each of more than `step` percent, end at the newest result; too few: silent."""
    row = _exact_since(facts, pack, definition)
    if len(row) < 2:
        return Value(EVERYTHING, unit="count", why="missing", silent=True)
    step = pack.numbers[str(definition.param("step"))].value
    sign = -1 if definition.param("direction") == "fall" else 1
    count = 0
    for older, newer in zip(reversed(row[:-1]), reversed(row), strict=False):
        if not _steps(older, newer, step, sign):
            break
        count += 1
    return replace(shown(row[-1], exactly(count)), unit="count", why=None)


def _exact_since(facts: Facts, pack: Pack, definition: FactDefinition) -> list[Specimen]:
    row = [s for s in facts.settled(definition.of[0]) if s.span is not None and s.span.exact]
    event = definition.param("since")
    if event is None:
        return row
    moment = event_moment(facts, pack, event)
    return [s for s in row if moment is not None and s.collected.day >= moment.day]


def _steps(older: Specimen, newer: Specimen, step: Decimal, sign: int) -> bool:
    assert older.span is not None and newer.span is not None
    then, now = older.span.low, newer.span.low
    return then > 0 and (now - then) * sign * HUNDRED > step * then
