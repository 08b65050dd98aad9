"""Every spelling of every unit: converted exactly, never with two meanings, and compared with UCUM by other people's code."""

import warnings
from decimal import Decimal
from fractions import Fraction

import pytest

from countwell.vocabulary import tests as laboratory
from countwell.vocabulary.load import rows
from countwell.vocabulary.quantities import read_quantity
from countwell.vocabulary.units import Family, Unit, families

MICRO_SIGNS = ("\u00b5", "\u03bc")

COUNTS = "wbc neutrophils lymphocytes eosinophils platelets reticulocytes"

# Expected by hand: a value as sent, and the same in the canonical unit.
BY_HAND = """
wbc           3.0       10*9/L         3.0
wbc           3.0       x10^9/L        3.0
wbc           3.0       10E9/L         3.0
wbc           3.0       K/uL           3.0
wbc           3.0       K/cmm          3.0
wbc           3.0       X10-3/UL       3.0
wbc           3.0       BILL/L         3.0
wbc           3.0       G/L            3.0
wbc           3.0       Gpt/L          3.0
wbc           3.0       thou/mm3       3.0
wbc           3.0       tys./µl        3.0
wbc           3.0       Thousand/uL    3.0
wbc           3000      /uL            3
wbc           3000      cells/cumm     3
wbc           3000      /mm3           3
wbc           3.0       10x3/uL        3.0
wbc           3.0       10x9/L         3.0
platelets     2.1       lac/cmm        210
alt           40        IE/L           40
wbc           3000      10*3/mL        3
wbc           3000000   /mL            3
neutrophils   4083      cells/uL       4.083
platelets     2.1       lakhs/cumm     210
platelets     1.5       lakh/uL        150
hb            12.5      g/dL           125
hb            12.5      gm/dL          125
hb            8.4       mmol/L         135.324
alt           0.6       ukat/L         36
alt           600       nkat/L         36
alt           40        [IU]/L         40
bilirubin     1.2       mg/dL          20.52
creatinine    1.2       mg/dL          106.08
albumin       3.5       g/dL           35
urea-nitrogen 14        mg/dL          4.998
crp           1.7       mg/dL          17
b12           200       pg/mL          147.6
folate        5         ng/mL          11.33
mcv           90        um3            90
cd4           0.2       10*9/L         200
weight        154       lb             69.85322498
weight        11        st             69.85322498
temperature   100.4     [degF]         38.0
"""

# Spellings with a blank in them, which the table above cannot hold.
WITH_BLANKS = [
    ("wbc", "3.0", "x 10^9/l", "3.0"),
    ("wbc", "3.0", "x 10³/\u00b5L", "3.0"),
    ("wbc", "3.0", "x 10³/\u03bcL", "3.0"),
    ("wbc", "3000", "per microliter", "3"),
    ("cd4", "200", "per microlitre", "200"),
]


@pytest.mark.parametrize(("name", "value", "unit", "canonical"), WITH_BLANKS, ids=[row[2] for row in WITH_BLANKS])
def test_spellings_with_blanks(name: str, value: str, unit: str, canonical: str) -> None:
    assert read_quantity(name, value, unit).low == Decimal(canonical)


# Spellings that also are UCUM expressions of something else, and why they are read as they are.
OTHER_IN_UCUM = {
    "G/L": "gauss per litre; giga per litre for counts, g/L in capitals for haemoglobin",
    "G/l": "gauss per litre; giga per litre in France",
    "K/uL": "kelvin per microlitre; thousand per microlitre, the commonest American spelling",
    "K/ul": "kelvin per microlitre; thousand per microlitre",
    "K/mm3": "kelvin per cubic millimetre; thousand per cubic millimetre",
    "/cu.mm": "per centi-dalton millimetre; cubic millimetre",
    "G/dL": "gauss per decilitre; g/dL in capitals",
    "Gm/dL": "gigametre per decilitre; gram",
    "g%": "gram per hundred; per 100 mL",
    "u/L": "dalton per litre; enzyme unit in small letters",
    "u/l": "dalton per litre; enzyme unit in small letters",
    "mu/L": "millidalton per litre; milli-unit in small letters",
    "[IU]/L": "UCUM converts no arbitrary unit; by convention the enzyme unit",
    "[iU]/L": "UCUM converts no arbitrary unit; by convention the enzyme unit",
    "MG/L": "megagauss per litre; mg/L in capitals",
    "{fL}": "an annotation alone; femtolitre",
    "st": "stere; stone",
    "mL/min/1.73": "read as 1 times 73; per 1.73 m2 of body surface",
    "ml/min/1.73": "read as 1 times 73; per 1.73 m2 of body surface",
}

# Factors that UCUM cannot know: they need the mass of a molecule.
MOLAR = {
    ("haemoglobin", "mmol/L"),
    ("bilirubin", "mg/dL"),
    ("bilirubin", "mg/L"),
    ("creatinine", "mg/dL"),
    ("creatinine", "mg/L"),
    ("urea-nitrogen", "mg/dL"),
    ("b12", "pg/mL"),
    ("b12", "ng/L"),
    ("folate", "ng/mL"),
    ("folate", "ug/L"),
}

NOT_FOR_UCUM = {"ratio": "a bare annotation has no size", "temperature": "an offset, checked by hand"}


def all_tests() -> list[laboratory.Test]:
    return [*laboratory.tests().values(), *laboratory.measures().values()]


@pytest.mark.parametrize("line", BY_HAND.strip().splitlines())
def test_worked_by_hand(line: str) -> None:
    name, value, unit, canonical = line.split()
    read = read_quantity(name, value, unit)
    assert (read.low, read.high) == (Decimal(canonical), Decimal(canonical))
    assert (read.low_open, read.high_open) == (False, False)
    assert read.unit == laboratory.test(name).unit


@pytest.mark.parametrize("name", COUNTS.split())
def test_every_spelling_of_every_count_gives_the_same_count(name: str) -> None:
    test = laboratory.test(name)
    for spelling, unit in test.units.items():
        sent = Decimal(7) / unit.times
        read = read_quantity(name, f"{sent:f}", spelling)
        assert (read.low, read.high, read.unit) == (7, 7, "10*9/L"), spelling


def test_every_spelling_of_every_test_converts_exactly() -> None:
    for test in all_tests():
        if test.plausible is None:
            continue
        aim = sum(test.plausible) / 2
        for spelling, unit in test.units.items():
            sent = (aim * unit.divide / unit.times + unit.minus).quantize(Decimal("1e-9"))
            read = read_quantity(test.name, f"{sent:f}", spelling)
            exact = (Fraction(sent) - Fraction(unit.minus)) * Fraction(unit.times) / Fraction(unit.divide)
            if unit.divide == 1:
                assert Fraction(read.low) == exact, (test.name, spelling)
            else:
                assert abs(Fraction(read.low) - exact) < Fraction(1, 10**20), (test.name, spelling)


def test_a_spelling_with_one_micro_sign_is_listed_with_the_other() -> None:
    for test in all_tests():
        for spelling, unit in test.units.items():
            for sign in MICRO_SIGNS:
                other = spelling.translate({ord(any_sign): sign for any_sign in MICRO_SIGNS})
                assert test.units.get(other) is unit, (test.name, spelling)


def test_no_spelling_stands_twice_in_a_family() -> None:
    for family in families().values():
        spellings = [spelling for unit in family.units for spelling in unit.spellings]
        assert len(spellings) == len(set(spellings)), family.name


def test_no_spelling_is_both_a_unit_and_something_else() -> None:
    for test in all_tests():
        assert not set(test.units) & (set(test.not_units) | test.percentages), test.name


def test_spellings_have_no_blanks_at_their_ends() -> None:
    for family in families().values():
        for spelling in (s for unit in family.units for s in unit.spellings):
            assert spelling == spelling.strip()


def test_the_canonical_unit_is_itself_listed_with_factor_one() -> None:
    for family in families().values():
        if family.name == "lakh":  # stands beside `count`, which lists the canonical unit
            continue
        unit = next(unit for unit in family.units if family.canonical in unit.spellings)
        assert (unit.times, unit.divide, unit.minus) == (1, 1, 0)


def test_every_ucum_expression_is_an_accepted_spelling() -> None:
    assert not [unit.ucum for f in families().values() for unit in f.units if unit.ucum not in unit.spellings]


def test_every_family_is_used_and_every_used_family_is_listed() -> None:
    used = {name for listed in ("tests", "measures") for row in rows(listed) for name in row.texts("units")}
    assert used == set(families())


# --- the oracle: ucumvert reads UCUM, Pint converts ---


@pytest.fixture(scope="module")
def ucum():  # type: ignore[no-untyped-def]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ucumvert import PintUcumRegistry

        return PintUcumRegistry()


def oracle(ucum, family: Family, spelling: str) -> float | None:  # type: ignore[no-untyped-def]
    """How many canonical units one `spelling` is, as UCUM has it; None if it is something else, ValueError if unparsable."""
    canonical = ucum.from_ucum(family.canonical)
    try:
        sent = ucum.from_ucum(spelling)
    except Exception as refusal:
        raise ValueError(spelling) from refusal
    try:
        return float(sent.to(canonical.units).magnitude / canonical.magnitude)
    except Exception:  # noqa: BLE001 - not convertible, or a bare annotation
        return None


def of_ucum(family: Family) -> bool:
    return family.name not in NOT_FOR_UCUM


def test_ucum_agrees_with_every_factor(ucum) -> None:  # type: ignore[no-untyped-def]
    differing = set()
    for family in filter(of_ucum, families().values()):
        for unit in family.units:
            found = oracle(ucum, family, unit.ucum)
            if found is None or abs(found / float(unit.times / unit.divide) - 1) > 1e-9:
                differing.add((family.name, unit.ucum))
    assert differing == MOLAR | {("enzyme", "[IU]/L")}


def test_a_spelling_that_is_ucum_means_what_ucum_says(ucum) -> None:  # type: ignore[no-untyped-def]
    assert differing_spellings(ucum) == set(OTHER_IN_UCUM)


def differing_spellings(ucum) -> set[str]:  # type: ignore[no-untyped-def]
    pairs = ((f, unit, s) for f in filter(of_ucum, families().values()) for unit in f.units for s in unit.spellings)
    return {spelling for family, unit, spelling in pairs if differs(ucum, family, unit, spelling)}


def differs(ucum, family: Family, unit: Unit, spelling: str) -> bool:  # type: ignore[no-untyped-def]
    if (family.name, unit.ucum) in MOLAR:
        return False
    try:
        found = oracle(ucum, family, spelling)
    except ValueError:
        return False
    return found is None or abs(found / float(unit.times / unit.divide) - 1) > 1e-9
