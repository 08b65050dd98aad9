"""A source into the store: conserved counts, whose it is, once, and what a correction sets going."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinic.making import ASKED, GOOD, NOW, START, patient_of, result
from countwell.base.errors import RecordError
from countwell.clinic.models import Clinic, Held, Message, Patient, Person, Standing
from countwell.clinic.store.intake import Sums, take_in
from countwell.clinic.store.records import append
from countwell.clinic.store.worklist import worklist
from countwell.exchange.csv_mapping import shipped
from countwell.exchange.fhir import to_fhir
from countwell.exchange.strict_json import written

People = dict[str, Person]
TESTS = Path(__file__).parents[1]
LANE = {"id": "1001", "names": ["Ash Lane"], "born": "1974-02-03"}


def record(events: list[Any], **who: object) -> bytes:
    """A record of Ash Lane, or of somebody who differs in something, as it is sent."""
    person = {name: value for name, value in {**LANE, **who}.items() if value is not None}
    document = {"schema": "countwell.record/1", "patient": person, "course": {"protocol": "cidp"}, "events": events}
    return json.dumps(document).encode()


def came(patient: Patient, source: bytes, **more: Any) -> Sums:
    """What became of a source."""
    return take_in(patient.clinic, source, None, NOW, name="laboratory", **more)


def test_a_result_of_a_known_patient_is_filed_and_the_rules_have_run(patient: Patient) -> None:
    sums = came(patient, record([result("wbc", "1.9", "2026-03-01")]))
    assert sums == Sums(received=1, filed=1, held=0, refused=0)
    assert Standing.objects.get().words == "Stop"


KILLED = """
import json, os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connections
call_command("migrate", verbosity=0)
from clinic.making import NOW, patient_of, person
from clinic.test_intake import record, result
from countwell.clinic.models import Clinic, Event, Message, Standing
from countwell.clinic.store import intake
clinic = Clinic.objects.create(name="Clinic one")
patient_of(clinic, [person(clinic, "nurse")])
source = record([result("wbc", "1.9", "2026-03-01")])

def killed(at_once):
    connections.close_all()
    if not (child := os.fork()):
        if at_once:
            file_to = intake.file_to
            intake.file_to = lambda *given: (file_to(*given), os.kill(os.getpid(), signal.SIGKILL))
        intake.take_in(clinic, source, None, NOW)
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    return [Message.objects.count(), Event.objects.filter(kind="result").count(), Standing.objects.get().words == "Stop"]

told = [killed(True), killed(False)]
again = intake.take_in(clinic, source, None, NOW)
print(json.dumps([*told, [again.received, again.known]]))
"""


def test_of_an_intake_that_is_killed_nothing_is_there_and_of_one_that_came_back_everything(tmp_path: Path) -> None:
    settings = {"COUNTWELL_DATA": str(tmp_path), "COUNTWELL_DATABASE": "", "PYTHONPATH": str(TESTS)}
    environment = {**os.environ, **settings, "DJANGO_SETTINGS_MODULE": "countwell.clinic.settings"}
    done = subprocess.run((sys.executable, "-c", KILLED), env=environment, capture_output=True, text=True, cwd=TESTS)
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout) == [[0, 0, False], [1, 1, True], [1, 1]]


def test_every_entry_has_exactly_one_outcome(patient: Patient) -> None:
    events = [result("wbc", "4.0", "2026-03-01"), result("wbc", "4100", "2026-03-01", "/mL"), result("alt", "x", "2026-03-01"),
              {"kind": "symptom", "symptom": "no such thing", "since": "2026-03-01"}, "no object", {"kind": "dance"}]  # fmt: skip
    sums = came(patient, record(events))
    assert (sums.received, sums.add_up) == (6, True)
    assert sums.held > 0
    assert sums.refused > 0
    message = Message.objects.get()
    assert (message.filed, message.held, message.refused) == (sums.filed, sums.held, sums.refused)
    assert len(message.says) == sums.refused


def test_the_database_refuses_a_message_that_does_not_add_up(clinic: Clinic) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(clinic=clinic, received_at=NOW, digest="a", received=3, filed=1, held=1, refused=0)


def test_the_same_source_twice_changes_nothing(patient: Patient) -> None:
    source = record([result("wbc", "4.0", "2026-03-01")])
    first, version = came(patient, source), Patient.objects.get().version
    again = came(patient, source)
    assert (again.received, again.known) == (first.received, first.filed)
    assert (Message.objects.count(), patient.events.count(), Patient.objects.get().version) == (1, 2, version)


def test_the_same_event_in_another_source_is_one_event(patient: Patient) -> None:
    came(patient, record([result("wbc", "4.0", "2026-03-01")]))
    sums = came(patient, record([result("wbc", "4.0", "2026-03-01"), result("hb", "140", "2026-03-01", "g/L")]))
    assert (sums.filed, sums.known, patient.events.count()) == (2, 1, 3)


@pytest.mark.parametrize(
    ("who", "filed"),
    [
        ({}, True), ({"names": ["LANE^ASH"]}, True), ({"names": None}, True), ({"born": None}, True),
        ({"born": "1947-02-03"}, False), ({"names": ["Ash Lain"]}, False), ({"id": "1002"}, False),
        ({"names": None, "born": None}, False), ({"id": "x", "names": ["Bo Reed"], "born": "1950-01-01"}, False),
    ],
)  # fmt: skip
def test_all_that_was_sent_must_agree_and_be_two_at_least(
    patient: Patient, who: dict[str, object], filed: bool
) -> None:
    sums = came(patient, record([result("wbc", "4.0", "2026-03-01")], **who))
    assert (sums.filed, sums.held) == ((1, 0) if filed else (0, 1))
    assert patient.events.count() == (2 if filed else 1)


def test_two_patients_near_and_neither_is_filed_to(patient: Patient, people: People) -> None:
    twin = Patient.objects.create(
        clinic=patient.clinic, number="2002", name="Lane Ash", born="1974-02-03", head=patient.head
    )
    came(patient, record([result("wbc", "1.9", "2026-03-01")]))
    assert set(Held.objects.get().may_be.all()) == {patient, twin}


def test_the_number_of_another_clinic_is_nobody_here(patient: Patient) -> None:
    other = Clinic.objects.create(name="Clinic two")
    sums = take_in(other, record([result("wbc", "4.0", "2026-03-01")]), None, NOW)
    assert (sums.held, Held.objects.get().why, patient.events.count()) == (1, "unknown-patient", 1)


@pytest.mark.parametrize(("value", "critical"), [("2.1", False), ("2.0", True), ("1.9", True)])
def test_what_would_halt_if_filed_is_possible_danger(patient: Patient, value: str, critical: bool) -> None:
    append(patient, [*ASKED, *GOOD[1:]], None, NOW)
    came(patient, record([result("wbc", value, "2026-03-01")], born="1947-02-03"))
    assert Held.objects.get().critical is critical


@pytest.mark.parametrize(("value", "critical"), [("1.7", False), ("1.5", True)])
def test_what_would_only_hold_is_possible_danger_too(patient: Patient, value: str, critical: bool) -> None:
    append(patient, [*ASKED, *GOOD[:1], *GOOD[2:]], None, NOW)
    came(patient, record([result("neutrophils", value, "2026-03-01")], born="1947-02-03"))
    assert Held.objects.get().critical is critical


def test_a_value_that_cannot_be_read_is_held_in_its_chart(patient: Patient) -> None:
    event = {**result("wbc", "4.0", "2026-03-01"), "identity_on_report": {"id": "9999", "name": "Bo Reed"}}
    sums = came(patient, record([event]))
    held = Held.objects.get()
    assert (sums.held, held.patient, list(held.may_be.all())) == (1, patient, [patient])
    assert "9999" in held.as_sent


def test_nothing_is_kept_of_a_source_that_is_none(patient: Patient) -> None:
    with pytest.raises(RecordError):
        came(patient, b"MSH|^~")
    assert not Message.objects.exists()


def test_fhir_is_filed_as_a_record_is(patient: Patient) -> None:
    document = json.loads(record([result("wbc", "1.9", "2026-03-01", id="w1")]))
    sums = came(patient, written(to_fhir(document)).encode())
    assert (sums.add_up, Standing.objects.get().words) == (True, "Stop")


@pytest.mark.parametrize(("born", "filed"), [("1974-02-03", 1), ("1947-02-03", 0), ("", 0)])
def test_a_csv_is_filed_if_its_rows_name_the_patient_and_held_if_they_give_a_number_alone(
    patient: Patient, born: str, filed: int
) -> None:
    mapping = replace(shipped("plain"), columns={**shipped("plain").columns, "born": "born"})
    columns = "patient,born,id,test,code,value,unit,low,high,collected,received,status,lab,order,replaces"
    row = f"1001,{born},w1,wbc,,1.9,10*9/L,,,2026-03-01T09:00:00+0000,,final,,,"
    sums = came(patient, f"{columns}\n{row}\n".encode(), mapping=mapping)
    assert sums == Sums(received=1, filed=filed, held=1 - filed, refused=0)


def test_a_patient_on_whom_the_rules_cannot_be_run_keeps_no_other_from_the_list_and_no_result_is_lost(
    patient: Patient, people: People
) -> None:
    other = patient_of(patient.clinic, [people["nurse"]], "2002", name="Bo Reed")
    head = {**json.loads(other.head), "course": {"protocol": "gone"}}
    Patient.objects.filter(pk=other.pk).update(head=json.dumps(head), born="1960-01-01")
    both = [json.loads(record([result("wbc", "1.9", "2026-03-01")], **who)) for who in (
        {}, {"id": "2002", "names": ["Bo Reed"], "born": "1960-01-01"})]  # fmt: skip
    sums = came(patient, json.dumps(both).encode())
    assert sums == Sums(received=2, filed=1, held=1, refused=0)
    assert (Held.objects.get().why, Held.objects.get().critical, other.events.count()) == ("not-decided", True, 1)
    found = worklist(people["nurse"], NOW + timedelta(days=1), {})
    assert (found.not_run, found.placed) == (1, 2)


def test_whoever_is_not_here_yet_can_be_taken_on(clinic: Clinic, people: People) -> None:
    source = record([START, *ASKED, *GOOD], id="5005")
    sums = take_in(clinic, source, people["nurse"], NOW, take_on=people["nurse"])
    made = Patient.objects.get(number="5005")
    assert (sums.filed, made.owner, made.name) == (sums.received, people["nurse"], "Ash Lane")
    assert Standing.objects.get(patient=made).state == "active"


def test_taking_on_never_makes_a_second_chart_of_somebody_near(patient: Patient, people: People) -> None:
    came(patient, record([START], born="1947-02-03"), take_on=people["nurse"])
    assert (Patient.objects.count(), Held.objects.count()) == (1, 1)


def test_a_correction_runs_the_rules_again_and_lists_the_decision_that_rested_on_it(patient: Patient) -> None:
    reduce = {"kind": "decision", "do": "reduce", "at": "2026-02-21", "mg_per_day": "100", "rests_on": ["old"]}
    old = result("wbc", "3.6", "2026-02-20", id="old", received="2026-02-20T12:00:00Z")
    append(patient, [*ASKED, *GOOD[1:], old, reduce], None, NOW)
    assert Standing.objects.get().changed == 0
    new = result(
        "wbc", "1.6", "2026-02-20", id="new", replaces="old", status="corrected", received="2026-02-25T12:00:00Z"
    )
    came(patient, record([new]))
    standing = Standing.objects.get()
    assert (standing.changed, standing.row["changed"], standing.words) == (1, ["old"], "Stop")


def test_a_stranger_with_a_protocol_that_there_is_not_keeps_no_other_out_and_is_possible_danger(
    patient: Patient,
) -> None:
    both = [json.loads(record([result("wbc", "1.9", "2026-03-01")], **who)) for who in (
        {"id": "9", "names": ["Bo Reed"], "born": "1960-01-01"}, {})]  # fmt: skip
    both[0]["course"]["protocol"] = "gone"
    sums = came(patient, json.dumps(both).encode())
    assert sums == Sums(received=2, filed=1, held=1, refused=0)
    assert (Held.objects.get().critical, Standing.objects.get().words) == (True, "Stop")


@pytest.mark.parametrize(("value", "critical"), [("2.0", True), ("4.0", False)])
def test_a_stranger_who_follows_nothing_is_looked_at_by_what_is_followed_here(
    patient: Patient, value: str, critical: bool
) -> None:
    sent = json.loads(record([result("wbc", value, "2026-03-01")], id="9", names=["Bo Reed"], born="1960-01-01"))
    came(patient, json.dumps({**sent, "course": {}}).encode())
    assert Held.objects.get().critical is critical


@pytest.mark.parametrize(
    "second",
    [
        {"value": "6.0", "status": "corrected"}, {"status": "cancelled"},
        {"kind": "note", "at": "2026-03-01", "text": "see above"},
    ],
)  # fmt: skip
def test_other_content_under_an_id_that_stands_in_the_chart_is_held_as_in_one_message(
    patient: Patient, second: dict[str, object]
) -> None:
    first = result("wbc", "1.9", "2026-03-01", id="w1")
    came(patient, record([first]))
    other = {"id": "w1", **second} if "kind" in second else {**first, **second}
    sums = came(patient, record([other, result("hb", "140", "2026-03-01", "g/L", id="h1")]))
    assert sums == Sums(received=2, filed=1, held=1, refused=0)
    held = Held.objects.get()
    assert (held.why, held.critical, held.patient, json.loads(held.as_sent)) == ("disputed", True, patient, other)


def test_the_same_is_held_where_it_comes_as_fhir(patient: Patient) -> None:
    for value in ("1.9", "6.0"):
        document = json.loads(record([result("wbc", value, "2026-03-01", id="w1")]))
        sums = came(patient, written(to_fhir(document)).encode())
    assert (sums.held, sums.add_up, Held.objects.get().critical) == (1, True, True)


AHEAD = [
    ({"kind": "died", "at": "2026-03-02"}, True),
    ({"kind": "died", "at": "2026-03-03"}, False),
    ({"kind": "decision", "do": "transfer-out", "at": "2026-03-03"}, False),
    ({"kind": "decision", "do": "stop", "at": "2026-03-03", "reason": "liver"}, False),
]


@pytest.mark.parametrize(("event", "filed"), AHEAD)
def test_a_death_or_decision_of_tomorrow_waits_for_a_person(
    patient: Patient, event: dict[str, Any], filed: bool
) -> None:
    """On its day it would take the stop off the list, and nobody would have seen it."""
    sums = came(patient, record([result("wbc", "1.9", "2026-03-01"), event]))
    assert sums == Sums(received=2, filed=2 * filed, held=2 * (not filed), refused=0)
    assert [(held.critical, "later than the day" in held.says) for held in Held.objects.all()] == [(True, True)] * (
        not filed
    )
