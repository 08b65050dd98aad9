"""Observations: laboratory results, weight, temperature, genes; whatever is plainly something else is kept and not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from countwell.exchange.entries import Event, Part, mark, marking
from countwell.exchange.fhir.chart import Chart
from countwell.exchange.fhir.parts import codings, extension, is_modified, reference, references, texts
from countwell.exchange.fhir.received import Given
from countwell.exchange.fhir.statuses import joined
from countwell.exchange.fhir.values import limits, plain_quantity, value_of
from countwell.exchange.fhir.versions import other_version
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.kinds import WITHDRAWN, as_kind
from countwell.exchange.limits import clipped
from countwell.exchange.meaning import is_other_material, meaning
from countwell.exchange.strict_json import Node
from countwell.vocabulary.numbers import spoils

REPLACES = "urn:countwell:replaces"
UNFIT = ("unavailable", "unsatisfactory", "entered-in-error")
MODIFIED = "something in it changes its meaning in a way not known here."


def observation(given: Given, chart: Chart) -> Part:
    """What one Observation says, with its components."""
    shared = circumstances(given, chart)
    events = [measured(part, shared, event) for part, event in measured_parts(given)]
    return Part(given.where, tuple(events), "" if events else "a panel: its members speak for themselves.")


def measured_parts(given: Given) -> Iterator[tuple[Fields, str | None]]:
    """The Observation itself unless it only holds others together, and its components, each with the id of its event."""
    components = given.fields.content.get("component")
    inside = components if isinstance(components, list) else []
    empty = not any(name.startswith(("value", "dataAbsentReason")) for name in given.fields.content)
    if not (empty and (inside or given.fields.content.get("hasMember"))):
        yield given.fields, given.event
    for place, item in enumerate(inside):
        path = f"{given.fields.path}component[{place}]"
        event = f"{given.event}/component[{place}]" if given.event else None
        yield Fields(item if isinstance(item, dict) else {}, given.fields.zone, f"{path}."), event


def circumstances(given: Given, chart: Chart) -> Event:
    """Status, times, laboratory and order of a result, with the first fault found as its marking."""
    reports = chart.reports_of(given)
    found: Event = {}
    _gather(found, partial(_collected, given, reports, chart))
    _gather(found, partial(_fit, given, chart))
    for read in (_status, _received, _origin, _form):
        _gather(found, partial(read, given, reports))
    return found


def _form(given: Given, reports: tuple[Given, ...]) -> Event:
    """Nothing, once what is said of the whole lets it be used. Raises FieldFault otherwise."""
    given.fields.objects("component")
    if is_modified(dict(given.fields.content)) or given.fields.content.get("implicitRules"):
        raise FieldFault("modifierExtension", "unreadable", MODIFIED, held=True)
    if version := other_version(given.fields.content):
        raise FieldFault(version[0], "unreadable", f"this is {version[1]}, not R4.", "Send FHIR R4.", held=True)
    if any(report.owner != given.owner for report in reports):
        raise FieldFault("subject", "disputed", "result and report name different patients.", held=True)
    return {}


def _fit(given: Given, chart: Chart) -> Event:
    """Nothing, once specimen and remarks let the result be used. Raises FieldFault otherwise."""
    specimen = chart.find(given, reference(given.fields, "specimen"))
    if specimen is not None and specimen.text("status") in UNFIT:
        raise FieldFault("specimen", "invalid-sample", f"the specimen is {specimen.text('status')}.", held=True)
    for material in _materials(given.fields, specimen):
        if is_other_material(material):
            raise FieldFault("specimen", "disputed", f"the specimen is {clipped(material)}, not blood.", held=True)
    remarks = [note.text("text") or "" for note in given.fields.objects("note")]
    if any(spoils(remark) for remark in remarks):
        raise FieldFault(
            "note", "invalid-sample", "a remark says that the sample was not fit to be measured.", held=True
        )
    return {}


def _materials(fields: Fields, specimen: Fields | None) -> Iterator[str]:
    shown = fields.within("specimen")
    if shown is not None and (display := shown.text("display")):
        yield display
    if specimen is not None:
        yield from texts(specimen, "type")


def _gather(found: Event, read: Callable[[], Mapping[str, Node]]) -> None:
    try:
        found.update(read())
    except FieldFault as fault:
        found.setdefault("not_used", marking(fault))


def _status(given: Given, reports: tuple[Given, ...]) -> Event:
    own, of_reports = given.fields.text("status"), [report.fields.text("status") for report in reports]
    if own not in WITHDRAWN and any(status in WITHDRAWN for status in of_reports):
        raise FieldFault("status", "disputed", f"the report was withdrawn, but the result says {own}.", held=True)
    return {"status": joined(own, of_reports)}


def _collected(given: Given, reports: tuple[Given, ...], chart: Chart) -> Event:
    specimen = chart.find(given, reference(given.fields, "specimen"))
    collection = specimen.within("collection") if specimen else None
    own = effective(given.fields) or next((time for report in reports if (time := effective(report.fields))), None)
    return {"collected": own or (_moment(collection, "collected") if collection else None)}


def effective(fields: Fields) -> str | None:
    """When it was true of the patient: an instant, a time, or the beginning of a period."""
    return fields.text("effectiveInstant") or _moment(fields, "effective")


def _moment(fields: Fields, stem: str) -> str | None:
    period = fields.within(f"{stem}Period")
    return fields.text(f"{stem}DateTime") or (period.text("start") or period.text("end") if period else None)


def _received(given: Given, reports: tuple[Given, ...]) -> Event:
    issued = given.fields.text("issued") or next(
        (time for report in reports if (time := report.fields.text("issued"))), None
    )
    return {"received": issued}


def _origin(given: Given, reports: tuple[Given, ...]) -> Event:
    sources = [given.fields, *(report.fields for report in reports)]
    replaced = extension(given.fields, REPLACES)
    return {
        "order": next((order for source in sources for order in references(source, "basedOn")), None),
        "lab": next((lab for source in sources for lab in _performers(source)), None),
        "replaces": (replaced.text("valueString") if replaced else None) or given.earlier,
    }


def _performers(fields: Fields) -> Iterator[str]:
    for performer in fields.objects("performer"):
        if name := performer.text("display") or performer.text("reference"):
            yield name


def measured(part: Fields, shared: Event, event_id: str | None) -> Event:
    """One value as an event. A fault marks it as not to be used; what else can be read is kept to judge its urgency."""
    found: Event = {**shared, **plain_quantity(part)._asdict(), "id": event_id}
    try:
        said = texts(part, "code")
        meant = meaning(codings(part, "code"), said, _printed_unit(part))
    except FieldFault as fault:
        return {"kind": "result", **found, "not_used": marking(fault)}
    _gather(found, lambda: amount(part, meant.test))
    if meant.doubt:
        found["not_used"] = mark("code", meant.doubt, "disputed")
    return as_kind(found, meant, said)


def amount(part: Fields, test: str | None) -> Event:
    """Value, unit and limits of one result."""
    value = value_of(part, test)
    return {**value._asdict(), **limits(part, value.unit)}


def _printed_unit(part: Fields) -> str | None:
    return plain_quantity(part).unit
