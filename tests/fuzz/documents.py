"""Valid documents from which the fuzzers set out: nothing is wrong with them, and a review of the records says `continue`."""

from __future__ import annotations

from typing import Any

AS_OF = "2026-03-02T10:00:00-05:00"
HOME = "America/New_York"
TAKEN = "2026-03-01T09:00:00-05:00"
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"


def _result(identity: str, test: str, value: str, unit: str, high: str | None = None) -> dict[str, Any]:
    limits = {"normal_high": high} if high else {}
    taken = {"status": "final", "collected": TAKEN, "received": "2026-03-01T15:00:00-05:00"}
    return {"kind": "result", "id": identity, "test": test, "value": value, "unit": unit, **taken, **limits}


RECORD: dict[str, Any] = {
    "schema": "countwell.record/1",
    "patient": {
        "id": "p1",
        "names": ["Ada Moss"],
        "born": "1974-02-03",
        "sex": "female",
        "time_zone": HOME,
        "country": "US",
    },
    "course": {
        "condition": "cidp",
        "protocol": "cidp",
        "products": [{"strength_mg": "50", "scored": True}],
        "may_halve": True,
    },
    "events": [
        {
            "kind": "decision",
            "do": "start",
            "at": "2024-06-03",
            "mg_per_day": "50",
            "frequency": "once daily",
            "by": "dr-1",
        },
        {"kind": "decision", "do": "raise", "at": "2024-09-02", "mg_per_day": "150", "frequency": "once daily"},
        {"kind": "genotype", "gene": "TPMT", "result": "*1/*1", "at": "2024-05-20"},
        {"kind": "weight", "at": "2026-02-01", "value": "70", "unit": "kg"},
        {"kind": "list-confirmed", "list": "medicines", "at": "2026-02-01"},
        {"kind": "list-confirmed", "list": "history", "at": "2026-02-01"},
        _result("w", "wbc", "6.1", "10*9/L"),
        _result("n", "neutrophils", "3.4", "10*9/L"),
        _result("h", "hb", "135", "g/L"),
        _result("p", "platelets", "240", "10*9/L"),
        _result("a", "alt", "24", "U/L", "40"),
    ],
}
# What may be added to the record: an event of every other kind.
FURTHER: tuple[dict[str, Any], ...] = (
    _result("w2", "wbc", "1.8", "10*9/L") | {"status": "preliminary"},
    _result("w3", "wbc", "6.3", "10*9/L") | {"status": "corrected", "replaces": "w", "version": "2", "order": "o1"},
    _result("t", "tgn", "250", "pmol/8x10^8"),
    {"kind": "decision", "do": "hold", "at": "2026-02-01", "reason": "infection"},
    {"kind": "decision", "do": "restart", "at": "2026-02-20", "mg_per_day": "50"},
    {"kind": "decision", "do": "transfer-in", "at": "2025-01-01", "mg_per_day": "100", "since": "2019"},
    {"kind": "symptom", "symptom": "fever", "present": True, "since": "2026-03-01", "value": "38.4", "unit": "Cel"},
    {"kind": "symptom", "symptom": "abdominal-pain", "since": "2026-02-20", "details": {"worse-lying-down": True}},
    {"kind": "medicine", "name": "allopurinol", "dose": "300 mg", "frequency": "once daily", "from": "2026-03-01"},
    {"kind": "history", "what": "pancreatitis", "cause": "azathioprine", "at": "2019"},
    {"kind": "circumstance", "what": "pregnant", "from": "2026-03-01"},
    {"kind": "vaccination", "vaccine": "influenza, injected", "at": "2025-10-01"},
    {"kind": "dose-taken", "at": "2026-03-01T08:00:00-05:00", "mg": "50"},
    {"kind": "dose-missed", "due": "2026-03-01T08:00:00-05:00"},
    {"kind": "test-ordered", "test": "tpmt", "at": "2026-02-20", "status": "pending"},
    {"kind": "label", "mg_per_day": "150", "at": "2026-02-20"},
    {"kind": "died", "at": "2026-03-01"},
)


def _observation(identity: str, code: str, value: Any, unit: str, high: Any = None) -> dict[str, Any]:
    limits = {"referenceRange": [{"high": {"value": high, "unit": unit, "system": UCUM, "code": unit}}]} if high else {}
    return {
        "resourceType": "Observation",
        "id": identity,
        "meta": {"versionId": "1"},
        "status": "final",
        "subject": {"reference": "Patient/p2"},
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "effectiveDateTime": TAKEN,
        "issued": "2026-03-01T15:00:00-05:00",
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
        **limits,
    }


def _order(identity: str, text: str, mg: int, written: str) -> dict[str, Any]:
    dose = {"doseQuantity": {"value": mg, "unit": "mg", "system": UCUM, "code": "mg"}}
    return {
        "resourceType": "MedicationRequest",
        "id": identity,
        "status": "active",
        "intent": "order",
        "authoredOn": written,
        "subject": {"reference": "Patient/p2"},
        "medicationCodeableConcept": {"text": text},
        "dosageInstruction": [
            {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}, "doseAndRate": [dose]}
        ],
    }


_RESOURCES: tuple[dict[str, Any], ...] = (
    {"resourceType": "Patient", "id": "p2", "birthDate": "1981-11-20", "gender": "male", "name": [{"family": "Moss"}]},
    _order("m1", "azathioprine", 150, "2024-06-03"),
    _observation("w", "6690-2", 6.1, "10*9/L"),
    _observation("h", "718-7", 135, "g/L"),
    _observation("p", "777-3", 240, "10*9/L"),
    _observation("a", "1742-6", 24, "U/L", 40),
    {
        "resourceType": "DiagnosticReport",
        "id": "d1",
        "status": "final",
        "subject": {"reference": "Patient/p2"},
        "code": {"text": "Blood count"},
        "issued": "2026-03-01T15:00:00-05:00",
        "result": [{"reference": "Observation/w"}, {"reference": "Observation/h"}],
    },
    {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p2"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"text": "CIDP"},
    },
    {
        "resourceType": "Immunization",
        "id": "i1",
        "status": "completed",
        "patient": {"reference": "Patient/p2"},
        "vaccineCode": {"text": "influenza, injected"},
        "occurrenceDateTime": "2025-10-01",
    },
    {
        "resourceType": "AllergyIntolerance",
        "id": "x1",
        "patient": {"reference": "Patient/p2"},
        "code": {"text": "penicillin"},
    },
)
BUNDLE: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [{"fullUrl": f"http://x/{each['resourceType']}/{each['id']}", "resource": each} for each in _RESOURCES],
}
# The rows of a laboratory's file for each shipped mapping; the header is the mapping's own.
ROWS: dict[str, tuple[dict[str, str], ...]] = {
    "plain": (
        {
            "patient": "p3",
            "id": "1",
            "test": "wbc",
            "value": "6.1",
            "unit": "10*9/L",
            "collected": TAKEN,
            "status": "final",
        },
        {
            "patient": "p3",
            "id": "2",
            "test": "hb",
            "value": "135",
            "unit": "g/L",
            "collected": "2026-03-01",
            "status": "final",
        },
        {
            "patient": "p4",
            "test": "alt",
            "value": "24",
            "unit": "U/L",
            "high": "40",
            "collected": TAKEN,
            "status": "final",
        },
    ),
    "german-practice": (
        {"patient": "0017", "test": "Leukozyten", "value": "6,1", "unit": "Tsd./µl", "collected": "01.03.2026 09:00"},
        {"patient": "0017", "test": "GPT", "value": "24", "unit": "U/l", "high": "40", "collected": "01.03.2026"},
    ),
    "order-results": (
        {
            "patient": "Z1",
            "test": "WBC",
            "value": "6.1",
            "unit": "K/uL",
            "collected": "03/01/2026 12:00:00 AM",
            "received": "03/01/2026 3:00:00 PM",
            "status": "Final",
        },
        {
            "patient": "Z1",
            "test": "PLATELETS",
            "value": "9999999",
            "collected": "03/01/2026 9:00:00 AM",
            "status": "Final",
        },
    ),
}
