"""Accounts are made by an admin; what gives great power takes two; nobody leaves patients behind."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from clinic.making import NOW, person, signed_in
from countwell.clinic.models import Clinic, Patient, Person, Proposal

People = dict[str, Person]
NEW = {"name": "New Nurse", "email": "New.Nurse@clinic.example", "role": "nurse"}


def test_an_admin_makes_an_account_whose_password_is_shown_once(people: People) -> None:
    browser = signed_in(people["admin"])
    page = browser.post("/people/new", NEW).content.decode()
    made = Person.objects.get(email="new.nurse@clinic.example")
    password = page.partition("<code>")[2].partition("</code>")[0]
    assert made.check_password(password)
    assert password not in browser.get("/people").content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"role": "king"},
        {"role": "patient"},
        {"email": "x"},
        {"email": "NURSE.of.clinic.one@clinic.example"},
    ],
)
def test_an_account_that_cannot_be_is_refused(people: People, change: dict[str, str]) -> None:
    assert signed_in(people["admin"]).post("/people/new", NEW | change).status_code == 422


def test_what_is_sent_besides_is_not_taken(people: People) -> None:
    more = {"is_active": "1", "clinic": "99", "clinic_id": "99", "version": "7", "is_superuser": "1"}
    for name, value in more.items():
        assert signed_in(people["admin"]).post("/people/new", NEW | {name: value}).status_code == 422
    assert not Person.objects.filter(email="new.nurse@clinic.example").exists()


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_a_role_of_great_power_takes_two_admins(people: People, role: str) -> None:
    one, second = people["admin"], person(people["admin"].clinic, "admin", "Second Admin")
    signed_in(one).post("/people/new", NEW | {"role": role})
    made = Person.objects.get(email="new.nurse@clinic.example")
    assert not made.is_active
    wish = Proposal.objects.get()
    assert signed_in(one).post(f"/people/proposals/{wish.pk}").status_code == 403
    assert signed_in(second).post(f"/people/proposals/{wish.pk}").status_code == 302
    made.refresh_from_db()
    assert made.is_active
    assert signed_in(second).post(f"/people/proposals/{wish.pk}").status_code == 404


def test_the_database_itself_keeps_two_people_apart(people: People) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(
            clinic=people["admin"].clinic,
            what="x",
            about="1",
            reason="x",
            asked_at=NOW,
            asked_by=people["admin"],
            approved_by=people["admin"],
        )


def test_a_changed_role_of_no_great_power_counts_at_once(people: People) -> None:
    nurse = person(people["admin"].clinic, "nurse", "Some Nurse")
    browser = signed_in(nurse)
    assert browser.get("/today").status_code == 200
    signed_in(people["admin"]).post(f"/people/{nurse.pk}", {"what": "role", "role": "integrator"})
    assert browser.get("/today").status_code in (302, 403)


def test_nobody_changes_their_own_account(people: People) -> None:
    admin = people["admin"]
    for what in ({"what": "role", "role": "prescriber"}, {"what": "close"}):
        assert signed_in(admin).post(f"/people/{admin.pk}", what).status_code == 403


def test_an_admin_reaches_no_account_of_another_clinic(people: People) -> None:
    stranger = person(Clinic.objects.create(name="Clinic two"), "nurse")
    assert signed_in(people["admin"]).post(f"/people/{stranger.pk}", {"what": "close"}).status_code == 404


def test_an_account_with_patients_is_closed_only_when_a_colleague_takes_over(people: People, patient: Patient) -> None:
    owner = patient.owner
    assert owner is not None
    browser = signed_in(people["admin"])
    assert browser.post(f"/people/{owner.pk}", {"what": "close"}).status_code == 422
    other = person(patient.clinic, "prescriber", "Other Prescriber")
    assert browser.post(f"/people/{owner.pk}", {"what": "close", "to": str(other.pk)}).status_code == 302
    patient.refresh_from_db()
    owner.refresh_from_db()
    assert (patient.owner, owner.is_active) == (other, False)


@pytest.mark.parametrize("role", ["prescriber", "nurse", "pharmacist", "auditor"])
def test_who_is_no_admin_sees_no_accounts(people: People, role: str) -> None:
    assert signed_in(people[role]).get("/people").status_code == 403
