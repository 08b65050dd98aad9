"""A preliminary report sets dates and puts none off: neither of a test nor of a decision."""

import pytest

from generative.making import Json, confirmed, decision, genes, record, result, steady, told

START = decision("start", "2025-06-02", "150")


def without(test: str) -> list[Json]:
    """A steady patient without the last result of one test."""
    return [e for e in steady() if not (e.get("test") == test and e["collected"].startswith("2026-03-01"))]


def mere(test: str, value: str, at: str = "2026-03-02T08:45") -> Json:
    """A preliminary report."""
    return result(test, value, at, status="preliminary", id=f"p {at}")


def dates(events: list[Json], rule: str) -> Json:
    """The dates of one finding: of its tests, and of the decision."""
    found = next(f for f in told(record(events))["findings"] if f"{f['table']}/{f['rule']}" == rule)
    return found["advice"]["tests"] | {"decide": found["advice"]["decide_by"]}


LOW = [*without("wbc"), result("wbc", "2.9", "2026-03-01T09:00", id="a1")]
LOW_KINDS = [*without("neutrophils"), result("neutrophils", "0.9", "2026-03-01T09:00", id="a1")]
MERELY_LOW = [*without("wbc"), mere("wbc", "2.9", "2026-02-28T08:45")]
NEVER_WHOLE = [
    decision("start", "2026-02-10T09:01", "150"),
    *(result(test, value, "2026-02-27T08:00") for test, value in (("hb", "140"), ("platelets", "420"), ("alt", "24"))),
    *confirmed("2026-03-02"),
    *genes(),
]
CASES = {
    "a finding that holds": (LOW, mere("wbc", "2.5"), "white-cells/watch", {"cbc": "2026-03-08"}),
    "a hold": (LOW_KINDS, mere("neutrophils", "0.8"), "neutrophils/hold", {"decide": "2026-03-04"}),
    "an earlier report alone": (MERELY_LOW, mere("wbc", "2.5"), "white-cells/watch", {"cbc": "2026-03-07"}),
    "a rule that only may hold": (NEVER_WHOLE, mere("wbc", "9.0"), "schedule/closer", {"cbc": "2026-02-17"}),
}


@pytest.mark.parametrize(("events", "report", "rule", "wanted"), CASES.values(), ids=CASES)
def test_a_preliminary_report_puts_nothing_off(events: list[Json], report: Json, rule: str, wanted: Json) -> None:
    before, now = dates(events, rule), dates([*events, report], rule)
    assert before.items() >= wanted.items()
    assert now.items() >= wanted.items()


@pytest.mark.parametrize("how", [{"replaces": "p1"}, {"version": "2"}], ids=["by name", "by version"])
def test_a_preliminary_report_does_not_put_a_worse_one_aside(how: Json) -> None:
    first = mere("wbc", "1.9", "2026-03-02T08:45") | {"id": "p1", "version": "1"}
    second = mere("wbc", "2.9", "2026-03-02T08:45") | {"id": "p2"} | how
    assert told(record([*without("wbc"), first]))["advice"]["drug"] == "stop"
    assert told(record([*without("wbc"), first, second]))["advice"]["drug"] == "stop"


def test_a_second_report_of_one_specimen_puts_off_nothing_that_the_first_only_may_call_for() -> None:
    events = [
        decision("start", "2026-02-10T09:01", "150"),
        result("alt", "24", "2026-02-17T08:00"),
        mere("alt", "24", "2026-03-01T08:30"),
        *confirmed("2026-03-02"),
    ]
    second = result("alt", "40", "2026-03-01T08:30", status="preliminary", id="second")
    before, now = (dates(each, "liver/new-repeat") for each in (events, [*events, second]))
    assert before["liver"] == now["liver"] == "2026-03-15"


def test_a_worse_old_value_does_not_take_away_the_date_that_it_set_while_it_was_open() -> None:
    events = [
        decision("start", "2025-11-22", "150"),
        result("alt", "41", "2026-01-29T08:00"),
        result("alt", "24", "2026-02-23T08:00"),
        *confirmed("2026-03-02"),
    ]
    old = {**result("ast", "41", "2026-01-29T08:00"), "id": "ast"}
    del old["normal_high"]
    before, now = (told(record([*events, each])) for each in (old, old | {"value": "80"}))
    assert now["advice"]["tests"]["liver"] <= before["advice"]["tests"]["liver"]


def test_a_report_that_makes_sure_does_not_put_off_what_an_earlier_one_left_open() -> None:
    events = [
        decision("start", "2026-02-10T09:01", "150"),
        result("alt", "24", "2026-02-17T08:00"),
        *confirmed("2026-03-02"),
    ]
    first, second = mere("alt", "24", "2026-02-28T08:30"), mere("alt", "41", "2026-03-01T08:30")
    before, now = (dates([*events, *each], "liver/new-repeat") for each in ((first,), (first, second)))
    assert before["liver"] == now["liver"] == "2026-03-14"


def test_an_older_high_value_of_one_liver_test_does_not_take_away_the_date_of_a_newer_one() -> None:
    events = [
        decision("start", "2020-09-09T09:01", "50"),
        result("ast", "120", "2026-03-01T08:00"),
        *confirmed("2026-03-02"),
    ]
    for old in ("24", "120", "121"):
        said = told(record([*events, result("alt", old, "2026-02-15T08:00")], protocol="aih"))
        assert said["advice"]["tests"]["liver"] == "2026-03-15", old


def test_an_older_high_value_does_not_take_away_the_date_of_a_report_that_is_not_final() -> None:
    events = [
        decision("start", "2025-08-14T09:01", "200"),
        result("alt", "24", "2026-02-23T08:00"),
        mere("alt", "81", "2026-03-02T08:30"),
        *confirmed("2026-03-02"),
    ]
    for old in ("22", "121"):
        said = told(record([*events, result("ast", old, "2026-02-03T08:00")], protocol="aih"))
        assert said["advice"]["tests"]["liver"] == "2026-03-16", old
