"""A record that can be copied or erased, and the three people who do it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from clinic.making import NOW, banner_of, person, result, signed_in
from countwell.clinic.models import Act, Held, Letter, Patient, Person, Proposal, Relation
from countwell.clinic.store.records import append
from countwell.clinic.store.reviews import keep

People = dict[str, Person]
CANARY = ("Ash Lane", "1001", "1974-02-03", "ash@home.example", "555 0100", "told me in confidence")


@pytest.fixture
def second(patient: Patient) -> Person:
    """Another prescriber who cares for the patient."""
    made = person(patient.clinic, "prescriber", "Second Prescriber")
    Relation.objects.create(person=made, patient=patient, since=NOW - timedelta(days=9))
    return made


@pytest.fixture
def over(patient: Patient, people: People) -> Patient:
    """The patient has gone to another service; there are results, acts, a letter, a held message and an account."""
    Patient.objects.filter(pk=patient.pk).update(email="ash@home.example", phone="555 0100", released=True)
    patient.refresh_from_db()
    append(patient, [result("wbc", "5.0", "2026-02-20", id="w1")], None, NOW, "laboratory")
    kept = keep(patient, NOW)
    first = Act.objects.create(
        patient=patient, what="feedback", by=people["nurse"], at=NOW, review=kept, note=CANARY[-1]
    )
    Act.objects.create(patient=patient, what="undo", by=people["nurse"], at=NOW, undoes=first)
    Letter.objects.create(
        patient=patient, kind="results", to="patient", way="print", subject="Your results", body=f"Dear {patient.name}",
        pdf=b"%PDF", made_at=NOW, made_by=people["nurse"], state_at=NOW,
    )  # fmt: skip
    held(patient, [patient], "alone")
    person(patient.clinic, "patient", "Ash Lane", patient=patient)
    append(patient, [{"kind": "decision", "do": "transfer-out", "at": "2026-03-01"}], None, NOW)
    return patient


def held(patient: Patient, may_be: list[Patient], digest: str) -> Held:
    made = Held.objects.create(
        clinic=patient.clinic, received_at=NOW, source="laboratory", where="x", why="identity", says="x",
        as_sent=f"{patient.name}, {digest}", digest=digest,
    )  # fmt: skip
    made.may_be.set(may_be)
    return made


def ask(browser: Client, patient: Patient, what: str, reason: str) -> int:
    """Sends the form; the status of the answer."""
    address = f"/patients/{patient.pid}/requested"
    form = {"banner": banner_of(browser, address), "what": what, "reason": reason}
    status: int = browser.post(address, form).status_code
    return status


def agree(browser: Client, patient: Patient, answer: str = "agree") -> int:
    """Answers the newest wish; the status."""
    wish = Proposal.objects.latest("pk")
    token = banner_of(browser, f"/patients/{patient.pid}/requested")
    form = {"banner": token, "answer": answer}
    status: int = browser.post(f"/patients/{patient.pid}/requested/{wish.pk}", form).status_code
    return status


def carry_out(admin: Person) -> int:
    """The admin carries the newest wish out; the status."""
    wish = Proposal.objects.latest("pk")
    status: int = signed_in(admin).post(f"/people/records/{wish.pk}").status_code
    return status


def taken(browser: Client, patient: Patient) -> object:
    """What comes when the newest wish's copy is taken."""
    return browser.get(f"/patients/{patient.pid}/requested/{Proposal.objects.latest('pk').pk}/copy")
