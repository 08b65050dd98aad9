"""A copy or an erasure takes three people; a copy holds everything and opens for a week; an erasure leaves nothing but that it was."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from clinic.making import NOW, banner_of, patient_of, person, result, signed_in
from countwell import read_record
from countwell.clinic.models import Act, Audit, Erasure, Event, Held, Letter, Patient, Person, Proposal, Relation
from countwell.clinic.store import audit, health
from countwell.clinic.store.erase import FILE, brought_back, tables
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
    _held(patient, [patient], "alone")
    person(patient.clinic, "patient", "Ash Lane", patient=patient)
    append(patient, [{"kind": "decision", "do": "transfer-out", "at": "2026-03-01"}], None, NOW)
    return patient


def _held(patient: Patient, may_be: list[Patient], digest: str) -> Held:
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


@pytest.fixture
def folder(settings: object, tmp_path: Path) -> Path:
    """A data folder of one's own, with a letter that was written as a file."""
    settings.DATA = tmp_path
    (tmp_path / "outbox").mkdir()
    return tmp_path


@pytest.fixture
def erased(
    over: Patient, people: People, second: Person, folder: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Callable[[], None]:
    """Does all three steps, and what follows once the database has let go."""

    def does() -> None:
        ask(signed_in(people["prescriber"]), over, "erase", "period-over")
        agree(signed_in(second), over)
        with django_capture_on_commit_callbacks(execute=True):
            assert carry_out(people["admin"]) == 302

    return does


def everything() -> str:
    """Every value of every table, the audit and the sessions too."""
    with connection.cursor() as cursor:
        said = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            said.append(str(cursor.fetchall()))
    return "\n".join(said)


def test_an_erased_record_is_nowhere_and_what_is_left_says_who_wanted_it(
    over: Patient, people: People, second: Person, folder: Path, erased: Callable[[], None]
) -> None:
    letter = Letter.objects.get()
    (folder / "outbox" / f"letter-{letter.pk}.pdf").write_bytes(b"%PDF")
    assert "told me in confidence" in everything()
    assert "'1001'" in everything()
    events, pid = over.events.count(), over.pid
    erased()
    there = everything()
    number = ("'1001'", '"1001"')  # the figures alone stand in hashes too
    assert [word for word in (CANARY[0], *CANARY[2:], *number) if word in there] == []
    left = Erasure.objects.get()
    assert (left.pid, left.reason, left.events, left.acts) == (pid, "period-over", events, 2)
    assert (left.asked_by, left.approved_by, left.done_by) == (people["prescriber"], second, people["admin"])
    assert list(audit.broken()) == []
    (row,) = Audit.objects.filter(action="erase")
    assert (row.patient, row.person) == (pid, people["admin"].pk)
    assert "period-over" in row.purpose
    assert Audit.objects.filter(patient=pid, action="read").exists()
    assert not list((folder / "outbox").iterdir())
    assert (folder / FILE).read_text() == f"{pid}\n"
    assert signed_in(people["prescriber"]).get(f"/patients/{pid}").status_code == 404


def test_a_backup_that_brings_an_erased_record_back_is_said(
    over: Patient, people: People, second: Person, folder: Path, erased: Callable[[], None]
) -> None:
    erased()
    assert health.gone(NOW).well
    patient_of(people["nurse"].clinic, [people["nurse"]], "2002", pid=Erasure.objects.get().pid)
    assert brought_back() == [Erasure.objects.get().pid]
    assert not health.gone(NOW).well


def test_a_message_that_may_be_somebody_elses_stays_theirs(
    over: Patient, people: People, second: Person, folder: Path, erased: Callable[[], None]
) -> None:
    other = patient_of(over.clinic, [people["nurse"]], "1009", name="Elm Ward")
    shared = _held(over, [over, other], "shared")
    erased()
    assert list(shared.may_be.all()) == [other]
    assert not Held.objects.filter(digest="alone").exists()


@pytest.mark.parametrize(("born", "left"), [("1974-02-03", 0), ("1974-03-02", 1)])
def test_what_came_before_the_patient_was_here_goes_too_unless_it_may_be_a_strangers(
    over: Patient, folder: Path, erased: Callable[[], None], born: str, left: int
) -> None:
    early = _held(over, [], "early")
    who = {"id": over.number, "names": [over.name], "born": born}
    Held.objects.filter(pk=early.pk).update(as_sent=json.dumps({"patient": who, "course": {}, "events": []}))
    unreadable = _held(over, [], "x")
    Held.objects.filter(pk=unreadable.pk).update(as_sent="no record")
    erased()
    assert Held.objects.filter(pk=early.pk).count() == left
    assert Held.objects.filter(pk=unreadable.pk).exists()


@pytest.mark.parametrize("table", ["clinic_event", "clinic_act", "clinic_review"])
def test_the_database_lets_go_the_rows_of_an_erased_patient_alone(
    over: Patient, people: People, erased: Callable[[], None], table: str
) -> None:
    kept = patient_of(over.clinic, [people["nurse"]], "1009")
    Act.objects.create(patient=kept, what="own", at=NOW, by=people["nurse"], review=keep(kept, NOW))
    erased()
    with pytest.raises(DatabaseError, match="only ever appended"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE patient_id = %s", [kept.pk])
    with pytest.raises(DatabaseError, match="only ever appended"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM clinic_erasure")


def test_the_database_itself_wants_three_people(over: Patient, people: People) -> None:
    one, two = people["prescriber"], people["admin"]
    for asked, agreed, done in ((one, one, two), (one, two, one), (one, two, two)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Erasure.objects.create(
                clinic=over.clinic, patient=over.pk, pid=over.pid, reason="x", asked_by=asked, approved_by=agreed,
                done_by=done, at=NOW, events=0, acts=0,
            )  # fmt: skip


def test_every_table_that_hangs_on_a_patient_is_let_go() -> None:
    """A new model that names a patient is found by itself; one that hangs on such a row must name the patient too."""
    mine = {table for table, _ in tables()}
    hanging = {
        model._meta.db_table
        for model in apps.get_app_config("clinic").get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and not field.many_to_many
        and field.related_model._meta.db_table in mine
    }
    assert hanging - mine <= {"clinic_held_may_be"}
    assert {"clinic_event", "clinic_act", "clinic_review", "clinic_letter", "clinic_held_may_be"} <= mine
