"""Results, measurements and test orders of a record as FHIR R4 Observations and ServiceRequests."""

from __future__ import annotations

import re

from countwell.exchange.fhir.parts import UCUM
from countwell.exchange.fhir.results import REPLACES
from countwell.exchange.strict_json import Node, NumberText
from countwell.vocabulary.tests import group_named, groups, test, test_named, tests

Resource = dict[str, Node]
LOINC = "http://loinc.org"
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
VALUE = re.compile(r"(<=|>=|<|>)?\s*(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
SUBJECT: Resource = {"reference": "Patient/patient"}


def result(event: Resource) -> Resource:
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


def observation(event: Resource, at: Node) -> Resource:
    """What all Observations have."""
    identity = event.get("id")
    kept = identity if isinstance(identity, str) and ID.fullmatch(identity) else None
    return {"resourceType": "Observation", "id": kept, "subject": SUBJECT, "effectiveDateTime": at}


def _codings(event: Resource, name: str | None) -> Node:
    code = event.get("code")
    if isinstance(code, dict):
        system = LOINC if str(code.get("system")).casefold() == "loinc" else code.get("system")
        return [{"system": system, "code": code.get("code")}]
    return [{"system": LOINC, "code": next(iter(tests()[name].loinc))}] if name and tests()[name].loinc else []


def value(event: Resource, name: str | None) -> Resource:
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


def _range(event: Resource, name: str | None) -> Node:
    ends = {end: _limit(event.get(f"normal_{end}"), event.get("unit"), name) for end in ("low", "high")}
    return [{**ends}] if any(ends.values()) else None


def _limit(sent: Node, unit: Node, name: str | None) -> Node:
    found = VALUE.fullmatch(str(sent)) if sent is not None else None
    return quantity(found[2], unit, name) if found and not found[1] else None


def weight(event: Resource) -> Resource:
    """Body weight."""
    return measure(event, event.get("at"), "weight")


def fever(event: Resource) -> Resource | None:
    """A fever with its temperature; other symptoms are not written."""
    if event.get("symptom") != "fever" or event.get("value") is None or event.get("present") is False:
        return None
    return measure(event, event.get("since"), "temperature")


def measure(event: Resource, at: Node, name: str) -> Resource:
    """Something measured at the bedside."""
    coding: Node = {"system": LOINC, "code": next(iter(test(name).loinc))}
    return {**observation(event, at), "status": "final", "code": {"coding": [coding]}, **value(event, name)}


def genotype(event: Resource) -> Resource | None:
    """A gene result."""
    name = next(
        (test.name for test in tests().values() if test.scale == "gene" and test.gene == event.get("gene")), None
    )
    if name is None:
        return None
    concept: Node = {"coding": _codings(event, name), "text": name}
    return {
        **observation(event, event.get("at")),
        "status": "final",
        "code": concept,
        "valueString": event.get("result"),
    }


def test_ordered(event: Resource) -> Resource:
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
