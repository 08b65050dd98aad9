"""The doctor: a sound clinic is called sound, and each thing that can be wrong is found and named."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection
from pytest_django import Settings

from clinic.making import NOW
from countwell.cli import COMMANDS
from countwell.clinic import read_only
from countwell.clinic.models import Audit, Clinic, Patient, Person, Review, Run
from countwell.clinic.store import audit, health, offline, reviews, vouched
from countwell.clinic.store.appended import APPENDED, ERASABLE
from countwell.clinic.store.backup import FOLDER
from countwell.clinic.store.health import BACKUP_BY, CLOCKS_APART, FREE, ROUNDS_BY

SECOND = timedelta(seconds=1)
POSTGRESQL = connection.vendor == "postgresql"


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder for each test, with a backup of now; the canaries have tests of their own."""
    settings.DATA = tmp_path
    (tmp_path / FOLDER).mkdir()
    (tmp_path / offline.FOLDER).mkdir()
    backup_of(tmp_path, timedelta())
    written_of(tmp_path, timedelta())
    monkeypatch.setattr(health.canaries, "wrong", lambda protocol: [])
    monkeypatch.setattr(vouched, "is_proven", lambda pack: True)
    return tmp_path


def backup_of(folder: Path, ago: timedelta) -> None:
    """A backup of so long ago."""
    made = folder / FOLDER / "clinic-x.sqlite3"
    made.write_bytes(b"")
    os.utime(made, ((NOW - ago).timestamp(),) * 2)


def written_of(folder: Path, ago: timedelta) -> None:
    """A list and plans as a file of so long ago."""
    made = folder / offline.FOLDER / "list-1-x.html.age"
    made.write_bytes(b"")
    os.utime(made, ((NOW - ago).timestamp(),) * 2)


def round_of(ago: timedelta) -> Run:
    """A round of so long ago."""
    return Run.objects.create(what="rules", clinic=Clinic.objects.get(), began_at=NOW - ago, ended_at=NOW - ago)


def found() -> dict[str, str]:
    """What is wrong, by its name."""
    return {check.name: check.says for check in health.checks(NOW) if not check.well}


@pytest.fixture
def sound(patient: Patient) -> Patient:
    """A clinic in which all is well, with a patient, a decision and some audit."""
    round_of(timedelta())
    Clinic.objects.update(alarm_email="duty@clinic.example")
    reviews.keep(patient, NOW)
    for _ in range(3):
        audit.seal(
            at=NOW, person=None, role="", clinic=None, action="run", route="x", patient="", outcome=200, purpose="",
            request="",
        )  # fmt: skip
    return patient


def test_a_sound_clinic_is_called_sound(sound: Patient) -> None:
    assert found() == {}
    assert all(check.do for check in health.checks(NOW) if check.name != "database")


def test_a_database_that_does_not_answer_is_said_and_nothing_else_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> object:
        raise DatabaseError

    monkeypatch.setattr(health, "connection", SimpleNamespace(vendor="sqlite", cursor=silent))
    assert [(check.name, check.well) for check in health.checks(NOW)] == [("database", False)]


def test_tables_of_another_release_are_said_and_nothing_else_is_tried(
    sound: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "waiting_migrations", lambda: ["clinic 0003"])
    assert list(found()) == ["tables"]
    assert len(list(health.checks(NOW))) == 2


@pytest.mark.skipif(POSTGRESQL, reason="the triggers of SQLite")
@pytest.mark.parametrize("table", APPENDED)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_each_trigger_that_was_taken_away_is_named(sound: Patient, table: str, verb: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {table}_no_{verb}")
    assert f"{table}_no_{verb}" in found()["append only"]


@pytest.mark.usefixtures("by_owner")
@pytest.mark.skipif(not POSTGRESQL, reason="the triggers of PostgreSQL")
@pytest.mark.parametrize(
    ("table", "trigger"),
    [(table, "append_only") for table in APPENDED] + [(table, "only_erased") for table in ERASABLE],
)
def test_each_trigger_of_postgresql_that_was_taken_away_is_named(sound: Patient, table: str, trigger: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {table}_{trigger} ON {table}")
    assert f"{table}_{trigger}" in found()["append only"]


@pytest.mark.parametrize(
    ("vendor", "setting", "value"),
    [("sqlite", "synchronous", "1"), ("sqlite", "synchronous", "0"), ("sqlite", "foreign_keys", "0")]
    + [("postgresql", name, "off") for name in health.SAFE_POSTGRESQL],
)
def test_a_setting_that_loses_writes_at_a_power_cut_is_named(
    db: None, monkeypatch: pytest.MonkeyPatch, vendor: str, setting: str, value: str
) -> None:
    well = {"synchronous": "2", "foreign_keys": "1"} | dict.fromkeys(health.SAFE_POSTGRESQL, "on")
    told = well | {setting: value}
    monkeypatch.setattr(health, "connection", SimpleNamespace(vendor=vendor, cursor=connection.cursor))
    monkeypatch.setattr(health, "_one", lambda cursor, sql: well[sql.split()[-1]])
    assert health.lasting(NOW).well
    monkeypatch.setattr(health, "_one", lambda cursor, sql: told[sql.split()[-1]])
    assert f"{setting} is {value}" in health.lasting(NOW).says
    assert not health.lasting(NOW).well


@pytest.mark.skipif(POSTGRESQL, reason="takes the triggers of SQLite away")
def test_a_row_of_the_audit_that_was_changed_is_named(sound: Patient) -> None:
    second = Audit.objects.order_by("number")[1]
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER clinic_audit_no_update")
    Audit.objects.filter(pk=second.pk).update(outcome=404)
    assert f"row {second.number} has been changed" in found()["audit"]


def test_rows_cut_off_at_the_end_of_the_audit_are_noticed_by_the_data_folder(sound: Patient, own_folder: Path) -> None:
    (own_folder / "audit-head.json").write_text('{"number": 5, "hash": "0"}')
    assert "2 rows of the audit are missing" in found()["audit"]


def test_a_decision_that_comes_out_otherwise_under_the_same_rules_is_counted(
    sound: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "_text", lambda answer: "something else")
    assert "1 differ" in found()["decisions"]


def test_a_decision_under_rules_that_have_changed_since_is_counted_and_is_no_fault(sound: Patient) -> None:
    kept = Review.objects.get()
    Review.objects.create(
        patient=sound, as_of=kept.as_of, position=kept.position, rules="x", packs={"cidp 0": "other"}, answer="{}",
        digest="x",
    )  # fmt: skip
    told = reviews.compared()
    assert (told.same, told.changed, told.differ) == (1, 1, 0)
    assert found() == {}


def test_a_pack_without_certificate_is_named(sound: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vouched, "is_proven", lambda pack: pack.name != "everyday")
    assert list(found()) == ["packs"]
    assert found()["packs"].startswith("everyday 1.")
    assert "has no certificate" in found()["packs"]


def test_what_the_canaries_notice_is_said(sound: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.canaries, "wrong", lambda protocol: [f"{protocol}: stop is silent."])
    assert found() == {"canaries": "cidp: stop is silent."}


def test_just_under_two_hours_after_a_round_all_is_well(sound: Patient) -> None:
    Run.objects.update(began_at=NOW - ROUNDS_BY + SECOND)
    assert found() == {}


def test_two_hours_after_the_last_round_it_is_missed(sound: Patient) -> None:
    Run.objects.update(began_at=NOW - ROUNDS_BY)
    assert list(found()) == ["rounds"]


def test_a_patient_for_whom_the_rules_have_not_run_today_is_counted(sound: Patient) -> None:
    sound.standing.delete()
    assert "not run today: 1." in found()["rounds"]


def test_a_clock_behind_what_was_written_is_found(sound: Patient) -> None:
    checks = {check.name: check for check in health.checks(NOW - SECOND)}
    assert not checks["clock"].well


@pytest.mark.parametrize(("off", "well"), [(CLOCKS_APART - SECOND, True), (CLOCKS_APART, False)])
def test_a_clock_that_is_not_the_database_s_is_found(
    db: None, monkeypatch: pytest.MonkeyPatch, off: timedelta, well: bool
) -> None:
    for ahead in (off, -off):
        monkeypatch.setattr(health.clock, "of_database", lambda at, ahead=ahead: at + ahead)
        assert health.on_time(NOW).well is well


@pytest.mark.parametrize(("free", "well"), [(FREE, True), (FREE - 1, False)])
def test_a_disk_that_is_nearly_full_is_found(monkeypatch: pytest.MonkeyPatch, free: int, well: bool) -> None:
    monkeypatch.setattr(health.shutil, "disk_usage", lambda place: SimpleNamespace(free=free))
    assert health.room(NOW).well is well


@pytest.mark.parametrize(("ago", "well"), [(BACKUP_BY - SECOND, True), (BACKUP_BY, False)])
def test_a_backup_older_than_a_night_is_found(own_folder: Path, ago: timedelta, well: bool) -> None:
    backup_of(own_folder, ago)
    assert health.kept(NOW).well is well


@pytest.mark.parametrize(("ago", "well"), [(BACKUP_BY - SECOND, True), (BACKUP_BY, False)])
def test_a_list_for_a_breakdown_older_than_a_night_is_found(own_folder: Path, ago: timedelta, well: bool) -> None:
    written_of(own_folder, ago)
    assert health.readable(NOW).well is well
    (own_folder / offline.FOLDER / "list-1-x.html.age").unlink()
    assert not health.readable(NOW).well


def test_when_something_was_last_done_is_said_as_people_say_it(own_folder: Path, db: None) -> None:
    backup_of(own_folder, SECOND)
    Run.objects.create(what="rules", began_at=NOW, ended_at=NOW)
    assert health.kept(NOW).says == f"The newest: {NOW - SECOND:%-d %b %Y, %H:%M} UTC."
    assert health.went_round(NOW).says.startswith(f"Last round: {NOW:%-d %b %Y, %H:%M} UTC.")


def test_that_there_was_never_a_backup_is_found(own_folder: Path) -> None:
    (own_folder / FOLDER / "clinic-x.sqlite3").unlink()
    assert health.kept(NOW).says == "The newest: never."


def test_a_clinic_that_was_restored_and_not_reconciled_is_said(sound: Patient) -> None:
    read_only.begin("Restored from a backup, and not reconciled yet.")
    assert list(found()) == ["writing"]


@pytest.mark.parametrize(
    "name", ["serve", "open-clinic", "new-password", "doctor", "upgrade", "backup", "restore", "reconcile"]
)
def test_the_commands_of_the_service_are_there(name: str) -> None:
    module, function = COMMANDS[name]
    assert getattr(__import__(module, fromlist=[function]), function).name == name


def test_people_are_told_by_no_name_in_what_the_doctor_says(sound: Patient, people: dict[str, Person]) -> None:
    says = " ".join(check.says for check in health.checks(NOW))
    assert "Ash" not in says
    assert sound.pid not in says
