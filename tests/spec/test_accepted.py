"""A finding that a named person accepted is silent; anything worse, and every other rule, still speaks."""

import pytest

from generative.making import Json, decision, panel, result, rules, steady, symptom, told

EOS = "added-safety/eosinophils/high"


def eos(number: str, at: str, **more: object) -> Json:
    return result("eosinophils", number, at, unit="10*9/L", **more)


def accept(finding: str = EOS, at: str = "2026-02-20T20:00", **more: object) -> Json:
    return decision("accept", at, finding=finding, **more)


KNOWN = eos("0.7", "2026-02-20T09:00")
ROWS = [
    ("not accepted", [KNOWN], True),
    ("accepted", [KNOWN, accept()], False),
    ("the same again", [KNOWN, accept(), eos("0.7", "2026-03-01T09:00")], False),
    ("better, still past the limit", [KNOWN, accept(), eos("0.6", "2026-03-01T09:00")], False),
    ("worse", [KNOWN, accept(), eos("0.8", "2026-03-01T09:00")], True),
    (
        "worse, collected before and received after",
        [KNOWN, accept(), eos("2.5", "2026-02-20T19:00", received="2026-02-21T09:00")],
        True,
    ),
    ("accepted until today", [KNOWN, accept(until="2026-03-02")], False),
    ("accepted until yesterday", [KNOWN, accept(until="2026-03-01")], True),
    (
        "accepted today, and something better later today",
        [KNOWN, accept(at="2026-03-02"), eos("0.6", "2026-03-02T11:00", received="2026-03-02T12:00")],
        False,
    ),
    ("accepted later than asked", [KNOWN, accept(at="2026-03-03")], True),
    ("another finding was accepted", [KNOWN, accept("added-safety/eosinophils/other")], True),
]


@pytest.mark.parametrize(("says", "events", "speaks"), ROWS, ids=[row[0] for row in ROWS])
def test_an_accepted_finding_is_silent_until_something_worse(says: str, events: list[Json], speaks: bool) -> None:
    said = told([*steady(), *events])
    assert (said["advice"]["prescriber"] != "none") == speaks
    assert ("continue" in said["actions"]) == (not speaks)
    assert EOS in rules(said)


def test_an_acceptance_of_the_day_reads_nothing_that_was_not_known_when_asked() -> None:
    better = eos("0.6", "2026-02-20T21:00", received="2026-02-20T22:00")
    events = [*steady(last="2026-02-20"), KNOWN, accept(at="2026-02-20"), better]
    asked = {"as_of": "2026-02-20T23:00", "known_at": "2026-02-20T21:30"}
    assert told(events, **asked)["advice"]["prescriber"] == "none"


def test_accepting_one_rule_leaves_those_that_read_it() -> None:
    low = [e for e in steady() if not (e.get("test") == "wbc" and e["collected"].startswith("2026-03"))]
    events = [
        *low,
        result("wbc", "2.9", "2026-03-01T09:00"),
        symptom("fever", "2026-03-02", value="38.4", unit="Cel"),
        symptom("unwell", "2026-03-02", False),
        symptom("chills", "2026-03-02", False),
    ]
    accepted = [*events, accept("cidp/white-cells/watch", "2026-03-01T20:00")]
    assert told(accepted)["actions"][0] == told(events)["actions"][0] == "emergency"


def test_accepting_the_milder_rule_leaves_the_graver_one() -> None:
    low = [*panel("2026-03-01", wbc="1.8")]
    said = told([*steady(last="2026-02-20"), *low, accept("cidp/white-cells/watch", "2026-03-01T20:00")])
    assert said["advice"]["drug"] == "stop"


LOW = "added-safety/lymphocytes/low"


@pytest.mark.parametrize(("again", "speaks"), [("0.4", False), ("0.45", False), ("0.39", True)])
def test_an_accepted_low_value_is_silent_until_a_lower_one(again: str, speaks: bool) -> None:
    few = [e for e in steady() if e.get("test") != "lymphocytes"]
    known = [result("lymphocytes", "0.4", "2026-02-20T09:00"), accept(LOW)]
    said = told([*few, *known, result("lymphocytes", again, "2026-03-01T09:00")])
    assert (said["advice"]["prescriber"] != "none") == speaks
