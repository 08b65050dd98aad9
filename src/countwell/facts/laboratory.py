"""Facts that rest on laboratory results: the newest, the highest, the baseline, a change, a streak, whether it was done.

Alarm stands, reassurance lapses: a value that is lapsed, preliminary or disputed is a half-line, itself at its good end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from countwell.base.dates import Moment, before
from countwell.base.spans import EVERYTHING, INFINITY, NO, YES, Span, exactly, worse_half, worst
from countwell.facts.past import settled
from countwell.facts.readings import Reading
from countwell.facts.specimens import Specimen
from countwell.model.facts import Value
from countwell.model.pack import FactDefinition, Pack
from countwell.model.records import Genotype, TestOrdered
from countwell.vocabulary.tests import Group, groups, test

if TYPE_CHECKING:
    from countwell.facts.of_patient import Facts

HUNDRED = Decimal(100)
Measure = Callable[[Reading, Span], Span]


def latest(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """The newest result of one test."""
    return _newest(facts, definition.of[0])


def _newest(facts: Facts, name: str) -> Value:
    row = facts.specimens(name)
    done = settled(row)
    if not done:
        return _never_done(facts, name, [s for s in row if s.status in ("preliminary", "unreadable")])
    last = done[-1]
    later = [s for s in row[row.index(last) + 1 :] if s.status in ("preliminary", "unreadable")]
    return _with_later(_standing(facts, last), later) if later else _standing(facts, last)


def _standing(facts: Facts, last: Specimen) -> Value:
    """A settled value: exact while it vouches, a half-line when disputed or lapsed."""
    assert last.span is not None
    value = _value(last, last.span)
    if last.status == "disputed":
        return replace(value, span=worse_half(last.span, test(last.test).worse), why="disputed")
    if not _has_lapsed(facts, last):
        return value
    silent = not facts.schedule.requires(last.test)
    return replace(value, span=worse_half(last.span, test(last.test).worse), why="lapsed", silent=silent)


def _has_lapsed(facts: Facts, specimen: Specimen) -> bool:
    if specimen.collected.day == facts.as_of.day:
        return False
    due = facts.schedule.due_by(specimen.test, specimen.collected)
    return due is not None and facts.as_of.day > due


def _value(specimen: Specimen, span: Span) -> Value:
    return Value(
        span=span,
        unit=specimen.reading.unit,
        at=specimen.collected,
        events=(specimen.reading.ref,),
        as_sent=specimen.reading.as_sent,
        why=None if span.exact else "censored",
    )


def _with_later(value: Value, later: Sequence[Specimen]) -> Value:
    """A settled value with newer ones that are not final or cannot be read: the worst good end, nothing beyond it."""
    worse = test(later[-1].test).worse
    spans = [value.span, *(s.span for s in later if s.span is not None)]
    newest_readable = next((s for s in reversed(later) if s.span is not None), None)
    span = worse_half(worst(spans, worse), worse)
    changed = newest_readable is not None and span != worse_half(value.span, worse)
    shown = _value(newest_readable, span) if changed and newest_readable is not None else value
    return replace(shown, span=span, why=_why(later[-1]), silent=False, events=_refs(value, later))


def _refs(value: Value, later: Sequence[Specimen]) -> tuple[str, ...]:
    return (*value.events, *(s.reading.ref for s in later))


def _why(specimen: Specimen) -> str:
    if specimen.status == "preliminary":
        return "preliminary"
    problem = specimen.reading.problem
    return problem.why if problem is not None else "unreadable"


def _never_done(facts: Facts, name: str, later: Sequence[Specimen]) -> Value:
    unit = test(name).unit
    if later:
        return _with_later(Value(EVERYTHING, unit=unit), later)
    why = "pending" if _is_pending(facts, name) else "missing"
    return Value(EVERYTHING, unit=unit, why=why, silent=not facts.schedule.requires(name))


def highest(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """The highest of several tests, as values or as multiples of their upper limits of normal."""
    measure = _measure(facts, pack, definition)
    within = definition.param("within")
    if within is not None:
        return _highest_of_window(facts, pack, definition, within)
    members = [(name, _newest(facts, name)) for name in definition.of]
    sent = [(name, value) for name, value in members if value.events]
    fresh = [(name, value) for name, value in sent if value.why != "lapsed"]
    if not sent:
        return replace(members[0][1], unit=_unit(definition), silent=all(value.silent for _, value in members))
    if fresh and len(fresh) < len(sent):
        sent = [(name, _as_it_was(facts, name, value)) for name, value in sent]
    return _highest([_measured(facts, name, value, measure) for name, value in sent], _unit(definition))


def _as_it_was(facts: Facts, name: str, value: Value) -> Value:
    """A lapsed member beside one that is in date: its own value counts, and it leaves nothing open."""
    if value.why != "lapsed":
        return value
    last = settled(facts.specimens(name))[-1]
    assert last.span is not None
    return _value(last, last.span)


def _unit(definition: FactDefinition) -> str:
    return "times" if definition.param("as") == "limits" else test(definition.of[0]).unit


def _measured(facts: Facts, name: str, value: Value, measure: Measure) -> Value:
    reading = next(s.reading for s in facts.specimens(name) if s.reading.ref == value.events[0])
    span = measure(reading, value.span)
    why = value.why
    if why in (None, "censored"):
        why = None if span.exact else ("no-upper-limit" if value.span.exact else "censored")
    return replace(value, span=span, why=why)


def _highest(values: Sequence[Value], unit: str) -> Value:
    low = max((v.span for v in values), key=lambda s: (s.low, not s.low_open))
    high = max((v.span for v in values), key=lambda s: (s.high, not s.high_open))
    span = Span(low.low, high.high, low.low_open, high.high_open)
    top = max(values, key=lambda v: (v.span.low, v.span.high))
    why = next((v.why for v in values if v.why not in (None, "censored") and not v.span.exact), None)
    events = tuple(ref for v in values for ref in v.events)
    silent = all(v.silent for v in values)
    return replace(top, span=span, unit=unit, why=None if span.exact else (why or top.why), events=events, silent=silent)


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
    row = [s for name in definition.of for s in settled(facts.specimens(name)) if s.collected.day >= first]
    if not row:
        return Value(EVERYTHING, unit=_unit(definition), why="missing", silent=True)
    return _highest([_value(s, measure(s.reading, s.span)) for s in row if s.span is not None], _unit(definition))


def baseline(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """A laboratory fact from the last final results before the first start, if recent enough; else not known."""
    measured = pack.facts[definition.of[0]]
    measure = _measure(facts, pack, measured)
    values = [
        _value(specimen, measure(specimen.reading, specimen.span))
        for name in measured.of
        if (specimen := _baseline_of(facts, pack, name, definition.param("within"))) is not None and specimen.span is not None
    ]
    if not values:
        return Value(EVERYTHING, unit=_unit(measured), why="missing")
    return _highest(values, _unit(measured))


def _baseline_of(facts: Facts, pack: Pack, name: str, within: str | None) -> Specimen | None:
    start = facts.course.first_start
    day = start.at.day if start is not None else facts.as_of.day
    duration = pack.numbers[within].duration if within is not None else None
    first = before(day, duration) if duration is not None else None
    row = [s for s in settled(facts.specimens(name)) if s.collected.day <= day and s.status == "final"]
    in_time = [s for s in row if first is None or s.collected.day >= first]
    return in_time[-1] if in_time else None


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
    specimen, span = moves[-1]
    if specimen.status == "preliminary" or len(moves) > 1:
        span = worse_half(worst([move for _, move in moves], definition.worse), definition.worse)
    return replace(_value(specimen, span), unit="%" if definition.param("as") == "%" else test(name).unit)


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
        found = _baseline_of(facts, pack, current.test, definition.param("within"))
        return found.span if found is not None and found.collected < current.collected else None
    duration = pack.numbers[str(definition.param("within"))].duration
    assert duration is not None
    first = before(current.collected.day, duration)
    spans = [
        s.span
        for s in settled(facts.specimens(current.test))
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
    return replace(_value(row[-1], exactly(count)), unit="count", why=None)


def _exact_since(facts: Facts, pack: Pack, definition: FactDefinition) -> list[Specimen]:
    row = [s for s in settled(facts.specimens(definition.of[0])) if s.span is not None and s.span.exact]
    event = definition.param("since")
    if event is None:
        return row
    moment = _event(facts, pack, event)
    return [s for s in row if moment is not None and s.collected.day >= moment.day]


def _event(facts: Facts, pack: Pack, name: str) -> Moment | None:
    """The moment of a fact's event, or of an event of the course (`run`, `stop` …)."""
    from countwell.facts.treatment import EVENTS, decision_moment

    return decision_moment(facts, name) if name in EVENTS and name not in pack.facts else facts.moment_of(pack, name)


def _steps(older: Specimen, newer: Specimen, step: Decimal, sign: int) -> bool:
    assert older.span is not None and newer.span is not None
    then, now = older.span.low, newer.span.low
    return then > 0 and (now - then) * sign * HUNDRED > step * then


def done(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Whether a group (or test) was collected at or after an event; without an event, ever."""
    after = definition.param("after")
    moment = _event(facts, pack, after) if after is not None else None
    group = groups().get(definition.of[0])
    days = [_last(facts, name, moment) for name in (group.must if group else definition.of)]
    if group is not None and group.one_of:
        days.append(_last_of_any(facts, group, moment))
    if any(day is None for day in days):
        return Value(NO, why=None)
    found = [day for day in days if day is not None]
    oldest = min(found, key=lambda s: s.collected.at)
    return Value(YES, at=oldest.collected, events=tuple(s.reading.ref for s in found))


def _last(facts: Facts, name: str, moment: Moment | None) -> Specimen | None:
    row = settled(facts.specimens(name))
    if not row or (moment is not None and _is_before(row[-1].collected, moment)):
        return None
    return row[-1]


def _is_before(collected: Moment, moment: Moment) -> bool:
    """Whether a collection came before an event; whole days are compared as days."""
    if collected.whole_day or moment.whole_day:
        return collected.day < moment.day
    return collected.at < moment.at


def _last_of_any(facts: Facts, group: Group, moment: Moment | None) -> Specimen | None:
    found = [s for name in group.one_of if (s := _last(facts, name, moment)) is not None]
    return max(found, key=lambda s: s.collected.at, default=None)


def pending(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Whether a test was ordered and has no result yet."""
    waiting = [order for name in definition.of for order in _orders(facts, name)]
    if not waiting:
        return Value(NO)
    return Value(YES, at=waiting[-1].at, events=tuple(order.ref for order in waiting))


def _is_pending(facts: Facts, name: str) -> bool:
    return bool(_orders(facts, name))


def _orders(facts: Facts, name: str) -> list[TestOrdered]:
    orders = [o for o in facts.past.of(TestOrdered) if o.test == name and o.at.at <= facts.as_of.at]
    return [o for o in orders if o.status in (None, "pending") and not _answered(facts, name, o)]


def _answered(facts: Facts, name: str, order: TestOrdered) -> bool:
    results = any(s.collected.day >= order.at.day for s in settled(facts.specimens(name)))
    gene = test(name).gene
    typed = any(g.gene == gene and g.at.day >= order.at.day and g.at.at <= facts.as_of.at for g in facts.past.of(Genotype))
    return results or (bool(gene) and typed)
