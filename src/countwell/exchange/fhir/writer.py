"""A record as a FHIR R4 Bundle. Numbers are `NumberText`: write the bundle with `strict_json.written`, digit for digit.

Results, genes, weights, fevers, orders of azathioprine, medicines, vaccines, history, circumstances, test orders, death and
what is treated are written. Events that R4 has no plain resource for stay in the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from countwell.exchange.fhir import write_others, write_results
from countwell.exchange.fhir.patient import IDENTIFIER, TIME_ZONES
from countwell.exchange.fhir.write_results import Resource
from countwell.exchange.strict_json import Node, plain_document
from countwell.vocabulary import lists

WRITERS: Mapping[str, Callable[[Resource], Resource | None]] = {
    "result": write_results.result,
    "weight": write_results.weight,
    "symptom": write_results.fever,
    "genotype": write_results.genotype,
    "test-ordered": write_results.test_ordered,
    "medicine": write_others.medicine,
    "vaccination": write_others.vaccination,
    "history": write_others.history,
    "circumstance": write_others.circumstance,
}


def to_fhir(record: Mapping[str, object]) -> Resource:
    """The Bundle of a record (`countwell.record/1`)."""
    document = _object(plain_document(dict(record)))
    listed = document.get("events")
    events = [event for event in (listed if isinstance(listed, list) else []) if isinstance(event, dict)]
    person = patient(_object(document.get("patient")), events)
    resources = [person, *treated(_object(document.get("course"))), *write_others.orders(events), *others(events)]
    entries: list[Node] = [{"resource": without_null(resource)} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def others(events: Sequence[Resource]) -> list[Resource]:
    """The resources of all events but the decisions."""
    written = (WRITERS[str(event.get("kind"))](event) for event in events if event.get("kind") in WRITERS)
    return [resource for resource in written if resource is not None]


def _object(node: Node) -> Resource:
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


def patient(person: Resource, events: Sequence[Resource]) -> Resource:
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
        "deceasedDateTime": next((event.get("at") for event in events if event.get("kind") == "died"), None),
        "address": [{"country": person["country"]}] if person.get("country") else None,
    }


def treated(course: Resource) -> list[Resource]:
    """What is treated, if it is listed."""
    name = lists.named("conditions", str(course.get("condition") or ""))
    return [write_others.condition("conditions", name)] if name else []
