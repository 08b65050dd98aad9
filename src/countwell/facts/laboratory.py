"""Facts that rest on laboratory results: the newest, the highest of several, the baseline before the first start.

Alarm stands, reassurance lapses: a value that is lapsed, preliminary or disputed is a half-line, itself at its good end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from countwell.base.dates import Moment, before
from countwell.base.spans import EVERYTHING, INFINITY, Span, worse_half, worst
from countwell.facts.orders import is_pending
from countwell.facts.readings import Reading
from countwell.facts.specimens import Specimen
from countwell.model.facts import Value
from countwell.model.pack import FactDefinition, Pack
from countwell.vocabulary.tests import test

if TYPE_CHECKING:
    from countwell.facts.of_patient import Facts

Measure = Callable[[Reading, Span], Span]


def latest(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """The newest result of one test."""
    return _newest(facts, definition.of[0], _as_value)


def _as_value(_: Reading, span: Span) -> Span:
    return span


def _newest(facts: Facts, name: str, measure: Measure) -> Value:
    """The newest result, each specimen measured by its own report."""
    row = facts.specimens(name)
    done = facts.settled(name)
    if not done:
        return _never_done(facts, name, [s for s in row if s.status in ("preliminary", "unreadable")], measure)
    last = done[-1]
    later = [s for s in row if s.status in ("preliminary", "unreadable") and _may_be_later(s, last)]
    standing = _standing(facts, last, measure)
    return _with_later(standing, later, measure) if later else standing


def _may_be_later(specimen: Specimen, last: Specimen) -> bool:
    """Whether it was collected after the last settled one; of one day, a date without a time may be later."""
    one, other = specimen.collected, last.collected
    if one.day == other.day and (one.whole_day or other.whole_day):
        return True
    return one.at > other.at


def _standing(facts: Facts, last: Specimen, measure: Measure) -> Value:
    """A settled value: exact while it vouches, a half-line when disputed or lapsed."""
    value = _measured(last, measure)
    if last.status == "disputed":
        return replace(value, span=worse_half(value.span, test(last.test).worse), why="disputed")
    if not _has_lapsed(facts, last):
        return value
    silent = not facts.schedule.requires(last.test)
    half = worse_half(value.span, test(last.test).worse)
    return replace(value, span=half, why="lapsed", silent=silent, was=value.span)


def _measured(specimen: Specimen, measure: Measure) -> Value:
    """A specimen's value in the measure that is wanted; open for want of a limit if only its limit is not known."""
    assert specimen.span is not None
    value = shown(specimen, measure(specimen.reading, specimen.span))
    without_limit = specimen.span.exact and not value.span.exact
    return replace(value, why="no-upper-limit") if without_limit else value


def _has_lapsed(facts: Facts, specimen: Specimen) -> bool:
    if specimen.collected.day == facts.as_of.day:
        return False
    due = facts.schedule.due_by(specimen.test, specimen.collected)
    return due is not None and facts.as_of.day > due


def shown(specimen: Specimen, span: Span) -> Value:
    """A specimen's value, with its date and what was sent."""
    return Value(
        span=span,
        unit=specimen.reading.unit,
        at=specimen.collected,
        events=(specimen.reading.ref,),
        as_sent=specimen.reading.as_sent,
        why=None if span.exact else "censored",
    )


def _with_later(value: Value, later: Sequence[Specimen], measure: Measure) -> Value:
    """A settled value with newer ones that are not final or cannot be read: the worst good end, nothing beyond it."""
    worse = test(later[-1].test).worse
    readable = [_measured(s, measure) for s in later if s.span is not None]
    span = worse_half(worst([value.span, *(v.span for v in readable)], worse), worse)
    halves = ((v, worse_half(v.span, worse)) for v in (value, *readable))
    base = next((v for v, half in halves if half == span), value)
    events, parts = _refs(value, later), tuple(_parts(value, later, measure))
    return replace(base, span=span, why=_why(later[-1]), silent=False, events=events, parts=parts)


def _parts(value: Value, later: Sequence[Specimen], measure: Measure) -> Iterator[tuple[Moment, Span]]:
    """What each says alone: the settled value, and each newer report, which vouches for nothing."""
    if value.at is not None:
        yield value.at, value.was or value.span
    for specimen in later:
        worse = test(specimen.test).worse
        known = specimen.span is not None
        yield specimen.collected, worse_half(_measured(specimen, measure).span, worse) if known else EVERYTHING


def _refs(value: Value, later: Sequence[Specimen]) -> tuple[str, ...]:
    return (*value.events, *(s.reading.ref for s in later))


def _why(specimen: Specimen) -> str:
    if specimen.status == "preliminary":
        return "preliminary"
    problem = specimen.reading.problem
    return problem.why if problem is not None else "unreadable"


def _never_done(facts: Facts, name: str, later: Sequence[Specimen], measure: Measure) -> Value:
    unit = test(name).unit
    if later:
        return _with_later(Value(EVERYTHING, unit=unit), later, measure)
    why = "pending" if is_pending(facts, name) else "missing"
    return Value(EVERYTHING, unit=unit, why=why, silent=not facts.schedule.requires(name))


def highest(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """The highest of several tests, as values or as multiples of their upper limits of normal."""
    measure = _measure(facts, pack, definition)
    within = definition.param("within")
    if within is not None:
        return _highest_of_window(facts, pack, definition, within)
    members = [(name, _newest(facts, name, measure)) for name in definition.of]
    sent = [(name, value) for name, value in members if value.events]
    fresh = [(name, value) for name, value in sent if value.why != "lapsed"]
    if not sent:
        return replace(members[0][1], unit=_unit(definition), silent=all(value.silent for _, value in members))
    if fresh and len(fresh) < len(sent):
        sent = [(name, _as_it_was(facts, name, value, measure)) for name, value in sent]
    return _highest([value for _, value in sent], _unit(definition))


def _as_it_was(facts: Facts, name: str, value: Value, measure: Measure) -> Value:
    """A lapsed member beside one that is in date: its own value counts, and it leaves nothing open."""
    return _measured(facts.settled(name)[-1], measure) if value.why == "lapsed" else value


def _unit(definition: FactDefinition) -> str:
    return "times" if definition.param("as") == "limits" else test(definition.of[0]).unit


def _highest(values: Sequence[Value], unit: str) -> Value:
    span = _highest_span([v.span for v in values])
    top = max(values, key=lambda v: (v.span.low, v.span.high))
    why = next((v.why for v in values if v.why not in (None, "censored") and not v.span.exact), None)
    events = tuple(ref for v in values for ref in v.events)
    silent = all(v.silent for v in values)
    was = _highest_span([v.was or v.span for v in values]) if any(v.was for v in values) else None
    why = None if span.exact else (why or top.why)
    parts = tuple(part for v in values for part in v.parts or ([(v.at, v.was or v.span)] if v.at is not None else []))
    return replace(top, span=span, unit=unit, why=why, events=events, silent=silent, was=was, parts=parts)


def _highest_span(spans: Sequence[Span]) -> Span:
    low = max(spans, key=lambda s: (s.low, not s.low_open))
    high = max(spans, key=lambda s: (s.high, not s.high_open))
    return Span(low.low, high.high, low.low_open, high.high_open)


def _measure(facts: Facts, pack: Pack, definition: FactDefinition) -> Measure:
    if definition.param("as") != "limits":
        return lambda _, span: span
    between = definition.params.get("limit-between")
    limits = tuple(pack.numbers[name].value for name in between) if isinstance(between, tuple) else None
    age = definition.param("limit-within")
    return lambda reading, span: _in_limits(span, _upper_limit(facts, pack, reading, age, limits))


def _upper_limit(
    facts: Facts, pack: Pack, reading: Reading, age: str | None, limits: tuple[Decimal, ...] | None
) -> tuple[Decimal, ...] | None:
    """The limit of the report; else the same laboratory's last one in time; else the span of limits in use."""
    if reading.upper is not None and reading.upper > 0:
        return (reading.upper,)
    earlier = _lab_limit(facts, pack, reading, age) if age is not None else None
    return (earlier,) if earlier is not None else limits


def _lab_limit(facts: Facts, pack: Pack, reading: Reading, age: str) -> Decimal | None:
    duration = pack.numbers[age].duration
    assert duration is not None
    if reading.lab is None:
        return None
    first = before(reading.collected.day, duration)
    for specimen in reversed(facts.specimens(reading.test)):
        known = specimen.reading
        in_time = first <= known.collected.day and known.collected <= reading.collected
        if known.lab == reading.lab and known.upper is not None and known.upper > 0 and in_time:
            return known.upper
    return None


def _in_limits(span: Span, limits: tuple[Decimal, ...] | None) -> Span:
    """A value as multiples of the upper limit. Exact at a limit: a quotient that ends is not rounded (28 digits)."""
    if limits is None:
        return Span(Decimal(0), INFINITY, False, True)
    return Span(span.low / max(limits), span.high / min(limits), span.low_open, span.high_open)


def _highest_of_window(facts: Facts, pack: Pack, definition: FactDefinition, within: str) -> Value:
    duration = pack.numbers[within].duration
    assert duration is not None
    first = before(facts.as_of.day, duration)
    measure = _measure(facts, pack, definition)
    row = [s for name in definition.of for s in facts.settled(name) if s.collected.day >= first]
    if not row:
        return Value(EVERYTHING, unit=_unit(definition), why="missing", silent=True)
    return _highest([shown(s, measure(s.reading, s.span)) for s in row if s.span is not None], _unit(definition))


def baseline(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """A laboratory fact from the last final results before the first start, if recent enough; else not known."""
    measured = pack.facts[definition.of[0]]
    measure = _measure(facts, pack, measured)
    values = [
        shown(specimen, measure(specimen.reading, specimen.span))
        for name in measured.of
        if (specimen := baseline_of(facts, pack, name, definition.param("within"))) is not None
        and specimen.span is not None
    ]
    if not values:
        return Value(EVERYTHING, unit=_unit(measured), why="missing")
    return replace(_highest(values, _unit(measured)), parts=())


def baseline_of(facts: Facts, pack: Pack, name: str, within: str | None) -> Specimen | None:
    """The last final result of a test on or before the day of the first start, `within` a time; None if there is none."""
    start = facts.course.first_start
    if start is not None and start.do == "transfer-in" and start.since is None:
        return None
    day = (start.since or start.at).day if start is not None else facts.as_of.day
    duration = pack.numbers[within].duration if within is not None else None
    first = before(day, duration) if duration is not None else None
    row = [s for s in facts.settled(name) if s.collected.day <= day and s.status == "final"]
    in_time = [s for s in row if first is None or s.collected.day >= first]
    return in_time[-1] if in_time else None
