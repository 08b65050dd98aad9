"""Who has a patient in their care beside whoever is accountable: so that a colleague sees a stop while the owner is away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from countwell.clinic.models import Patient, Person, Relation
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import acted
from countwell.clinic.store.hand_over import care


def carers(patient: Patient) -> list[Person]:
    """Everybody who has the patient in their care, whoever is accountable among them, by name."""
    return [one.person for one in _open(patient).select_related("person").order_by("person__name")]


def _open(patient: Patient) -> QuerySet[Relation]:
    return Relation.objects.filter(patient=patient, kind="care", until=None)


@transaction.atomic
def give(patients: Iterable[Patient], to: Person | None, by: Person, at: datetime) -> int:
    """Gives a colleague the care of these patients too; nothing changes in who is accountable. How many were not theirs yet.

    Raises NotUsable if it is nobody who treats patients in this clinic.
    """
    if to is None or not to.is_active or to.role not in CLINICAL or to.clinic_id != by.clinic_id:
        raise NotUsable("Choose a colleague of this clinic who treats patients.")
    new = [patient for patient in patients if not _open(patient).filter(person=to).exists()]
    for patient in new:
        care(patient, to, at)
        acted.act(patient, "share", by, at, note=f"with {to.name}")
    return len(new)


@transaction.atomic
def end(patient: Patient, who: Person | None, by: Person, at: datetime) -> None:
    """Ends the care of one who is not accountable. Raises NotUsable for whoever is, and for one who has it not."""
    found = _open(patient).filter(person=who).first() if who is not None else None
    if found is None:
        raise NotUsable("This person does not have the patient in their care. Open the page again.")
    if who == patient.owner or _open(patient).count() == 1:
        raise NotUsable("Somebody has to see what comes. Hand the patient over first.")
    found.until = at
    found.save(update_fields=["until"])
    acted.act(patient, "unshare", by, at, note=f"with {who}")
