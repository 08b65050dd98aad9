"""A whole record destroyed: what the database lets go once it is written down who wanted it, and nothing else. ADR 0013."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from countwell.clinic.models import Erasure, Held, Letter, Patient, Person, Proposal
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import offline
from countwell.clinic.store.appended import ERASABLE
from countwell.clinic.store.held import named_in
from countwell.clinic.store.matching import compared
from countwell.clinic.store.typed import forget_patient

OVER = ("proposed", "ended", "died")
GOES_ON = "A course goes on here, or was stopped and is still watched. Hand it over first, then ask again."
FILE = "erased"  # in the data folder: public ids, one a line; a backup of before would bring them back


def may_be_erased(patient: Patient) -> None:
    """Raises NotUsable while the patient is treated, or watched after a stop."""
    if patient.standing.state not in OVER:
        raise NotUsable(GOES_ON)


@transaction.atomic
def erase(patient: Patient, asked: Proposal, by: Person, at: datetime) -> Erasure:
    """Destroys everything about a patient but the audit, and writes down that it did, and for whom."""
    may_be_erased(patient)
    left = Erasure.objects.create(
        clinic=patient.clinic,
        patient=patient.pk,
        pid=patient.pid,
        reason=asked.reason,
        asked_by=asked.asked_by,
        approved_by=asked.approved_by,
        done_by=by,
        at=at,
        events=patient.events.count(),
        acts=patient.acts.count(),
    )
    letters = list(Letter.objects.filter(patient=patient).values_list("pk", flat=True))
    _forget_account(patient)
    Proposal.objects.filter(about=patient.pid).exclude(pk=asked.pk).delete()
    forget_patient(patient.pid)
    _let_go(patient)
    transaction.on_commit(partial(_outside, patient.pid, letters))
    return left


def _forget_account(patient: Patient) -> None:
    """The patient's own account: nobody can sign in with it, and it names nobody. The audit keeps its number."""
    for person in Person.objects.filter(patient=patient):
        EmailAddress.objects.filter(user=person).delete()
        UserSession.objects.filter(user=person).delete()
        person.authenticator_set.all().delete()
        person.name, person.email, person.patient = "Erased", f"{patient.pid}@erased.invalid", None
        person.is_active = False
        person.set_unusable_password()
        person.save()


def _let_go(patient: Patient) -> None:
    """Every row that names the patient, then the patient. A held message that may be somebody else's stays theirs."""
    alone = Held.objects.annotate(count=Count("may_be")).filter(Q(patient=patient) | Q(may_be=patient, count=1))
    Held.objects.filter(pk__in=[*alone.values_list("pk", flat=True), *_early(patient)]).delete()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete = ON")  # else the words stay readable in the file
        else:
            cursor.execute("SELECT clinic_let_go(%s)", [patient.pk])  # what this role may only append to
        for table, column in tables():
            if connection.vendor == "postgresql" and table in ERASABLE:
                continue
            cursor.execute(f'DELETE FROM "{table}" WHERE "{column}" = %s', [patient.pk])
    patient.delete()


def _early(patient: Patient) -> Iterator[int]:
    """Messages that were held before the patient was here, and can be nobody else's by what they say."""
    for held in Held.objects.filter(clinic=patient.clinic, patient=None, may_be=None):
        who = named_in(held)
        if who is not None and compared(patient, who).agrees:
            yield held.pk


def tables() -> Iterator[tuple[str, str]]:
    """Every table with a column that names a patient, and that column; accounts, which are only emptied, apart."""
    for relation in Patient._meta.related_objects:  # noqa: SLF001
        if relation.many_to_many:
            yield relation.field.m2m_db_table(), relation.field.m2m_reverse_name()
        elif relation.related_model is not Person:
            yield relation.related_model._meta.db_table, relation.field.column  # noqa: SLF001


def _outside(pid: str, letters: list[int]) -> None:
    """Once the database has let go: letters and lists that were written as files, and the list against backups of before."""
    offline.forget()
    for number in letters:
        for ending in ("pdf", "json"):
            (Path(settings.DATA) / "outbox" / f"letter-{number}.{ending}").unlink(missing_ok=True)
    with (Path(settings.DATA) / FILE).open("a", encoding="utf-8") as kept:
        kept.write(f"{pid}\n")


def brought_back() -> list[str]:
    """Public ids of records that were erased and are here again, out of a backup."""
    kept = Path(settings.DATA) / FILE
    gone = kept.read_text(encoding="utf-8").split() if kept.exists() else []
    return list(Patient.objects.filter(pid__in=gone).values_list("pid", flat=True))
