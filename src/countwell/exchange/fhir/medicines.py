"""Orders, statements and dispensings: azathioprine becomes the course, every other medicine a line of the medicine list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from countwell.exchange.entries import Event, Part, mark, marking
from countwell.exchange.fhir import course
from countwell.exchange.fhir.chart import Chart
from countwell.exchange.fhir.drugs import Drug, drug_of
from countwell.exchange.fhir.parts import number
from countwell.exchange.fhir.prescriptions import HANDED_OVER, Prescription, prescription
from countwell.exchange.fhir.received import Given
from countwell.exchange.fields import FieldFault
from countwell.exchange.meaning import code_of


def medicines(resources: Iterable[Given], chart: Chart) -> Iterator[Part]:
    """A Part for each resource about medicines."""
    ordered: list[tuple[Given, Drug]] = []
    handed: list[tuple[Given, Drug]] = []
    for given in resources:
        try:
            (handed if given.kind in HANDED_OVER else ordered).append((given, drug_of(given, chart)))
        except FieldFault as fault:
            yield misshapen(given, fault)
    yield from _ordered([given for given, _ in ordered], chart)
    yield from _handed(handed, any(drug.may_be_azathioprine for _, drug in ordered))


def misshapen(given: Given, fault: FieldFault) -> Part:
    """A resource of a wrong form: for a person, as it may be azathioprine or something that acts on it."""
    event: Event = {"kind": "medicine", "id": given.event, "name": given.kind, "not_used": marking(fault)}
    return Part(given.where, (event,))


def _ordered(resources: Iterable[Given], chart: Chart) -> Iterator[Part]:
    azathioprine: list[Prescription] = []
    for given in resources:
        try:
            item = prescription(given, chart)
        except FieldFault as fault:
            yield misshapen(given, fault)
            continue
        if item.drug.may_be_azathioprine:
            azathioprine.append(item)
        else:
            yield Part(given.where, (listed(item),))
    yield from course.decisions(azathioprine)


def listed(item: Prescription) -> Event:
    """Another medicine; one that is over, its end not being said, or was never taken is kept as a note."""
    if item.standing == "never" or (item.standing in ("over", "stopped") and item.end is None):
        return course.note(item)
    event = medicine(item.given, item.drug, item.start, item.end)
    if item.fault:
        event["not_used"] = marking(item.fault)
    if item.standing == "unclear":
        event["not_used"] = mark("status", "whether it is taken is not said.", "missing")
    return event


def medicine(given: Given, drug: Drug, start: str | None, end: str | None) -> Event:
    """A line of the medicine list."""
    event: Event = {"kind": "medicine", "id": given.event, "name": drug.name or drug.said, "code": code_of(drug.code)}
    event |= {"from": start, "to": end}
    if drug.doubt:
        event["not_used"] = mark("medication", drug.doubt, "disputed")
    return event


def _handed(handed: Iterable[tuple[Given, Drug]], azathioprine_ordered: bool) -> Iterator[Part]:
    for given, drug in handed:
        try:
            part = Part(given.where, (_supply(given, drug),))
        except FieldFault as fault:
            part = misshapen(given, fault)
        lonely = drug.may_be_azathioprine and not azathioprine_ordered
        yield from course.handed_over([part]) if lonely else [part]


def _supply(given: Given, drug: Drug) -> Event:
    """What was dispensed or given."""
    fields = given.fields
    at = fields.text("whenHandedOver") or fields.text("whenPrepared") or fields.text("effectiveDateTime")
    days = fields.within("daysSupply")
    until = days_later(at, number(days, "value") if days else None)
    done = fields.text("status") in ("completed", "in-progress")
    if drug.may_be_azathioprine or not done or given.kind not in HANDED_OVER[:1]:
        kept = {"medicine": drug.name or drug.said, "until": until, "status": fields.text("status")}
        return {"kind": "supply", "id": given.event, "at": at, **kept}
    return medicine(given, drug, at, until)


def days_later(at: str | None, days: str | None) -> str | None:
    """The day so many days after a date; None if that cannot be worked out."""
    try:
        return (date.fromisoformat((at or "")[:10]) + timedelta(days=int(days or ""))).isoformat()
    except (ValueError, OverflowError):
        return None
