"""Medicines, vaccines, conditions and the orders of azathioprine of a record as FHIR R4 resources."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import zip_longest

from countwell.exchange.fhir.parts import UCUM
from countwell.exchange.fhir.write_results import SUBJECT, Resource
from countwell.exchange.strict_json import Node, NumberText
from countwell.vocabulary import lists
from countwell.vocabulary.medicines import AZATHIOPRINE, medicine_named, medicines

RXNORM, SNOMED = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://snomed.info/sct"
NOTHING: Resource = {}
TAKEN = ("start", "raise", "reduce", "restart", "transfer-in")
ENDED = ("stop", "transfer-out")
CHANGES = (*TAKEN, *ENDED, "hold")


def orders(decisions: Sequence[Resource]) -> list[Resource]:
    """An order of azathioprine for each dose that was decided, ended by the decision that came next."""
    told = sorted(
        (event for event in decisions if event.get("do") in (*TAKEN, *ENDED, "hold")),
        key=lambda event: str(event.get("at")),
    )
    return [
        order(event, after)
        for event, after in zip_longest(told, told[1:], fillvalue=NOTHING)
        if event.get("do") in TAKEN
    ]


def order(event: Resource, after: Resource) -> Resource:
    """One order. after: the next decision, empty if there is none."""
    do = after.get("do")
    ended = do is not None and do != "hold"
    status = "stopped" if do in ENDED else "on-hold" if do == "hold" else "completed" if ended else "active"
    period: Resource = {"start": event.get("at"), "end": after.get("at") if ended else None}
    return {
        "resourceType": "MedicationRequest",
        "status": status,
        "statusReason": {"text": after["reason"]} if do in ENDED and after.get("reason") else None,
        "intent": "order",
        "medicationCodeableConcept": concept(AZATHIOPRINE),
        "subject": SUBJECT,
        "authoredOn": event.get("at"),
        "requester": {"display": event["by"]} if event.get("by") else None,
        "dosageInstruction": [dosage(event, period)],
    }


def dosage(event: Resource, period: Resource) -> Resource:
    """The dose in mg and how often a day; without a dose the period alone."""
    mg = event.get("mg_per_day")
    if mg is None:
        return {"timing": {"repeat": {"boundsPeriod": period}}}
    times = lists.doses_per_day(lists.named("frequencies", str(event.get("frequency"))) or "once daily") or 1
    repeat: Resource = {
        "frequency": NumberText(times),
        "period": NumberText("1"),
        "periodUnit": "d",
        "boundsPeriod": period,
    }
    one = NumberText(Decimal(str(mg)) / times)
    dose: Node = {"doseQuantity": {"value": one, "unit": "mg", "system": UCUM, "code": "mg"}}
    return {"timing": {"repeat": repeat}, "doseAndRate": [dose]}


def concept(name: str) -> Resource:
    """A medicine by its code, if it is listed, and its name."""
    codes = medicines()[name].codes.get("rxnorm", {}) if name in medicines() else {}
    coding: list[Node] = [{"system": RXNORM, "code": code} for code in list(codes)[:1]]
    return {"coding": coding, "text": name}


def medicine(event: Resource) -> Resource:
    """A line of the medicine list, as a statement."""
    sent = str(event.get("name") or "")
    return {
        "resourceType": "MedicationStatement",
        "subject": SUBJECT,
        "status": "completed" if event.get("to") else "active",
        "medicationCodeableConcept": concept(medicine_named(sent) or sent),
        "effectivePeriod": {"start": event.get("from"), "end": event.get("to")},
    }


def vaccination(event: Resource) -> Resource:
    """A vaccine given."""
    base: Resource = {"resourceType": "Immunization", "status": "completed", "patient": SUBJECT}
    return {**base, "vaccineCode": {"text": event.get("vaccine")}, "occurrenceDateTime": event.get("at")}


def history(event: Resource) -> Resource:
    """Something that happened before; hypersensitivity to a medicine as an allergy."""
    if event.get("what") == "hypersensitivity" and event.get("cause"):
        base: Resource = {"resourceType": "AllergyIntolerance", "patient": SUBJECT}
        return {**base, "code": concept(str(event["cause"])), "onsetDateTime": event.get("at")}
    return condition("histories", event.get("what"), event.get("at"))


def circumstance(event: Resource) -> Resource | None:
    """A state of life; one that was denied is not written."""
    if event.get("present") is False:
        return None
    return condition("circumstances", event.get("what"), event.get("from"), event.get("to"))


def condition(name: lists.ListName, sent: Node, start: Node = None, end: Node = None) -> Resource:
    """A Condition, by the code of its list, if it has one, and its name."""
    entry = lists.entries(name).get(lists.named(name, str(sent)) or "")
    coding: list[Node] = [{"system": SNOMED, "code": code} for code in (entry.codes.get("snomed", ()) if entry else ())]
    said: Node = {"coding": coding, "text": entry.display if entry else sent}
    base: Resource = {"resourceType": "Condition", "subject": SUBJECT, "code": said}
    return {**base, "onsetDateTime": start, "abatementDateTime": end}
