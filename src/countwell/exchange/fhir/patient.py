"""Patient: who it is, and what the resource says beyond that (died, replaced by another record)."""

from __future__ import annotations

from countwell.base.dates import moment
from countwell.base.errors import RecordError
from countwell.exchange.entries import Event, Part, mark
from countwell.exchange.fhir.parts import extension, is_modified
from countwell.exchange.fhir.received import UTC, Given
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.strict_json import Node

IDENTIFIER = "urn:countwell:patient"
TIME_ZONES = ("http://hl7.org/fhir/StructureDefinition/tz-code", "http://hl7.org/fhir/StructureDefinition/timezone")


def person(fields: Fields, known_as: str, time_zone: str | None) -> dict[str, Node]:
    """The patient of a record. known_as: the id that the other resources use. Raises FieldFault for a wrong form."""
    own = next((item.text("value") for item in fields.objects("identifier") if item.text("system") == IDENTIFIER), None)
    return {
        "id": own or known_as,
        "names": [name for item in fields.objects("name") if (name := _name(item))],
        "born": whole_day(fields.text("birthDate")),
        "sex": fields.text("gender"),
        "time_zone": time_zone or _time_zone(fields),
        "country": next((country for item in fields.objects("address") if (country := item.text("country"))), None),
    }


def _name(name: Fields) -> str | None:
    return name.text("text") or " ".join([*name.texts("given"), name.text("family") or ""]).strip() or None


def whole_day(text: str | None) -> str | None:
    """A date that is a whole day; a year or a month alone is no date of birth."""
    try:
        return text if text and moment(text, UTC).whole_day else None
    except RecordError:
        return None


def _time_zone(fields: Fields) -> str | None:
    found = (extension(fields, url) for url in TIME_ZONES)
    return next((zone for item in found if item and (zone := item.text("valueCode"))), None)


def told_by(given: Given) -> Part:
    """What a Patient resource says beside who it is."""
    try:
        person(given.fields, "", None)
        events = [*_death(given.fields), *_doubts(given.fields)]
    except FieldFault as fault:
        events = [{"kind": "note", "text": "patient", "not_used": mark(fault.field, fault.says)}]
    return Part(given.where, tuple(events))


def _death(fields: Fields) -> list[Event]:
    died = fields.text("deceasedDateTime")
    if died or fields.yes_no("deceasedBoolean"):
        return [{"kind": "died", "at": died}]
    return []


def _doubts(fields: Fields) -> list[Event]:
    born, says = fields.text("birthDate"), []
    if born and not whole_day(born):
        says.append(("birthDate", "not a whole day, so the date of birth is not known."))
    if any(link.text("type") == "replaced-by" for link in fields.objects("link")):
        says.append(("link", "the patient's record was replaced by another one. Use that."))
    if is_modified(dict(fields.content)):
        says.append(("modifierExtension", "something in it changes its meaning in a way not known here."))
    return [{"kind": "note", "text": "patient", "not_used": mark(field, text)} for field, text in says]
