"""Under a hold, a stop and a death every question says so before anything else, and offers nothing to take."""

import pytest

from countwell.model.answers import QUESTIONS
from generative.making import Json, decision, record, result, steady, told

SAID: dict[str, Json] = {
    "check-dose": {"mg_per_day": "150"},
    "split": {"mg_per_day": "100"},
    "missed-dose": {"missed": "2026-03-02T08:00"},
    "medicine": {"name": "allopurinol"},
    "vaccine": {"name": "influenza, injected"},
    "travel": {"from": "2026-04-01", "to": "2026-04-10"},
    "lifestyle": {"topic": "alcohol"},
    "symptoms": {"fever": "38.4"},
    "dose": {"weight": "70 kg"},
    "start": {"mg_per_day": "50"},
    "pregnancy": {"plan": "now"},
}
ENDS = {
    "hold": (decision("hold", "2026-02-20", reason="leucopenia", decide_by="2026-02-23"), "Azathioprine is on hold"),
    "stop": (decision("stop", "2026-02-20", reason="pancreatitis"), "Azathioprine is stopped"),
    "death": ({"kind": "died", "at": "2026-02-20"}, "The patient has died"),
}
NEVER = {"take-later-today", "dose-options", "continue", "split-dose", "restart-with-special-caution"}


@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
@pytest.mark.parametrize("end", list(ENDS))
@pytest.mark.parametrize("question", QUESTIONS)
def test_it_says_so_first(question: str, end: str, protocol: str) -> None:
    event, words = ENDS[end]
    said = told(record([*steady(), event], protocol), question, said=SAID.get(question))
    assert said["headline"].startswith(words)
    assert not NEVER & set(said["actions"])
    details = said["details"]
    assert details.get("accepted") is not True
    assert not details.get("options")
    assert not details.get("parts_mg")
    assert details.get("take_mg") in (None, "0")
    assert details.get("release") is not True
    assert "as usual" not in said["headline"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_of_the_dead_nothing_is_asked_of_anybody(question: str) -> None:
    said = told([*steady(), ENDS["death"][0]], question, said=SAID.get(question))
    assert said["actions"] == ["withhold-supply"]
    assert said["findings"] == []
    assert said["details"].get("tests") == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_alarm_comes_with_every_question(question: str) -> None:
    low = [*steady(), result("wbc", "1.8", "2026-03-02T08:00")]
    said = told(low, question, said=SAID.get(question))
    assert "stop" in said["actions"]
    assert "contact-prescriber" in said["actions"]
    assert not NEVER & set(said["actions"])
    assert "1.8" in said["headline"] or "top" in said["headline"]


LATER = "later than asked about: not yet in force."


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (decision("stop", "2026-03-05", reason="liver"), "A stop is recorded for 5 March 2026,"),
        (decision("hold", "2026-03-02T10:01"), "A hold is recorded for 2 March 2026,"),
        ({"kind": "died", "at": "2026-03-03"}, "A death is recorded for 3 March 2026,"),
        (decision("stop", "2026-03-02"), None),
        (decision("hold", "2026-03-02T10:00"), None),
        (decision("raise", "2026-03-05", "200"), None),
    ],
)
def test_what_halts_later_than_asked_about_is_said(event, said):
    headline = told([*steady(), event])["headline"]
    assert (f"{said} {LATER}" in headline) if said else (LATER not in headline)


def test_of_several_later_halts_the_first_is_said():
    events = [decision("stop", "2026-03-09"), decision("hold", "2026-03-05"), decision("stop", "2026-03-05T09:00")]
    assert "A hold is recorded for 5 March 2026" in told([*steady(), *events])["headline"]
