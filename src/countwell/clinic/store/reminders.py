"""Reminders that go by themselves: on the days of the ladder, once for each, to nobody who must not get one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from countwell.clinic.models import Clinic, Letter, Patient
from countwell.clinic.store.chase import Step, ladder, next_rung, of_due, tries_of
from countwell.clinic.store.hours import today_of
from countwell.clinic.store.letters import kinds, must_not, send, send_waiting, write
from countwell.clinic.store.wanted import FINAL

MOST_TRIES = 3


def carry(clinic: Clinic, at: datetime) -> dict[str, int]:
    """Sends what waits to go by mail, then the reminders whose day has come. How many letters came to which state.

    To be called again and again: what was sent is not sent twice. A patient without an owner gets none: nobody would see
    that it failed.
    """
    waiting = Q(state="waiting") | Q(state="failed", tries__lt=MOST_TRIES)
    letters = Letter.objects.filter(waiting, patient__clinic=clinic, way="mail").select_related("patient__clinic")
    counts = Counter(send_waiting(letters, at))
    for patient, step in list(_wanted(clinic, at)):
        with transaction.atomic():
            counts.update([_remind(patient, step, at)])
    return dict(counts)


def _wanted(clinic: Clinic, at: datetime) -> Iterator[tuple[Patient, Step]]:
    """The patients whose next step is a reminder of today or before, who may get it, and for whom none is on its way."""
    today = today_of(clinic, at)
    first = min(step.day for step in ladder().steps)
    staff = min(step.day for step in ladder().steps if step.who != "patient")
    due = {
        "standing__due_by__lte": today - timedelta(days=first),
        "standing__due_by__gt": today - timedelta(days=staff),
    }
    may = Patient.objects.filter(clinic=clinic, released=True, standing__state="active", **due).exclude(
        Q(email="") | Q(owner=None)
    )
    patients = list(may.select_related("clinic", "owner", "standing"))
    tries = tries_of(patient.pk for patient in patients)
    for patient in patients:
        rung = next_rung(patient.standing.due_by, of_due(tries.get(patient.pk, ()), patient.standing.due_by), today)
        if rung is not None and rung.on <= today and not _of_laboratory(patient) and _may(patient, rung.step, at):
            yield patient, rung.step


def _of_laboratory(patient: Patient) -> bool:
    """Whether what is wanted first is a final report: the patient can do nothing about it."""
    first = [group for group, until in patient.standing.due.items() if until == f"{patient.standing.due_by}"]
    return all(group.startswith(FINAL) for group in first)


def _may(patient: Patient, step: Step, at: datetime) -> bool:
    if step.who != "patient" or step.name not in kinds() or must_not(patient, step.name, "patient", "active", at):
        return False
    return not patient.letters.filter(kind=step.name, state__in=("waiting", "failed")).exists()


def _remind(patient: Patient, step: Step, at: datetime) -> str:
    """One reminder, sent. The state that it came to."""
    assert patient.owner is not None
    (letter,) = write(patient, step.name, "mail", patient.owner, at)
    send(letter, at)
    return letter.state
