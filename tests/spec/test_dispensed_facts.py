"""Facts about what reached the patient beside the decisions: live vaccines that were given, and the pharmacy's label."""

import pytest

from generative.making import Json, decision
from spec.sheet import span, value

START = decision("start", "2025-06-02", "150", frequency="once daily")
LIVE = "{vaccinated: live, within: month}"
DIFFERS, DOUBLED = "{label: differs}", "{label: doubled}"
YES, NO, MAYBE = "[1, 1]", "[0, 0]", "[0, 1]"


def vaccine(name: str, at: str = "2026-02-20") -> Json:
    return {"kind": "vaccination", "vaccine": name, "at": at}


VACCINES = [
    ("none given", [], NO),
    ("a live one", [vaccine("mmr")], YES),
    ("not live", [vaccine("influenza, injected")], NO),
    ("the name does not tell: a person is asked instead", [vaccine("influenza")], NO),
    ("a live one beside one whose name does not tell", [vaccine("influenza"), vaccine("yellow fever")], YES),
    ("a month ago", [vaccine("mmr", "2026-02-02")], YES),
    ("a day more than a month ago", [vaccine("mmr", "2026-02-01")], NO),
    ("not yet given", [vaccine("mmr", "2026-03-03")], NO),
]


@pytest.mark.parametrize(("says", "events", "expected"), VACCINES, ids=[row[0] for row in VACCINES])
def test_a_live_vaccine_that_was_given(says: str, events: list[Json], expected: str) -> None:
    for order in (events, events[::-1]):
        assert span(LIVE, [START, *order]) == expected


def test_the_vaccine_is_named() -> None:
    assert value(LIVE, [START, vaccine("mmr")]).as_sent == "mmr"


def label(at: str = "2026-02-20", **content: object) -> Json:
    return {"kind": "label", "at": at, **content}


LABELS = [
    ("no label", [], NO, NO),
    ("the same", [label(mg_per_day="150", frequency="once daily")], NO, NO),
    ("the same in other words", [label(mg_per_day="150", frequency="every morning")], NO, NO),
    ("less", [label(mg_per_day="50")], YES, NO),
    ("just under twice", [label(mg_per_day="299")], YES, NO),
    ("exactly twice", [label(mg_per_day="300")], YES, YES),
    ("more than twice", [label(mg_per_day="301")], YES, YES),
    ("another frequency", [label(mg_per_day="150", frequency="twice daily")], YES, NO),
    ("weekly", [label(mg_per_day="150", frequency="weekly")], YES, NO),
    ("a frequency that no list knows", [label(mg_per_day="150", frequency="as told")], MAYBE, NO),
    ("no dose on it", [label(frequency="once daily")], MAYBE, MAYBE),
    ("a dose that cannot be read", [label(mg_per_day="one")], MAYBE, MAYBE),
    ("older than the dose", [label("2025-06-01", mg_per_day="300")], NO, NO),
    ("of the day of the start", [label("2025-06-02", mg_per_day="300")], YES, YES),
    ("a newer one agrees", [label(mg_per_day="300"), label("2026-02-21", mg_per_day="150")], NO, NO),
    ("not yet printed", [label("2026-03-03", mg_per_day="300")], NO, NO),
]


@pytest.mark.parametrize(("says", "events", "differs", "doubled"), LABELS, ids=[row[0] for row in LABELS])
def test_the_label_beside_the_decided_dose(says: str, events: list[Json], differs: str, doubled: str) -> None:
    for order in (events, events[::-1]):
        assert (span(DIFFERS, [START, *order]), span(DOUBLED, [START, *order])) == (differs, doubled)


def test_without_a_dose_no_label_can_differ() -> None:
    assert span(DIFFERS, [label(mg_per_day="300")]) == NO


def test_a_dose_that_is_not_recorded_leaves_it_open() -> None:
    assert span(DOUBLED, [decision("start", "2025-06-02"), label(mg_per_day="300")]) == MAYBE
