"""Questions suppose and leave no trace; symptoms are recorded on purpose; a repeat is released only if the answer says so."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from clinic.making import NOW, banner_of, patient_of, result, signed_in
from clinic.test_plan import STEADY
from countwell.clinic.models import Act, Patient, Person
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.store.chase import ending
from countwell.clinic.store.records import append, record_of
from countwell.clinic.store.scope import patients_of
from countwell.model.records import Symptom
from countwell.paper.plain import day_of
from countwell.vocabulary.symptoms import symptoms

People = dict[str, Person]


@pytest.fixture
def steady(people: People) -> Patient:
    """A patient on 150 mg with normal results of yesterday."""
    return patient_of(people["nurse"].clinic, [people[role] for role in CLINICAL], "3001", STEADY)


def ask(browser: Client, patient: Patient, what: str, **form: str) -> str:
    """The page of an answer."""
    token = banner_of(browser, f"/patients/{patient.pid}/asked")
    return browser.post(f"/patients/{patient.pid}/asked/{what}", {"banner": token, **form}).content.decode()


def test_every_question_has_an_answer_and_none_leaves_a_trace(steady: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    before = steady.events.count()
    forms = {
        "missed-dose": {"missed": "2026-03-02T08:00"},
        "medicine": {"name": "allopurinol"},
        "vaccine": {"name": "yellow fever"},
        "pregnancy": {"plan": "now"},
        "travel": {"from": "2026-04-01", "to": "2026-05-01", "abroad": "yes"},
        "lifestyle": {"topic": "alcohol"},
        "split": {"reason": "stomach upset"},
    }
    for name, form in forms.items():
        page = ask(browser, steady, name, **form)
        assert 'class="headline"' in page, name
    assert steady.events.count() == before


def test_a_medicine_that_must_not_be_combined_is_said(steady: Patient, people: People) -> None:
    assert "llopurinol" in ask(signed_in(people["pharmacist"]), steady, "medicine", name="allopurinol")


@pytest.mark.parametrize("form", [{}, {"missed": "yesterday"}])
def test_a_question_that_lacks_something_is_refused(steady: Patient, people: People, form: dict[str, str]) -> None:
    browser = signed_in(people["nurse"])
    token = banner_of(browser, f"/patients/{steady.pid}/asked")
    answer = browser.post(f"/patients/{steady.pid}/asked/missed-dose", {"banner": token, **form})
    assert answer.status_code in (400, 422)


def test_symptoms_on_the_telephone_are_supposed_until_they_are_recorded(steady: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    page = ask(browser, steady, "telephone", fever="yes", **{"fever-value": "39.1"}, chills="no")
    assert "ever" in page
    assert _symptoms(steady) == {}
    ask(browser, steady, "telephone", fever="yes", chills="no", rash="unknown", record="yes", **{"fever-value": "39.1"})
    assert set(_symptoms(steady)) == {"fever", "chills", "rash"}
    assert _symptoms(steady)["chills"] is False


def test_the_telephone_page_asks_of_each_symptom_and_detail_and_supposes_none(steady: Patient, people: People) -> None:
    page = signed_in(people["nurse"]).get(f"/patients/{steady.pid}/asked/telephone").content.decode()
    names = {name for one in symptoms().values() for name in (one.name, *(f"{one.name}.{d}" for d in one.details))}
    assert set(re.findall(r'<input type="radio" name="([^"]+)" value="" checked>', page)) == names
    assert 'value="yes" checked' not in page


def test_details_are_kept_as_they_were_said_and_only_of_what_is_there(steady: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    said = {"abdominal-pain": "yes", "abdominal-pain.upper": "yes", "abdominal-pain.to-the-back": "unknown"}
    ask(browser, steady, "telephone", record="yes", **said, vomiting="no", **{"vomiting.repeated": "yes"})
    told = {e.symptom: dict(e.details) for e in record_of(steady).events if isinstance(e, Symptom)}
    assert told == {"abdominal-pain": {"upper": True, "to-the-back": None}, "vomiting": {}}


def test_a_detail_changes_what_is_called_for_without_being_recorded(steady: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    said = {"abdominal-pain": "yes", "abdominal-pain.to-the-back": "yes", "abdominal-pain.upper": "yes"}
    assert ask(browser, steady, "telephone", **said) != ask(browser, steady, "telephone", **{"abdominal-pain": "yes"})
    assert _symptoms(steady) == {}


@pytest.mark.parametrize("form", [{"fever": "perhaps"}, {"rash": "yes", "rash.spreading": "perhaps"}])
def test_an_answer_that_is_none_of_the_three_is_refused(steady: Patient, people: People, form: dict[str, str]) -> None:
    browser = signed_in(people["nurse"])
    token = banner_of(browser, f"/patients/{steady.pid}/asked")
    assert browser.post(f"/patients/{steady.pid}/asked/telephone", {"banner": token, **form}).status_code == 422


def test_a_pharmacist_is_not_offered_the_telephone(steady: Patient, people: People) -> None:
    for role, offered in (("nurse", True), ("prescriber", True), ("pharmacist", False)):
        page = signed_in(people[role]).get(f"/patients/{steady.pid}/asked").content.decode()
        assert ("asked/telephone" in page) is offered, role


def _symptoms(patient: Patient) -> dict[str, bool | None]:
    return {e.symptom: e.present for e in record_of(patient).events if isinstance(e, Symptom)}


def test_a_telephone_call_in_which_nothing_was_asked_is_refused(steady: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    token = banner_of(browser, f"/patients/{steady.pid}/asked")
    assert browser.post(f"/patients/{steady.pid}/asked/telephone", {"banner": token}).status_code == 422


def test_a_pharmacist_reports_no_symptoms_for_a_patient(steady: Patient, people: People) -> None:
    browser = signed_in(people["pharmacist"])
    token = banner_of(browser, f"/patients/{steady.pid}/asked")
    assert browser.post(f"/patients/{steady.pid}/asked/telephone", {"banner": token, "fever": "yes"}).status_code == 403


def test_a_repeat_is_released_when_tests_are_in_date(steady: Patient, people: People) -> None:
    browser = signed_in(people["pharmacist"])
    address = f"/patients/{steady.pid}/release"
    shown = browser.get(address).content.decode()
    told = browser.post(address, {"banner": banner_of(browser, address)}, follow=True).content.decode()
    released = Act.objects.get(patient=steady, what="release")
    assert released.until is not None
    assert released.review is not None
    assert f"<button>Release the repeat, until {day_of(released.until)}</button>" in shown
    assert f"The repeat is released, until {day_of(released.until)}." in told


def test_a_repeat_that_is_short_is_said_to_be_when_it_is_released(steady: Patient, people: People) -> None:
    append(steady, [result("wbc", "2.9", "2026-03-02")], None, NOW)
    browser = signed_in(people["pharmacist"])
    address = f"/patients/{steady.pid}/release"
    told = browser.post(address, {"banner": banner_of(browser, address)}, follow=True).content.decode()
    assert "The repeat is released: a short supply only, until" in told


@pytest.mark.parametrize(("days", "short"), [(-1, False), (0, False), (1, True)])
def test_a_short_supply_on_a_late_test_ends_after_the_days_of_the_clinic(
    steady: Patient, people: People, monkeypatch: pytest.MonkeyPatch, days: int, short: bool
) -> None:
    due = steady.standing.due_by
    assert due is not None
    at = NOW + (due - NOW.date()) + timedelta(days=days)
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: at)
    browser, address = signed_in(people["pharmacist"]), f"/patients/{steady.pid}/release"
    told = browser.post(address, {"banner": banner_of(browser, address)}, follow=True).content.decode()
    released = Act.objects.get(patient=steady, what="release")
    assert ("a short supply only" in told) is short
    assert released.until == (at.date() + timedelta(days=7) if short else due)
    rows = ending(patients_of(people["pharmacist"], at + timedelta(days=2)), at.date() + timedelta(days=2))
    assert [until for _, until in rows] == [released.until]


def test_a_repeat_is_not_released_under_a_stop_level_result(steady: Patient, people: People) -> None:
    append(steady, [result("wbc", "1.9", "2026-03-02")], None, NOW)
    browser = signed_in(people["pharmacist"])
    page = browser.get(f"/patients/{steady.pid}/release").content.decode()
    assert "Release the repeat" not in page
    token = banner_of(browser, f"/patients/{steady.pid}/asked")
    assert browser.post(f"/patients/{steady.pid}/release", {"banner": token}).status_code == 422
    assert not Act.objects.filter(what="release").exists()
