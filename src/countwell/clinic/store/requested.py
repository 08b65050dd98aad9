"""A copy of a record, or its erasure: one clinician asks, a second one agrees, an admin who sees no chart carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml
from django.db import transaction
from django.db.models import QuerySet

from countwell.clinic.models import Patient, Person, Proposal
from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.store import two_people
from countwell.clinic.store.erase import erase, may_be_erased

OPEN = timedelta(days=7)  # for which a copy can be taken once it was carried out


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be asked, in words, and the reasons to choose from."""

    says: str
    reasons: Mapping[str, str]


@cache
def kinds() -> Mapping[str, Kind]:
    """`copy` and `erase`."""
    text = files("countwell.clinic").joinpath("requested.yaml").read_text(encoding="utf-8")
    return {what: Kind(**fields) for what, fields in yaml.safe_load(text).items()}


def of_patient(patient: Patient) -> QuerySet[Proposal]:
    """What was asked of this record, newest first."""
    rows = Proposal.objects.filter(clinic_id=patient.clinic_id, about=patient.pid, what__in=kinds())
    return rows.select_related("asked_by", "approved_by", "done_by").order_by("-asked_at", "-pk")


def ask(patient: Patient, what: str, reason: str, by: Person, at: datetime) -> Proposal:
    """Asks. Raises NotUsable for no such wish or reason, one that waits already, or a record that must be kept."""
    if what not in kinds() or reason not in kinds()[what].reasons:
        raise NotUsable("Choose what is wanted, and its reason, from the lists.")
    if of_patient(patient).filter(what=what, declined=False, done_at=None).exists():
        raise NotUsable("It has been asked for already, and waits.")
    if what == "erase":
        may_be_erased(patient)
    return Proposal.objects.create(
        clinic=patient.clinic, what=what, about=patient.pid, reason=reason, asked_at=at, asked_by=by
    )


def answer(patient: Patient, number: int, by: Person, at: datetime, *, agree: bool) -> None:
    """The second clinician agrees or declines. Raises NotThere; NotYours for whoever asked."""
    found = of_patient(patient).filter(pk=number, approved_by=None, declined=False).first()
    if found is None:
        raise NotThere
    two_people.refuse_same(by, found.asked_by_id)
    if agree:
        two_people.approve(found, by, at)
    else:
        found.declined = True
        found.save(update_fields=["declined"])


def agreed(admin: Person) -> QuerySet[Proposal]:
    """What two clinicians of the admin's clinic agreed on and nobody has carried out."""
    rows = Proposal.objects.filter(clinic_id=admin.clinic_id, what__in=kinds(), done_at=None, declined=False)
    return rows.exclude(approved_by=None).select_related("asked_by", "approved_by").order_by("approved_at")


@transaction.atomic
def carry_out(admin: Person, number: int, at: datetime) -> Proposal:
    """A copy can be taken from now on; a record is gone. Raises NotThere; NotYours for one of the two who agreed."""
    found = agreed(admin).select_for_update(of=("self",)).filter(pk=number).first()
    if found is None:
        raise NotThere
    two_people.refuse_same(admin, found.asked_by_id, found.approved_by_id)
    if found.what == "erase":
        erase(Patient.objects.select_for_update().get(pid=found.about), found, admin, at)
    found.done_at, found.done_by = at, admin
    found.save(update_fields=["done_at", "done_by"])
    return found


def may_be_taken(patient: Patient, number: int, by: Person, at: datetime) -> Proposal:
    """The copy that this person asked for, while it is open. Raises NotThere."""
    found = of_patient(patient).filter(pk=number, what="copy", asked_by=by, done_at__gt=at - OPEN).first()
    if found is None:
        raise NotThere
    return found
