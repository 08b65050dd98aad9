"""Ranges that are empty, and weights for which no tablets make a dose inside the range."""

from fractions import Fraction

import pytest

from countwell.engine.prove import Tablet, Verdict
from countwell.engine.prove.doses import prove_doses, tablets
from oracle.prove_pack import CITED, pack, table

WEIGHTS = (Fraction(25), Fraction(200))
HALVES = Tablet("50 mg, scored", Fraction(25))
WHOLE = Tablet("50 mg, not scored", Fraction(50))


def verdicts(target: str, *products: Tablet) -> list[Verdict]:
    rule = f"t: {{when: course is active, dose: {{target: [{target}]}}, {CITED}}}"
    return prove_doses([pack(table(rule, name="dose"))], WEIGHTS, products)


def test_an_empty_range_is_found_with_a_weight():
    (verdict,) = verdicts("three_kg, two_kg", HALVES)
    assert (verdict.check, verdict.ok) == ("dose", False)
    assert verdict.witness == {"weight": "25 kg", "target": "75 to 50 mg a day"}


def test_a_range_that_is_empty_for_the_heaviest_alone_is_found():
    (verdict,) = verdicts("one_kg, hundred", HALVES)
    assert verdict.witness == {"weight": "200 kg", "target": "200 to 100 mg a day"}


def test_two_to_three_mg_per_kg_can_always_be_made_of_halves():
    proper, makeable = verdicts("two_kg, three_kg", HALVES)
    assert proper.ok
    assert (makeable.check, makeable.ok, makeable.witness) == ("makeable", True, None)


def test_where_nothing_can_be_made_the_weights_are_named():
    makeable = verdicts("two_kg, three_kg", WHOLE)[1]
    assert makeable.ok
    assert makeable.witness == {"weight": "29 kg", "target": "58 to 87 mg a day"}
    assert "between 25–33.33 kg" in makeable.says


def test_a_range_that_nothing_ever_fits_fails():
    makeable = verdicts("fifty, fifty", Tablet("75 mg", Fraction(75)))[1]
    assert (makeable.check, makeable.ok) == ("makeable", False)


@pytest.mark.parametrize(
    "target", ["one_kg, two_kg", "two_kg, three_kg", "two_kg, two_kg", "fifty, hundred", "fifty, three_kg"]
)
@pytest.mark.parametrize("part", [25, 50, 75, 100])
def test_the_weights_named_are_those_of_a_sweep(target: str, part: int):
    """Every tenth of a kg by brute force, against the stretches of weights."""
    from countwell.engine.prove.doses import _gaps, _Target  # the stretches themselves

    read = pack(table(f"t: {{when: course is active, dose: {{target: [{target}]}}, {CITED}}}", name="dose"))
    rule = read.tables[0].rules[0]
    wanted = _Target(read, read.tables[0], rule, *(read.numbers[name] for name in rule.dose.target))
    gaps = list(_gaps(wanted, WEIGHTS, Fraction(part)))
    for tenths in range(251, 2000):
        weight = Fraction(tenths, 10)
        low, high = wanted.range_mg(weight)
        makeable = any(low <= part * n <= high for n in range(50))
        assert makeable != any(start < weight < end for start, end in gaps), weight


def test_the_tablets_of_the_vocabulary_have_their_smallest_parts():
    assert {(tablet.name, tablet.part_mg) for tablet in tablets()} >= {
        ("50 mg scored tablet (US)", 25),
        ("75 mg tablet", 75),
    }
