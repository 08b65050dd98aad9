"""What the fuzzers and the careless laboratory found, as small examples. Each stays; the name says which defect it was."""

import json
import os
import signal
import time
from contextlib import suppress

import pytest

from countwell import Record, ask, read_record
from countwell.base.dates import UNITS, Duration, before, end_of_day, moment, zone
from countwell.base.errors import CountwellError, RecordError, UsageError
from countwell.exchange.csv_mapping import shipped
from countwell.exchange.intake import read_bytes, read_source

from .documents import AS_OF, BUNDLE, HOME, RECORD

ZONE = zone(HOME)
NOW = moment(AS_OF, ZONE)


def _with(*events: dict[str, object]) -> Record:
    return read_record({**RECORD, "events": [*RECORD["events"], *events]})


def _fhir(identity: str, **changed: object) -> Record:
    entries = [
        {"resource": each["resource"] | (changed if each["resource"]["id"] == identity else {})}
        for each in BUNDLE["entry"]
    ]
    (intake,) = read_bytes(json.dumps({**BUNDLE, "entry": entries}).encode())
    return intake.record


def test_f01_a_pipe_is_no_file(tmp_path):
    pipe = tmp_path / "x.json"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)  # so that a reader that opens it does not wait for ever
    os.write(writer, b"[]")
    try:
        with pytest.raises(RecordError):
            _refuse_reading(pipe)
    finally:
        os.close(writer)


def _refuse_reading(pipe):
    def late(*_):
        raise TimeoutError("it waits for a pipe")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(3)
    try:
        read_source(pipe)
    finally:
        signal.alarm(0)


def test_f02_no_dose_takes_long_to_divide():
    began = time.process_time()
    with suppress(CountwellError):
        ask("split", _with(), as_of=NOW, said={"mg_per_day": ["30000"]})
    assert time.process_time() - began < 1


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_f03_the_ends_of_the_calendar_are_refused(day):
    def everything():
        found = moment(day, ZONE)
        end_of_day(found.day, ZONE)
        for unit in UNITS:
            before(found.day, Duration(10_000, unit))
        ask("review", _with(), as_of=found)

    with pytest.raises(CountwellError):
        everything()


def test_f03_a_dose_missed_long_ago_is_refused():
    with suppress(CountwellError):
        ask("missed-dose", _with(), as_of=NOW, said={"missed": ["0001-01-01T00:00"]})


def test_f10_what_is_said_twice_is_an_error():
    with pytest.raises(UsageError):
        ask("symptoms", _with(), as_of=NOW, said={"fever": ["no", "40"]})


@pytest.mark.parametrize("unit", ["banana", None])
def test_f11_a_refused_result_of_the_same_day_still_matters(unit):
    late = {"kind": "result", "id": "x", "test": "wbc", "value": "1.0", "unit": unit, "status": "final"}
    answer = ask(
        "review", _with(late | {"collected": "2026-03-01", "received": "2026-03-02T08:00:00-05:00"}), as_of=NOW
    )
    assert "continue" not in answer.actions
    assert [item.critical for item in answer.refused] == [True]


UNREADABLE = [
    {"kind": "decision", "do": "stop", "at": "03/04/2026", "reason": "pancreatitis"},
    {"kind": "decision", "do": "hold", "at": None, "reason": "infection"},
    {"kind": "decision", "do": "STOP", "at": "2026-02-20", "reason": "pancreatitis"},
    {"kind": "died", "at": "about February"},
    {"kind": "symptom", "symptom": "fever", "since": "yesterday"},
    {"kind": "symptom", "symptom": "jaundice", "since": "2026-03-01", "present": "yes"},
    {"kind": "circumstance", "what": "pregnant", "from": "Spring"},
    {"kind": "genotype", "gene": "TPMT", "result": "*3A/*3A", "at": "n/a"},
    {"kind": "history", "what": "pancreatitis", "cause": "azathioprine", "at": "a while ago"},
    {"kind": "medicine", "name": "allopurinol", "from": "03/04/2026"},
    {"kind": "desicion", "do": "stop", "at": "2026-02-10"},
]


@pytest.mark.parametrize(
    "event", UNREADABLE, ids=lambda event: f"{event['kind']}-{event.get('do', '')}{event.get('symptom', '')}"
)
def test_f21_an_event_that_cannot_be_read_reaches_the_prescriber(event):
    answer = ask("review", _with(event), as_of=NOW)
    assert "contact-prescriber" in answer.actions
    assert "continue" not in answer.actions


@pytest.mark.parametrize("event", UNREADABLE[:3], ids=lambda event: event["do"])
def test_f21_an_unreadable_stop_releases_nothing(event):
    assert "withhold-supply" in ask("supply", _with(event), as_of=NOW).actions


def test_f22_the_running_dose_is_judged():
    raised = {"kind": "decision", "do": "raise", "at": "2026-02-10", "mg_per_day": "1500", "frequency": "once daily"}
    answer = ask("review", _with(raised), as_of=NOW)
    assert "continue" not in answer.actions
    assert "contact-prescriber" in answer.actions


@pytest.mark.parametrize(
    "changed",
    [
        {"specimen": {"display": "Urine"}},
        {"note": [{"text": "SPECIMEN CLOTTED - RESULT UNRELIABLE"}]},
        {
            "contained": [{"resourceType": "Specimen", "id": "s", "status": "unsatisfactory"}],
            "specimen": {"reference": "#s"},
        },
        {
            "contained": [{"resourceType": "Specimen", "id": "s", "type": {"text": "Cerebrospinal fluid"}}],
            "specimen": {"reference": "#s"},
        },
    ],
)
def test_f14_a_specimen_that_cannot_be_used_holds_its_result(changed):
    assert [item.event for item in _fhir("w", **changed).refused] == ["w"]


def test_f15_two_patients_under_one_id_are_said():
    other = {"resource": {"resourceType": "Patient", "id": "p2", "birthDate": "1950-01-01"}}
    sent = json.dumps({**BUNDLE, "entry": [*BUNDLE["entry"], other]}).encode()
    try:
        intakes = read_bytes(sent)
    except CountwellError:
        return
    assert any(intake.held or intake.refused for intake in intakes)


def test_f16_a_patient_of_another_server_is_another_patient():
    reference = {"reference": "http://elsewhere.example/fhir/Patient/p2"}
    entries = [
        {**each, "resource": each["resource"] | ({"subject": reference} if each["resource"]["id"] == "w" else {})}
        for each in BUNDLE["entry"]
    ]
    intakes = read_bytes(json.dumps({**BUNDLE, "entry": entries}).encode())
    assert len(intakes) > 1 or "w" in [item.event for item in intakes[0].record.refused]


def test_f16_the_sender_may_name_its_own_server_throughout():
    entries = [{"resource": each["resource"] | _on("http://hospital.example/fhir", each)} for each in BUNDLE["entry"]]
    (intake,) = read_bytes(json.dumps({**BUNDLE, "entry": entries}).encode())
    assert "w" not in [item.event for item in intake.record.refused]


def test_f16_two_servers_and_neither_known_as_the_patient_s_own():
    servers = {"w": "http://hospital.example/fhir", "h": "http://elsewhere.example/fhir"}
    entries = [
        {
            "resource": each["resource"]
            | (_on(servers[name], each) if (name := each["resource"]["id"]) in servers else {})
        }
        for each in BUNDLE["entry"]
    ]
    (intake,) = read_bytes(json.dumps({**BUNDLE, "entry": entries}).encode())
    assert {"w", "h"} <= {item.event for item in intake.record.refused if item.held}


def _on(server, entry):
    subject = entry["resource"].get("subject")
    return {"subject": {"reference": f"{server}/{subject['reference']}"}} if subject else {}


def test_f17_a_result_received_a_year_later_is_not_hidden():
    typing_error = {"kind": "result", "id": "x", "test": "wbc", "value": "1.1", "unit": "10*9/L", "status": "final"}
    sent = _with(typing_error | {"collected": "2026-03-02T08:00:00-05:00", "received": "2027-03-02T09:00:00-05:00"})
    assert "continue" not in ask("review", sent, as_of=NOW).actions


def test_f18_invisible_characters_do_not_hide_a_name():
    code = {"coding": [{"system": "urn:lab", "code": "X1", "display": "W\u200bBC\u00ad"}]}
    assert "w" in [item.event for item in _fhir("w", code=code).refused]


def test_f26_a_refused_value_is_shown():
    header = "PatNr;Nr;Test;Wert;Einheit;NormVon;NormBis;Abnahme;Befund;Labor;Auftrag\n"
    sent = f"{header}17;;Leukozyten;1.800;/µl;;;01.03.2026 09:00;;;\n".encode("windows-1252")
    (intake,) = read_bytes(sent, shipped("german-practice"))
    (refused,) = intake.record.refused
    assert "1.800" in refused.as_sent


def test_f27_utf_8_is_not_read_as_windows_1252():
    header = "PatNr;Nr;Test;Wert;Einheit;NormVon;NormBis;Abnahme;Befund;Labor;Auftrag\n"
    sent = f"{header}17;;Hämoglobin;60;g/l;;;01.03.2026 09:00;;;\n".encode()
    try:
        (intake,) = read_bytes(sent, shipped("german-practice"))
    except CountwellError:
        return
    assert intake.held or intake.refused


def test_f12_many_results_of_one_id_take_no_longer():
    doubled = [
        {"kind": "result", "id": "x", "test": "wbc", "value": f"6.{n}", "collected": "2026-01-01"} for n in range(4000)
    ]
    began = time.process_time()
    read_bytes(json.dumps({**RECORD, "events": doubled}).encode())
    assert time.process_time() - began < 4
