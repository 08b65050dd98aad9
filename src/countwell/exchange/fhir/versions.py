"""Resources that are not FHIR R4: types and fields that only other versions have. None of them is read as if it were R4."""

from __future__ import annotations

from collections.abc import Mapping

from countwell.exchange.strict_json import Node

OTHER_TYPES: Mapping[str, str] = {
    "MedicationPrescription": "DSTU1",
    "DeviceObservation": "DSTU1",
    "MedicationOrder": "DSTU2",
    "DiagnosticOrder": "DSTU2",
    "ProcedureRequest": "STU3",
    "ReferralRequest": "STU3",
    "MedicationUsage": "R5",
}

OTHER_FIELDS: Mapping[str, Mapping[str, str]] = {
    "Observation": {
        "name": "DSTU1",
        "appliesDateTime": "DSTU1",
        "reliability": "DSTU2",
        "comments": "DSTU2",
        "comment": "STU3",
        "context": "STU3",
        "related": "STU3",
        "triggeredBy": "R5",
        "bodyStructure": "R5",
    },
    "DiagnosticReport": {"name": "DSTU1", "codedDiagnosis": "STU3", "context": "STU3", "image": "STU3"},
    "MedicationRequest": {
        "context": "STU3",
        "definition": "STU3",
        "medication": "R5",
        "renderedDosageInstruction": "R5",
    },
    "MedicationStatement": {"wasNotTaken": "DSTU2", "reasonNotTaken": "STU3", "taken": "STU3", "medication": "R5"},
    "MedicationDispense": {"medication": "R5", "recorded": "R5"},
    "Condition": {"patient": "DSTU2", "dateRecorded": "DSTU2", "assertedDate": "STU3", "context": "STU3"},
    "AllergyIntolerance": {"substance": "DSTU2", "assertedDate": "STU3", "participant": "R5"},
    "Immunization": {"wasNotGiven": "DSTU2", "notGiven": "STU3", "date": "STU3", "explanation": "STU3"},
    "Patient": {"careProvider": "DSTU2", "animal": "STU3"},
}


def other_version(resource: Mapping[str, Node]) -> tuple[str, str] | None:
    """What gives a resource away as another version of FHIR, and which; None if nothing does."""
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        return None
    if kind in OTHER_TYPES:
        return kind, OTHER_TYPES[kind]
    fields = OTHER_FIELDS.get(kind, {})
    return next(((name, fields[name]) for name in fields if resource.get(name) is not None), None)
