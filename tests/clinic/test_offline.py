"""The list and every plan as one file that can be read without Countwell: whole, with its age, for its owner's eyes alone."""

from __future__ import annotations

import shutil
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from clinic.making import CALM, LOW, NOW, patient_of, person
from countwell.base.errors import RecordError, StoreError, UsageError
from countwell.clinic import read_only
from countwell.clinic.models import Audit, Clinic, Patient, Person
from countwell.clinic.store import backup, erase, offline

People = dict[str, Person]
AGE = shutil.which("age"), shutil.which("age-keygen")


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    """A data folder for each test."""
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def low(people: People) -> Patient:
    """A patient whose count asks for a stop, and another one for whom nothing is called for."""
    clinic = people["nurse"].clinic
    patient_of(clinic, [people["nurse"]], "1002", events=CALM, name="Bea <Santos>", phone="555 0102")
    return patient_of(clinic, [people["nurse"]], events=[*CALM, LOW], phone="555 0101")


def written(at=NOW) -> str:
    (made,) = offline.write_all(at)
    return made.read_text(encoding="utf-8").replace("\u00a0", " ")


def test_everybody_stands_in_the_list_worst_first_and_on_a_page_of_their_own(low: Patient) -> None:
    text = written()
    rows, _, sheets = text.partition("</tbody>")
    assert rows.index("Ash Lane") < rows.index("Bea &lt;Santos&gt;")
    assert sheets.count('<article class="sheet"') == Patient.objects.count() == 2
    for word in ("555 0101", "Stop", "nurse of Clinic one", "Blood count by"):
        assert word in rows
    sheet = sheets.partition("</article>")[0]
    for word in (
        "Ash Lane",
        "3 Feb 1974",
        "1001",
        "555 0101",
        "150 mg a day",
        "mercaptopurine",
        "Blood count",
        "Dose plan",
    ):
        assert word in sheet


def test_each_page_says_when_it_was_made_and_that_what_came_later_is_not_in_it(low: Patient) -> None:
    text = written()
    assert text.count("Made 2 Mar 2026, 10:00 UTC. What came later is not in it") == 2
    assert "position:fixed;bottom:0" in text
    assert "made 2 Mar 2026 10:00 UTC · what came later is not in it" in text


def test_nothing_in_it_is_fetched_from_anywhere_or_runs(low: Patient) -> None:
    text = written()
    for word in ("<script", "src=", "http:", "https:", "@import", "url("):
        assert word not in text


def test_it_says_for_how_many_the_rules_have_not_run(low: Patient) -> None:
    assert "the rules had not run" not in written()
    assert "For 2 of them the rules had not run" in written(NOW + timedelta(days=1))


def test_its_owner_alone_can_read_it_and_the_newest_replaces_the_one_before(low: Patient, own_folder: Path) -> None:
    offline.write_all(NOW)
    (made,) = offline.write_all(NOW + timedelta(hours=1))
    assert list((own_folder / "offline").iterdir()) == [made]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700


def test_each_clinic_has_its_own(low: Patient, own_folder: Path) -> None:
    other = Clinic.objects.create(name="Clinic two")
    patient_of(other, [person(other, "nurse")], "7", events=CALM, name="Fir Mead")
    one, two = (made.read_text(encoding="utf-8") for made in offline.write_all(NOW))
    assert "Fir Mead" not in one
    assert "Ash Lane" not in two


def test_one_whose_plan_cannot_be_worked_out_is_named_and_keeps_no_other(
    low: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = offline.answer_for

    def failing(one: Patient, *more: object) -> object:
        if one.pk == low.pk:
            raise RecordError("the record cannot be read.")
        return real(one, *more)

    monkeypatch.setattr(offline, "answer_for", failing)
    text = written()
    assert text.count("The plan could not be worked out") == 1
    assert text.count('<article class="sheet"') == 2


def test_the_audit_keeps_that_it_was_written_and_read_only_nothing_is(low: Patient) -> None:
    offline.write_all(NOW)
    assert Audit.objects.get(route="offline").purpose == "list and plans of 2 patients written as a file"
    read_only.begin("Restored from a backup.")
    assert written(NOW)
    assert Audit.objects.filter(route="offline").count() == 1


def test_somebody_who_was_erased_is_on_no_file_that_is_left(low: Patient, own_folder: Path) -> None:
    offline.write_all(NOW)
    erase._outside(low.pid, [])
    assert list((own_folder / "offline").iterdir()) == []


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """A program of the name `age`, and no other."""
    place = folder / "bin"
    place.mkdir()
    (place / "age").write_text(f"#!/bin/sh\n{body}\n")
    (place / "age").chmod(0o700)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")


@pytest.mark.parametrize("body", ["exit 1", "exit 0", 'cp "$5" "$4"; exit 1'])
def test_what_cannot_be_encrypted_is_not_kept_at_all(
    low: Patient, own_folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    settings.ENCRYPT_TO = "age1nobody"
    program(own_folder, monkeypatch, body)
    with pytest.raises(StoreError):
        offline.write_all(NOW)
    assert not list(own_folder.rglob("list-*"))


def test_without_the_program_nothing_is_kept(low: Patient, own_folder: Path, settings: Settings) -> None:
    settings.ENCRYPT_TO = "age1nobody"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("countwell.clinic.store.encrypted.shutil.which", lambda _: None)
        with pytest.raises(StoreError, match="no program `age`"):
            offline.write_all(NOW)
    assert not list(own_folder.rglob("list-*"))


def test_a_file_of_before_stays_while_the_new_one_cannot_be_made(
    low: Patient, own_folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = offline.write_all(NOW)
    settings.ENCRYPT_TO = "age1nobody"
    program(own_folder, monkeypatch, "exit 1")
    with pytest.raises(StoreError):
        offline.write_all(NOW + timedelta(days=1))
    assert made.exists()


@pytest.mark.skipif(None in AGE, reason="age is not installed")
def test_encrypted_only_the_key_reads_it(low: Patient, own_folder: Path, settings: Settings) -> None:
    key = own_folder / "key"
    subprocess.run([str(AGE[1]), "-o", str(key)], check=True, capture_output=True)
    settings.ENCRYPT_TO = key.read_text().partition("public key: ")[2].split()[0]
    (made,) = offline.write_all(NOW)
    assert made.name.endswith(".html.age")
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert b"Ash Lane" not in made.read_bytes()
    assert [one.name for one in own_folder.rglob("list-*")] == [made.name]
    read = subprocess.run([str(AGE[0]), "-d", "-i", str(key), str(made)], check=True, capture_output=True).stdout
    assert b"Ash Lane" in read


def test_an_encrypted_backup_is_decrypted_before_it_is_restored(db: None, own_folder: Path) -> None:
    source = own_folder / "clinic-x.sqlite3.age"
    source.write_bytes(b"age-encryption.org/v1")
    with pytest.raises(UsageError, match="age --decrypt"):
        backup.restore(source, NOW)
