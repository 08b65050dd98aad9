"""What was done by mistake can be taken back for half a minute, by whoever did it, and over nobody's head."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from clinic.making import (
    NOW,
    banner_of,
    patient_of,
    signed_in,
)
from countwell.clinic.models import Act, Clinic, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import acted

People = dict[str, Person]
MaxQueries = Callable[..., object]


def taken(browser: Client, patient: Patient) -> str:
    """The page after the nurse has taken the patient over."""
    page = browser.get("/today").content.decode()
    token = page.partition('name="banner" value="')[2].partition('"')[0]
    return browser.post(f"/patients/{patient.pid}/own", {"banner": token}, follow=True).content.decode()


def test_taking_over_can_be_undone_for_half_a_minute(
    clinic: Clinic, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = patient_of(clinic, [people["nurse"]], owner=None)
    browser = signed_in(people["nurse"])
    page = taken(browser, patient)
    patient.refresh_from_db()
    assert patient.owner == people["nurse"]
    token = page.partition("/undo/")[2].partition('name="banner" value="')[2].partition('"')[0]
    address = f"/patients/{patient.pid}/undo/{Act.objects.get().pk}"
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW + timedelta(seconds=31))
    assert browser.post(address, {"banner": token}).status_code == 422
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW + timedelta(seconds=30))
    assert browser.post(address, {"banner": token}).status_code == 302
    patient.refresh_from_db()
    assert patient.owner is None


def test_after_an_act_the_page_stands_at_the_row_that_followed(patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    address = f"/patients/{patient.pid}/own"
    token = banner_of(browser, f"/patients/{patient.pid}/contact")
    assert browser.post(address, {"banner": token, "next": "pabc"}).headers["Location"] == "/today#pabc"
    token = banner_of(browser, f"/patients/{patient.pid}/contact")
    assert browser.post(address, {"banner": token, "next": "//evil.example"}).headers["Location"] == "/today"


def test_nobody_takes_back_what_another_did(patient: Patient, people: People) -> None:
    act = acted.own(patient, "own", people["nurse"], people["nurse"], NOW)
    with pytest.raises(NotUsable):
        acted.take_back(patient, act.pk, people["prescriber"], NOW)


def test_nothing_is_taken_back_over_the_head_of_whoever_took_over_since(patient: Patient, people: People) -> None:
    act = acted.own(patient, "own", people["nurse"], people["nurse"], NOW)
    acted.own(patient, "own", people["pharmacist"], people["pharmacist"], NOW)
    with pytest.raises(NotUsable, match="Somebody else"):
        acted.take_back(patient, act.pk, people["nurse"], NOW)
    assert Patient.objects.get(pk=patient.pk).owner == people["pharmacist"]


def test_an_act_that_there_is_not_is_refused(patient: Patient, people: People) -> None:
    with pytest.raises(NotUsable):
        acted.act(patient, "waved", people["nurse"], NOW)
