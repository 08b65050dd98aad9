"""What a finding rests on, in words: the inputs as they were sent, and each condition that was evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from countwell.base.dates import Moment
from countwell.base.spans import Span
from countwell.model.answers import Because, Cited, Finding
from countwell.model.pack import Pack, Reading
from countwell.model.records import Record, Result
from countwell.paper.plain import clean, day, day_of, fact, moment, number, said, short, unit, with_unit
from countwell.paper.words import HOLDS, OPS, WHY, shown

VERIFIED = {True: "read in the source", False: "recalled or chosen, not verified"}


@dataclass(frozen=True, slots=True)
class Found:
    """One input: what it is, the value as sent, when, and its state if it is not final."""

    name: str
    value: str
    when: Moment | None
    state: str = ""

    def words(self, time_zone: ZoneInfo) -> str:
        """`White cells 3.0 ×10⁹/L, 1 Mar 2026, 09:00`."""
        parts = [f"{self.name} {self.value}".strip(), moment(self.when, time_zone) if self.when else "", self.state]
        return ", ".join(part for part in parts if part)


def found(finding: Finding, record: Record) -> list[Found]:
    """The inputs behind a finding, each once."""
    results = {event.ref: event for event in record.events if isinstance(event, Result)}
    rows = [row for because in finding.because if because.as_sent for row in _inputs(because, results)]
    return list(dict.fromkeys(rows))


def _inputs(because: Because, results: dict[str, Result]) -> Iterator[Found]:
    sent = [results[ref] for ref in because.events if ref in results]
    for result in sent:
        yield _of_result(result)
    if not sent and because.op != "at least":
        value = day_of(because.as_sent) if because.span is None else _sent(because)
        yield Found(fact(because.fact), value, None if because.at and value == day(because.at.day) else because.at)


def _sent(because: Because) -> str:
    """The text as sent, its unit as it is printed."""
    value, space, name = (because.as_sent or "").rpartition(" ")
    return f"{clean(value)}{space}{unit(name)}" if name == because.unit else clean(because.as_sent)


def _of_result(result: Result) -> Found:
    value = f"{clean(result.value or '')} {unit(result.unit or '')}".strip()
    state = "" if result.status in (None, "final") else said(result.status)
    return Found(fact(result.test or "result"), value, result.collected, state)


def condition(because: Because) -> str:
    """One evaluated condition: what was asked, and what it was compared with."""
    unless = "unless " if (because.op or "").startswith("unless ") else ""
    op = (because.op or "").removeprefix("unless ")
    value = because.number_value or ""
    asked = f"{shown(OPS, op)} {_limit(value, because.unit)}".strip() if op else ""
    return clean(f"{unless}{fact(because.fact)} {asked}".strip())


def _limit(value: str, unit: str) -> str:
    try:
        return with_unit(number(Decimal(value)), unit)
    except InvalidOperation:
        return said(value)


def stood(because: Because) -> str:
    """How the fact stood: its value or why it is not known, and of when."""
    value = " or ".join(map(said, because.words)) if because.words is not None else _span(because)
    parts = [value, day(because.at.day) if because.at else "", shown(WHY, because.why) if because.why else ""]
    return clean(", ".join(part for part in parts if part))


def _span(because: Because) -> str:
    span = because.span
    if span is None or because.unit == "":
        return clean(because.as_sent or "")
    limits = _numbers(because.number_value)
    if span.exact:
        return with_unit(short(span.low, limits, 4), because.unit)
    return (
        with_unit(interval(span, limits), because.unit)
        if span.low.is_finite() or span.high.is_finite()
        else "any value"
    )


def interval(span: Span, limits: Sequence[Decimal] = ()) -> str:
    """A span in words: `1.7 or less`, `below 0.5`, `0.44 to 1.63`."""
    low, high = short(span.low, limits), short(span.high, limits)
    if not span.low.is_finite() or (span.low == 0 and span.high_open):
        return f"below {high}" if span.high_open else f"{high} or less"
    if not span.high.is_finite():
        return f"above {low}" if span.low_open else f"{low} or more"
    return f"{low} to {high}"


def _numbers(value: str | None) -> list[Decimal]:
    try:
        return [Decimal(value)] if value else []
    except InvalidOperation:
        return []


def holds(because: Because) -> str:
    """True, false or not known."""
    return HOLDS[because.holds]


def reading_of(source: Cited, layer: str, packs: Sequence[Pack]) -> Reading | None:
    """How the layer read an unclear sentence of its source."""
    pack = next((pack for pack in packs if pack.name == layer), None)
    return pack.readings.get(source.reading or "") if pack is not None else None


def open_questions(finding: Finding) -> list[str]:
    """The conditions of a finding that are not known, in words."""
    rows = [f"{fact(b.fact)}: {stood(b) or shown(WHY, 'missing')}" for b in finding.because if b.holds is None]
    return list(dict.fromkeys(rows))
