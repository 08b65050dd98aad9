"""Factors of units: read anew from each spelling. A wrong one is found, with a value that would be misread."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from countwell.engine.prove import prove_units
from countwell.engine.prove.units import Meaning, meanings
from countwell.vocabulary.units import Family, families


def changed(family: str, ucum: str, **parts: Decimal) -> Family:
    """A family of the vocabulary with one unit changed."""
    units = tuple(replace(unit, **parts) if unit.ucum == ucum else unit for unit in families()[family].units)
    return replace(families()[family], units=units)


def test_the_units_of_the_vocabulary_agree_with_their_factors():
    verdicts = prove_units()
    assert [verdict.table for verdict in verdicts] == list(families())
    assert all(verdict.ok for verdict in verdicts)


def test_the_families_of_counts_and_masses_are_read_to_the_last_spelling():
    read = {verdict.table: verdict.says for verdict in prove_units()}
    for family in ("count", "lakh", "haemoglobin", "enzyme", "bilirubin", "creatinine", "b12", "folate", "body-weight"):
        assert "not read" not in read[family]


def test_three_read_as_three_thousand_is_found():
    (verdict,) = prove_units([changed("count", "10*3/uL", times=Decimal(1000))])
    assert not verdict.ok
    assert verdict.says == "3.0 10*9/L, sent as 3.0 10*3/uL, is read as 3000"
    assert verdict.witness == {"sent": "3.0 10*3/uL", "read as": "3000 10*9/L", "is": "3.0 10*9/L"}


@pytest.mark.parametrize(
    "family", ["count", "lakh", "cells-per-microlitre", "haemoglobin", "protein", "enzyme", "bilirubin"]
)
def test_every_planted_factor_is_found(family: str):
    for unit in families()[family].units:
        alone = len([other for other in families()[family].units if not _same_kind(unit.ucum, other.ucum)]) == 0
        if unit.times != 1 and not alone and _is_told(family, unit.ucum):
            assert not all(verdict.ok for verdict in prove_units([changed(family, unit.ucum, times=unit.times * 10)]))


def _same_kind(one: str, other: str) -> bool:
    return {meaning.kind for meaning in meanings(one)} == {meaning.kind for meaning in meanings(other)}


def _is_told(family: str, ucum: str) -> bool:
    """Whether the factor can be read from the spelling, or there is another unit of its kind to compare with."""
    others = [families()[family].canonical, *(unit.ucum for unit in families()[family].units if unit.ucum != ucum)]
    return any(_same_kind(ucum, other) for other in others)


def test_two_masses_that_disagree_are_found():
    (verdict,) = prove_units([changed("bilirubin", "mg/L", times=Decimal("17.1"))])
    assert verdict.says == "1 mg/L is read as 17.1 umol/L; going by mg/dL it is 1.71 umol/L"


def test_a_spelling_under_the_wrong_unit_is_found():
    units = families()["count"].units
    wrong = replace(units[1], spellings=(*units[1].spellings, "10^6/L"))
    (verdict,) = prove_units([replace(families()["count"], units=(units[0], wrong, *units[2:]))])
    assert verdict.says == "3.0 10*9/L, sent as 3000 10^6/L, is read as 3000"


def test_fahrenheit_is_checked_where_water_freezes_and_boils():
    (verdict,) = prove_units([changed("temperature", "[degF]", minus=Decimal(30))])
    assert not verdict.ok


@pytest.mark.parametrize(
    ("spelling", "kind", "factor"),
    [
        ("10*9/L", "number a litre", 10**9),
        ("X10-3/UL", "number a litre", 10**9),
        ("2.1 lakhs/cumm".removeprefix("2.1 "), "number a litre", 10**11),
        ("×10³/µL", "number a litre", 10**9),
        ("G/L", "number a litre", 10**9),
        ("G/L", "mass a litre", 1),
        ("gm%", "mass a litre", 10),
        ("mg/100mL", "mass a litre", Fraction(1, 100)),
        ("µM", "amount a litre", Fraction(1, 10**6)),
        ("cells / cumm", "number a litre", 10**6),
        ("nkat/L", "activity a litre", Fraction(1, 10**9)),
    ],
)
def test_spellings_are_read_by_hand_the_same(spelling: str, kind: str, factor: int | Fraction):
    assert Meaning(kind, Fraction(factor)) in meanings(spelling)


@pytest.mark.parametrize("spelling", ["mL/min/1.73 m2", "mm/h", "INR", "pmol/8x10^8 RBC", "mill/mm3", "°C"])
def test_what_is_no_plain_unit_is_not_read(spelling: str):
    assert meanings(spelling) == set()
