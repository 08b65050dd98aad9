"""Facts about the course: how long since an event, the dose, its state and reasons, and what is being asked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from countwell.base.dates import Moment, add, whole_day
from countwell.base.spans import EVERYTHING, NO, YES, YES_OR_NO, Span, exactly
from countwell.facts.course import Course
from countwell.model.facts import SILENT, SILENT_YES_NO, Value
from countwell.model.pack import FactDefinition, Pack
from countwell.model.records import Decision

if TYPE_CHECKING:
    from countwell.facts.of_patient import Facts

EVENTS = ("run", "first-start", "change", "stop", "reduce")


def _decision(course: Course, event: str) -> Decision | None:
    match event:
        case "run":
            return course.run
        case "first-start":
            return course.first_start
        case "change":
            return course.change
        case "stop":
            return course.halt
        case _:
            return course.reduce


def decision_moment(facts: Facts, event: str) -> Moment | None:
    """When that event of the course happened; None if it has not."""
    decision = _decision(facts.course, event)
    return decision.at if decision is not None else None


def event_moment(facts: Facts, pack: Pack, name: str) -> Moment | None:
    """The moment of a fact's event, or of an event of the course (`run`, `stop` …); None if it has not come."""
    return decision_moment(facts, name) if name in EVENTS and name not in pack.facts else facts.moment_of(pack, name)


def since(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """The time since an event of the course; silent if there was none, or its clock (`after`) has not begun."""
    decision = _decision(facts.course, definition.of[0])
    if decision is None:
        return SILENT
    first, last = _began(decision, definition.of[0])
    after = definition.param("after")
    if after is not None:
        duration = pack.numbers[after].duration
        assert duration is not None
        first, last = (add(day, duration, "later") if day is not None else None for day in (first, last))
        if last is not None and facts.as_of.day < last:
            return SILENT
    known = first == last
    return Value(
        origin=(first, last),
        until=facts.as_of.day,
        at=decision.at,
        events=(decision.ref,),
        as_sent=last.isoformat() if last else None,
        why=None if known else "missing",
    )


def _began(decision: Decision, event: str) -> tuple[date | None, date | None]:
    """The earliest and latest day it can have begun: a patient taken over may have started long before."""
    day = decision.at.day
    if decision.do != "transfer-in" or event in ("stop", "reduce"):
        return day, day
    if decision.since is not None:
        return decision.since.day, decision.since.day
    return None, day


def beginning(facts: Facts, value: Value) -> Moment | None:
    """The moment from which a time fact runs (its latest possible beginning)."""
    assert value.origin is not None
    last = value.origin[1]
    return whole_day(last, facts.past.time_zone) if last is not None else None


def dose(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """The daily dose now, or before the event of a fact, in mg or in mg per kg of body weight."""
    before = definition.param("before")
    if before is None:
        return _per_kg_if_wanted(facts, pack, definition, _dose_now(facts))
    moment = facts.moment_of(pack, before)
    mg = facts.course.mg_before(moment) if moment is not None else None
    return _per_kg_if_wanted(facts, pack, definition, _mg(facts, mg))


def _dose_now(facts: Facts) -> Value:
    if facts.course.state == "proposed":
        return Value(EVERYTHING, unit="mg/day", why="missing", silent=True)
    return _mg(facts, facts.course.mg_per_day)


def _mg(facts: Facts, mg: Decimal | None) -> Value:
    if mg is None:
        return Value(EVERYTHING, unit="mg/day", why="missing")
    change = facts.course.change
    refs = (change.ref,) if change is not None else ()
    at = change.at if change is not None else None
    return Value(exactly(mg), unit="mg/day", at=at, events=refs, as_sent=f"{mg:f} mg a day")


def _per_kg_if_wanted(facts: Facts, pack: Pack, definition: FactDefinition, value: Value) -> Value:
    if definition.of[0] != "mg/kg/day" or not value.span.exact:
        return value
    weight = facts.past.weight(facts.as_of)
    within = definition.param("weight-within")
    duration = pack.numbers[within].duration if within is not None else None
    if weight is None or (duration is not None and facts.as_of.day > add(weight.at.day, duration, "later")):
        return Value(EVERYTHING, unit="mg/kg/day", why="missing" if weight is None else "lapsed")
    mg, kg = value.span.low, weight.kg
    span = Span(mg / kg.high, mg / kg.low, kg.high_open, kg.low_open)
    return Value(span, unit="mg/kg/day", at=weight.at, events=(*value.events, weight.ref), as_sent=f"{mg:f} mg a day")


def state(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """The state of the course, as a word."""
    return _word(facts.course.state, facts.course.since)


def _word(word: str | None, at: Moment | None = None) -> Value:
    if word is None:
        return Value(words=None, why="missing")
    return Value(words=frozenset({word}), at=at, as_sent=word)


def reason(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Why it was last held or stopped (`last`), or every reason there ever was (`ever`)."""
    course = facts.course
    if definition.of[0] == "ever":
        at = course.halt.at if course.halt is not None else None
        return Value(words=frozenset(course.reasons), several=True, at=at, as_sent=", ".join(course.reasons) or None)
    return _word(course.reasons[-1] if course.reasons else "none", course.halt.at if course.halt else None)


def condition(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """What is treated."""
    return _word(facts.past.record.course.condition)


def accepted(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Whether a named person has accepted a finding and the acceptance has not run out."""
    found = acceptance(facts.course, definition.of[0], facts.as_of)
    return Value(YES, at=found.at, events=(found.ref,)) if found is not None else Value(NO)


def acceptance(course: Course, finding: str, as_of: Moment) -> Decision | None:
    """The newest `accept` of that finding (`pack/table/rule`) still in force."""
    for decision in reversed(course.decisions):
        if decision.do == "accept" and decision.finding == finding:
            in_force = decision.until is None or as_of.day <= decision.until
            return decision if in_force else None
    return None


def asked(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Whether this is what is being asked, with these details; a detail that is not known leaves it open."""
    if facts.asked.question != definition.of[0]:
        return Value(NO)
    wanted = {key: value for key, value in definition.params.items() if key not in ("worse",)}
    said = {key: facts.asked.details.get(key) for key in wanted}
    if any(said[key] not in (wanted[key], "unknown") for key in wanted):
        return Value(NO)
    certain = all(said[key] == wanted[key] for key in wanted)
    return Value(YES if certain else YES_OR_NO, at=facts.as_of, why=None if certain else "not-asked")


def missed(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Of the missed dose asked about: any, due today, the share of the gap left, how many days in a row."""
    dose_missed = facts.asked.missed
    if dose_missed is None:
        return SILENT_YES_NO if definition.of[0] in ("any", "same-day") else SILENT
    match definition.of[0]:
        case "any":
            return Value(YES, at=facts.as_of)
        case "same-day":
            return Value(YES if dose_missed.same_day else NO, at=facts.as_of)
        case "gap-left":
            return Value(exactly(dose_missed.gap_left), unit="gap", at=facts.as_of)
        case _:
            days = dose_missed.days_in_row
            return Value(exactly(days), unit="days", at=facts.as_of, as_sent=f"{days} {'day' if days == 1 else 'days'}")
