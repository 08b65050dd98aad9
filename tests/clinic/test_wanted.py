"""A repeat that a finding asks for is late by its own day: in the list, in the headline and in the letters alike, while the
answer's word for the calendar goes on saying that by the calendar no test is due."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from clinic.making import CALM, LOWISH, NOW, patient_of, signed_in
from countwell.clinic.models import Patient, Person
from countwell.clinic.store.acting import latest_day
from countwell.clinic.store.letters import text_of
from countwell.clinic.store.standing import answer_for, run_rules
from countwell.clinic.store.wanted import wanted
from countwell.clinic.store.worklist import worklist

People = dict[str, Person]
LAST = NOW + timedelta(days=6)  # 8 March, by which the count of 2.9 on 1 March is to be repeated
CALLED = LAST + timedelta(days=7)  # the ladder's first step of a person
DAYS = [LAST - timedelta(days=1), LAST, LAST + timedelta(days=1)]


@pytest.fixture
def repeat(people: People) -> Patient:
    """A patient whose count is to be repeated long before the calendar's next tests."""
    return patient_of(people["nurse"].clinic, [people["nurse"]], events=[*CALM, LOWISH], released=True)


@pytest.mark.parametrize(
    ("at", "late", "says"), list(zip(DAYS, (0, 0, 1), ("by 8 March", "today", "(1 day late)"), strict=True))
)
def test_the_list_and_the_headline_count_the_same_days(
    repeat: Patient, people: People, at: datetime, late: int, says: str
) -> None:
    run_rules(repeat, at)
    answer, _ = answer_for(repeat, at)
    (item,) = [item for group in worklist(people["nurse"], at, {}).groups for item in group.items]
    assert item.late == late
    assert f"lood count {says}" in answer.headline.replace("now ", "")
    assert "test-not-due" in answer.actions
    assert [row["overdue_days"] for row in answer.details["tests"]] == [0, 0]


def test_each_group_is_wanted_by_its_earliest_day(repeat: Patient) -> None:
    answer, _ = answer_for(repeat, NOW)
    assert [(one.group, f"{one.until}") for one in wanted(answer)] == [("cbc", "2026-03-08"), ("liver", "2026-03-20")]
    assert latest_day(answer) == LAST.date()


def test_the_row_names_the_test_and_the_day_that_are_late(repeat: Patient, people: People) -> None:
    run_rules(repeat, DAYS[2])
    first, second = repeat.standing.row["tests"]
    assert (first["name"], first["by"].replace("\u00a0", " ")) == ("Blood count", "8 Mar 2026")
    assert (second["name"], second["by"].replace("\u00a0", " ")) == ("Liver tests", "20 Mar 2026")


@pytest.mark.parametrize("kind", ["remind-after-patient", "letter-gp-patient", "letter-gp-gp"])
def test_a_letter_about_late_tests_names_the_late_one_alone(repeat: Patient, kind: str) -> None:
    letter, _, to = kind.rpartition("-")
    body = text_of(repeat, letter, to, *answer_for(repeat, DAYS[2])).replace("\u00a0", " ")
    assert "8 Mar 2026" in body
    assert "Liver" not in body.partition("Until a result")[0]


def test_the_call_list_says_by_when_the_test_was_due(
    repeat: Patient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: CALLED)
    run_rules(repeat, CALLED)
    page = signed_in(people["nurse"]).get("/today/calls").content.decode().replace("\u00a0", " ")
    assert "Blood count, last 20 Feb 2026, due 8 Mar 2026" in page
