"""Every request passes the guard: who may, on whom, on a page that is still true; and it is audited."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core import signing
from django.db import DatabaseError, connection, transaction
from django.test import Client

import countwell.clinic as clinic_code
from clinic.making import NOW, banner_of, patient_of, person, result, signed_in
from countwell.clinic.models import Act, Audit, Clinic, Event, Patient, Person, Relation, Review
from countwell.clinic.policy import check_addresses, policy, read
from countwell.clinic.store import audit
from countwell.clinic.store.records import append, record_of

People = dict[str, Person]


def test_somebody_unknown_is_asked_to_sign_in(patient: Patient) -> None:
    answer = Client(headers={"host": "localhost"}).get(f"/patients/{patient.pid}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")


def test_staff_without_a_second_step_see_nothing_but_its_setting_up(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse")
    nurse.authenticator_set.all().delete()
    assert signed_in(nurse).get("/today").headers["Location"] == "/my-account/second-step"


def test_a_chart_is_shown_to_those_who_care_for_the_patient(patient: Patient, people: People) -> None:
    assert patient.name in signed_in(people["nurse"]).get(f"/patients/{patient.pid}").content.decode()


@pytest.mark.parametrize("role", ["admin", "auditor", "integrator"])
def test_who_does_not_treat_reads_no_chart(patient: Patient, people: People, role: str) -> None:
    answer = signed_in(people[role]).get(f"/patients/{patient.pid}")
    assert answer.status_code in (302, 403)
    assert patient.name not in answer.content.decode()


def test_foreign_former_and_unknown_patients_are_refused_in_the_same_words(patient: Patient, people: People) -> None:
    other = Clinic.objects.create(name="Clinic two")
    foreign = patient_of(other, [person(other, "nurse")])
    former = patient_of(patient.clinic, [people["nurse"]], "1002")
    Relation.objects.filter(patient=former).update(until=NOW - timedelta(days=1))
    browser = signed_in(people["nurse"])
    answers = [browser.get(f"/patients/{pid}") for pid in (foreign.pid, former.pid, "abcdefghjkmn", "no-such")]
    assert [answer.status_code for answer in answers] == [404] * 4
    pages = {_without_numbers(answer.content.decode()) for answer in answers}
    assert len(pages) == 1


def _without_numbers(page: str) -> str:
    lines = page.splitlines()
    return "\n".join(line for line in lines if "Number of this request" not in line and "csrf" not in line)


def test_a_deactivated_account_is_out_at_once(patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    Person.objects.filter(pk=people["nurse"].pk).update(is_active=False)
    assert browser.get("/today").headers["Location"] == "/sign-in"


def test_a_changed_role_counts_at_once(patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    Person.objects.filter(pk=people["nurse"].pk).update(role="auditor")
    assert browser.get("/today").status_code == 403


def test_a_form_made_for_another_patient_changes_neither(patient: Patient, people: People) -> None:
    other = patient_of(patient.clinic, [people["nurse"]], "1002")
    browser = signed_in(people["nurse"])
    token = banner_of(browser, f"/patients/{other.pid}/stop")
    answer = browser.post(f"/patients/{patient.pid}/stop", {"banner": token, "reason": "liver"})
    assert answer.status_code == 409
    assert Event.objects.filter(body__contains="stop").count() == 0


@pytest.mark.parametrize(
    "token", ["", "x", signing.dumps(["a", 1], salt="other")], ids=["none", "nonsense", "signed for something else"]
)
def test_a_form_without_a_true_banner_is_refused(patient: Patient, people: People, token: str) -> None:
    answer = signed_in(people["nurse"]).post(f"/patients/{patient.pid}/stop", {"banner": token, "reason": "liver"})
    assert answer.status_code == 409


def test_a_stop_counts_on_a_page_that_somebody_else_has_outdated(patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    token = banner_of(browser, f"/patients/{patient.pid}/stop")
    append(patient, [result("wbc", "5.0", "2026-03-01")], None, NOW)
    answer = browser.post(f"/patients/{patient.pid}/stop", {"banner": token, "reason": "liver"})
    assert answer.status_code == 302
    assert record_of(patient).events[-1].do == "stop"  # type: ignore[union-attr]


def test_what_was_typed_is_shown_again_when_it_cannot_be_saved(patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    token = banner_of(browser, f"/patients/{patient.pid}/stop")
    answer = browser.post(f"/patients/{patient.pid}/stop", {"banner": token, "reason": "a bad day"})
    assert answer.status_code == 422
    assert "a bad day" in answer.content.decode()


def test_break_glass_asks_for_a_reason_and_ends_after_an_hour(
    patient: Patient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = person(patient.clinic, "nurse", "Other Nurse")
    browser = signed_in(stranger)
    assert browser.post("/break-glass", {"number": patient.number, "reason": "why"}).status_code == 422
    opened = browser.post("/break-glass", {"number": patient.number, "reason": "patient collapsed in the ward"})
    assert opened.headers["Location"] == f"/patients/{patient.pid}"
    assert browser.get(opened.headers["Location"]).status_code == 200
    assert browser.get(f"/patients/{patient.pid}/stop").status_code == 404
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW + timedelta(minutes=60))
    assert browser.get(opened.headers["Location"]).status_code == 404
    again = browser.post("/break-glass", {"number": patient.number, "reason": "patient collapsed in the ward"})
    assert again.status_code == 422


def test_reads_writes_and_denials_are_audited(patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    browser.get(f"/patients/{patient.pid}")
    token = banner_of(browser, f"/patients/{patient.pid}/stop")
    browser.post(f"/patients/{patient.pid}/stop", {"banner": token, "reason": "liver"})
    browser.post(f"/patients/{patient.pid}/stop", {"reason": "liver"})
    rows = Audit.objects.order_by("number").values_list("action", "route", "patient", "outcome")
    pid = patient.pid
    assert list(rows) == [
        ("read", "chart", pid, 200), ("read", "stop", pid, 200), ("write", "stop", pid, 302), ("deny", "stop", pid, 409),
    ]  # fmt: skip


def test_nothing_is_shown_when_the_audit_cannot_be_written(
    patient: Patient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> None:
        raise DatabaseError

    browser = signed_in(people["nurse"])
    monkeypatch.setattr(audit, "seal", down)
    answer = browser.get(f"/patients/{patient.pid}")
    assert answer.status_code == 503
    assert "Chart" not in answer.content.decode()


APPENDED = ("clinic_audit", "clinic_event", "clinic_act", "clinic_review")


@pytest.mark.usefixtures("by_owner")
@pytest.mark.parametrize("table", APPENDED)
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_what_is_appended(
    patient: Patient, people: People, table: str, change: str
) -> None:
    signed_in(people["nurse"]).get(f"/patients/{patient.pid}")
    review = Review.objects.create(patient=patient, as_of=NOW, position=1, packs=[])
    Act.objects.create(patient=patient, what="own", at=NOW, by=people["nurse"], review=review)
    with pytest.raises(DatabaseError, match="only ever appended"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))


CHANGES = {
    "a field": "UPDATE clinic_audit SET outcome = 200 WHERE number = 3",
    "a hash": "UPDATE clinic_audit SET hash = before WHERE number = 3",
    "a row taken out": "DELETE FROM clinic_audit WHERE number = 3",
    "the first row": "DELETE FROM clinic_audit WHERE number = 1",
    "two rows exchanged": "UPDATE clinic_audit SET number = CASE number WHEN 2 THEN -3 WHEN 3 THEN 2 ELSE number END",
}


@pytest.mark.usefixtures("by_owner")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_audit_is_seen(patient: Patient, people: People, change: str) -> None:
    for _ in range(3):
        signed_in(people["nurse"]).get("/nowhere")
        signed_in(people["nurse"]).get(f"/patients/{'a' * 12}")
        signed_in(people["nurse"]).get(f"/patients/{patient.pid}")
    assert list(audit.broken()) == []
    _without_triggers()
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert list(audit.broken())


def _without_triggers() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER clinic_audit_append_only ON clinic_audit")
            return
        for verb in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER clinic_audit_no_{verb}")


def test_every_address_has_a_policy_and_every_policy_an_address() -> None:
    assert check_addresses() == []


def test_an_address_without_a_policy_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countwell.clinic.policy.addresses", lambda: iter(["today", "secret-door"]))
    assert "secret-door has no line in policy.yaml" in check_addresses()[0].msg


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rights: {a: {of: moon}}\nroutes: {}", "`of: moon`"),
        ("rights: {a: {of: clinic, who: [king]}}\nroutes: {}", "no such role: king"),
        ("rights: {}\nroutes: {x: {GET: a}}", "route x"),
        ("rights: {a: {of: anyone}}\nroutes: {x: {PUT: a}}", "route x"),
    ],
)
def test_a_wrong_policy_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(text)


def test_every_right_is_asked_for_somewhere() -> None:
    asked = {right.name for ways in policy().routes.values() for right in ways.values()}
    code = "".join(path.read_text(encoding="utf-8") for path in Path(clinic_code.__file__).parent.rglob("*.py"))
    assert [name for name in policy().rights if name not in asked and f'"{name}"' not in code] == []


def test_what_no_line_allows_nobody_may() -> None:
    assert policy().wanted("chart", "DELETE") is None
    assert policy().wanted("nowhere", "GET") is None


def test_every_answer_forbids_keeping_framing_and_foreign_content(patient: Patient, people: People) -> None:
    headers = signed_in(people["nurse"]).get(f"/patients/{patient.pid}").headers
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_a_browser_names_its_own_page_with_a_form_or_every_form_would_be_refused(
    patient: Patient, people: People
) -> None:
    browser = signed_in(people["nurse"])
    assert browser.get("/today").headers["Referrer-Policy"] == "same-origin"
    strict = Client(headers={"host": "localhost", "origin": "null"}, enforce_csrf_checks=True)
    assert strict.post("/sign-in", {}).status_code == 403


def test_nobody_opens_a_second_chart_before_the_first_opening_is_reviewed(patient: Patient, people: People) -> None:
    other = patient_of(patient.clinic, [people["nurse"]], "1002")
    browser = signed_in(person(patient.clinic, "nurse", "Other Nurse"))
    reason = {"reason": "patient collapsed in the ward"}
    assert browser.post("/break-glass", {"number": patient.number, **reason}).status_code == 302
    assert browser.post("/break-glass", {"number": other.number, **reason}).status_code == 422
    assert browser.get(f"/patients/{other.pid}").status_code == 404
    Relation.objects.filter(kind="break-glass").update(looked_at=NOW)
    assert browser.post("/break-glass", {"number": other.number, **reason}).status_code == 302
