"""What orders, statements and dispensings of a medicine have in common: which drug, from when to when, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from countwell.exchange.fhir.chart import Chart
from countwell.exchange.fhir.drugs import Drug, drug_of
from countwell.exchange.fhir.parts import first_text, is_modified
from countwell.exchange.fhir.received import Given
from countwell.exchange.fhir.versions import other_version
from countwell.exchange.fields import FieldFault, Fields

Standing: TypeAlias = Literal["taken", "paused", "stopped", "over", "never", "unclear"]

STANDINGS: Mapping[str, Standing] = {
    "active": "taken",
    "on-hold": "paused",
    "stopped": "stopped",
    "completed": "over",
    "cancelled": "never",
    "entered-in-error": "never",
    "draft": "never",
    "intended": "never",
    "in-progress": "taken",
    "preparation": "never",
    "declined": "never",
}
ORDERS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")
KINDS = ("MedicationRequest", "MedicationStatement")
HANDED_OVER = ("MedicationDispense", "MedicationAdministration")


@dataclass(frozen=True, slots=True)
class Prescription:
    """An order or a statement, read as far as both have the same parts. fault: why it must not be used as it stands."""

    given: Given
    drug: Drug
    standing: Standing
    start: str | None
    end: str | None
    dosages: tuple[Fields, ...]
    reason: str | None
    by: str | None
    fault: FieldFault | None = None


def prescription(given: Given, chart: Chart) -> Prescription:
    """A MedicationRequest or MedicationStatement. Raises FieldFault for a wrong form."""
    fields = given.fields
    dosages = fields.objects("dosageInstruction") or fields.objects("dosage")
    start, end = _period(fields, dosages)
    return Prescription(
        given=given,
        drug=drug_of(given, chart),
        standing=_standing(fields),
        start=start,
        end=end,
        dosages=dosages,
        reason=_reason(fields),
        by=_by(fields),
        fault=_fault(fields),
    )


def _standing(fields: Fields) -> Standing:
    intent = fields.text("intent")
    if intent is not None and intent not in ORDERS:
        return "never"
    return STANDINGS.get(fields.text("status") or "", "unclear")


def _period(fields: Fields, dosages: tuple[Fields, ...]) -> tuple[str | None, str | None]:
    """From when to when: the statement's own period, else the bounds of the only dosage, else from the day it was written."""
    period = fields.within("effectivePeriod") or _bounds(dosages)
    start = period.text("start") if period else None
    written = fields.text("effectiveDateTime") or fields.text("authoredOn")
    return start or written, period.text("end") if period else None


def _bounds(dosages: tuple[Fields, ...]) -> Fields | None:
    timing = dosages[0].within("timing") if len(dosages) == 1 else None
    repeat = timing.within("repeat") if timing else None
    return repeat.within("boundsPeriod") if repeat else None


def _reason(fields: Fields) -> str | None:
    reason = fields.content.get("statusReason")
    if isinstance(reason, list):
        wrapped = [Fields({"statusReason": item}, fields.zone, fields.path) for item in reason]
        return next((text for item in wrapped if (text := first_text(item, "statusReason"))), None)
    return first_text(fields, "statusReason")


def _by(fields: Fields) -> str | None:
    requester = fields.within("requester") or fields.within("informationSource")
    return (requester.text("display") or requester.text("reference")) if requester else None


def _fault(fields: Fields) -> FieldFault | None:
    if is_modified(dict(fields.content)) or fields.content.get("implicitRules") or fields.yes_no("doNotPerform"):
        return FieldFault("modifierExtension", "unreadable", "something in it changes its meaning.", held=True)
    if version := other_version(fields.content):
        return FieldFault(version[0], "unreadable", f"this is {version[1]}, not R4.", "Send FHIR R4.", held=True)
    return None
