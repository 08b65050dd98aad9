"""The second library, which makes plain facts from FHIR by itself: what it reads, and what it leaves not known."""

import re
from datetime import date
from decimal import Decimal

import pytest

pytest.importorskip("cql_sdk", reason="the independent CQL engine (ms-cql-sdk) is not installed")

from cql_sdk.fhir.context import context_from_bundle

from countwell.cql import library
from countwell.cql.facts import AS_OF
from countwell.cql.from_fhir import facts_library, facts_library_name
from countwell.cql.limits import LESS_STRICT
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from cql.engine import Run, read

COUNTS, BOTH = "white-cells-published", "cidp"
WBC = "6690-2"


def observation(value, day="2026-03-01", status="final", unit="10*9/L", code=WBC, **more):
    return {
        "resourceType": "Observation",
        "status": status,
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": f"{day}T09:00:00Z",
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit, **more},
    }


def order(code, status="active"):
    coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": code}
    return {"resourceType": "MedicationRequest", "status": status, "medicationCodeableConcept": {"coding": [coding]}}


def made(pack_name, *resources, **patient):
    """The definitions of the second library over these resources, by name."""
    pack = read_pack(find(pack_name))
    everything = [{"resourceType": "Patient", "id": "p", **patient}, *resources]
    context = context_from_bundle({"entry": [{"resource": each} for each in everything]})
    context.with_library(read(facts_library(pack))).with_parameters({AS_OF: date(2026, 3, 2)})
    return context.evaluate_definition


@pytest.mark.parametrize("name", shipped())
def test_every_definition_fills_a_parameter_of_its_name_or_serves_one_that_does(name):
    pack = read_pack(find(name))
    facts = read(facts_library(pack))
    parameters = set(read(library(pack)).parameters)
    serving = [each for each in facts.definitions if each not in parameters]
    assert all(each == "patient" or " times " in each or "latest " in each for each in serving)
    assert facts.identifier.id == facts_library_name(pack)


def test_what_is_less_strict_stands_at_the_head_with_the_facts_that_are_not_made():
    head = re.sub(r"\n// *", " ", facts_library(read_pack(find(BOTH))).partition("\nlibrary ")[0])
    assert all(line in head for line in LESS_STRICT)
    assert "Not made here: liver_times, " in head


def test_the_newest_final_result_by_its_date_is_taken():
    found = made(COUNTS, observation(3.4, "2026-02-28"), observation(6.1, "2026-02-01"), observation(9, "2026-01-01"))
    assert [found(f"wbc {end}") for end in ("low", "high")] == [Decimal("3.4")] * 2
    assert [found(f"wbc {what}") for what in ("low is open", "high is open", "is silent")] == [False] * 3


@pytest.mark.parametrize("status", ["preliminary", "registered", "cancelled", "entered-in-error", "unknown"])
def test_a_result_that_is_not_final_is_not_read(status):
    assert made(COUNTS, observation(1.1, status=status))("wbc low") is None
    assert made(COUNTS, observation(1.1, status=status), observation(5, "2026-01-01"))("wbc low") == 5


def test_a_result_of_later_than_the_day_that_is_asked_about_is_not_read():
    assert made(COUNTS, observation(1.1, "2026-03-03"))("wbc low") is None
    assert made(COUNTS, observation(1.1, "2026-03-02"))("wbc low") == Decimal("1.1")


@pytest.mark.parametrize(
    ("value", "unit", "read_as"), [(3, "10*3/uL", "3"), (3100, "/uL", "3.1"), (3.1, "K/uL", "3.1")]
)
def test_a_unit_is_turned_into_the_tests_own_by_its_exact_factor(value, unit, read_as):
    assert made(COUNTS, observation(value, unit=unit))("wbc low") == Decimal(read_as)


@pytest.mark.parametrize(("value", "unit"), [(3, "g/L"), (3, "10*9/mL"), (3000, "/mL"), (201, "10*9/L"), (3, "%")])
def test_a_value_in_another_unit_or_that_no_adult_has_is_not_known(value, unit):
    assert made(COUNTS, observation(value, unit=unit), observation(5, "2026-01-01"))("wbc low") is None


def test_a_medicine_is_yes_by_an_active_order_and_never_no():
    omeprazole = "7646"
    assert made(BOTH, order(omeprazole))("stomach_protected") is True
    assert made(BOTH, order(omeprazole, status="stopped"))("stomach_protected") is None
    assert made(BOTH, order("519"))("stomach_protected") is None


def test_sex_is_a_word_and_unknown_without_it():
    assert made("mg", gender="female")("sex") == ["female"]
    assert made("mg")("sex") is None


def test_what_it_makes_is_what_the_rules_are_given():
    pack = read_pack(find(COUNTS))
    found = made(COUNTS, observation(3.4))
    run = Run(pack)
    run.give(
        {name: found(name) for name in read(facts_library(pack)).definitions if name in read(library(pack)).parameters}
    )
    assert [run[f"white-cells/{name}"] for name in ("stop", "hold", "watch", "clear")] == [False, False, True, False]
