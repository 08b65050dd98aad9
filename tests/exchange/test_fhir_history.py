"""FHIR conditions, allergies and immunizations."""

import pytest

from exchange.making import RXNORM, SNOMED, condition, events, held, taken_in

CIDP = {"code": {"coding": [{"system": SNOMED, "code": "128209004"}]}}


def test_what_is_treated_comes_from_the_conditions():
    assert taken_in(condition("", **CIDP)).record.course.condition == "cidp"
    assert taken_in(condition("Myasthenia gravis (disorder)")).record.course.condition == "mg"


def test_a_condition_that_a_protocol_covers_comes_first():
    both = [condition("Myasthenia gravis", id="c2"), condition("Uveitis")]
    assert taken_in(*both).record.course.condition == "mg"


def test_of_two_covered_conditions_none_is_chosen():
    assert taken_in(condition("Myasthenia gravis", id="c2"), condition("", **CIDP)).record.course.condition is None


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_a_denied_condition_is_none(status):
    denied = condition("acute pancreatitis", verificationStatus={"coding": [{"code": status}]})
    intake = taken_in(denied, condition("", id="c2", **CIDP, verificationStatus={"coding": [{"code": status}]}))
    assert (events(intake, "History"), intake.record.course.condition) == ([], None)


def test_a_listed_history_is_read():
    (found,) = events(taken_in(condition("Acute pancreatitis (disorder)", onsetDateTime="2019-05")), "History")
    assert (found.what, found.cause, found.at.day.isoformat()) == ("pancreatitis", None, "2019-05-01")


def test_a_pregnancy_is_a_circumstance():
    (found,) = events(taken_in(condition("Pregnant", onsetDateTime="2026-01-01")), "Circumstance")
    assert (found.what, found.end) == ("pregnant", None)


@pytest.mark.parametrize(
    "text", ["Drug-induced acute pancreatitis", "Normal pregnancy", "History of lymphoma", "Fever"]
)
def test_words_that_speak_of_a_listed_thing_go_to_a_person(text):
    assert held(condition(text)).why == "not-listed"


def test_a_pregnancy_that_is_over_is_a_note():
    intake = taken_in(condition("Normal pregnancy", abatementDateTime="2020-01-01"))
    assert (intake.record.refused, events(intake, "Kept")[0].kind) == ((), "note")


@pytest.mark.parametrize("text", ["Viral sinusitis (disorder)", "Essential hypertension", "Sprain of ankle"])
def test_any_other_condition_is_a_note(text):
    intake = taken_in(condition(text))
    assert (intake.record.refused, events(intake, "Kept")[0].content["text"]) == ((), text)


def allergy(**fields):
    usual = {
        "resourceType": "AllergyIntolerance",
        "id": "a1",
        "patient": {"reference": "Patient/p1"},
        "onsetDateTime": "2019",
    }
    return {**usual, **fields}


@pytest.mark.parametrize("code", [{"text": "Imuran"}, {"coding": [{"system": RXNORM, "code": "1256"}]}])
def test_an_allergy_to_azathioprine_is_hypersensitivity(code):
    (found,) = events(taken_in(allergy(code=code)), "History")
    assert (found.what, found.cause) == ("hypersensitivity", "azathioprine")


def test_another_allergy_is_a_note():
    assert events(taken_in(allergy(code={"text": "peanuts"})), "History") == []


def test_an_allergy_whose_words_and_code_differ_goes_to_a_person():
    code = {"coding": [{"system": RXNORM, "code": "1256"}], "text": "azithromycin"}
    assert held(allergy(code=code)).why == "disputed"


def immunization(text, **fields):
    usual = {"resourceType": "Immunization", "id": "i1", "status": "completed", "patient": {"reference": "Patient/p1"}}
    return {**usual, "vaccineCode": {"text": text}, "occurrenceDateTime": "2025-10-01", **fields}


def test_a_vaccine_is_read_by_any_of_its_names():
    (found,) = events(taken_in(immunization("Shingrix")), "Vaccination")
    assert found.vaccine == "zoster, recombinant"


@pytest.mark.parametrize("fields", [{"status": "not-done"}, {"status": "entered-in-error"}])
def test_a_vaccine_that_was_not_given_is_none(fields):
    assert events(taken_in(immunization("Shingrix", **fields)), "Vaccination") == []


def test_a_vaccine_that_is_not_listed_is_a_note():
    intake = taken_in(immunization("something new"))
    assert (events(intake, "Vaccination"), intake.record.refused) == ([], ())


@pytest.mark.parametrize(
    "resource",
    [
        condition("gout", assertedDate="2019"),
        immunization("Shingrix", notGiven=False),
        allergy(code={"text": "Imuran"}, substance={}),
    ],
)
def test_an_older_fhir_goes_to_a_person(resource):
    assert "R4" in held(resource).says


@pytest.mark.parametrize(
    "resource", [condition("gout", onsetDateTime=7), immunization(["Shingrix"]), allergy(code="Imuran")]
)
def test_a_wrong_form_goes_to_a_person(resource):
    assert held(resource).why == "unreadable"
