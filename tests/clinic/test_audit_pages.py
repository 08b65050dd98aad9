"""Who has looked is seen by those it concerns; a changed chain is said in red; an opening without care is reviewed."""

from __future__ import annotations

import pytest
from django.db import connection

from clinic.making import person, signed_in
from countwell.clinic.models import Patient, Person, Relation

People = dict[str, Person]
REASON = "patient collapsed in the ward"


def test_those_who_care_see_who_has_looked(patient: Patient, people: People) -> None:
    signed_in(people["prescriber"]).get(f"/patients/{patient.pid}")
    page = signed_in(people["nurse"]).get(f"/patients/{patient.pid}/looked").content.decode()
    assert people["prescriber"].name in page


def test_everybody_sees_what_they_did_themselves_and_nothing_of_others(patient: Patient, people: People) -> None:
    signed_in(people["prescriber"]).get(f"/patients/{patient.pid}")
    page = signed_in(people["nurse"]).get("/my-account/looks").content.decode()
    assert people["prescriber"].name not in page


def test_the_auditor_sees_metadata_of_the_own_clinic_alone(patient: Patient, people: People) -> None:
    signed_in(people["prescriber"]).get(f"/patients/{patient.pid}")
    browser = signed_in(people["auditor"])
    page = browser.get(f"/audit?patient={patient.pid}&action=read").content.decode()
    assert people["prescriber"].name in page
    assert patient.name not in page
    assert "The chain of the audit holds" in page
    assert browser.get("/audit?person=x").status_code == 422


@pytest.mark.parametrize("role", ["prescriber", "nurse", "pharmacist", "admin"])
def test_the_audit_is_the_auditors(people: People, role: str) -> None:
    assert signed_in(people[role]).get("/audit").status_code == 403


@pytest.mark.usefixtures("by_owner")
def test_a_changed_chain_is_said(patient: Patient, people: People) -> None:
    signed_in(people["nurse"]).get(f"/patients/{patient.pid}")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER clinic_audit_append_only ON clinic_audit")
        else:
            cursor.execute("DROP TRIGGER clinic_audit_no_update")
        cursor.execute("UPDATE clinic_audit SET outcome = 404 WHERE number = 1")
    assert "The audit has been changed" in signed_in(people["auditor"]).get("/audit").content.decode()


def test_an_opening_is_reviewed_by_the_auditor_and_then_another_may_follow(patient: Patient, people: People) -> None:
    stranger = person(patient.clinic, "nurse", "Other Nurse")
    browser, form = signed_in(stranger), {"number": patient.number, "reason": REASON}
    browser.post("/break-glass", form)
    Relation.objects.filter(kind="break-glass").update(until="2026-03-02T09:00Z")
    assert browser.post("/break-glass", form).status_code == 422
    opening = Relation.objects.get(kind="break-glass")
    auditor = signed_in(people["auditor"])
    assert REASON in auditor.get("/audit").content.decode()
    assert auditor.post(f"/audit/openings/{opening.pk}").status_code == 302
    assert browser.post("/break-glass", form).status_code == 302
    assert auditor.post("/audit/openings/0").status_code == 404
