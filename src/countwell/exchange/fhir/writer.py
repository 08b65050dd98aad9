"""A record as a FHIR R4 Bundle. Numbers are `NumberText`: write the bundle with `strict_json.written`, digit for digit.

Results, weights, fevers, doses of azathioprine, medicines, vaccines, test orders and what is treated have a resource of their
own. Events that R4 has no plain resource for stay in the record and are not written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from countwell.exchange.fhir.parts import UCUM
from countwell.exchange.fhir.patient import IDENTIFIER, TIME_ZONES
from countwell.exchange.fhir.results import REPLACES
from countwell.exchange.strict_json import Node, NumberText, plain_document
from countwell.vocabulary import lists
from countwell.vocabulary.medicines import AZATHIOPRINE, medicine_named, medicines
from countwell.vocabulary.tests import group_named, groups, test, test_named, tests

Resource = dict[str, Node]
LOINC, RXNORM, SNOMED = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm", "http://snomed.info/sct"
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
VALUE = re.compile(r"(<=|>=|<|>)?\s*(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
SUBJECT: Resource = {"reference": "Patient/patient"}


def to_fhir(record: Mapping[str, object]) -> dict[str, Node]:
    """The Bundle of a record (`countwell.record/1`)."""
    document = plain_document(dict(record))
    assert isinstance(document, dict)
    resources = [patient(_dict(document.get("patient"))), *_condition(_dict(document.get("course")))]
    events = document.get("events")
    for event in events if isinstance(events, list) else []:
        if isinstance(event, dict) and (write := WRITERS.get(str(event.get("kind")))):
            resources += [resource for resource in [write(event)] if resource]
    entries: list[Node] = [{"resource": without_null(resource)} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _dict(node: Node) -> dict[str, Node]:
    return node if isinstance(node, dict) else {}


def without_null(node: Node) -> Node:
    """The same without nulls and empty objects and lists, which FHIR JSON does not have."""
    match node:
        case dict():
            kept = {name: without_null(value) for name, value in node.items()}
            return {name: value for name, value in kept.items() if value not in (None, {}, [])}
        case list():
            return [without_null(item) for item in node]
        case _:
            return node


def patient(person: dict[str, Node]) -> Resource:
    """The patient. The record's own id stands as an identifier, for not every id is one of FHIR."""
    zone: Node = {"url": TIME_ZONES[0], "valueCode": person["time_zone"]} if person.get("time_zone") else None
    names = person.get("names")
    return {
        "resourceType": "Patient",
        "id": "patient",
        "extension": [zone] if zone else None,
        "identifier": [{"system": IDENTIFIER, "value": person.get("id")}],
        "name": [{"text": name} for name in names] if isinstance(names, list) else None,
        "gender": person.get("sex"),
        "birthDate": person.get("born"),
        "address": [{"country": person["country"]}] if person.get("country") else None,
    }


def _condition(course: dict[str, Node]) -> list[Resource]:
    entry = lists.entries("conditions").get(lists.named("conditions", str(course.get("condition") or "")) or "")
    if entry is None:
        return []
    coding: list[Node] = [{"system": SNOMED, "code": code} for code in entry.codes.get("snomed", ())]
    return [{"resourceType": "Condition", "subject": SUBJECT, "code": {"coding": coding, "text": entry.display}}]


def result(event: dict[str, Node]) -> Resource:
    """A laboratory result."""
    name = test_named(str(event.get("test") or ""))
    replaces: Node = {"url": REPLACES, "valueString": event["replaces"]} if event.get("replaces") else None
    return {
        **observation(event, event.get("collected")),
        "status": event.get("status"),
        "code": {"coding": _codings(event, name), "text": name},
        "issued": event.get("received"),
        "extension": [replaces] if replaces else None,
        "basedOn": [{"reference": event["order"]}] if event.get("order") else None,
        "performer": [{"display": event["lab"]}] if event.get("lab") else None,
        "referenceRange": _range(event, name),
        **value(event, name),
    }


def observation(event: dict[str, Node], at: Node) -> Resource:
    """What all Observations have."""
    identity = event.get("id")
    kept = identity if isinstance(identity, str) and ID.fullmatch(identity) else None
    return {"resourceType": "Observation", "id": kept, "subject": SUBJECT, "effectiveDateTime": at}


def _codings(event: dict[str, Node], name: str | None) -> Node:
    code = _dict(event.get("code"))
    if code:
        system = LOINC if str(code.get("system")).casefold() == "loinc" else code.get("system")
        return [{"system": system, "code": code.get("code")}]
    return [{"system": LOINC, "code": next(iter(tests()[name].loinc))}] if name and tests()[name].loinc else []


def value(event: dict[str, Node], name: str | None) -> Resource:
    """A number as a quantity, with its comparator; a word as a text; nothing as absent."""
    sent = event.get("value")
    if sent is None:
        return {"dataAbsentReason": {"coding": [{"code": "unknown"}]}}
    found = VALUE.fullmatch(str(sent).strip())
    if found is None:
        return {"valueString": str(sent)}
    return {"valueQuantity": {"comparator": found[1], **quantity(found[2], event.get("unit"), name)}}


def quantity(number: str, unit: Node, name: str | None) -> Resource:
    """A number with its unit; the UCUM code only where the unit is a listed one."""
    listed = test(name).units.get(str(unit or "").strip()) if name else None
    code: Node = listed.ucum if listed else None
    return {"value": NumberText(number), "unit": unit, "system": UCUM if code else None, "code": code}


def _range(event: dict[str, Node], name: str | None) -> Node:
    ends = {end: _limit(event.get(f"normal_{end}"), event.get("unit"), name) for end in ("low", "high")}
    return [{**ends}] if any(ends.values()) else None


def _limit(sent: Node, unit: Node, name: str | None) -> Node:
    found = VALUE.fullmatch(str(sent)) if sent is not None else None
    return quantity(found[2], unit, name) if found and not found[1] else None


def weight(event: dict[str, Node]) -> Resource:
    """Body weight."""
    return measure(event, event.get("at"), "weight")


def symptom(event: dict[str, Node]) -> Resource | None:
    """A fever with its temperature; other symptoms are not written."""
    if event.get("symptom") != "fever" or event.get("value") is None:
        return None
    return measure(event, event.get("since"), "temperature")


def measure(event: dict[str, Node], at: Node, name: str) -> Resource:
    """Something measured at the bedside."""
    coding: Node = {"system": LOINC, "code": next(iter(test(name).loinc))}
    return {**observation(event, at), "status": "final", "code": {"coding": [coding]}, **value(event, name)}


def decision(event: dict[str, Node]) -> Resource | None:
    """A dose that was decided, as an order of azathioprine; other decisions are not written."""
    if event.get("do") not in ("start", "raise", "reduce", "restart") or event.get("mg_per_day") is None:
        return None
    dose: Resource = {"doseQuantity": quantity(str(event["mg_per_day"]), "mg", None) | {"system": UCUM, "code": "mg"}}
    timing: Resource = {"repeat": {"frequency": NumberText("1"), "period": NumberText("1"), "periodUnit": "d"}}
    return {
        **order(event, AZATHIOPRINE),
        "status": "active",
        "authoredOn": event.get("at"),
        "dosageInstruction": [{"timing": timing, "doseAndRate": [dose]}],
    }


def order(event: dict[str, Node], name: str) -> Resource:
    """What all orders of medicines have."""
    codes = medicines()[name].codes.get("rxnorm", {}) if name in medicines() else {}
    coding: list[Node] = [{"system": RXNORM, "code": code} for code in list(codes)[:1]]
    concept: Node = {"coding": coding, "text": name}
    return {
        "resourceType": "MedicationRequest",
        "intent": "order",
        "subject": SUBJECT,
        "medicationCodeableConcept": concept,
    }


def medicine(event: dict[str, Node]) -> Resource:
    """A line of the medicine list, as a statement."""
    sent = str(event.get("name") or "")
    concept = order(event, medicine_named(sent) or sent)["medicationCodeableConcept"]
    return {
        "resourceType": "MedicationStatement",
        "subject": SUBJECT,
        "status": "completed" if event.get("to") else "active",
        "medicationCodeableConcept": concept,
        "effectivePeriod": {"start": event.get("from"), "end": event.get("to")},
    }


def vaccination(event: dict[str, Node]) -> Resource:
    """A vaccine given."""
    concept: Node = {"text": event.get("vaccine")}
    base: Resource = {"resourceType": "Immunization", "status": "completed", "patient": SUBJECT}
    return {**base, "vaccineCode": concept, "occurrenceDateTime": event.get("at")}


def test_ordered(event: dict[str, Node]) -> Resource:
    """A test that was asked for."""
    statuses = {"done": "completed", "cancelled": "revoked"}
    sent = str(event.get("test") or "")
    name = test_named(sent) or group_named(sent) or sent
    display = groups()[name].also[0] if name in groups() else name
    base: Resource = {
        "resourceType": "ServiceRequest",
        "intent": "order",
        "subject": SUBJECT,
        "code": {"text": display},
    }
    return {**base, "status": statuses.get(str(event.get("status")), "active"), "authoredOn": event.get("at")}


WRITERS: Mapping[str, Callable[[dict[str, Node]], Resource | None]] = {
    "result": result,
    "weight": weight,
    "symptom": symptom,
    "decision": decision,
    "medicine": medicine,
    "vaccination": vaccination,
    "test-ordered": test_ordered,
}
