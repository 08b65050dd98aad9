"""Which test a code and the words beside it mean. What may be one of ours is never filed as something else."""

from decimal import Decimal

import pytest

from countwell.exchange.meaning import looks_like, meaning
from countwell.model.records import Code
from exchange.making import LOINC, events, held, observation, quantity, taken_in


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("Leukocytes [#/volume] in Blood by Automated count", "wbc"),
        ("WBC # Bld Auto", "wbc"),
        ("White blood cells (WBC)", "wbc"),
        ("WBC count, blood", "wbc"),
        ("Hemoglobin [Mass/volume] in Arterial blood", "hb"),
        ("ESR Bld Qn", "esr"),
        ("ALT SerPl-cCnc", "alt"),
        ("Neutrophils Abs", "neutrophils"),
        ("Hgb Ur Ql Strip", None),
        ("Leukocytes [#/area] in Urine sediment", None),
        ("Creatinine [Mass/volume] in Urine", None),
        ("Platelet distribution width [Entitic volume] in Blood", None),
        ("Neutrophils NFr Bld Auto", None),
        ("Neutrophils/100 leukocytes in Blood", None),
        ("Hemoglobin A1c/Hemoglobin.total in Blood", None),
        ("Albumin/Creatinine [Mass Ratio] in Urine", None),
        ("Systolic blood pressure", None),
        ("Glucose", None),
        ("", None),
    ],
)
def test_words_look_like_a_test_or_do_not(text, test):
    assert looks_like(text) == test


@pytest.mark.parametrize("code", ["8480-6", "4548-4", "2339-0", None])
def test_what_is_plainly_something_else_is_kept_and_not_read(code):
    intake = taken_in(observation(code, "Something else", valueQuantity=quantity(120, "mm[Hg]")))
    (kept,) = events(intake, "Kept")
    assert (kept.kind, kept.content["display"]) == ("other-result", "Something else")
    assert intake.record.refused == ()


def test_something_else_with_a_strange_date_is_still_something_else():
    intake = taken_in(observation("8480-6", effectiveDateTime="2026-03-01T09:00:00"))
    assert (intake.record.refused, events(intake, "Kept")[0].at) == ((), None)


@pytest.mark.parametrize("code", ["0000-0", None])
def test_an_unlisted_code_beside_the_words_of_a_test_is_held_with_its_urgency(code):
    refused = held(observation(code, "Leukocytes [#/volume] in Blood", valueQuantity=quantity(1.7)))
    assert (refused.test, refused.literal) == ("wbc", Decimal("1.7"))


def test_a_local_code_under_the_loinc_system_is_held_by_its_words():
    assert held(observation("WBC", "WBC")).test == "wbc"


def test_a_local_code_beside_a_listed_one_does_no_harm():
    codes = {"coding": [{"system": "urn:our", "code": "W"}, {"system": LOINC, "code": "6690-2"}], "text": "WBC"}
    assert events(taken_in(observation(code=codes)), "Result") == []
    both = {**observation(), "code": codes}
    assert events(taken_in(both), "Result")[0].test == "wbc"


def test_a_listed_code_beside_other_words_is_held():
    assert held(observation("6690-2", "Platelets")).why == "disputed"


def test_codes_of_two_tests_are_held():
    codes = [Code(LOINC, "6690-2"), Code(LOINC, "777-3")]
    assert "Platelets and White cells" in meaning(codes, (), None).doubt


def test_white_cells_under_the_code_of_their_shape_are_held():
    refused = held(observation("11156-7", "WBC", valueQuantity=quantity(1.9, "10*3/uL")))
    assert (refused.test, refused.literal) == ("wbc", Decimal("1.9"))


@pytest.mark.parametrize("display", ["Neutrophils", "Neutrophils/100 leukocytes in Blood", ""])
def test_a_percentage_under_its_own_code_is_something_else(display):
    intake = taken_in(observation("770-8", display, valueQuantity=quantity(45, "%")))
    assert (events(intake, "Result"), intake.record.refused) == ([], ())


def test_a_count_under_the_code_of_a_percentage_is_held():
    refused = held(observation("770-8", "Neutrophils", valueQuantity=quantity(0.8)))
    assert (refused.test, refused.literal) == ("neutrophils", Decimal("0.8"))


def test_words_of_two_tests_are_held():
    assert meaning((), ("WBC", "Platelets"), None).doubt


def test_an_observation_that_does_not_say_what_it_is_is_held():
    assert held({**observation(), "code": {}}).field == "code"


@pytest.mark.parametrize("code", [{"coding": "6690-2"}, {"coding": [7]}, "6690-2", {"text": ["WBC"]}, None, {}])
def test_a_code_of_a_wrong_form_is_never_filed_as_a_result(code):
    resource = {**observation(), "code": code}
    assert events(taken_in(resource), "Result") == []
