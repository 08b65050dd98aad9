"""An erasure leaves nothing of a patient but that it was, and takes nothing from anybody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from clinic.making import NOW, patient_of, signed_in
from clinic.requesting import CANARY, agree, ask, carry_out, held
from countwell.clinic.models import Act, Audit, Erasure, Held, Letter, Patient, Person
from countwell.clinic.store import audit, health
from countwell.clinic.store.erase import FILE, brought_back, tables
from countwell.clinic.store.reviews import keep

People = dict[str, Person]


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
    shared = held(over, [over, other], "shared")
    erased()
    assert list(shared.may_be.all()) == [other]
    assert not Held.objects.filter(digest="alone").exists()


@pytest.mark.parametrize(("born", "left"), [("1974-02-03", 0), ("1974-03-02", 1)])
def test_what_came_before_the_patient_was_here_goes_too_unless_it_may_be_a_strangers(
    over: Patient, folder: Path, erased: Callable[[], None], born: str, left: int
) -> None:
    early = held(over, [], "early")
    who = {"id": over.number, "names": [over.name], "born": born}
    Held.objects.filter(pk=early.pk).update(as_sent=json.dumps({"patient": who, "course": {}, "events": []}))
    unreadable = held(over, [], "x")
    Held.objects.filter(pk=unreadable.pk).update(as_sent="no record")
    erased()
    assert Held.objects.filter(pk=early.pk).count() == left
    assert Held.objects.filter(pk=unreadable.pk).exists()


@pytest.mark.usefixtures("by_owner")
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
