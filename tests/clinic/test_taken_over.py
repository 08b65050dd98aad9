"""A table of patients taken over at one sitting: every row accounted for, nothing changed of those who are here, no name in what is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from clinic.making import NOW, result
from countwell.base.errors import RecordError, UsageError
from countwell.cli.import_ import import_
from countwell.clinic.models import Audit, Clinic, Held, Patient, Person, Relation, Standing
from countwell.clinic.store.taken_over import TakenOver, take_over

HEADER = "number,name,born,protocol,mg_per_day,since,condition,phone,released"
PLAIN = "2001,Canaryname Birch,1961-04-05,cidp,150,2015,cidp,555 0101,yes"
People = dict[str, Person]


def taken(people: People, *rows: str, header: str = HEADER) -> TakenOver:
    return take_over("\n".join((header, *rows)).encode(), people["prescriber"], NOW)


def test_a_row_becomes_a_patient_on_treatment_in_the_care_of_the_owner(people: People) -> None:
    done = taken(people, PLAIN)
    assert (done.rows, done.taken_on, done.held, done.refused) == (1, 1, 0, 0)
    made = Patient.objects.get(number="2001")
    assert (made.owner, made.phone, made.released) == (people["prescriber"], "555 0101", True)
    assert Standing.objects.get(patient=made).state == "active"
    assert json.loads(Standing.objects.get(patient=made).answer)["course"]["mg_per_day"] == "150"
    assert Relation.objects.filter(patient=made, person=people["prescriber"], until=None).exists()


def test_a_patient_who_is_new_here_has_tests_due_and_is_not_called_calm(people: People) -> None:
    taken(people, PLAIN)
    standing = Standing.objects.get(patient__number="2001")
    assert standing.due_by is not None
    assert standing.open


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("2001,,1961-04-05,cidp,150,2015,cidp,,", "line 2: name missing."),
        ("2001,Canaryname Birch,05.04.1961,cidp,150,2015,cidp,,", "line 2: born is no day such as 1974-02-03."),
        ("2001,Canaryname Birch,1961-04-05,nosuch,150,2015,cidp,,", "line 2: there is no such protocol. Known: "),
        ("2001,Canaryname Birch,1961-04-05,cidp,much,2015,cidp,,", "line 2: mg_per_day cannot be read."),
        ("2001,Canaryname Birch,1961-04-05,cidp,150,long ago,cidp,,", "line 2: since cannot be read."),
        ("2001,Canaryname Birch,1961-04-05,cidp,150,2015,cidp,,perhaps", "line 2: released is yes or no."),
        (
            "1001,Canaryname Birch,1961-04-05,cidp,150,2015,cidp,,",
            "line 2: there is a patient with this number already",
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_by_its_line_and_names_nobody(
    patient: Patient, people: People, row: str, why: str
) -> None:
    done = taken(people, row)
    assert (done.rows, done.taken_on, done.held, done.refused) == (1, 0, 0, 1)
    assert done.says[0].startswith(why)
    assert "Canaryname" not in done.says[0]
    assert Patient.objects.count() == 1


@pytest.mark.parametrize("column", ["email", "gp_email"])
@pytest.mark.parametrize(
    "sent", ['"ash@example.org\nBcc: eve@example.org"', '"ash@example.org, eve@example.org"', "ash"]
)
def test_an_address_that_is_not_one_is_refused_by_its_line(people: People, column: str, sent: str) -> None:
    done = taken(people, f"{PLAIN},{sent}", header=f"{HEADER},{column}")
    assert (done.refused, Patient.objects.count()) == (1, 0)
    assert done.says[0].endswith(f"{column} is no e-mail address.")
    assert taken(people, f"{PLAIN},ash@example.org", header=f"{HEADER},{column}").taken_on == 1


def test_one_bad_row_keeps_none_of_the_others_out(people: People) -> None:
    done = taken(people, PLAIN, "2002,,,,,,,,", PLAIN.replace("2001", "2003").replace("Birch", "Cliff"))
    assert (done.rows, done.taken_on, done.refused) == (3, 2, 1)


def test_somebody_with_the_name_and_birth_date_of_a_patient_here_is_held(patient: Patient, people: People) -> None:
    done = taken(people, "2001,Ash Lane,1974-02-03,cidp,150,2015,cidp,,")
    assert (done.rows, done.taken_on, done.held, done.refused) == (1, 0, 1, 0)
    assert Held.objects.get().may_be.get() == patient


def test_the_same_table_twice_changes_nothing(people: People) -> None:
    taken(people, PLAIN)
    version = Patient.objects.get(number="2001").version
    assert taken(people, PLAIN).refused == 1
    assert Patient.objects.get(number="2001").version == version


def test_a_column_that_nothing_is_done_with_is_refused_as_a_whole(people: People) -> None:
    with pytest.raises(RecordError, match="allergies"):
        taken(people, PLAIN + ",penicillin", header=HEADER + ",allergies")
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (b"number,name\n1,x", "has no column born, mg_per_day, protocol, since"),
        (HEADER.encode() + b"\n\xff", "not UTF-8"),
        (f'{HEADER}\n"2001'.encode(), "no CSV that can be read"),
        (f"{HEADER},name\n{PLAIN},x".encode(), "the same name twice"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_as_a_whole(people: People, source: bytes, why: str) -> None:
    with pytest.raises(RecordError, match=why):
        take_over(source, people["prescriber"], NOW)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, clinic: Clinic) -> CliRunner:
    monkeypatch.setattr("countwell.clinic.serving.begin", lambda data: data)
    monkeypatch.setattr("countwell.clinic.serving.migrate", lambda: None)
    monkeypatch.setattr("countwell.cli.import_.now", lambda: NOW)
    return CliRunner()


def test_a_folder_brings_the_table_and_what_the_laboratory_has(
    command: CliRunner, people: People, tmp_path: Path
) -> None:
    (tmp_path / "1-patients.csv").write_text(f"{HEADER}\n{PLAIN}\n", encoding="utf-8")
    who = {"id": "2001", "names": ["Canaryname Birch"], "born": "1961-04-05"}
    sent = {
        "schema": "countwell.record/1",
        "patient": who,
        "course": {},
        "events": [result("wbc", "5.0", "2026-02-27")],
    }
    (tmp_path / "2-results.json").write_text(json.dumps(sent), encoding="utf-8")
    done = command.invoke(import_, [str(tmp_path), "--owner", people["prescriber"].email])
    assert done.exception is None, done.output
    assert "1-patients.csv: 1 patients = 1 taken on + 0 held for a person + 0 refused." in done.output
    assert "2-results.json: 1 entries = 1 filed + 0 held for a person + 0 refused; of those filed 0" in done.output
    assert "Canaryname" not in done.output
    assert Patient.objects.get(number="2001").events.filter(kind="result").count() == 1
    assert Audit.objects.get(route="import").person == people["prescriber"].pk


def test_patients_whom_no_protocol_is_named_for_are_held(command: CliRunner, people: People, tmp_path: Path) -> None:
    sent = {
        "schema": "countwell.record/1",
        "patient": {"id": "9"},
        "course": {},
        "events": [result("wbc", "5.0", "2026-02-27")],
    }
    (tmp_path / "one.json").write_text(json.dumps(sent), encoding="utf-8")
    done = command.invoke(import_, [str(tmp_path / "one.json"), "--owner", people["nurse"].email])
    assert "1 entries = 0 filed + 1 held for a person + 0 refused" in done.output


def test_a_refused_row_of_a_table_is_told_in_the_end(command: CliRunner, people: People, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text(f"{HEADER}\n{PLAIN}\n{PLAIN.replace('2001', '2002').replace('150', 'x')}\n")
    done = command.invoke(import_, [str(tmp_path / "one.csv"), "--owner", people["prescriber"].email])
    assert "2 patients = 1 taken on + 0 held for a person + 1 refused." in done.output
    assert isinstance(done.exception, RecordError)


@pytest.mark.parametrize("role", ["auditor", "admin", "integrator"])
def test_nobody_who_does_not_treat_becomes_accountable(
    command: CliRunner, people: People, tmp_path: Path, role: str
) -> None:
    (tmp_path / "one.csv").write_text(f"{HEADER}\n{PLAIN}\n", encoding="utf-8")
    done = command.invoke(import_, [str(tmp_path / "one.csv"), "--owner", people[role].email])
    assert isinstance(done.exception, UsageError)
    assert not Patient.objects.exists()


def test_a_file_that_cannot_be_read_keeps_none_of_the_others_out(
    command: CliRunner, people: People, tmp_path: Path
) -> None:
    (tmp_path / "1-broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "2-patients.csv").write_text(f"{HEADER}\n{PLAIN}\n", encoding="utf-8")
    done = command.invoke(import_, [str(tmp_path), "--owner", people["prescriber"].email])
    assert "1-broken.json: not read: " in done.output
    assert isinstance(done.exception, RecordError)
    assert "1-broken.json" in str(done.exception)
    assert "2-patients.csv" not in str(done.exception)
    assert Patient.objects.filter(number="2001").exists()


def test_a_folder_without_anything_to_read_is_refused(command: CliRunner, people: People, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x", encoding="utf-8")
    done = command.invoke(import_, [str(tmp_path), "--owner", people["prescriber"].email])
    assert isinstance(done.exception, UsageError)
