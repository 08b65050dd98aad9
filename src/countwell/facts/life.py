"""Facts about the person: symptoms, circumstances, genes, age and weight.

What absence means is declared here: what nobody spoke of is *not asked*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from countwell.base.dates import Moment
from countwell.base.errors import Unreadable
from countwell.base.spans import EVERYTHING, NO, NOTHING_THERE, YES, YES_OR_NO, exactly
from countwell.facts.readings import Reading, span_of
from countwell.facts.treatment import decision_moment
from countwell.model.facts import SILENT, SILENT_YES_NO, Value
from countwell.model.pack import FactDefinition, Pack
from countwell.model.records import Circumstance, Genotype, Symptom, TestOrdered
from countwell.vocabulary import genes
from countwell.vocabulary.symptoms import read_symptom_value

if TYPE_CHECKING:
    from countwell.facts.of_patient import Facts

HUNDRED = Decimal(100)
TRANSFUSED = "transfused"


def symptom(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """A symptom (or any of several) as of now: yes, no, not known, not asked; `value`: how much; `since`: ever since."""
    of_value = definition.param("value") is not None
    if facts.past.symptoms.keys().isdisjoint(definition.of):
        return SILENT if of_value else SILENT_YES_NO
    since = definition.param("since")
    rows = [_now(facts, name) if since is None else _ever(facts, name, since) for name in definition.of]
    if of_value:
        return _symptom_value(rows[0], definition.of[0], highest=since is not None)
    if not any(rows):
        return SILENT_YES_NO
    details = definition.params.get("with-any")
    wanted = details if isinstance(details, tuple) else ()
    return _any_of([_with_details(row, wanted) for row in rows if row], len(rows))


def _said(facts: Facts, name: str) -> list[Symptom]:
    """All that was said of a symptom so far, newest first."""
    return [s for s in facts.past.symptoms.get(name, ()) if s.since.at <= facts.as_of.at]


def _now(facts: Facts, name: str) -> list[Symptom]:
    """The symptom as it stands: all that is open until its own `until` or a later denial; else the last that was said of it."""
    said = _said(facts, name)
    still = [s for s in said if s.present and not _is_over(_end(s, said), facts.as_of)]
    if still or not said:
        return still
    last = max(said, key=lambda s: (s.since.at, s.present is None, s.ref))
    return [replace(last, present=False) if last.present else last]


def _ever(facts: Facts, name: str, event: str) -> list[Symptom]:
    """The symptom as it was at its worst since an event of the course, also if it is over; empty if it was not asked since."""
    begin = decision_moment(facts, event)
    said = _said(facts, name)
    since = [s for s in said if begin is not None and _lasted_to(s, said, begin)]
    if present := [s for s in since if s.present]:
        return present
    open_yet = [s for s in since if s.present is None and _end(s, said) is None]
    return open_yet[:1] or [s for s in since if s.present is False][:1]


def _lasted_to(said: Symptom, all_said: Sequence[Symptom], begin: Moment) -> bool:
    """Whether what was said speaks of the time from `begin` on."""
    if not said.present:
        return said.since.at >= begin.at
    end = _end(said, all_said)
    return end is None or end >= begin.at


def _end(said: Symptom, all_said: Sequence[Symptom]) -> datetime | None:
    """When it ended: by its own `until` or a later denial, whichever came first; None while it is open."""
    denied = min((s.since.at for s in all_said if s.present is False and s.since.at > said.since.at), default=None)
    ends = [end for end in (denied, said.until.at if said.until is not None else None) if end is not None]
    return min(ends, default=None)


def _is_over(end: datetime | None, as_of: Moment) -> bool:
    return end is not None and end <= as_of.at


def _symptom_value(row: Sequence[Symptom], name: str, *, highest: bool) -> Value:
    """How much: of the newest, of one moment the highest; with `highest` the highest of all."""
    if not row:
        return SILENT
    if row[0].present is False:
        return Value(NOTHING_THERE, at=row[0].since, events=(row[0].ref,), as_sent="no")
    if row[0].present is None:
        return Value(EVERYTHING, at=row[0].since, events=(row[0].ref,), why="not-asked")
    counted = row if highest else [said for said in row if said.since.at == row[0].since.at]
    return max((_present_value(said, name) for said in counted), key=lambda v: (v.span.low, v.span.high))


def _present_value(said: Symptom, name: str) -> Value:
    shown = Value(at=said.since, events=(said.ref,), as_sent=_as_sent(said))
    try:
        quantity = read_symptom_value(name, said.value, said.unit)
    except Unreadable as unreadable:
        least = span_of(read_symptom_value(name, None))
        return replace(shown, span=least, why=unreadable.why)
    span = span_of(quantity)
    why = None if span.exact else ("missing" if said.value is None else "censored")
    with_unit = f"{said.value} {quantity.unit}" if said.value is not None and not said.unit else None
    return replace(
        shown, span=span, unit=quantity.unit, as_sent=with_unit or quantity.as_sent or shown.as_sent, why=why
    )


def _as_sent(said: Symptom) -> str:
    """What was said of its value, in brackets while it is no number with a unit."""
    if said.value is None:
        return "(not measured)"
    return f"({said.value} {said.unit or ''}".strip() + ", not read)"


def _with_details(row: Sequence[Symptom], wanted: Sequence[str]) -> Value:
    """Whether it is there, with one of these details in any of what was said of it."""
    truth = row[0].present
    if truth and wanted:
        answers = [said.details.get(detail) for said in row for detail in wanted]
        truth = True if True in answers else (None if None in answers else False)
    span = YES_OR_NO if truth is None else (YES if truth else NO)
    why = "not-asked" if truth is None else None
    return Value(span, at=row[0].since, events=tuple(said.ref for said in row), as_sent=row[0].symptom, why=why)


def _any_of(values: Sequence[Value], wanted: int) -> Value:
    """Any of several symptoms: yes beats not known beats not asked beats no."""
    if positive := [value for value in values if value.span == YES]:
        newest = max(positive, key=lambda v: instant(v.at))
        return replace(newest, events=tuple(ref for v in positive for ref in v.events))
    unknown = next((value for value in values if value.span == YES_OR_NO), None)
    if unknown is not None:
        return unknown
    return values[0] if len(values) == wanted else SILENT_YES_NO


def instant(moment: Moment | None) -> datetime:
    """Its instant; of an unknown moment the beginning of all time."""
    return moment.at if moment is not None else datetime.min.replace(tzinfo=UTC)


def circumstance(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """A state of life, such as pregnant: yes while it lasts, no once it ended or was denied, else not asked."""
    said = [
        c
        for c in facts.past.of(Circumstance)
        if c.what in definition.of and (c.start is None or c.start.at <= facts.as_of.at)
    ]
    if not said:
        return SILENT_YES_NO
    values = [_circumstance(c, facts.as_of) for c in said]
    return _any_of(values, len(values))


def _circumstance(said: Circumstance, as_of: Moment) -> Value:
    over = said.end is not None and said.end.at <= as_of.at
    truth = False if over else said.present
    span = YES_OR_NO if truth is None else (YES if truth else NO)
    return Value(span, at=said.start, events=(said.ref,), as_sent=said.what, why="not-asked" if truth is None else None)


def gene(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """The phenotype of a gene as a word; `untested` when never ordered, any when pending, unreadable or contradictory."""
    name = definition.of[0]
    typed = [g for g in facts.past.of(Genotype) if g.gene == name and g.at.at <= facts.as_of.at]
    words = [_phenotype_of(name, g.result) for g in typed] + _activity(facts, name)
    if not words:
        return _not_typed(facts, name)
    possible = frozenset().union(*words)
    at = max((g.at for g in typed), key=lambda m: m.at, default=None)
    shown = f"{name} {', '.join(g.result for g in typed)}" if typed else name
    why = None if len(possible) == 1 else ("disputed" if len(words) > 1 else "unreadable")
    return Value(words=possible, at=at, events=tuple(g.ref for g in typed), as_sent=shown, why=why)


@lru_cache
def _phenotype_of(name: str, result: str) -> frozenset[str]:
    return genes.phenotype(name, result)


def _activity(facts: Facts, name: str) -> list[frozenset[str]]:
    """Enzyme activities of that gene, each read on its own laboratory's scale; one that may be a donor's may be anything."""
    test_name = name.lower()
    readings = [
        r for r in facts.past.readings.get(test_name, []) if r.known.at <= facts.known_at.at and not r.withdrawn
    ]
    given = [c for c in facts.past.of(Circumstance) if c.what == TRANSFUSED and c.present is not False]
    transfused = [c.start.day if c.start else None for c in given]
    return [_phenotype(name, r, transfused) for r in readings if r.collected.at <= facts.as_of.at]


def _phenotype(name: str, reading: Reading, transfused: Sequence[date | None]) -> frozenset[str]:
    """What a result filed as a test says of a gene: an activity on its own scale, else alleles or words."""
    try:
        found = genes.activity_phenotype(reading.value, reading.sent_unit)
    except (Unreadable, ValueError):
        return genes.phenotype(name, reading.value)
    return genes.ANY if genes.is_of_donor(reading.collected.day, transfused) else found


def _not_typed(facts: Facts, name: str) -> Value:
    orders = [o for o in facts.past.of(TestOrdered) if o.test == name.lower() and o.at.at <= facts.as_of.at]
    waiting = [o for o in orders if o.status in (None, "pending")]
    if waiting:
        newest = max(waiting, key=lambda o: (o.at.at, o.ref))
        return Value(words=genes.ANY, why="pending", at=newest.at, events=tuple(o.ref for o in waiting))
    return Value(words=frozenset({"untested"}), as_sent=f"{name} untested")


def person(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Age, sex, country; how old the weight is, and by how much it changed since the dose was last decided."""
    patient = facts.past.record.patient
    match definition.of[0]:
        case "age":
            return _since_day(facts, patient.born)
        case "sex":
            return _word(patient.sex)
        case "country":
            return _word(patient.country.lower() if patient.country else None)
        case "weight-age":
            weight = facts.past.weight(facts.as_of)
            return _since_day(facts, weight.at.day if weight is not None else None)
        case _:
            return _weight_change(facts)


def _since_day(facts: Facts, day: date | None) -> Value:
    if day is None:
        return Value(why="missing")
    return Value(origin=(day, day), until=facts.as_of.day, as_sent=day.isoformat())


def _word(word: str | None) -> Value:
    return Value(words=frozenset({word}), as_sent=word) if word is not None else Value(words=None, why="missing")


def _weight_change(facts: Facts) -> Value:
    """In percent of the weight at the last dose decision (else of the one before); too few weights: silent."""
    weights = [w for w in facts.past.weights if w.at.at <= facts.as_of.at]
    if len(weights) < 2:
        return SILENT
    change = facts.course.change
    earlier = [w for w in weights[:-1] if change is not None and w.at.day <= change.at.day]
    then, now = (earlier[-1] if earlier else weights[-2]).kg, weights[-1].kg
    furthest = max(abs(now.high - then.low), abs(now.low - then.high)) * HUNDRED / then.low
    return Value(exactly(furthest), unit="%", at=weights[-1].at, events=(weights[-1].ref,))
