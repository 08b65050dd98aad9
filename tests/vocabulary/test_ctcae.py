"""CTCAE grades by version, typed out from the published tables: just under, exactly and just over where each begins."""

from decimal import Decimal

import pytest

from countwell.base.spans import EVERYTHING, Span, exactly
from countwell.vocabulary import tests as listed
from countwell.vocabulary.ctcae import grades
from countwell.vocabulary.load import rows


def graded(test: str, value: str | Span, lower: str | None = None, upper: str | None = None) -> dict[str, object]:
    """By version the grade, or both ends of it."""
    span = value if isinstance(value, Span) else exactly(Decimal(value))
    limits = [None if limit is None else Decimal(limit) for limit in (lower, upper)]
    return {g.version: g.low if g.low == g.high else (g.low, g.high) for g in grades(test, span, *limits)}


LOW = [
    (
        "wbc",
        "4.0",
        [("4.1", 0), ("4.0", 0), ("3.9", 1), ("3.0", 1), ("2.9", 2), ("2.0", 2), ("1.9", 3), ("1.0", 3), ("0.9", 4)],
    ),
    (
        "lymphocytes",
        "1.0",
        [("1.0", 0), ("0.9", 1), ("0.8", 1), ("0.7", 2), ("0.5", 2), ("0.4", 3), ("0.2", 3), ("0.1", 4)],
    ),
    ("hb", "120", [("120", 0), ("119", 1), ("100", 1), ("99", 2), ("80", 2), ("79", 3), ("40", 3)]),
    ("albumin", "34", [("34", 0), ("33", 1), ("30", 1), ("29", 2), ("20", 2), ("19", 3)]),
    ("platelets", "150", [("150", 0), ("149", 1), ("75", 1), ("74", 2), ("50", 2), ("49", 3), ("25", 3), ("24", 4)]),
    (
        "neutrophils",
        "2.0",
        [("2.0", 0), ("1.9", 1), ("1.5", 1), ("1.4", 2), ("1.0", 2), ("0.9", 3), ("0.5", 3), ("0.4", 4)],
    ),
]
HIGH = [
    ("alt", [("40", 0), ("41", 1), ("120", 1), ("121", 2), ("200", 2), ("201", 3), ("800", 3), ("801", 4)]),
    ("ggt", [("40", 0), ("41", 1), ("100", 1), ("101", 2), ("200", 2), ("201", 3), ("800", 3), ("801", 4)]),
    ("bilirubin", [("40", 0), ("60", 1), ("61", 2), ("120", 2), ("121", 3), ("400", 3), ("401", 4)]),
    ("creatinine", [("40", 0), ("60", 1), ("61", 2), ("120", 2), ("121", 3), ("240", 3), ("241", 4)]),
]


@pytest.mark.parametrize(("test", "lower", "row"), LOW, ids=[row[0] for row in LOW])
def test_a_low_value_has_the_grade_of_version_5(test, lower, row):
    assert [graded(test, value, lower=lower)["5.0"] for value, _ in row] == [grade for _, grade in row]


@pytest.mark.parametrize(("test", "row"), HIGH, ids=[row[0] for row in HIGH])
def test_a_high_value_has_its_grade_by_the_laboratorys_own_limit(test, row):
    assert [graded(test, value, upper="40")["5.0"] for value, _ in row] == [grade for _, grade in row]


@pytest.mark.parametrize(
    ("value", "five", "six"), [("1.7", 1, 0), ("1.4", 2, 1), ("0.8", 3, 2), ("0.4", 4, 3), ("0.05", 4, 4)]
)
def test_the_versions_differ_on_neutrophils_and_both_are_named(value, five, six):
    assert graded("neutrophils", value, lower="2.0") == {"5.0": five, "6.0": six}


def test_the_versions_differ_on_platelets():
    assert graded("platelets", "12", lower="150") == {"5.0": 4, "6.0": 3}


def test_where_a_version_has_no_criteria_it_gives_no_grade():
    assert graded("lymphocytes", "0.4", lower="1.0") == {"5.0": 3}
    assert graded("mcv", "110", lower="80", upper="100") == {}


def test_a_limit_that_was_not_sent_leaves_the_first_grade_open_and_no_other():
    assert graded("wbc", "3.5") == {"5.0": (0, 1), "6.0": (0, 1)}
    assert graded("wbc", "2.5") == {"5.0": 2, "6.0": 2}


def test_times_an_upper_limit_that_was_not_sent_is_no_grade():
    assert graded("alt", "300") == {}


def test_a_value_known_on_one_side_has_the_grades_it_can_have():
    assert graded("wbc", Span(Decimal(0), Decimal("0.5"), False, True), lower="4.0")["5.0"] == 4
    assert graded("wbc", Span(Decimal(0), Decimal("2.0"), False, True), lower="4.0")["5.0"] == (3, 4)
    assert graded("platelets", EVERYTHING, lower="150")["5.0"] == (0, 4)


def test_every_graded_test_is_one_of_ours():
    assert {row.name for row in rows("ctcae")} <= listed.tests().keys()
