"""The shipped schemas are the generated ones, and what Countwell reads and writes fits them."""

import json

import pytest
from jsonschema import Draft202012Validator

from countwell.base.dates import moment, zone
from countwell.exchange.events import KEPT
from countwell.exchange.record_json import read_record
from countwell.exchange.schema import KINDS, SHIPPED, file_of, text
from countwell.questions.ask import ask
from exchange.making import document, result


def validator(name):
    return Draft202012Validator(json.loads(file_of(name).read_text(encoding="utf-8")))


def faults(name, value):
    return [error.json_path for error in validator(name).iter_errors(value)]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_schema_is_the_generated_one(name):
    assert file_of(name).read_text(encoding="utf-8") == text(SHIPPED[name]()), "python -m countwell.exchange.schema"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_schema_is_a_schema(name):
    Draft202012Validator.check_schema(SHIPPED[name]())


FULL = [
    {
        "kind": "decision",
        "do": "start",
        "at": "2025-06-02",
        "mg_per_day": "50",
        "frequency": "once daily",
        "by": "dr-1",
        "reason": None,
        "rests_on": ["a0"],
    },
    result(
        id="a1",
        value=3.0,
        collected="2026-03-01T09:00:00-05:00",
        received="2026-03-01T15:00:00Z",
        code=None,
        version=None,
    ),
    {"kind": "test-ordered", "test": "tpmt", "at": "2026-02-20", "status": "pending"},
    {"kind": "weight", "at": "2026-02-01", "value": "70", "unit": "kg"},
    {
        "kind": "symptom",
        "symptom": "fever",
        "present": True,
        "since": "2026-03-01",
        "until": None,
        "value": "38.4",
        "unit": "Cel",
        "details": {"a": None},
    },
    {"kind": "medicine", "name": "allopurinol", "code": None, "dose": "300 mg", "from": "2026-03-01", "to": None},
    {"kind": "list-confirmed", "list": "medicines", "at": "2026-02-01"},
    {"kind": "history", "what": "pancreatitis", "cause": "azathioprine", "at": "2019"},
    {"kind": "genotype", "gene": "TPMT", "result": "*1/*3A", "at": "2025-05-20"},
    {"kind": "circumstance", "what": "pregnant", "from": "2026-03-01", "to": None},
    {"kind": "vaccination", "vaccine": "influenza, injected", "at": "2025-10-01"},
    {"kind": "dose-taken", "at": "2026-03-01T08:00:00-05:00", "mg": "50"},
    {"kind": "dose-missed", "due": "2026-03-01T08:00:00-05:00"},
    {"kind": "died", "at": "2026-03-01"},
    {"kind": "note", "text": "anything"},
]


def test_a_full_record_fits_and_shows_every_kind():
    patient = {
        "names": ["Ann"],
        "born": "1974-02-03",
        "sex": "female",
        "time_zone": "America/New_York",
        "country": "US",
    }
    course = {
        "condition": "cidp",
        "protocol": None,
        "layers": None,
        "products": [{"strength_mg": "50", "scored": True}],
        "may_halve": True,
    }
    assert faults("record", {**document(*FULL, **patient), "course": course}) == []
    assert {event["kind"] for event in FULL} == {*KINDS, "note"}


@pytest.mark.parametrize("kind", KEPT)
def test_further_kinds_fit(kind):
    assert faults("record", document({"kind": kind, "anything": 1})) == []


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "dream"},
        {"kind": "decision", "do": "wish", "at": "2026-03-01"},
        {"kind": "decision", "do": "start", "at": "03/04/2026"},
        {"kind": "weight", "value": "70"},
        result(status="done"),
        result(value=True),
        result(collected="2026-03-01T09:00:00"),
    ],
)
def test_what_is_refused_does_not_fit(event):
    assert faults("record", document(event)) != []


def test_a_record_without_patient_does_not_fit():
    assert faults("record", {"schema": "countwell.record/1"}) == ["$"]


@pytest.mark.parametrize("question", ["review", "schedule", "dose"])
def test_answers_fit(question):
    start = {"kind": "decision", "do": "start", "at": "2025-06-02", "mg_per_day": "150", "frequency": "once daily"}
    course = {"condition": "cidp", "protocol": "cidp"}
    record = read_record({**document(start, result(value="1.9"), result(value="9", status=None)), "course": course})
    answer = ask(question, record, as_of=moment("2026-03-02", zone("UTC")), protocol=None).to_json()
    assert faults("answer", answer) == []
    known = json.loads(file_of("answer").read_text(encoding="utf-8"))
    assert set(known["properties"]) == set(answer)
    assert set(known["$defs"]["Finding"]["properties"]) == set(answer["findings"][0])
    assert set(known["$defs"]["NotUsed"]["properties"]) == set(answer["refused"][0])
    assert set(known["$defs"]["Advice"]["properties"]) == set(answer["advice"])
