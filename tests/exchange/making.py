"""Small records, FHIR resources and CSV for the tests of the exchange."""

import json
from typing import Any

from countwell.exchange.entries import Intake
from countwell.exchange.fhir import read_fhir
from countwell.exchange.record_json import read_record
from countwell.exchange.strict_json import parse
from countwell.model.records import Record, Refused

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"


def document(*events: object, **patient: object) -> dict[str, Any]:
    """A record as a dict."""
    return {"schema": "countwell.record/1", "patient": {"id": "p1", **patient}, "events": list(events)}


def record(*events: object, **patient: object) -> Record:
    """A record, read."""
    return read_record(document(*events, **patient))


def result(**fields: object) -> dict[str, Any]:
    """A result as a record writes it."""
    usual = {
        "kind": "result",
        "test": "wbc",
        "value": "3.0",
        "unit": "10*9/L",
        "collected": "2026-03-01",
        "status": "final",
    }
    return {**usual, **fields}


def refused_of(*events: object, **patient: object) -> Refused:
    """The only refusal of a record, of which nothing else is left."""
    read = record(*events, **patient)
    assert read.events == ()
    (refused,) = read.refused
    return refused


def quantity(value: Any, code: str | None = "10*9/L", **fields: object) -> dict[str, Any]:
    """A FHIR Quantity in UCUM."""
    coded = {"unit": code, "system": UCUM, "code": code} if code else {}
    return {"value": value, **coded, **fields}


def observation(code: str | None = "6690-2", display: str = "", **fields: object) -> dict[str, Any]:
    """A white cell count as FHIR; a field given as None is left out."""
    coding = {"system": LOINC, "code": code, "display": display} if code else None
    concept = {"coding": [coding]} if coding else {"text": display}
    usual = {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": concept,
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-03-01T09:00:00-05:00",
        "valueQuantity": quantity(3.0),
    }
    return {name: value for name, value in {**usual, **fields}.items() if value is not None}


def order(**fields: object) -> dict[str, Any]:
    """Azathioprine 100 mg once a day as a FHIR order."""
    usual = {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2025-06-02",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "1256"}]},
        "dosageInstruction": [daily(quantity(100, "mg"))],
    }
    return {name: value for name, value in {**usual, **fields}.items() if value is not None}


def daily(dose: dict[str, Any] | None, frequency: int = 1, **repeat: object) -> dict[str, Any]:
    """A FHIR Dosage: so often a day."""
    timing = {"repeat": {"frequency": frequency, "period": 1, "periodUnit": "d", **repeat}}
    return {"timing": timing, "doseAndRate": [{"doseQuantity": dose}]} if dose else {"timing": timing}


def condition(text: str, **fields: object) -> dict[str, Any]:
    """A FHIR Condition by its words."""
    usual = {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}, "code": {"text": text}}
    return {**usual, **fields}


def bundle(*resources: object) -> dict[str, Any]:
    """A FHIR Bundle with a patient p1."""
    patient = {"resourceType": "Patient", "id": "p1"}
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in (patient, *resources)],
    }


def taken_in(*resources: object) -> Intake:
    """The intake of a bundle about p1, sent as JSON text."""
    (intake,) = read_fhir([("", parse(json.dumps(bundle(*resources))))])
    assert intake.received == len(intake.filed) + len(intake.held) + len(intake.refused)
    return intake


def held(*resources: object) -> Refused:
    """The only thing that a person must look at in a bundle."""
    (refused,) = taken_in(*resources).record.refused
    assert refused.held
    return refused


def events(intake: Intake, kind: str) -> list[Any]:
    """The events of one class."""
    return [event for event in intake.record.events if type(event).__name__ == kind]
