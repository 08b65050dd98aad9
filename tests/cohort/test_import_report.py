"""The report of an import: counts that add up, reasons, what is not listed, laboratories that stand apart; nothing of a patient."""

import json
from collections import Counter

import pytest

from cohort.importing import csv_text, from_csv, row
from countwell.cohort.incoming.report import in_words
from countwell.cohort.incoming.tenfold import Place, gaps, quantile, step_of


def test_the_report_lies_in_the_store_and_says_what_became_of_each_row(tmp_path):
    rows = [
        row(id="a"),
        row(id="b", unit=""),
        row(id="c", value="NaN"),
        row(id="d", code="9999-9"),
        row(id="e", code="1920-8", unit="U/mL"),
    ]
    report, _, _ = from_csv(tmp_path, csv_text(rows))
    assert json.loads((tmp_path / "store" / "import.json").read_text()) == report
    assert report["sources"] == {"results": {"received": 5, "filed": 2, "held": 2, "refused": 1}}
    assert {(one["outcome"], one["why"]) for one in report["reasons"]} == {
        ("held", "no-unit"),
        ("held", "ambiguous-unit"),
        ("refused", "unreadable"),
    }
    assert report["codes_not_listed"] == {"loinc 9999-9": 1}
    assert report["units_refused"] == [
        {"test": "wbc", "unit": "", "count": 1},
        {"test": "ast", "unit": "U/mL", "count": 1},
    ]


def test_examples_are_few_and_hold_nothing_of_a_patient(tmp_path):
    secret = "Jane Doe 1970-03-04 0044 20 7946"
    rows = [
        row(
            pid=secret,
            id=f"{secret} {place}",
            value=f"{secret} {place}",
            unit=secret,
            lab="one",
            at=f"2026-03-{place:02} 09:00",
        )
        for place in range(1, 9)
    ]
    report, _, _ = from_csv(tmp_path, csv_text(rows))
    assert "Jane" not in json.dumps(report)
    assert "7946" not in json.dumps(report)
    assert all(len(one["examples"]) <= 3 for one in report["reasons"])
    assert sum(one["count"] for one in report["reasons"]) == 8


def test_how_often_each_code_came_from_each_laboratory(tmp_path):
    rows = [row(lab="one", at=f"2026-03-{day:02} 09:00") for day in range(1, 4)] + [
        row(lab="one", code="1742-6", unit="U/L", value="20"),
        row(lab="two", at="2026-03-09"),
    ]
    report, _, _ = from_csv(tmp_path, csv_text(rows))
    shares = {(one["lab"], one["test"]): (one["results"], one["share"]) for one in report["prevalence"]}
    assert shares == {("one", "wbc"): (3, 0.75), ("one", "alt"): (1, 0.25), ("two", "wbc"): (1, 1.0)}


def test_a_laboratory_whose_unit_slipped_tenfold_is_flagged(tmp_path):
    rows = [row(pid=f"p{number}", lab="good", value="6.0") for number in range(30)]
    rows += [row(pid=f"q{number}", lab="slipped", value="60") for number in range(30)]
    report, _, _ = from_csv(tmp_path, csv_text(rows))
    assert {(one["lab"], one["test"]) for one in report["tenfold"]} == {("good", "wbc"), ("slipped", "wbc")}
    assert any("TENFOLD" in line and "slipped" in line for line in in_words(report))


@pytest.mark.parametrize(
    ("factor", "results", "flagged"),
    [(10, 20, True), ("0.1", 20, True), (10, 19, False), (3, 1000, False), (4, 20, False), (6, 20, True)],
)
def test_a_gap_is_one_that_is_nearer_to_ten_than_to_one_and_rests_on_enough_results(factor, results, flagged):
    from decimal import Decimal

    usual, other = (
        Place(lab, "", "wbc", "", step_of(value)) for lab, value in (("a", Decimal(6)), ("b", 6 * Decimal(factor)))
    )
    found = list(gaps({usual: 1000, other: results}))
    assert (any(gap.group.lab == "b" for gap in found)) is flagged


def test_a_median_is_right_to_about_a_tenth():
    from decimal import Decimal

    for value in (1, 7, 42, 999):
        steps = Counter({step_of(Decimal(value)): 5, step_of(Decimal(value) * 100): 2})
        assert 0.9 < quantile(steps, 0.5) / value < 1.1
