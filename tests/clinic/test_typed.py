"""What somebody had typed when their session ran out comes back to the same person, on the same page, once, for 15 minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from clinic.making import NOW, PASSWORD, banner_of, patient_of, person, signed_in
from clinic.test_signing_in import code_of, sign_in
from countwell.clinic.models import Audit, Patient, Person, Typed
from countwell.clinic.store import rounds
from countwell.clinic.store.typed import KEPT, LONGEST, forget_patient

People = dict[str, Person]
WORDS = "Rang twice, her daughter will bring her on Friday."
SECOND = timedelta(seconds=1)


def run_out(browser: Client) -> None:
    """The session of this browser has not been used for 15 minutes; the browser does not know."""
    Session.objects.filter(session_key=browser.cookies["session"].value).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )


def typed_too_late(who: Person, patient: Patient, **more: str) -> tuple[Client, str, str]:
    """A browser in which a note was sent after the session had run out; the page of the form, and where it was led."""
    browser, page = signed_in(who), f"/patients/{patient.pid}/contact"
    form = {"banner": banner_of(browser, page), "step": "telephone", "note": WORDS, **more}
    run_out(browser)
    answer = browser.post(page, form, headers={"referer": f"http://localhost{page}"})
    return browser, page, answer.headers["Location"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """Sets the clinic's clock."""

    def stands(at: datetime) -> None:
        monkeypatch.setattr("countwell.clinic.guard.now", lambda: at)

    return stands


def test_what_was_typed_comes_back_after_both_steps_on_the_same_page_and_once(people: People, patient: Patient) -> None:
    nurse = people["nurse"]
    browser, page, to = typed_too_late(nurse, patient)
    assert to == f"/sign-in?next=%2Fpatients%2F{patient.pid}%2Fcontact"
    shown = browser.get(to).content.decode()
    assert ("after 15 minutes without use" in shown, WORDS in shown) == (True, False)
    to = browser.post("/sign-in", {"login": nurse.email, "password": PASSWORD, "next": page}).headers["Location"]
    to = browser.post(to, {"code": code_of(nurse), "next": page}).headers["Location"]
    assert to == page
    assert WORDS in browser.get(page).content.decode()
    assert WORDS not in browser.get(page).content.decode()
    assert not Typed.objects.exists()
    assert patient.acts.count() == 0


def test_another_page_and_another_patient_do_not_show_it(people: People, patient: Patient) -> None:
    nurse = people["nurse"]
    other = patient_of(nurse.clinic, [nurse], "1002", name="Elm Ward")
    _, page, _ = typed_too_late(nurse, patient)
    again = signed_in(nurse)
    for address in ("/today", f"/patients/{patient.pid}", f"/patients/{other.pid}/contact", f"/patients/{other.pid}"):
        assert WORDS not in again.get(address).content.decode()
    assert WORDS in again.get(page).content.decode()


def test_another_account_in_the_same_browser_never_sees_it(people: People, patient: Patient) -> None:
    browser, page, _ = typed_too_late(people["nurse"], patient)
    browser.force_login(people["prescriber"], backend=settings.AUTHENTICATION_BACKENDS[0])
    assert WORDS not in browser.get(page).content.decode()
    assert WORDS in signed_in(people["nurse"]).get(page).content.decode()


def test_who_has_lost_the_patient_since_does_not_see_it(people: People, patient: Patient) -> None:
    _, page, _ = typed_too_late(people["nurse"], patient)
    people["nurse"].relations.update(until=NOW - SECOND)
    answer = signed_in(people["nurse"]).get(page)
    assert (answer.status_code, WORDS in answer.content.decode()) == (404, False)


@pytest.mark.parametrize(
    ("later", "there"), [(KEPT - SECOND, True), (KEPT, False), (KEPT + SECOND, False), (-SECOND, False)]
)
def test_after_15_minutes_it_is_gone(people: People, patient: Patient, clock, later: timedelta, there: bool) -> None:
    _, page, _ = typed_too_late(people["nurse"], patient)
    clock(NOW + later)
    assert (WORDS in signed_in(people["nurse"]).get(page).content.decode()) is there
    assert not Typed.objects.exists()


@pytest.mark.parametrize(("later", "left"), [(KEPT - SECOND, 1), (KEPT, 0), (KEPT + SECOND, 0)])
def test_what_nobody_comes_back_for_is_forgotten(people: People, patient: Patient, later: timedelta, left: int) -> None:
    typed_too_late(people["nurse"], patient)
    rounds.all_rounds(NOW + later, lambda: NOW)
    assert Typed.objects.count() == left


def test_a_form_made_for_another_patient_is_not_kept(people: People, patient: Patient) -> None:
    other = patient_of(people["nurse"].clinic, [people["nurse"]], "1002", name="Elm Ward")
    browser = signed_in(people["nurse"])
    for banner in (banner_of(browser, f"/patients/{other.pid}/contact"), "", "x"):
        again = signed_in(people["nurse"])
        run_out(again)
        to = again.post(f"/patients/{patient.pid}/contact", {"banner": banner, "note": WORDS}).headers["Location"]
        assert (to, Typed.objects.count()) == ("/sign-in", 0)


@pytest.mark.parametrize("what", ["ended", "another password", "closed", "made up"])
def test_of_a_session_that_was_ended_nothing_is_kept(people: People, patient: Patient, what: str) -> None:
    nurse, page = people["nurse"], f"/patients/{patient.pid}/contact"
    browser = signed_in(nurse)
    form = {"banner": banner_of(browser, page), "note": WORDS}
    run_out(browser)
    if what == "ended":
        Session.objects.all().delete()
    elif what == "another password":
        nurse.set_password("seven otters mend the roof")
        nurse.save()
    elif what == "closed":
        Person.objects.filter(pk=nurse.pk).update(is_active=False)
    else:
        browser.cookies["session"] = "x" * 32
    assert browser.post(page, form).headers["Location"] == "/sign-in"
    assert not Typed.objects.exists()


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/my-account/password", {"oldpassword": PASSWORD, "password1": "seven otters mend", "password2": "seven otters mend"}),
        ("/my-account/second-step", {"code": "123456"}),
        ("/sign-in/again", {"password": PASSWORD}),
        ("/patients", {"sought": "Ash Lane"}),
    ],
)  # fmt: skip
def test_no_password_no_code_and_nobody_sought_is_kept(people: People, address: str, form: dict[str, str]) -> None:
    browser = signed_in(people["nurse"])
    browser.get("/my-account")
    run_out(browser)
    browser.post(address, form)
    assert not Typed.objects.exists()


def test_a_field_that_the_form_does_not_have_is_not_kept(people: People, patient: Patient) -> None:
    typed_too_late(people["nurse"], patient, password="x" * 20, code="123456", foreign="y")
    kept = dict(Typed.objects.get().fields)
    assert (kept["Note"], set(kept) <= {"What it was", "What came of it", "Note"}) == (WORDS, True)


@pytest.mark.parametrize(("extra", "kept"), [(0, 1), (1, 0)])
def test_more_than_people_type_is_not_kept(people: People, patient: Patient, extra: int, kept: int) -> None:
    long = "a" * (LONGEST - len("telephone") + extra)
    typed_too_late(people["nurse"], patient, note=long)
    assert Typed.objects.count() == kept


def test_at_the_end_of_twelve_hours_it_is_kept_too(people: People, patient: Patient, clock) -> None:
    browser, page = signed_in(people["nurse"]), f"/patients/{patient.pid}/contact"
    form = {"banner": banner_of(browser, page), "note": WORDS}
    clock(NOW + timedelta(hours=12))
    to = browser.post(page, form).headers["Location"]
    assert to.startswith("/sign-in?next=")
    assert "longer than 12 hours" in browser.get(to).content.decode()
    assert WORDS in signed_in(people["nurse"]).get(page).content.decode()


@pytest.mark.parametrize(
    "referer", ["", "http://elsewhere.example/patients", "http://localhost/my-account", "http://localhost/no", "x"]
)
def test_without_a_page_of_ours_it_is_shown_at_the_form_s_own_address(
    people: People, patient: Patient, referer: str
) -> None:
    browser, page = signed_in(people["nurse"]), f"/patients/{patient.pid}/contact"
    form = {"banner": banner_of(browser, page), "note": WORDS}
    run_out(browser)
    browser.post(page, form, headers={"referer": referer})
    assert Typed.objects.get().page == page


def test_what_was_typed_of_somebody_who_is_erased_goes_too(people: People, patient: Patient) -> None:
    typed_too_late(people["nurse"], patient)
    forget_patient("another-pid")
    assert Typed.objects.exists()
    forget_patient(patient.pid)
    assert not Typed.objects.exists()


def test_it_stands_in_no_audit_and_no_log(people: People, patient: Patient, caplog: pytest.LogCaptureFixture) -> None:
    typed_too_late(people["nurse"], patient)
    assert WORDS not in caplog.text
    assert WORDS not in str(list(Audit.objects.values()))


def test_whoever_only_reads_is_led_to_the_sign_in_as_before(people: People) -> None:
    browser = signed_in(people["nurse"])
    browser.get("/today")
    run_out(browser)
    assert browser.get("/today").headers["Location"] == "/sign-in"
    assert sign_in(person(people["nurse"].clinic, "patient").email, PASSWORD)[1] == "/"
