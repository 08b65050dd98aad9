"""Who saw what: of a patient, of oneself, of the clinic; and charts that were opened outside one's care."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from countwell.clinic.models import Audit, Patient, Person, Relation
from countwell.clinic.refused import NotThere, NotUsable, NotYours
from countwell.clinic.sent import number_of

ON_PAGE = 200


@dataclass(frozen=True, slots=True)
class Look:
    """One row of the audit, with the name of the account."""

    row: Audit
    name: str


def of_patient(patient: Patient) -> list[Look]:
    """Every read, change and refused try on one patient, newest first."""
    return _named(Audit.objects.filter(patient=patient.pid).order_by("-number")[:ON_PAGE])


def all_of_patient(patient: Patient) -> list[Look]:
    """The same from the first one on, oldest first: for the copy that the patient gets."""
    return _named(Audit.objects.filter(patient=patient.pid).order_by("number"))


def of_person(person: Person) -> list[Look]:
    """What an account did, newest first."""
    return _named(Audit.objects.filter(person=person.pk).order_by("-number")[:ON_PAGE])


def of_clinic(auditor: Person, wanted: Mapping[str, str]) -> list[Look]:
    """The audit of the auditor's clinic. wanted: `action`, `patient` (its public id), `person` (number of the account)."""
    filters = {name: wanted[name] for name in ("action", "patient") if wanted.get(name)}
    if person := wanted.get("person", ""):
        if number_of(person) is None:
            raise NotUsable("person is the number of an account.")
        filters["person"] = person
    return _named(Audit.objects.filter(clinic=auditor.clinic_id, **filters).order_by("-number")[:ON_PAGE])


def _named(rows: Iterable[Audit]) -> list[Look]:
    kept = list(rows)
    names = dict(Person.objects.filter(pk__in={row.person for row in kept}).values_list("pk", "name"))
    return [Look(row, names.get(row.person, "")) for row in kept]


def opened_outside(auditor: Person) -> list[Relation]:
    """Charts of the auditor's clinic that were opened with break-glass, those not yet reviewed first."""
    rows = Relation.objects.filter(kind="break-glass", patient__clinic_id=auditor.clinic_id)
    return list(rows.select_related("person", "patient").order_by("looked_at", "-since")[:ON_PAGE])


def review_opening(auditor: Person, number: int, at: datetime) -> Relation:
    """Notes that an opening was reviewed; until then the person opens no other. Raises NotThere, NotYours for one's own."""
    found = Relation.objects.filter(pk=number, kind="break-glass", patient__clinic_id=auditor.clinic_id).first()
    if found is None:
        raise NotThere
    if found.person_id == auditor.pk:
        raise NotYours("Nobody reviews what they opened themselves.")
    found.looked_at = at
    found.save(update_fields=["looked_at"])
    return found
