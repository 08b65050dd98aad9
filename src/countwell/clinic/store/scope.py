"""The one place that says which rows a person may reach: their clinic's, of patients in their care, at this instant."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.db.models import Exists, OuterRef, Q, QuerySet

from countwell.clinic.models import Held, Letter, Patient, Person, Relation
from countwell.clinic.policy import Right
from countwell.clinic.refused import NotThere
from countwell.clinic.store.stand_in import absent_ones

GLASS = timedelta(minutes=60)


def _in_force(at: datetime) -> Q:
    return Q(since__lte=at) & (Q(until=None) | Q(until__gt=at))


def relations(person: Person, at: datetime, kind: str = "care") -> QuerySet[Relation]:
    """The person's relations of a kind that are in force."""
    return Relation.objects.filter(_in_force(at), person=person, kind=kind)


def patients_of(person: Person, at: datetime) -> QuerySet[Patient]:
    """The patients of the person's clinic who are in the person's care, or of somebody for whom they stand in. Of a
    patient's account: that patient."""
    inside = Patient.objects.filter(clinic_id=person.clinic_id)
    if person.role == "patient":
        return inside.filter(pk=person.patient_id)
    cared = Exists(relations(person, at).filter(patient=OuterRef("pk")))
    return inside.filter(Q(cared) | Q(owner__in=absent_ones(person, at)))


def patient_for(person: Person, pid: str, right: Right, at: datetime, *, lock: bool = False) -> Patient:
    """One patient that this right may be used on. Raises NotThere: unknown, foreign and no longer in care are the same."""
    reach = patients_of(person, at) if right.of == "patient" else Patient.objects.none()
    if right.of == "own":
        reach = Patient.objects.filter(pk=person.patient_id)
    if person.role in right.break_glass:
        glass = relations(person, at, "break-glass").filter(patient=OuterRef("pk"))
        reach = Patient.objects.filter(Q(pk__in=reach) | Q(Exists(glass)), clinic_id=person.clinic_id)
    found = (reach.select_for_update() if lock else reach).filter(pid=pid).first()
    if found is None:
        raise NotThere
    return found


def held_of(person: Person) -> QuerySet[Held]:
    """The entries that wait in the person's clinic."""
    return Held.objects.filter(clinic_id=person.clinic_id)


def letters_of(person: Person, at: datetime) -> QuerySet[Letter]:
    """The letters of the patients in the person's care."""
    return Letter.objects.filter(patient__in=patients_of(person, at))


def colleagues_of(person: Person) -> QuerySet[Person]:
    """The staff of the person's clinic who can sign in."""
    return Person.objects.filter(clinic_id=person.clinic_id, is_active=True).exclude(role__in=("patient", "integrator"))


def sessions_of(person: Person) -> list[UserSession]:
    """Where somebody is signed in now, the newest first; sessions that have ended are forgotten meanwhile."""
    return sorted(UserSession.objects.purge_and_list(person), key=lambda one: one.created_at, reverse=True)


def same_name(patient: Patient) -> bool:
    """Whether the clinic treats somebody else whose last name is the same; who that is, is not told."""
    own = last_name(patient.name)
    others = Patient.objects.filter(clinic_id=patient.clinic_id).exclude(pk=patient.pk)
    return bool(own) and any(last_name(name) == own for name in others.values_list("name", flat=True))


def last_name(name: str) -> str:
    """The last part of a name, whatever its case."""
    return "".join(name.casefold().split()[-1:])
