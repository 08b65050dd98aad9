"""A decision that cannot be read may have been a stop: it is said in the first sentence, and nothing is released."""

import pytest

from generative.making import Json, decision, panel, result, steady, told

LOST = {
    "a stop on no day of the calendar": decision("stop", "03/04/2026", reason="pancreatitis"),
    "a hold on no day of the calendar": decision("hold", "03/04/2026", reason="liver"),
    "a dose that cannot be read": decision("reduce", "2026-03-01", "half"),
    "a death on no day of the calendar": {"kind": "died", "at": "03/04/2026"},
    "a running dose ten times too high": decision("raise", "2026-03-01", "1500"),
}
AS_SENT = dict(
    zip(
        LOST,
        (
            "decision stop pancreatitis 03/04/2026",
            "decision hold liver 03/04/2026",
            "decision reduce half 2026-03-01",
            "died 03/04/2026",
            "decision 1500 mg a day",
        ),
        strict=True,
    )
)


@pytest.mark.parametrize("question", ["review", "supply"])
@pytest.mark.parametrize("name", LOST)
def test_nothing_is_released_while_a_decision_is_lost(name: str, question: str) -> None:
    said = told([*steady(), LOST[name]], question)
    assert said["advice"]["supply"] == said["advice_at_most"]["supply"] == "withhold"
    assert f"Not used: {AS_SENT[name]}." in said["headline"]
    assert "Nothing is released until it is known." in said["headline"]
    if question == "supply":
        assert (said["details"]["supply"], "withhold-supply" in said["actions"]) == ("withhold", True)
        assert said["details"]["because"]


def test_a_lost_stop_is_said_before_other_inputs_that_were_not_used() -> None:
    others = [
        result("lipase", "31", unit="", id="a0"),
        {"kind": "weight", "id": "a1", "at": "2026-03-02", "value": "70"},
    ]
    said = told([*steady(), *others, LOST["a stop on no day of the calendar"] | {"id": "z9"}])
    assert len(said["refused"]) == 3
    assert "decision stop pancreatitis" in said["headline"]


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "symptom", "symptom": "purple ears", "since": "2026-03-01"},
        {"kind": "weight", "at": "2026-03-02", "value": "70"},
        {"kind": "history", "what": "something unheard of"},
    ],
)
def test_what_is_no_decision_withholds_nothing(event: Json) -> None:
    assert told([*steady(), event])["advice"]["supply"] == "release"


def test_a_stop_that_is_called_for_is_still_said_beside_a_lost_decision() -> None:
    low = panel("2026-03-02T08:00", wbc="1.2")
    said = told([*steady(), *low, LOST["a hold on no day of the calendar"]])
    assert (said["advice"]["drug"], "stop" in said["actions"]) == ("stop", True)
    assert "stop" in said["headline"].casefold()


CONTRARY = [
    (decision("raise", "2026-03-01", "149"), True),
    (decision("raise", "2026-03-01", "150"), False),
    (decision("raise", "2026-03-01", "151"), False),
    (decision("reduce", "2026-03-01", "149"), False),
    (decision("reduce", "2026-03-01", "150"), False),
    (decision("reduce", "2026-03-01", "151"), True),
    (decision("raise", "2026-03-01"), True),
    (decision("reduce", "2026-03-01"), True),
    (decision("raise", "2026-03-03", "50"), False),
]


@pytest.mark.parametrize(("change", "doubted"), CONTRARY)
def test_a_change_of_the_dose_against_its_own_name_is_told_to_the_prescriber(change: Json, doubted: bool) -> None:
    said = told([*steady(), change])
    assert [item["kept"] for item in said["refused"]] == ([True] if doubted else [])
    assert (said["advice"]["prescriber"], "continue" in said["actions"]) == (
        ("this-week", False) if doubted else ("none", True)
    )
    assert ("In doubt: decision" in said["headline"]) == doubted


def test_a_later_change_of_the_dose_settles_a_contrary_one() -> None:
    events = [*steady(), decision("raise", "2026-02-20", "50"), decision("raise", "2026-03-01", "100")]
    assert told(events)["refused"] == []
