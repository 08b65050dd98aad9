"""Reading a value and its unit: exact spans or a refusal with its reason; never a third thing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countwell.base.errors import Unreadable
from countwell.vocabulary import tests as laboratory
from countwell.vocabulary.quantities import Quantity, plain, read_limit, read_quantity

D = Decimal


def refusal(test_name: str, value: str, unit: str | None) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_quantity(test_name, value, unit)
    return caught.value


def test_an_exact_value_keeps_its_digits() -> None:
    assert read_quantity("wbc", "3.0", "10*9/L") == Quantity(D("3.0"), D("3.0"), False, False, "10*9/L", "3.0 10*9/L")
    assert str(read_quantity("wbc", "3.00", "10*9/L").low) == "3.00"


@pytest.mark.parametrize(
    ("value", "low", "high", "low_open", "high_open"),
    [
        ("<0.5", "0", "0.5", False, True),
        ("< 0.5", "0", "0.5", False, True),
        ("<=0.5", "0", "0.5", False, False),
        ("≤ 0.5", "0", "0.5", False, False),
        (">3.0", "3.0", None, True, False),
        (">=3.0", "3.0", None, False, False),
        ("≥3.0", "3.0", None, False, False),
        (" 3.0 ", "3.0", "3.0", False, False),
    ],
)
def test_a_comparator_makes_a_span(value: str, low: str, high: str | None, low_open: bool, high_open: bool) -> None:
    read = read_quantity("wbc", value, "10*9/L")
    assert (read.low, read.high) == (D(low), None if high is None else D(high))
    assert (read.low_open, read.high_open) == (low_open, high_open)


def test_a_comparator_is_converted_with_its_value() -> None:
    read = read_quantity("neutrophils", "<500", "/uL")
    assert (read.low, read.high, read.high_open) == (0, D("0.5"), True)


def test_three_thousand_per_millilitre_is_refused_with_both_readings() -> None:
    refused = refusal("wbc", "3000", "/mL")
    assert (refused.why, refused.literal, refused.likely) == ("implausible", D("0.003"), (D(3),))
    assert "3000 /mL" in refused.says


@pytest.mark.parametrize(
    ("test_name", "value", "unit", "why", "literal", "likely"),
    [
        ("wbc", "-3.1", "10*9/L", "implausible", "-3.1", []),
        ("wbc", "0", "10*9/L", "implausible", "0", []),
        ("wbc", "3000", "10*9/L", "implausible", "3000", ["3"]),
        ("wbc", "<0", "10*9/L", "implausible", "0", []),
        ("neutrophils", "<0", "10*9/L", "implausible", "0", ["0"]),
        ("wbc", "2.0", None, "no-unit", None, ["2.0"]),
        ("wbc", "2000", "", "no-unit", None, ["2"]),
        ("wbc", "2.0", "  ", "no-unit", None, ["2.0"]),
        ("neutrophils", "2.9", None, "no-unit", None, ["2.9"]),
        ("neutrophils", "3.0", "mmol/L", "ambiguous-unit", None, ["3.0"]),
        ("neutrophils", "45", "%", "ambiguous-unit", None, []),
        ("neutrophils", "1", "%", "ambiguous-unit", None, []),
        ("wbc", "3.0", "10*9/l L", "ambiguous-unit", None, ["3.0"]),
        ("wbc", "3.0", "K/UL/", "ambiguous-unit", None, ["3.0"]),
        ("hb", "12.5", "g/mL", "ambiguous-unit", None, ["125"]),
        ("hb", "13.4", "g/l-1", "ambiguous-unit", None, ["134"]),
        ("hb", "12.5", "g/L", "implausible", "12.5", ["125"]),
        ("hb", "135", "g/dL", "implausible", "1350", ["135"]),
        ("hb", "8.4", "g/L", "implausible", "8.4", ["84", "135.324"]),
        ("platelets", "150000", "10*9/L", "implausible", "150000", ["150"]),
        ("platelets", "1.5", "10*6/uL", "ambiguous-unit", None, ["1.5", "150"]),
        ("alt", "0.6", "U/L", "implausible", "0.6", ["36"]),
        ("alt", "100", "units/mL", "ambiguous-unit", None, ["6", "100"]),
        ("alt", "24", None, "no-unit", None, ["24"]),
        ("bilirubin", "12", "mmol/L", "ambiguous-unit", None, ["12", "20.52"]),
        ("urea", "30", "mg/dL", "ambiguous-unit", None, ["30"]),
        ("albumin", "3.5", "g/L", "implausible", "3.5", ["35"]),
        ("inr", "14", "s", "ambiguous-unit", None, ["14"]),
        ("egfr", "80", "mL/min", "ambiguous-unit", None, ["80"]),
        ("tgn", "300", "pmol/8.10*8", "ambiguous-unit", None, ["300"]),
        ("wbc", "", "10*9/L", "missing", None, []),
        ("wbc", "CLOTTED", "", "invalid-sample", None, []),
        ("wbc", "Specimen clotted, please repeat", "10*9/L", "invalid-sample", None, []),
        ("platelets", "clumped", "10*9/L", "invalid-sample", None, []),
        ("wbc", "DNR", "10*9/L", "missing", None, []),
        ("wbc", "cancelled", "10*9/L", "missing", None, []),
        ("wbc", "pending", "10*9/L", "pending", None, []),
        ("wbc", "see comment", "10*9/L", "unreadable", None, []),
        ("wbc", "NaN", "10*9/L", "unreadable", None, []),
        ("wbc", "Infinity", "10*9/L", "unreadable", None, []),
        ("egfr", "9999999", "mL/min/1.73m2", "unreadable", None, []),
        ("neutrophils", "0,4", "10*9/L", "unreadable", None, ["0.4", "4"]),
        ("wbc", "3,000", "/uL", "unreadable", None, ["3"]),
        ("wbc", "1.8 L", "10*9/L", "unreadable", None, ["1.8"]),
        ("wbc", "３.0", "10*9/L", "unreadable", None, ["3.0"]),
        ("wbc", "1.5-2.0", "10*9/L", "unreadable", None, ["1.5", "2.0"]),
    ],
)
def test_refused(
    test_name: str, value: str, unit: str | None, why: str, literal: str | None, likely: list[str]
) -> None:
    refused = refusal(test_name, value, unit)
    assert refused.why == why
    assert refused.literal == (None if literal is None else D(literal))
    assert list(refused.likely) == [D(text) for text in likely]
    assert refused.says
    assert refused.do


def test_zero_is_a_value_where_it_can_be() -> None:
    assert read_quantity("neutrophils", "0", "10*9/L").low == 0
    assert laboratory.test("neutrophils").zero_is_plausible
    assert not laboratory.test("wbc").zero_is_plausible


def test_an_inr_needs_no_unit() -> None:
    assert read_quantity("inr", "2.3", None).low == D("2.3")


def test_the_ends_of_the_plausible_range_are_plausible_and_a_hair_beyond_is_not() -> None:
    hair = D("0.000001")
    for test in laboratory.tests().values():
        if test.plausible is None:
            continue
        unit = test.unit or "mU/L"
        low, high = test.plausible
        for end in (low, high):
            assert read_quantity(test.name, plain(end), unit).low == end
        for beyond in (low - hair, high + hair):
            assert refusal(test.name, plain(beyond), unit).why == "implausible"


def test_alkaline_phosphatase_is_read_as_high_as_primary_biliary_cirrhosis_makes_it() -> None:
    for value in ("4999", "5001", "13862", "15000"):
        assert read_quantity("alp", value, "U/L").low == D(value)
    assert refusal("alp", "15001", "U/L").why == "implausible"


@pytest.mark.parametrize("name", ["vzv-igg", "hbsag", "nudt15", "tpmt-genotype"])
def test_words_and_genes_are_no_quantities(name: str) -> None:
    with pytest.raises(ValueError):
        read_quantity(name, "1", "U/L")


def test_an_unknown_test_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        read_quantity("sodium", "140", "mmol/L")


def test_a_limit_is_read_like_a_value() -> None:
    assert read_limit("alt", "40", "U/L") == 40
    assert read_limit("alt", "0.67", "ukat/L") == D("40.2")
    assert read_limit("alt", "0", "U/L") == 0
    for value, unit in [("<40", "U/L"), ("40", None), ("40", "U/mL"), ("-40", "U/L"), ("0.67", "U/L"), ("x", "U/L")]:
        with pytest.raises(Unreadable):
            read_limit("alt", value, unit)


COUNT_UNITS = sorted(laboratory.test("platelets").units.items())


@given(st.decimals("0.1", "200", places=3), st.sampled_from(COUNT_UNITS), st.sampled_from(COUNT_UNITS))
def test_the_same_count_in_any_unit_is_the_same_span(value, one, other) -> None:  # type: ignore[no-untyped-def]
    spans = []
    for spelling, unit in (one, other):
        if "lakh" in spelling.lower() or unit.times == 100:
            continue
        read = read_quantity("wbc", f"<{value / unit.times:f}", spelling)
        spans.append((read.low, read.high, read.low_open, read.high_open, read.unit))
    assert len(set(spans)) <= 1


def read_or_refusal(value: str, unit: str) -> Quantity | Unreadable:
    try:
        return read_quantity("wbc", value, unit)
    except Unreadable as refused:
        return refused


WHYS = {"no-unit", "ambiguous-unit", "implausible", "unreadable", "invalid-sample", "pending", "missing"}


@given(st.text(max_size=12), st.text(max_size=8))
def test_any_text_is_read_or_refused(value: str, unit: str) -> None:
    match read_or_refusal(value, unit):
        case Unreadable(why=why):
            assert why in WHYS
        case read:
            assert read.low.is_finite()


@given(st.text(alphabet="0123456789.,eE+-<>=≤≥ nNaAiIfF٣３", max_size=12), st.sampled_from(["10*9/L", "/uL", "/mL"]))
def test_a_number_that_is_read_is_plausible_and_so_is_what_was_likely_meant(value: str, unit: str) -> None:
    is_plausible = laboratory.test("wbc").is_plausible
    match read_or_refusal(value, unit):
        case Unreadable(likely=likely):
            assert all(map(is_plausible, likely))
        case read:
            assert all(is_plausible(end) for end in (read.low, read.high) if end)
            assert read.as_sent == f"{value} {unit}".strip()
