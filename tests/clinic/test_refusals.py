"""What a web application must refuse, whoever asks: foreign ids, forged forms, ways out, and names in logs."""

from __future__ import annotations

import logging
import re
import runpy
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import get_resolver

import countwell.clinic as clinic_code
from clinic.making import NOW, PASSWORD, banner_of, patient_of, person, signed_in
from countwell.clinic.banner import banner_token
from countwell.clinic.logs import WithoutPatients
from countwell.clinic.models import Act, Clinic, Letter, Patient, Person
from countwell.clinic.store.records import record_of

People = dict[str, Person]
FOREIGN = "https://elsewhere.example/"
OUT = (
    FOREIGN,
    "//elsewhere.example/",
    "/\\elsewhere.example",
    "javascript:alert(1)",
    "https:///elsewhere.example",
    "http:elsewhere.example",
)
CLINIC = Path(clinic_code.__file__).parent


def stop(browser: Client, patient: Patient) -> int:
    """Sends the form of a stop; the status of the answer."""
    address = f"/patients/{patient.pid}/stop"
    form = {"banner": banner_of(browser, address), "reason": "liver"}
    status: int = browser.post(address, form, headers={"origin": "http://localhost"}).status_code
    return status


@pytest.mark.parametrize("next_", OUT)
def test_signing_in_leads_to_no_other_site(clinic: Clinic, next_: str) -> None:
    nurse = person(clinic, "nurse")
    form = {"login": nurse.email, "password": PASSWORD, "next": next_}
    answer = Client(headers={"host": "localhost"}).post(f"/sign-in?{urlencode({'next': next_})}", form)
    second = answer.headers["Location"]
    assert second.partition("?")[0] == "/sign-in/second-step"
    assert "elsewhere" not in second
    assert "javascript" not in second


ON = {
    "/sign-in/again": {"password": PASSWORD},
    "/sign-out": {},
}  # fmt: skip


@pytest.mark.parametrize("address", ON)
@pytest.mark.parametrize("next_", OUT)
def test_no_page_of_the_account_leads_to_another_site(people: People, address: str, next_: str) -> None:
    answer = signed_in(people["nurse"]).post(f"{address}?{urlencode({'next': next_})}", {**ON[address], "next": next_})
    assert answer.status_code == 302
    assert answer.headers["Location"] in ("/", "/sign-in", "/my-account")


@pytest.mark.parametrize("next_", [FOREIGN, "//elsewhere.example"])
def test_after_a_row_the_way_leads_back_to_the_list_alone(patient: Patient, people: People, next_: str) -> None:
    browser = signed_in(people["nurse"])
    token = banner_of(browser, f"/patients/{patient.pid}/stop")
    answer = browser.post(f"/patients/{patient.pid}/own", {"banner": token, "next": next_})
    assert answer.headers["Location"] == "/today"


def test_a_form_of_another_site_is_refused(patient: Patient, people: People) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    browser.force_login(people["nurse"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert stop(browser, patient) == 403
    assert record_of(patient).events[-1].do == "start"  # type: ignore[union-attr]


@pytest.mark.parametrize("origin", [FOREIGN, "null"])
def test_no_other_site_may_read_an_answer(patient: Patient, people: People, origin: str) -> None:
    answer = signed_in(people["nurse"]).get(f"/patients/{patient.pid}", headers={"origin": origin})
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_a_number_of_another_patient_opens_nothing_under_ones_own(patient: Patient, people: People) -> None:
    other = Clinic.objects.create(name="Clinic two")
    foreign = patient_of(other, [person(other, "nurse")])
    theirs = signed_in(other.people.get())
    address = f"/patients/{foreign.pid}/letters"
    theirs.post(address, {"banner": banner_of(theirs, address), "kind": "summary", "way": "print"})
    letter = Letter.objects.filter(patient=foreign).first()
    assert letter is not None
    assert theirs.get(f"/patients/{foreign.pid}/letters/{letter.pk}").status_code == 200
    browser = signed_in(people["nurse"])
    swapped = browser.get(f"/patients/{patient.pid}/letters/{letter.pk}")
    unknown = browser.get(f"/patients/{patient.pid}/letters/999999")
    assert (swapped.status_code, unknown.status_code) == (404, 404)
    assert foreign.name.encode() not in swapped.content


def test_a_patient_is_handed_over_to_nobody_of_another_clinic(patient: Patient, people: People) -> None:
    stranger = person(Clinic.objects.create(name="Clinic two"), "nurse")
    browser = signed_in(people["nurse"])
    address = f"/patients/{patient.pid}/hand-over"
    answer = browser.post(address, {"banner": banner_of(browser, address), "to": str(stranger.pk), "note": "please"})
    assert answer.status_code == 422
    assert not Act.objects.filter(patient=patient).exists()


def test_what_looks_like_markup_is_shown_as_text(clinic: Clinic, people: People) -> None:
    sly = patient_of(clinic, [people["nurse"]], "7", name="<script>x</script>{{ 7 }}")
    page = signed_in(people["nurse"]).get(f"/patients/{sly.pid}").content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x&lt;/script&gt;{{ 7 }}" in page


def test_no_address_has_a_place_for_a_name_or_a_date() -> None:
    parts = {
        name: converter.__class__.__name__
        for pattern in get_resolver().url_patterns
        for name, converter in pattern.pattern.converters.items()
    }
    assert set(parts) == {"pid", "number", "name", "wanted"}


def test_a_refused_and_a_failed_request_leave_no_patient_in_the_log(
    patient: Patient, people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError(f"{patient.name} {patient.number}")

    monkeypatch.setattr("countwell.clinic.pages.charts.render", fails)
    browser = signed_in(people["nurse"])
    browser.raise_request_exception = False
    caplog.handler.addFilter(WithoutPatients())
    with caplog.at_level(logging.DEBUG):
        answer = browser.get(f"/patients/{patient.pid}")
        browser.get(f"/patients/{patient.name}")
    assert answer.status_code == 500
    assert patient.name not in answer.content.decode()
    lines = caplog.text
    assert lines
    assert not [word for word in (*patient.name.split(), patient.pid, str(NOW.year) + "-02-03") if word in lines]


def test_no_title_names_a_patient() -> None:
    """A title goes into the history of the browser, and onto the bar of the window."""
    titles = {
        path.name: found[1]
        for path in (CLINIC / "templates").rglob("*.html")
        if (found := re.search(r"block title %}(.*?){% endblock", path.read_text(encoding="utf-8")))
    }
    assert len(titles) > 20
    assert {name: title for name, title in titles.items() if "{{" in title and name not in WITH_A_NAME} == {}


WITH_A_NAME = {
    "base.html": "of the product", "refused.html": "of the refusal", "answer.html": "of the question", "protocol.html": "of the pack",
    "decision.html": "a number",
}  # fmt: skip


def test_nothing_is_kept_in_the_browser() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in (CLINIC / "static").rglob("*.js"))
    assert re.findall(r"localStorage|sessionStorage|indexedDB|caches\.|document\.cookie", scripts) == []


DOORS = (
    "/admin/",
    "/__debug__/",
    "/debug",
    "/.env",
    "/.git/config",
    "/static/",
    "/static/clinic/",
    "/static/../settings.py",
    "/static/%2e%2e/settings.py",
)


@pytest.mark.parametrize("address", DOORS)
def test_there_is_no_door_beside_the_pages(people: People, address: str) -> None:
    assert signed_in(people["admin"]).get(address).status_code == 404


def test_a_new_clinic_has_no_account_that_nobody_made(db: None) -> None:
    assert not Person.objects.exists()


def test_over_the_net_cookies_travel_encrypted_and_to_this_host_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COUNTWELL_HOSTS", "clinic.example")
    monkeypatch.setenv("COUNTWELL_DATA", str(tmp_path))
    monkeypatch.delenv("COUNTWELL_HTTPS", raising=False)
    says = runpy.run_path(str(CLINIC / "settings.py"))
    assert (says["SESSION_COOKIE_NAME"], says["CSRF_COOKIE_NAME"]) == ("__Host-session", "__Host-csrf")
    assert says["SESSION_COOKIE_SECURE"] is says["CSRF_COOKIE_SECURE"] is says["SECURE_SSL_REDIRECT"] is True
    assert says["SESSION_COOKIE_SAMESITE"] == says["CSRF_COOKIE_SAMESITE"] == "Strict"
    assert says["SESSION_COOKIE_HTTPONLY"] is says["CSRF_COOKIE_HTTPONLY"] is True
    assert says["DEBUG"] is False


def test_what_begins_like_a_formula_is_shown_as_text(clinic: Clinic, people: People) -> None:
    sly = patient_of(clinic, [people["nurse"]], "8", name='=HYPERLINK("x")')
    page = signed_in(people["nurse"]).get(f"/patients/{sly.pid}").content.decode()
    assert "=HYPERLINK(&quot;x&quot;)" in page


def test_an_admin_gives_nobody_two_roles_and_itself_none(people: People) -> None:
    admin = people["admin"]
    assert signed_in(admin).post(f"/people/{admin.pk}", {"what": "role", "role": "prescriber"}).status_code == 403
    admin.refresh_from_db()
    assert admin.role == "admin"


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_who_treats_nobody_writes_nothing_of_a_patient(patient: Patient, people: People, role: str) -> None:
    browser = signed_in(people[role])
    form = {"banner": banner_token(patient), "reason": "liver"}
    assert browser.post(f"/patients/{patient.pid}/stop", form).status_code == 403
    assert record_of(patient).events[-1].do == "start"  # type: ignore[union-attr]
