"""A copy or an erasure takes three people; a copy holds everything and opens for a week."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest

from clinic.making import NOW, patient_of, person, signed_in
from clinic.requesting import CANARY, agree, ask, carry_out, taken
from countwell import read_record
from countwell.clinic.models import Event, Letter, Patient, Person, Proposal, Relation
from countwell.clinic.store.records import append

People = dict[str, Person]


def test_a_copy_takes_three_people_and_holds_everything(over: Patient, people: People, second: Person) -> None:
    first = signed_in(people["prescriber"])
    assert ask(first, over, "copy", "asked") == 302
    assert agree(first, over) == 403
    assert carry_out(people["admin"]) == 404
    assert agree(signed_in(second), over) == 302
    assert taken(first, over).status_code == 404
    assert carry_out(people["admin"]) == 302
    answer = taken(first, over)
    assert answer.headers["Content-Type"] == "application/zip"
    assert over.name not in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        parts = {name: file.read(name).decode("utf-8", "replace") for name in file.namelist()}
    letter = Letter.objects.get()
    assert set(parts) == {
        "index.html", "style.css", "today.html", "record.json", "answer.json", "rest.json", f"letters/letter-{letter.pk}.pdf",
    }  # fmt: skip
    assert len(read_record(parts["record.json"]).events) == Event.objects.filter(patient=over).count()
    rest = json.loads(parts["rest.json"])
    assert [len(rest[name]) for name in ("acts", "answers_acted_on", "letters", "care")] == [2, 1, 1, 4]
    assert {row["page"] for row in rest["looks"]} >= {"requested", "requested-answer"}
    for word in (CANARY[0], CANARY[1], CANARY[3], CANARY[4], CANARY[5], people["nurse"].name):
        assert word in parts["index.html"] + parts["rest.json"]


@pytest.mark.parametrize(
    ("later", "code"),
    [(timedelta(days=7, seconds=-1), 200), (timedelta(days=7), 404), (timedelta(days=7, seconds=1), 404)],
)
def test_a_copy_is_open_for_a_week_to_who_asked_for_it(
    over: Patient, people: People, second: Person, monkeypatch: pytest.MonkeyPatch, later: timedelta, code: int
) -> None:
    ask(signed_in(people["prescriber"]), over, "copy", "asked")
    agree(signed_in(second), over)
    carry_out(people["admin"])
    assert taken(signed_in(second), over).status_code == 404
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW + later)
    assert taken(signed_in(people["prescriber"]), over).status_code == code


def test_under_break_glass_nothing_is_asked_and_no_copy_taken(over: Patient, people: People, second: Person) -> None:
    ask(signed_in(people["prescriber"]), over, "copy", "asked")
    agree(signed_in(second), over)
    carry_out(people["admin"])
    stranger = person(over.clinic, "prescriber", "Stranger")
    Relation.objects.create(
        person=stranger, patient=over, kind="break-glass", since=NOW, until=NOW + timedelta(hours=1), reason="x"
    )
    browser = signed_in(stranger)
    assert browser.get(f"/patients/{over.pid}").status_code == 200
    assert browser.get(f"/patients/{over.pid}/requested").status_code == 404
    assert taken(browser, over).status_code == 404


def test_what_was_declined_is_not_carried_out(over: Patient, people: People, second: Person) -> None:
    ask(signed_in(people["prescriber"]), over, "copy", "asked")
    assert agree(signed_in(second), over, "decline") == 302
    assert carry_out(people["admin"]) == 404
    assert ask(signed_in(people["prescriber"]), over, "copy", "asked") == 302


@pytest.mark.parametrize(("what", "reason"), [("copy", ""), ("copy", "mistake"), ("all", "asked"), ("erase", "asked")])
def test_what_is_on_no_list_is_not_asked_for(over: Patient, people: People, what: str, reason: str) -> None:
    assert ask(signed_in(people["prescriber"]), over, what, reason) == 422
    assert not Proposal.objects.exists()


def test_the_same_is_not_asked_for_twice(over: Patient, people: People, second: Person) -> None:
    assert ask(signed_in(people["prescriber"]), over, "copy", "asked") == 302
    assert ask(signed_in(second), over, "copy", "moves") == 422


def test_who_carries_it_out_is_neither_of_the_two(over: Patient, people: People, second: Person) -> None:
    """Somebody who asked, and is an admin since."""
    ask(signed_in(people["prescriber"]), over, "copy", "asked")
    agree(signed_in(second), over)
    Person.objects.filter(pk=second.pk).update(role="admin")
    assert carry_out(Person.objects.get(pk=second.pk)) == 403


def test_an_admin_of_another_clinic_sees_and_does_nothing(over: Patient, people: People, second: Person) -> None:
    ask(signed_in(people["prescriber"]), over, "copy", "asked")
    agree(signed_in(second), over)
    other = patient_of(type(over.clinic).objects.create(name="Clinic two"), [])
    stranger = person(other.clinic, "admin")
    assert over.pid not in signed_in(stranger).get("/people/records").content.decode()
    assert carry_out(stranger) == 404


def test_the_admin_sees_no_patient(over: Patient, people: People, second: Person) -> None:
    ask(signed_in(people["prescriber"]), over, "erase", "period-over")
    agree(signed_in(second), over)
    page = signed_in(people["admin"]).get("/people/records").content.decode()
    assert over.pid in page
    assert [word for word in CANARY if word in page] == []


@pytest.mark.parametrize("role", ["nurse", "pharmacist", "auditor", "admin"])
def test_nobody_but_a_prescriber_asks(over: Patient, people: People, role: str) -> None:
    assert signed_in(people[role]).get(f"/patients/{over.pid}/requested").status_code == 403


def test_a_record_of_somebody_who_is_treated_is_not_erased(patient: Patient, people: People) -> None:
    assert ask(signed_in(people["prescriber"]), patient, "erase", "mistake") == 422


def test_a_record_of_somebody_who_is_treated_again_is_not_erased_either(
    over: Patient, people: People, second: Person
) -> None:
    ask(signed_in(people["prescriber"]), over, "erase", "mistake")
    agree(signed_in(second), over)
    again = {
        "kind": "decision",
        "do": "transfer-in",
        "at": "2026-03-02",
        "mg_per_day": "100",
        "frequency": "once daily",
    }
    append(over, [again], None, NOW)
    assert carry_out(people["admin"]) == 422
    assert Patient.objects.filter(pk=over.pk).exists()
