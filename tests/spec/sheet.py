"""One fact of one patient: a pack of a few lines around it, a record, an instant; and one schedule rule, if it is wanted."""

from __future__ import annotations

from collections.abc import Sequence

from countwell import read_record
from countwell.base.dates import Moment
from countwell.base.spans import Span
from countwell.engine.joined import Joined
from countwell.engine.standing import Standing
from countwell.facts.asked import Asked
from countwell.facts.past import past_of
from countwell.model.facts import Value
from countwell.pack.read import read_text
from generative.making import AS_OF, HOME, Json, record, when

PACK = """\
pack: sheet
kind: protocol
version: 1.0.0
status: draft
title: One fact
applies: {condition: cidp}
sets:
  on_treatment: [active, held]
sources:
  board: {title: "Drugs board", kind: local decision, verified: yes}
numbers:
  day: {value: 1, unit: days, source: board, at: here}
  week: {value: 1, unit: weeks, source: board, at: here}
  fortnight: {value: 2, unit: weeks, source: board, at: here}
  month: {value: 1, unit: months, source: board, at: here}
  half_year: {value: 6, unit: months, source: board, at: here}
  year: {value: 12, unit: months, source: board, at: here}
  ten: {value: 10, unit: "%", source: board, at: here}
  none: {value: 0, unit: "%", source: board, at: here}
  low: {value: 20, unit: U/L, source: board, at: here}
  high: {value: 80, unit: U/L, source: board, at: here}
facts:
  course: {state: course}
  on_drug: {since: run}
  liver_times: {highest: [alt, ast], as: limits, limit-within: year, limit-between: [low, high]}
  allopurinol: {medicine: allopurinol, confirmed: half_year}
  fever: {symptom: fever, value: Cel}
FACTS
tables:
  schedule:
SCHEDULE
cases: {}
"""
MONTHLY = "always: {when: course in on_treatment, due: [cbc, liver], every: month, source: board, at: here}"


def standing(
    facts: Sequence[str],
    events: Sequence[Json],
    as_of: str | Moment = AS_OF,
    *,
    schedule: str = MONTHLY,
    known_at: str | None = None,
    asked: Asked | None = None,
    home: str = HOME,
) -> Standing:
    """A patient under the pack of these facts and this schedule."""
    lines = "\n".join(f"  {line}" for line in facts)
    text = PACK.replace("FACTS", lines).replace("SCHEDULE", f"    {schedule}")
    pack = read_text(text, "sheet.yaml")
    instant = when(as_of, home) if isinstance(as_of, str) else as_of
    known = when(known_at, home) if known_at else instant
    past = past_of(read_record(record(events, home=home)))
    return Standing(Joined((pack,)), past, instant, known, asked or Asked("review"))


def value(definition: str, events: Sequence[Json], as_of: str | Moment = AS_OF, **more: object) -> Value:
    """One fact, written as a pack writes it."""
    found = standing([f"asked_fact: {definition}"], events, as_of, **more)  # type: ignore[arg-type]
    return found.facts.value(found.joined.protocol, "asked_fact")


def written(span: Span) -> str:
    """A span as mathematicians write it: [3.0, 3.0], (-inf, 6.1]."""
    low, high = (f"{end:f}" if end.is_finite() else ("inf" if end > 0 else "-inf") for end in (span.low, span.high))
    return f"{'(' if span.low_open else '['}{low}, {high}{')' if span.high_open else ']'}"


def span(definition: str, events: Sequence[Json], as_of: str | Moment = AS_OF, **more: object) -> str:
    """The span of one fact, written."""
    return written(value(definition, events, as_of, **more).span)
