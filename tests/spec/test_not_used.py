"""What an input that was not used leaves open: a lost event about the patient everything, a weight only the dose."""

import pytest

from generative.making import Json, decision, result, steady, told, weight

NO_UNIT = {"kind": "weight", "at": "2026-03-01", "value": "70"}
TODAY = NO_UNIT | {"at": "2026-03-02"}
LOST = {
    "a weight without a unit": (TODAY, "continue"),
    "a weight without a value": ({"kind": "weight", "at": "2026-03-02"}, "continue"),
    "a stop on no day of the calendar": (decision("stop", "03/04/2026", reason="pancreatitis"), "stop"),
    "a kind that nobody knows": ({"kind": "halt", "at": "2026-03-02"}, "stop"),
    "no kind": ({"at": "2026-03-02"}, "stop"),
    "a dose that may be ten times too high": (decision("raise", "2026-02-20", "1500"), "stop"),
    "a dose taken weekly": (decision("raise", "2026-02-20", "150", frequency="once a week"), "stop"),
}


@pytest.mark.parametrize(("event", "at_most"), LOST.values(), ids=LOST)
def test_what_a_lost_event_leaves_open(event: Json, at_most: str) -> None:
    said = told([*steady(), event])
    assert (said["advice"]["drug"], said["advice_at_most"]["drug"]) == ("continue", at_most)
    assert "cannot-use-input" in said["actions"]
    assert "continue" not in said["actions"]
    assert ("contact-prescriber" in said["actions"]) == (at_most == "stop")


def test_a_dose_cannot_be_offered_by_a_weight_without_a_unit() -> None:
    assert told([*steady(), TODAY], "dose")["details"].get("options", []) == []


@pytest.mark.parametrize(("later", "matters"), [("2026-02-28", True), ("2026-03-01", True), ("2026-03-02", False)])
def test_a_newer_weight_settles_one_that_cannot_be_read(later: str, matters: bool) -> None:
    events = [e for e in steady() if e["kind"] != "weight"]
    said = told([*events, NO_UNIT, weight(later)])
    assert [item["kind"] for item in said["refused"]] == ["weight"]
    assert ("cannot-use-input" in said["actions"]) == matters


ADULT, CHILD, OF_AGE = "1974-01-15", "2012-01-15", "2008-03-02"
WEIGHTS = [
    (ADULT, "7", False),
    (ADULT, "24.9", False),
    (ADULT, "25", True),
    (ADULT, "350", True),
    (OF_AGE, "24.9", False),
    ("2008-03-03", "24.9", True),
    (CHILD, "24.9", True),
    (None, "24.9", True),
]


@pytest.mark.parametrize(("born", "kg", "used"), WEIGHTS)
def test_a_weight_that_no_adult_has_is_not_taken(born: str | None, kg: str, used: bool) -> None:
    events = [e for e in steady() if e["kind"] != "weight"]
    said = told([*events, weight("2026-03-02", kg)], "dose", patient={"born": born})
    assert [item["why"] for item in said["refused"] if item["kind"] == "weight"] == ([] if used else ["implausible"])
    assert ("cannot-use-input" in said["actions"]) or used
    assert (said["details"]["range_mg_per_day"] is not None) == used


def test_a_percentage_is_refused_with_what_to_send_in_its_place():
    sent = [result("neutrophils", "62", "2026-03-02T08:00", unit="%")]
    sent += [{**sent[0], "id": "a1", "test": None, "unit": "%", "code": {"system": "loinc", "code": "770-8"}}]
    refused = told([*steady(), *sent])["refused"]
    assert [("percentage" in item["says"], item["as_sent"]) for item in refused] == [(True, "62 %")] * 2
    assert {item["do"] for item in refused} == {"Send Neutrophils in 10*9/L: it is not worked out from anything else."}
