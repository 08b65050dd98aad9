"""Bundles, patients and what belongs to whom. Nothing that came is lost."""

import json

import pytest

from countwell.base.errors import RecordError
from countwell.exchange.fhir import read_fhir
from countwell.exchange.strict_json import parse
from exchange.making import bundle, events, observation, order, quantity, taken_in


def read(*documents):
    intakes = read_fhir([(f"[{place}]", parse(json.dumps(one))) for place, one in enumerate(documents)])
    for intake in intakes:
        assert intake.received == len(intake.filed) + len(intake.held) + len(intake.refused)
    return intakes


def patient(**fields):
    return {"resourceType": "Patient", "id": "p1", **fields}


def test_the_patient_is_read():
    (intake,) = read(
        patient(
            name=[{"given": ["Ann", "B."], "family": "Smith"}, {"text": "Annie"}],
            birthDate="1974-02-03",
            gender="female",
            address=[{"country": "US"}],
            extension=[{"url": "http://hl7.org/fhir/StructureDefinition/tz-code", "valueCode": "America/New_York"}],
        )
    )
    found = intake.record.patient
    assert (found.id, found.names, found.sex, found.country) == ("p1", ("Ann B. Smith", "Annie"), "female", "US")
    assert (found.born.isoformat(), found.time_zone) == ("1974-02-03", "America/New_York")


def test_a_date_of_birth_that_is_no_day_goes_to_a_person():
    (intake,) = read(patient(birthDate="1974"))
    assert intake.record.patient.born is None
    assert [refused.field for refused in intake.record.refused] == ["birthDate"]


def test_a_death_is_told():
    (intake,) = read(patient(deceasedDateTime="2026-03-01"))
    assert events(intake, "Died")[0].at.day.isoformat() == "2026-03-01"


def test_a_death_without_its_day_goes_to_a_person():
    (intake,) = read(patient(deceasedBoolean=True))
    assert [refused.field for refused in intake.record.refused] == ["at"]


def test_a_patient_replaced_by_another_goes_to_a_person():
    (intake,) = read(patient(link=[{"type": "replaced-by", "other": {"reference": "Patient/p2"}}]))
    assert intake.record.refused[0].held


@pytest.mark.parametrize(
    "fields", [{"name": "Ann"}, {"birthDate": 1974}, {"deceasedBoolean": "yes"}, {"identifier": {}}]
)
def test_a_patient_of_a_wrong_form_goes_to_a_person(fields):
    (intake,) = read(bundle(observation()), patient(**fields))
    assert intake.record.patient.id == "p1"
    assert intake.record.refused[0].held


def test_resources_may_stand_in_any_number_of_documents():
    (intake,) = read(observation(), patient(), order())
    assert (len(events(intake, "Result")), len(events(intake, "Decision"))) == (1, 1)


def test_a_subject_alone_makes_a_patient():
    (intake,) = read(observation())
    assert intake.record.patient.id == "p1"


def test_bundles_may_stand_in_bundles():
    outer = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": bundle(observation())}]}
    assert len(events(read(outer)[0], "Result")) == 1


@pytest.mark.parametrize(
    "reference", ["Patient/p1", "https://ehr/fhir/Patient/p1", "Patient/p1/_history/2", "urn:uuid:11"]
)
def test_a_patient_is_found_by_any_reference(reference):
    entries = [
        {"fullUrl": "urn:uuid:11", "resource": patient()},
        {"resource": observation(subject={"reference": reference})},
        {"resource": order()},
    ]
    (intake,) = read({"resourceType": "Bundle", "entry": entries})
    assert (intake.record.patient.id, len(intake.record.events)) == ("p1", 2)


def test_every_patient_has_an_intake():
    intakes = read(bundle(observation()), observation(subject={"reference": "Patient/p2"}))
    assert sorted(intake.record.patient.id for intake in intakes) == ["p1", "p2"]


def test_the_same_ids_in_two_bundles_do_not_mix():
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "result": [{"reference": "Observation/o1"}],
    }
    one = bundle(observation(), {**report, "subject": {"reference": "Patient/p1"}})
    other = json.loads(json.dumps(one).replace("p1", "p2").replace("3.0", "1.1"))
    values = [events(intake, "Result")[0].value for intake in read(one, other)]
    assert values == ["3.0", "1.1"]


def test_what_names_no_patient_is_held_for_the_only_one():
    (intake,) = read(bundle(observation(subject=None, valueQuantity=quantity(1.2))))
    (refused,) = intake.record.refused
    assert (refused.field, refused.why, refused.held, str(refused.literal)) == ("subject", "missing", True, "1.2")


def test_what_names_none_of_several_patients_is_held_apart():
    intakes = read(
        bundle(observation()),
        bundle(observation(subject={"reference": "Patient/p2"})),
        observation(subject=None, id="x"),
    )
    assert intakes[-1].record.patient.id == "no-patient-named"
    assert len(intakes[-1].held) == 1


def test_other_resources_are_counted_and_not_read():
    intake = taken_in(
        {"resourceType": "Practitioner", "id": "d1"},
        {"resourceType": "Encounter", "subject": {"reference": "Patient/p1"}},
    )
    assert [entry.says for entry in intake.entries][-2:] == [
        "Encounter is not read here.",
        "Practitioner is not read here.",
    ] or ({entry.says for entry in intake.entries} >= {"Encounter is not read here.", "Practitioner is not read here."})
    assert (intake.received, len(intake.filed)) == (3, 3)


@pytest.mark.parametrize(
    "entry", [3, None, {}, {"resource": None}, {"resource": "x"}, {"resource": {}}, {"resource": {"resourceType": 3}}]
)
def test_an_entry_without_a_resource_is_refused(entry):
    whole = bundle(observation())
    whole["entry"].append(entry)
    (intake,) = read(whole)
    assert (intake.received, len(intake.refused)) == (3, 1)


def test_an_entry_that_asks_to_delete_is_refused():
    whole = bundle(observation())
    whole["entry"].append({"resource": observation(id="o2"), "request": {"method": "DELETE", "url": "Observation/o2"}})
    assert len(read(whole)[0].refused) == 1


def test_a_page_that_is_followed_by_another_says_so():
    whole = {**bundle(observation()), "link": [{"relation": "self", "url": "x"}, {"relation": "next", "url": "y"}]}
    assert "More pages" in read(whole)[0].refused[0].says


@pytest.mark.parametrize(
    "whole", [{"resourceType": "Bundle"}, {"resourceType": "Bundle", "entry": {}}, {"resourceType": "Practitioner"}, []]
)
def test_a_source_that_names_no_patient_is_refused(whole):
    with pytest.raises(RecordError, match="no patient"):
        read(whole)


@pytest.mark.parametrize("subject", ["Group/g1", "Device/d1", "#p1", "p1", {"identifier": {"value": "p1"}}])
def test_a_subject_that_is_no_plain_patient_is_nobody(subject):
    reference = {"reference": subject} if isinstance(subject, str) else subject
    (intake,) = read(bundle(observation(subject=reference)))
    assert [refused.field for refused in intake.record.refused] == ["subject"]


@pytest.mark.parametrize(
    ("issue", "refused"), [([{"severity": "error"}], 1), ([{"severity": "warning"}], 0), ([], 1), ("x", 1)]
)
def test_a_sender_who_reports_an_error_may_not_have_sent_all(issue, refused):
    intake = taken_in({"resourceType": "OperationOutcome", "issue": issue})
    assert len(intake.refused) == refused


def test_the_time_zone_may_be_given():
    (intake,) = read_fhir([("", parse(json.dumps(bundle())))], time_zone="Asia/Tokyo")
    assert intake.record.patient.time_zone == "Asia/Tokyo"
