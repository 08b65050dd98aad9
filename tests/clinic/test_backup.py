"""Backup and restore: a whole copy while it is in use, and nothing written after a restore until a person reconciles."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from django.test import Client
from pytest_django import Settings

from clinic.making import NOW, banner_of, signed_in
from countwell.base.errors import StoreError, UsageError
from countwell.cli.serve import serve
from countwell.clinic import read_only, serving
from countwell.clinic.models import Audit, Patient, Person
from countwell.clinic.store import audit, backup, rounds

People = dict[str, Person]


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    """A data folder for each test."""
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A database in a file, as the clinic has one: with one table of the audit, of one row."""
    place = tmp_path / "clinic.sqlite3"
    in_a_file = SimpleNamespace(vendor="sqlite", close=lambda: None, settings_dict={"NAME": str(place)})
    monkeypatch.setattr(backup, "connection", in_a_file)
    with sqlite3.connect(place) as made:
        made.execute("CREATE TABLE clinic_audit (number)")
        made.execute("INSERT INTO clinic_audit VALUES (1)")
    return place


def rows(place: Path) -> list[int]:
    """The rows of that table."""
    with sqlite3.connect(place) as one:
        return [number for (number,) in one.execute("SELECT number FROM clinic_audit ORDER BY number")]


def sealed(count: int) -> None:
    """Rows of the audit."""
    for _ in range(count):
        audit.seal(
            at=NOW, person=None, role="", clinic=None, action="run", route="x", patient="", outcome=200, purpose="",
            request="",
        )  # fmt: skip


@pytest.mark.django_db
def test_a_backup_holds_what_is_committed_while_another_writer_is_at_work(stored: Path) -> None:
    writer = sqlite3.connect(stored, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("INSERT INTO clinic_audit VALUES (2)")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO clinic_audit VALUES (3)")
    made = backup.backup(NOW)
    writer.execute("COMMIT")
    writer.close()
    assert rows(made) == [1, 2]
    assert made.stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_a_backup_that_is_not_whole_is_refused(stored: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    copy.write_bytes(stored.read_bytes()[:100] + b"\xff" * 5000)
    with pytest.raises(StoreError, match="cannot be restored"):
        backup.restore(copy, NOW)
    assert rows(stored) == [1]
    assert read_only.read_only() == ""


@pytest.mark.django_db
def test_another_database_is_not_taken_for_a_backup(stored: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite3"
    with sqlite3.connect(other) as made:
        made.execute("CREATE TABLE songs (name)")
    with pytest.raises(StoreError, match="no database of a clinic"):
        backup.restore(other, NOW)


@pytest.mark.django_db
def test_a_restore_brings_the_state_of_the_backup_and_keeps_the_one_of_before(stored: Path) -> None:
    made = backup.backup(NOW)
    with sqlite3.connect(stored) as one:
        one.execute("INSERT INTO clinic_audit VALUES (2)")
    aside = backup.restore(made, NOW + timedelta(hours=1))
    assert rows(stored) == [1]
    assert rows(aside) == [1, 2]
    assert "not reconciled" in read_only.read_only()


@pytest.mark.django_db
@pytest.mark.parametrize("folder", ["ward #3", "all?mode=rw", "a%41"])
def test_a_backup_goes_into_a_folder_of_any_name_and_comes_back_out_of_it(
    stored: Path, tmp_path: Path, folder: str
) -> None:
    made = backup.backup(NOW, tmp_path / folder)
    backup.restore(made, NOW + timedelta(hours=1))
    assert rows(stored) == [1]


@pytest.mark.django_db
def test_the_database_itself_is_not_restored_over_itself(stored: Path) -> None:
    with pytest.raises(UsageError, match="the clinic's own"):
        backup.restore(stored, NOW)
    assert rows(stored) == [1]
    assert read_only.read_only() == ""


@pytest.mark.django_db
def test_what_is_missing_after_a_restore_is_counted_from_the_head_in_the_data_folder() -> None:
    sealed(2)
    number, seal = Audit.objects.order_by("-number").values_list("number", "hash").first() or (0, "")
    (backup.settings.DATA / backup.HEAD).write_text(json.dumps({"number": number + 3, "hash": seal}))
    assert backup.lost().rows == 3
    assert "3 rows of the audit are missing" in backup.lost().says


@pytest.mark.django_db
def test_nothing_is_missing_when_the_audit_ends_at_the_noted_head() -> None:
    sealed(2)
    backup.note_head()
    assert (backup.lost().rows, backup.lost().other) == (0, False)


@pytest.mark.django_db
def test_an_audit_of_another_clinic_under_the_same_numbers_is_noticed() -> None:
    sealed(2)
    (backup.settings.DATA / backup.HEAD).write_text(json.dumps({"number": 2, "hash": "0" * 64}))
    assert backup.lost().other


@pytest.mark.django_db
def test_the_noted_head_never_goes_back() -> None:
    sealed(1)
    (backup.settings.DATA / backup.HEAD).write_text(json.dumps({"number": 9, "hash": "0" * 64}))
    backup.note_head()
    assert backup.noted()[0] == 9


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ahead", "other", "noticed"),
    [
        (0, False, ""),
        (-1, False, ""),
        (1, False, "1 rows of the audit are missing"),
        (0, True, "not the one that was written"),
    ],
)
def test_a_database_that_was_put_back_by_other_means_is_read_only_until_it_is_reconciled(
    ahead: int, other: bool, noticed: str
) -> None:
    sealed(3)
    number, seal = Audit.objects.filter(number=3 + min(ahead, 0)).values_list("number", "hash").get()
    head = {"number": number + max(ahead, 0), "hash": "0" * 64 if other else seal}
    (backup.settings.DATA / backup.HEAD).write_text(json.dumps(head))
    backup.notice_put_back()
    assert noticed in read_only.read_only()
    assert bool(read_only.read_only()) is bool(noticed)
    if noticed:
        backup.reconcile("N. Harrow", "two results entered again", NOW)
        backup.notice_put_back()
        assert not read_only.read_only()


@pytest.mark.django_db
def test_where_no_head_is_known_nothing_was_put_back() -> None:
    backup.notice_put_back()
    assert not read_only.read_only()


def test_a_restore_that_is_not_reconciled_keeps_its_own_words(clinic: object) -> None:
    (backup.settings.DATA / backup.HEAD).write_text(json.dumps({"number": 9, "hash": "0" * 64}))
    read_only.begin("Restored from a backup, and not reconciled yet.")
    backup.notice_put_back()
    assert read_only.read_only() == "Restored from a backup, and not reconciled yet."


def test_served_with_a_database_that_was_put_back_nothing_is_written(
    people: People, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (backup.settings.DATA / backup.HEAD).write_text(json.dumps({"number": 999, "hash": "0" * 64}))
    monkeypatch.setattr(serving, "begin", lambda _: backup.settings.DATA)
    monkeypatch.setattr(serving, "serve", lambda *_: None)
    told = CliRunner().invoke(serve, [])
    assert "Read only. This database is not the one that was written here last" in told.output
    browser = signed_in(people["prescriber"])
    token = banner_of(browser, f"/patients/{patient.pid}")
    assert browser.post(f"/patients/{patient.pid}/stop", {"banner": token, "reason": "liver"}).status_code == 503
    assert b"not the one that was written here last" in browser.get("/today").content


@pytest.mark.django_db
def test_put_back_while_it_is_served_it_is_noticed_by_the_next_round(monkeypatch: pytest.MonkeyPatch) -> None:
    (backup.settings.DATA / backup.HEAD).write_text(json.dumps({"number": 9, "hash": "0" * 64}))
    parents = iter((1, 1, 2))
    monkeypatch.setattr(serving, "begin", lambda: None)
    monkeypatch.setattr("countwell.clinic.serving.os.getppid", lambda: next(parents))
    monkeypatch.setattr("countwell.clinic.serving.time.sleep", lambda _: None)
    monkeypatch.setattr("countwell.clinic.store.rounds.all_rounds", lambda _: [])
    serving.rounds_for_ever()
    assert "9 rows of the audit are missing" in read_only.read_only()


def test_read_only_a_chart_opens_and_says_so(people: People, patient: Patient) -> None:
    read_only.begin("Restored from a backup, and not reconciled yet.")
    page = signed_in(people["nurse"]).get(f"/patients/{patient.pid}")
    assert page.status_code == 200
    assert b"not reconciled yet" in page.content


@pytest.mark.parametrize(("what", "field"), [("hand-over", "note"), ("stop", "reason"), ("contact", "note")])
def test_read_only_nothing_is_written_not_even_a_stop(people: People, patient: Patient, what: str, field: str) -> None:
    browser = signed_in(people["prescriber"])
    banner = banner_of(browser, f"/patients/{patient.pid}")
    before = patient.acts.count(), patient.events.count()
    read_only.begin("Restored from a backup, and not reconciled yet.")
    answer = browser.post(f"/patients/{patient.pid}/{what}", {"banner": banner, field: "kept words"})
    assert answer.status_code == 503
    assert b"kept words" in answer.content
    assert (patient.acts.count(), patient.events.count()) == before


def test_read_only_signing_in_still_works(clinic: object) -> None:
    read_only.begin("Restored from a backup, and not reconciled yet.")
    assert Client(headers={"host": "localhost"}).post("/sign-in", {"login": "a@b.example"}).status_code == 200


@pytest.mark.django_db
def test_read_only_no_round_runs_so_no_letter_goes_twice() -> None:
    read_only.begin("Restored from a backup, and not reconciled yet.")
    assert rounds.all_rounds(NOW, lambda: NOW) == []


@pytest.mark.django_db
def test_reconciled_by_a_named_person_it_can_be_written_again_and_the_audit_says_so() -> None:
    sealed(1)
    read_only.begin("Restored from a backup, and not reconciled yet.")
    backup.reconcile("N. Harrow", "two results entered again", NOW)
    assert read_only.read_only() == ""
    last = Audit.objects.order_by("-number").first()
    assert last is not None
    assert last.purpose == "N. Harrow: two results entered again"
    assert backup.noted() == (last.number, last.hash)


@pytest.mark.django_db
@pytest.mark.parametrize(("by", "note"), [("", "done"), ("N. Harrow", " ")])
def test_nobody_reconciles_without_name_and_words(by: str, note: str) -> None:
    read_only.begin("Restored from a backup, and not reconciled yet.")
    with pytest.raises(UsageError):
        backup.reconcile(by, note, NOW)
    assert read_only.read_only()


@pytest.mark.django_db
def test_a_clinic_that_is_not_read_only_is_not_reconciled() -> None:
    with pytest.raises(UsageError, match="not read-only"):
        backup.reconcile("N. Harrow", "done", NOW)
