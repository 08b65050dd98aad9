"""The same record sent as JSON, as FHIR and as CSV gives the same results; whatever is sent, nothing is lost in silence."""

import json
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countwell.base.errors import CountwellError, RecordError
from countwell.exchange.csv_mapping import read_mapping, shipped
from countwell.exchange.csv_writer import to_csv
from countwell.exchange.fhir import read_fhir, to_fhir
from countwell.exchange.intake import read_bytes
from countwell.exchange.lab_csv import read_csv
from countwell.exchange.record_json import read_record
from countwell.exchange.strict_json import parse, written
from countwell.model.records import Kept, Result
from countwell.vocabulary.tests import tests as listed_tests
from exchange.making import bundle as bundle_of
from exchange.making import condition, document, observation, order

ZONE = "America/New_York"
NUMERIC = sorted(name for name, test in listed_tests().items() if test.scale == "number" and test.unit and test.loinc)
NUMBER = st.decimals("0.01", "9999", places=2).map(str)
VALUE = st.builds("{}{}".format, st.sampled_from(["", "<", ">", "<=", ">="]), NUMBER) | st.sampled_from(
    ["CLOTTED", "see comment"]
)
DAY = st.dates().filter(lambda day: 1970 < day.year < 2100).map(str)
INSTANT = (
    st.datetimes(allow_imaginary=False)
    .filter(lambda at: 1970 < at.year < 2100)
    .map(lambda at: f"{at:%Y-%m-%dT%H:%M:%S}+02:00")
)
NAME = st.text("abcXYZ019-.", min_size=1, max_size=12)


@st.composite
def results(draw):
    name = draw(st.sampled_from(NUMERIC))
    value, low, high = draw(VALUE), draw(NUMBER | st.none()), draw(NUMBER | st.none())
    numeric = any(character.isdigit() for character in value)
    return {
        "kind": "result",
        "test": name,
        "code": {"system": "loinc", "code": next(iter(listed_tests()[name].loinc))},
        "value": value,
        "unit": listed_tests()[name].unit if numeric else None,
        "normal_low": low if numeric else None,
        "normal_high": high if numeric else None,
        "collected": draw(DAY | INSTANT),
        "received": draw(INSTANT | st.none()),
        "status": draw(
            st.sampled_from(["preliminary", "final", "corrected", "amended", "cancelled", "entered-in-error"])
        ),
        "order": draw(NAME | st.none()),
        "lab": draw(NAME | st.none()),
        "replaces": draw(NAME | st.none()),
    }


RESULTS = st.lists(results(), max_size=5).map(
    lambda found: [{**one, "id": f"a{place}"} for place, one in enumerate(found)]
)


def read_results(record):
    return [event for event in record.events if isinstance(event, Result)]


@given(RESULTS)
def test_the_same_results_come_from_json_and_fhir(sent):
    record = document(*sent, time_zone=ZONE)
    (intake,) = read_fhir([("", parse(written(to_fhir(record))))])
    assert read_results(intake.record) == read_results(read_record(record))
    assert len(intake.filed) == intake.received


@given(RESULTS.filter(bool))
def test_the_same_results_come_from_json_and_csv(sent):
    record = document(*sent, time_zone=ZONE)
    (intake,) = read_csv(to_csv([record], shipped("plain")), shipped("plain"), time_zone=ZONE)
    assert read_results(intake.record) == read_results(read_record(record))


def test_a_decimal_comma_comes_back_as_it_went():
    mapping = read_mapping(b"""
delimiter: ";"
decimal: comma
date: "%d.%m.%Y %H:%M"
day: "%d.%m.%Y"
time_zone: Europe/Berlin
columns: {patient: p, test: t, value: v, unit: u, collected: c, status: s}
tests: {Leukozyten: wbc}
units: {Tsd/ul: 10*3/uL}
""")
    sent = {
        "kind": "result",
        "test": "wbc",
        "value": "<2.26",
        "unit": "10*3/uL",
        "collected": "2026-03-01T08:15+01:00",
        "status": "final",
    }
    record = document(sent, time_zone="Europe/Berlin")
    data = to_csv([record], mapping)
    assert b"Leukozyten;<2,26;Tsd/ul;01.03.2026 08:15;final" in data
    assert read_results(read_csv(data, mapping)[0].record) == read_results(read_record(record))


FULL = document(
    {
        "kind": "decision",
        "do": "start",
        "at": "2025-01-01",
        "mg_per_day": "50",
        "frequency": "once daily",
        "by": "dr-1",
    },
    {"kind": "decision", "do": "raise", "at": "2025-02-01", "mg_per_day": "125", "frequency": "twice daily"},
    {"kind": "decision", "do": "stop", "at": "2025-03-01", "reason": "liver"},
    {"kind": "decision", "do": "restart", "at": "2025-04-01", "mg_per_day": "75", "frequency": "once daily"},
    {"kind": "weight", "at": "2026-02-01", "value": "70.50", "unit": "kg"},
    {"kind": "symptom", "symptom": "fever", "since": "2026-03-01", "value": "38.4", "unit": "Cel"},
    {"kind": "medicine", "name": "allopurinol", "from": "2026-03-01"},
    {"kind": "history", "what": "pancreatitis", "at": "2019"},
    {"kind": "history", "what": "hypersensitivity", "cause": "azathioprine", "at": "2019-05-01"},
    {"kind": "genotype", "gene": "TPMT", "result": "*1/*3A", "at": "2025-05-20"},
    {"kind": "circumstance", "what": "pregnant", "from": "2026-03-01"},
    {"kind": "vaccination", "vaccine": "influenza, injected", "at": "2025-10-01"},
    {"kind": "test-ordered", "test": "cbc", "at": "2026-02-20", "status": "pending"},
    {"kind": "died", "at": "2026-03-05"},
    names=["Ann Smith"],
    born="1974-02-03",
    sex="female",
    country="US",
    time_zone=ZONE,
)
FULL["course"] = {"condition": "cidp"}


def test_a_whole_record_comes_back_from_fhir():
    (intake,) = read_fhir([("", parse(written(to_fhir(FULL))))])
    sent = read_record(FULL)
    assert (intake.held, intake.refused) == ((), ())
    assert (intake.record.patient, intake.record.course) == (sent.patient, sent.course)
    assert sum(not isinstance(event, Kept) for event in intake.record.events) == len(sent.events)
    for event in sent.events:
        assert any(same(event, other) for other in intake.record.events), event


def same(event, other):
    """Whether two events say the same: names, codes and ids aside."""
    aside = ("ref", "id", "code", "by", "text")
    return type(event) is type(other) and all(
        getattr(event, name) == getattr(other, name) for name in event.__slots__ if name not in aside
    )


def test_a_hold_comes_back_as_something_for_a_person():
    record = document(
        {"kind": "decision", "do": "start", "at": "2025-01-01", "mg_per_day": "50"},
        {"kind": "decision", "do": "hold", "at": "2025-02-01", "reason": "infection"},
    )
    (intake,) = read_fhir([("", parse(written(to_fhir(record))))])
    assert "On hold" in intake.held[0].says


WHOLE = bundle_of(
    observation(
        referenceRange=[{"low": {"value": 3.5}}], performer=[{"display": "lab"}], issued="2026-03-01T15:00:00Z"
    ),
    observation("8310-5", id="o2", meta={"versionId": "1"}),
    {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "result": [{"reference": "Observation/o1"}],
    },
    order(),
    order(id="m2", medicationCodeableConcept={"text": "allopurinol"}),
    condition("acute pancreatitis", onsetDateTime="2019"),
    {"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/p1"}, "code": {"text": "Imuran"}},
    {
        "resourceType": "Immunization",
        "patient": {"reference": "Patient/p1"},
        "status": "completed",
        "vaccineCode": {"text": "mmr"},
    },
    {
        "resourceType": "MedicationDispense",
        "subject": {"reference": "Patient/p1"},
        "status": "completed",
        "medicationCodeableConcept": {"text": "aspirin"},
    },
    {
        "resourceType": "ServiceRequest",
        "subject": {"reference": "Patient/p1"},
        "status": "active",
        "code": {"text": "FBC"},
    },
)


def places(node, path=()):
    """Every path in a JSON value."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


PLACES = list(places(WHOLE))
JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from([[], {}, [[]], [{}], {"a": 1}, [None], "final", 1e400, "#"])
)
WRONG = st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3)


def spoiled(changes):
    """The bundle with some of its parts replaced."""
    whole = deepcopy(WHOLE)
    for path, junk in changes:
        node = whole
        try:
            for key in path[:-1]:
                node = node[key]
            node[path[-1]] = deepcopy(junk)
        except (KeyError, IndexError, TypeError):
            continue
    return json.dumps(whole).replace("Infinity", "1e400").encode()


@settings(max_examples=400)
@given(WRONG)
def test_a_spoiled_bundle_is_taken_in_or_refused_and_nothing_is_lost(changes):
    data = spoiled(changes)
    entries = json.loads(data).get("entry") if isinstance(json.loads(data), dict) else None
    try:
        found = read_bytes(data)
    except RecordError:
        return
    for intake in found:
        assert intake.received == len(intake.filed) + len(intake.held) + len(intake.refused)
    if isinstance(entries, list):
        assert sum(intake.received for intake in found) >= len(entries)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    for mapping in (None, shipped("plain"), shipped("german-practice")):
        try:
            read_bytes(data, mapping)
        except CountwellError:
            continue


CELL = st.text(max_size=8) | st.sampled_from(["3.0", "2026-03-01", "final", "WBC", "<", "=1", '"', "\0", "1e999", "６"])


@given(st.lists(st.lists(CELL, min_size=14, max_size=14), min_size=1, max_size=4))
def test_any_row_is_filed_held_or_refused(rows):
    header = ",".join(shipped("plain").columns.values())
    body = "\n".join(",".join(row) for row in rows)
    try:
        found = read_bytes(f"{header}\n{body}\n".encode(), shipped("plain"))
    except CountwellError:
        return
    assert all(intake.received == len(intake.filed) + len(intake.held) + len(intake.refused) for intake in found)


@pytest.mark.parametrize(
    "value", ["03/04/2026", "２０２６-03-01", "2026-02-30", "tomorrow", "9999-99-99", "0000-00-00"]
)
def test_no_way_in_takes_a_date_that_is_not_plain(value):
    sent = {"kind": "result", "test": "wbc", "value": "3.0", "unit": "10*9/L", "collected": value, "status": "final"}
    assert read_record(document(sent)).events == ()
    (intake,) = read_bytes(json.dumps(bundle_of(observation(effectiveDateTime=value))).encode())
    assert read_results(intake.record) == []
