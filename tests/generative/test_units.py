"""The same quantity in every accepted spelling of its unit gives the same advice."""

from decimal import Decimal

import pytest

from countwell.vocabulary.tests import test as listed
from generative.making import panel, record, result, steady, told

# On both sides of the numbers of the packs: test, canonical value, canonical upper limit.
QUANTITIES = [
    ("wbc", "1.9", None),
    ("wbc", "2.0", None),
    ("wbc", "3.0", None),
    ("wbc", "3.1", None),
    ("neutrophils", "0.4", None),
    ("neutrophils", "1.5", None),
    ("neutrophils", "2.0", None),
    ("platelets", "24", None),
    ("platelets", "49", None),
    ("platelets", "140", None),
    ("lymphocytes", "0.4", None),
    ("eosinophils", "0.6", None),
    ("hb", "79", None),
    ("hb", "80", None),
    ("alt", "80", "40"),
    ("alt", "121", "40"),
    ("ast", "201", "40"),
    ("bilirubin", "42", "21"),
    ("albumin", "29", None),
    ("lipase", "180", "60"),
    ("amylase", "299", "100"),
    ("creatinine", "70", None),
    ("egfr", "59", None),
]


def in_unit(value: str, test: str, spelling: str) -> str | None:
    """A canonical value in another unit, if it has a short exact decimal there."""
    unit = listed(test).units[spelling]
    sent = Decimal(value) * unit.divide / unit.times + unit.minus
    text = f"{sent.normalize():f}"
    fits = len(text.replace(".", "")) <= 15 and len(text.partition(".")[2]) <= 10
    return text if fits and unit.to_canonical(Decimal(text)) == Decimal(value) else None


def advice(test: str, value: str, unit: str, high: str | None) -> object:
    """What is said of a patient in order but for this result."""
    others = [e for e in steady() if e.get("test") != test or not e["collected"].startswith("2026-03-01")]
    more = {"normal_high": high} if high else {}
    said = told(record([*others, result(test, value, unit=unit, id="x", **more)]))
    return said["advice"], said["advice_at_most"], said["actions"], [(f["rule"], f["holds"]) for f in said["findings"]]


@pytest.mark.parametrize(("test", "value", "high"), QUANTITIES, ids=[f"{t} {v}" for t, v, _ in QUANTITIES])
def test_every_spelling_of_a_unit_says_the_same(test: str, value: str, high: str | None) -> None:
    canonical = next(iter(listed(test).units.values())).canonical
    expected = advice(test, value, canonical, high)
    said = {}
    for spelling in listed(test).units:
        sent, limit = in_unit(value, test, spelling), in_unit(high, test, spelling) if high else None
        if sent is not None and (high is None or limit is not None):
            said[spelling] = advice(test, sent, spelling, limit)
    assert len(said) >= 1
    assert {spelling: one for spelling, one in said.items() if one != expected} == {}


def test_a_value_that_reads_the_same_in_two_units_differs_by_its_unit() -> None:
    said = {
        unit: told(record([*panel("2026-03-01", wbc=None, neutrophils=None), result("wbc", "3.0", unit=unit)]))
        for unit in ("10*9/L", "/uL")
    }
    assert said["10*9/L"]["refused"] == []
    assert [item["why"] for item in said["/uL"]["refused"]] == ["implausible"]
