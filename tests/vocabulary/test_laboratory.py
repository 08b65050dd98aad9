"""The laboratory tests, their codes, names and groups."""

import re
from collections import Counter

import pytest

from countwell.vocabulary import tests as laboratory
from countwell.vocabulary.codes import Refused, system_name

CONTRACT = """wbc neutrophils lymphocytes hb mcv platelets alt ast alp ggt bilirubin albumin amylase lipase creatinine egfr
crp tpmt nudt15 tgn mmp eosinophils cd4 reticulocytes bilirubin-direct urea esr inr b12 folate vzv-igg hbsag anti-hbc
ebv-vca""".split()

# LOINC check digit: Luhn, as LOINC's own users' guide has it.
SEEN = (
    "6690-2 751-8 731-0 711-2 718-7 787-2 777-3 1742-6 1920-8 6768-6 2324-2 1975-2 1751-7 1798-8 3040-3 2160-0".split()
)


def check_digit(code: str) -> int:
    digits = [int(digit) for digit in reversed(code.split("-")[0])]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits)]
    return -sum(doubled) % 10


def test_the_check_digit_rule_holds_for_codes_that_were_seen() -> None:
    assert all(check_digit(code) == int(code[-1]) for code in SEEN)


@pytest.mark.parametrize("name", CONTRACT)
def test_every_test_of_the_contract_is_listed(name: str) -> None:
    test = laboratory.test(name)
    assert test.display
    assert test.worse in ("lower", "higher", "none")
    assert test.loinc


def test_numeric_tests_have_units_and_a_range_that_holds_the_likely_one() -> None:
    for test in laboratory.tests().values():
        if test.scale != "number":
            assert not test.units
            assert test.plausible is None
            continue
        assert test.units
        assert test.plausible is not None
        assert test.likely is not None
        assert 0 <= test.plausible[0] < test.plausible[1]
        assert test.plausible[0] <= test.likely[0] < test.likely[1] <= max(test.plausible[1], test.likely[1])
        assert test.unit or test.name == "tpmt"


def test_loinc_codes_are_well_formed_unique_and_marked() -> None:
    listed = Counter(
        code
        for test in (*laboratory.tests().values(), *laboratory.measures().values())
        for code in (*test.loinc, *test.not_this)
    )
    assert set(listed.values()) == {1}
    assert all(re.fullmatch(r"[0-9]{3,5}-[0-9]", code) for code in listed)
    assert [code for code in listed if check_digit(code) != int(code[-1])] == []
    marks = {mark for test in laboratory.tests().values() for mark in test.loinc.values()}
    assert marks == {"seen", "recall"}


def test_a_code_names_its_test() -> None:
    assert laboratory.test_of_code("http://loinc.org", "6690-2") == "wbc"
    assert laboratory.test_of_code("LN", " 751-8 ") == "neutrophils"


@pytest.mark.parametrize(
    ("code", "near"),
    [
        ("770-8", "neutrophils"),
        ("736-9", "lymphocytes"),
        ("713-8", "eosinophils"),
        ("11156-7", "wbc"),
        ("43630-3", "tgn"),
        ("5902-2", "inr"),
        ("4679-7", "reticulocytes"),
        ("7796-6", "platelets"),
        ("1971-1", "bilirubin"),
        ("7883-2", "ebv-vca"),
    ],
)
def test_a_code_of_something_else_is_refused_with_its_meaning(code: str, near: str) -> None:
    refused = laboratory.test_of_code("loinc", code)
    assert isinstance(refused, Refused)
    assert refused.near == near
    assert refused.says


def test_unknown_codes_and_systems_are_nothing() -> None:
    assert laboratory.test_of_code("loinc", "2951-2") is None
    assert laboratory.test_of_code("urn:cerner", "6690-2") is None
    assert system_name("no such system") is None


def test_names_that_senders_use() -> None:
    named = laboratory.test_named
    assert (named("WBC"), named("Leukocytes"), named(" white  blood cells ")) == ("wbc", "wbc", "wbc")
    assert (named("ANC"), named("SGPT"), named("Hgb"), named("PLT")) == ("neutrophils", "alt", "hb", "platelets")
    assert (named("neutrophils %"), named("sodium"), named("")) == (None, None, None)


def test_groups() -> None:
    groups = laboratory.groups()
    assert groups["cbc"].must == ("wbc", "hb", "platelets")
    assert groups["liver"].one_of == ("alt", "ast")
    assert groups["pancreas"].one_of == ("lipase", "amylase")
    assert groups["kidney"].one_of == ("creatinine", "egfr")
    assert all(member in laboratory.tests() for group in groups.values() for member in group.members)
    assert max(Counter(member for group in groups.values() for member in group.members).values()) == 1
    assert laboratory.group_of("neutrophils") == "cbc"
    assert laboratory.group_of("crp") is None
    assert laboratory.group_named("Full Blood Count") == "cbc"
    assert laboratory.group_of_code("loinc", "58410-2") == "cbc"
    assert laboratory.group_of_code("sct", "26958001") == "liver"
