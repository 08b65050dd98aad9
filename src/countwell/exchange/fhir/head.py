"""The head of a record: the patient, what is treated, and the tablets that were ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from countwell.base.errors import RecordError
from countwell.exchange.fhir.history import treated
from countwell.exchange.fhir.parts import codings
from countwell.exchange.fhir.patient import person
from countwell.exchange.fhir.received import Given
from countwell.exchange.fields import FieldFault
from countwell.exchange.strict_json import Node
from countwell.vocabulary import lists


def head(name: str, resources: Sequence[Given], time_zone: str | None) -> Mapping[str, Node]:
    """Patient and course. name: the reference by which the resources mean the patient."""
    course: dict[str, Node] = {"condition": condition(resources), "products": products(resources)}
    return {"patient": patient(name, resources, time_zone), "course": course}


def patient(name: str, resources: Sequence[Given], time_zone: str | None) -> Node:
    """The patient; of a Patient resource of a wrong form only the id (the fault is told by its own entry)."""
    known_as = name.rpartition("/")[2].rpartition(":")[2]
    same = [given for given in resources if given.kind == "Patient"]
    found = next(iter(same), None)
    born = {day for given in same if isinstance(day := given.fields.content.get("birthDate"), str)}
    if len(born) > 1:
        raise RecordError("two Patient resources of one name have different birth dates. Say which one is meant.")
    alone: dict[str, Node] = {"id": known_as, "time_zone": time_zone}
    try:
        return person(found.fields, known_as, time_zone) if found else alone
    except FieldFault:
        return alone


def condition(resources: Sequence[Given]) -> str | None:
    """What is treated: the only condition that a protocol covers, else the only one that is listed."""
    found = list(
        dict.fromkeys(name for given in resources if given.kind == "Condition" if (name := treated(given.fields)))
    )
    covered = [name for name in found if lists.is_covered(name)]
    wanted = covered or found
    return wanted[0] if len(wanted) == 1 else None


def products(resources: Sequence[Given]) -> Node:
    """The azathioprine tablets whose codes stand in the active orders."""
    active = [given for given in resources if given.fields.content.get("status") == "active"]
    entries = [lists.entries("products")[name] for given in active for name in _products(given)]
    tablets = {entry.name: entry for entry in entries if entry.facts.get("form") == "tablet"}
    return [
        {"strength_mg": entry.facts["strength_mg"], "scored": entry.facts.get("scored") == "yes"}
        for entry in tablets.values()
    ]


def _products(given: Given) -> list[str]:
    try:
        codes = codings(given.fields, "medicationCodeableConcept")
    except FieldFault:
        return []
    found = [lists.of_code("products", code.system, code.code) for code in codes]
    return [name for name in found if isinstance(name, str)]
