"""Symptoms: every one that the packs ask for, by other words, with a question and a value where it has one."""

from decimal import Decimal

import pytest

from countwell.base.errors import Unreadable
from countwell.vocabulary.symptoms import read_symptom_value, symptom_areas, symptom_named, symptom_of_code, symptoms

NEEDED = """fever chills nausea vomiting stomach-upset diarrhoea abdominal-pain joint-pain muscle-pain rash dizziness malaise
low-blood-pressure sore-throat mouth-ulcers cold cough breathlessness urinary-burning bruising nosebleed gum-bleeding bleeding
black-stool bloody-stool tiredness pallor jaundice dark-urine pale-stools itching hair-loss swollen-belly vomiting-blood lumps
night-sweats weight-loss skin-change vaginal-bleeding warts cold-sores chickenpox-contact shingles-contact chickenpox shingles
measles-contact confusion palpitations sunburn missed-period not-working wheeze face-swelling collapse weakness speech-change
headache blistering-skin sore-eyes choking cannot-lift-head unwell""".split()


@pytest.mark.parametrize("name", NEEDED)
def test_listed_with_a_question(name: str) -> None:
    assert symptoms()[name].question.endswith("?")
    assert symptom_named(name) == name
    assert symptom_named(name.replace("-", " ").upper()) == name


def test_other_words() -> None:
    assert symptom_named("Pyrexia") == "fever"
    assert symptom_named("yellow  eyes") == "jaundice"
    assert symptom_named("clay-colored stools") == "pale-stools"
    assert symptom_named("melena") == "black-stool"
    assert symptom_named("feeling funny") is None


def test_details_that_the_packs_ask_for() -> None:
    wanted = {"worse-lying-down", "worse-after-fatty-food", "worse-after-alcohol", "upper", "to-the-back"}
    assert wanted <= set(symptoms()["abdominal-pain"].details)
    assert "in-clumps" in symptoms()["hair-loss"].details


def test_fever_is_read_in_either_unit() -> None:
    assert read_symptom_value("fever", "38.4", "Cel").low == Decimal("38.4")
    assert read_symptom_value("fever", "38.4").low == Decimal("38.4")
    assert read_symptom_value("fever", "38.4").as_sent == "38.4"
    assert read_symptom_value("fever", "100.4", "[degF]").low == 38
    span = read_symptom_value("fever", ">38.9")
    assert (span.low, span.high, span.low_open) == (Decimal("38.9"), None, True)


def test_fahrenheit_never_crosses_the_limit_by_rounding() -> None:
    assert read_symptom_value("fever", "100.3", "°F").low < 38
    assert read_symptom_value("fever", "100.41", "°F").low > 38


def test_fever_without_a_value_is_at_least_the_least_fever() -> None:
    span = read_symptom_value("fever", None)
    assert (span.low, span.high, span.low_open, span.unit) == (38, None, False, "Cel")


def test_a_fahrenheit_value_without_its_unit_is_refused_with_what_was_likely_meant() -> None:
    with pytest.raises(Unreadable) as caught:
        read_symptom_value("fever", "101.3")
    assert caught.value.likely == (Decimal("38.5"),)


def test_a_symptom_without_a_value_has_none() -> None:
    with pytest.raises(ValueError):
        read_symptom_value("rash", "3")
    with pytest.raises(KeyError):
        read_symptom_value("no-such-symptom", "3")


def test_codes() -> None:
    assert symptom_of_code("http://snomed.info/sct", "18165001") == "jaundice"
    assert symptom_of_code("icd10cm", "R68.83") == "chills"
    assert symptom_of_code("icd10cm", "Z00.0") is None


def test_every_symptom_is_asked_about_in_one_place():
    asked = [symptom.name for area in symptom_areas() for symptom in area.symptoms]
    assert sorted(asked) == sorted(symptoms())


def test_what_cannot_wait_is_asked_first():
    assert [symptom.name for symptom in symptom_areas()[0].symptoms][:2] == ["fever", "chills"]
