"""Canaries: every rule has one on whom it speaks, and each rule that falls silent, is renamed or reads another code is noticed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from clinic.canaries_planted import (
    PROTOCOLS,
    misread_unnoticed,
    numbers,
    numbers_unnoticed,
    read_as_another,
    renamed,
    rules_unnoticed,
    silenced,
    ten_times_better,
)
from clinic.making import NOW, signed_in
from countwell.clinic import flock as flocks
from countwell.clinic import worked
from countwell.clinic.flock import Canary, Flock, Said, faults, flock, made_for, sent_down
from countwell.clinic.models import Patient, Person, Run
from countwell.clinic.store import canaries
from countwell.engine.cases import Broken
from countwell.questions.ask import joined
from countwell.vocabulary import tests as listed
from packs.test_extend import OURS

ONE_IN = 23  # of all rules, in each protocol; all of them with `clinic.canaries_planted --all`
STAFF = ("prescriber", "nurse", "pharmacist", "auditor", "admin")


def on_whom(rule: str, protocol: str) -> list[Canary]:
    """The canaries of a protocol on whom a rule speaks."""
    its = flock(protocol)
    assert its is not None
    return [canary for canary in its.canaries if rule in canary.rules]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_protocol_that_comes_along_has_canaries(protocol: str) -> None:
    assert flock(protocol) is not None


def test_as_the_rules_are_no_canary_finds_a_fault() -> None:
    assert faults("cidp") == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_rule_of_each_protocol_is_watched(protocol: str) -> None:
    its = flock(protocol)
    assert its is not None
    spoken = frozenset().union(*(canary.rules for canary in its.canaries))
    assert {placed.key for placed in joined(protocol).rules} == spoken


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_rule_that_speaks_on_one_canary_is_silent_on_another(protocol: str) -> None:
    its = flock(protocol)
    assert its is not None
    always = frozenset.intersection(*(canary.rules for canary in its.canaries))
    assert always == frozenset()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_of_each_protocol_a_tenth_of_the_canaries_say_what_they_must(protocol: str) -> None:
    its = flock(protocol)
    assert its is not None
    for canary in its.canaries[::10]:
        assert sent_down(canary, protocol) == Said(canary.rules, canary.actions)


@pytest.mark.parametrize("planting", [silenced, renamed])
def test_rules_of_cidp_silenced_or_renamed_are_noticed(
    planting: Callable[[object], AbstractContextManager[object]],
) -> None:
    assert rules_unnoticed("cidp", planting, one_in=5) == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_in_each_protocol_rules_silenced_or_renamed_are_noticed(protocol: str) -> None:
    assert rules_unnoticed(protocol, silenced, ONE_IN) == []
    assert rules_unnoticed(protocol, renamed, ONE_IN) == []


def test_a_number_that_was_moved_is_noticed() -> None:
    assert len(list(numbers("cidp"))) > ONE_IN
    assert numbers_unnoticed("cidp", ONE_IN) == []


@pytest.mark.parametrize("planting", [read_as_another, ten_times_better])
def test_each_test_read_under_the_code_of_another_or_ten_times_better_is_noticed(
    planting: Callable[[str], AbstractContextManager[None]],
) -> None:
    assert misread_unnoticed("cidp", planting) == []


def few(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """Of the canaries of cidp only one on whom the rule speaks, for a quick look."""
    one = Flock(tuple(on_whom(rule, "cidp")[:1]), made_for("cidp"))
    monkeypatch.setattr(flocks, "flock", lambda protocol: one)
    monkeypatch.setattr(worked, "broken_cases", lambda pack: [])


STOP = "cidp/white-cells/stop"


def test_a_silenced_rule_is_named_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = next(placed for placed in joined("cidp").rules if placed.key == STOP)
    few(monkeypatch, STOP)
    with silenced(rule):
        assert f"cidp: {STOP} is silent where it must speak." in faults("cidp")


def test_a_renamed_rule_is_missed_under_its_old_name_and_told_without_canary_under_its_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = next(placed for placed in joined("cidp").rules if placed.key == STOP)
    few(monkeypatch, STOP)
    monkeypatch.setitem(rule.__dict__, "key", "cidp/white-cells/halt")
    found = faults("cidp")
    assert "cidp: cidp/white-cells/halt has no canary." in found
    assert f"cidp: there is no rule {STOP} any more." in found
    assert f"cidp: {STOP} is silent where it must speak." in found


def test_a_code_that_is_read_as_another_test_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, STOP)
    real = listed._codes()
    swapped = {code: "platelets" if test == "wbc" else test for code, test in real.items()}
    monkeypatch.setattr(listed, "_codes", lambda: swapped)
    assert any("silent where it must speak" in fault for fault in faults("cidp"))


def test_a_rule_that_speaks_where_it_must_be_silent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    canary = on_whom(STOP, "cidp")[0]
    less = Canary(canary.record, canary.as_of, canary.question, canary.said, canary.rules - {STOP}, canary.actions)
    monkeypatch.setattr(flocks, "flock", lambda protocol: Flock((less,), made_for("cidp")))
    assert f"cidp: {STOP} speaks where it must be silent." in faults("cidp")


def test_an_answer_that_sums_up_otherwise_is_noticed_although_each_rule_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    canary = on_whom(STOP, "cidp")[0]
    other = Canary(canary.record, canary.as_of, canary.question, canary.said, canary.rules, canary.actions - {"stop"})
    monkeypatch.setattr(flocks, "flock", lambda protocol: Flock((other,), made_for("cidp")))
    assert "cidp: the answer says stop otherwise than it must." in faults("cidp")


def test_a_protocol_without_canaries_is_a_fault() -> None:
    assert "has no canaries" in faults("not-there")[0]


def test_a_protocol_that_cannot_be_read_is_a_fault_and_stops_no_round() -> None:
    assert "not-there cannot be read" in canaries.wrong("not-there")[0]


@pytest.mark.django_db
def test_a_worked_case_that_does_not_hold_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canaries, "faults", lambda protocol: [])
    broken = [Broken("cidp.yaml:1", "at-the-limit", "rules are [], not ['stop'].")]
    monkeypatch.setattr(worked, "broken_cases", lambda pack: broken if pack.name == "cidp" else [])
    assert canaries.wrong("cidp") == ["cidp: the case at-the-limit does not hold: rules are [], not ['stop']."]


@pytest.mark.django_db
def test_for_a_hospitals_own_pack_its_cases_stand_and_the_canaries_of_what_it_extends_are_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "our-hospital.yaml"
    moved = OURS.replace("value: 3.0", "value: 3.1").replace("below 3.0", "below 3.1")
    own.write_text(moved, encoding="utf-8")
    monkeypatch.setattr(canaries, "faults", lambda protocol: [f"{protocol} was sent down"])
    said = canaries.wrong(str(own))
    assert said[0] == "bsr-2017 was sent down"
    assert any(one.startswith("our-hospital: the case exactly") for one in said[1:]), said


def test_the_protocols_of_the_patients_are_watched_and_no_others(patient: Patient) -> None:
    assert canaries.followed() == ["cidp"]


def test_a_round_of_canaries_touches_no_patient(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, STOP)
    before = patient.events.count(), patient.version, patient.standing.ran_at
    canaries.keep(NOW, lambda: NOW)
    again = Patient.objects.get()
    assert (again.events.count(), again.version, again.standing.ran_at) == before
    assert Patient.objects.count() == 1


@pytest.mark.parametrize("role", STAFF)
def test_what_the_canaries_found_stands_on_the_pages_of_all_staff(
    patient: Patient, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setattr(canaries, "wrong", lambda protocol: [f"{protocol}: {STOP} is silent where it must speak."])
    run = canaries.keep(NOW, lambda: NOW)
    assert (run.faults, run.says) == (1, f"cidp: {STOP} is silent where it must speak.")
    page = signed_in(people[role]).get("/", follow=True)
    assert b"The rules do not say what they must" in page.content


def test_once_the_canaries_find_nothing_the_notice_is_gone(patient: Patient, people: dict[str, Person]) -> None:
    Run.objects.create(what="canaries", began_at=NOW, ended_at=NOW, faults=0)
    page = signed_in(people["nurse"]).get("/", follow=True)
    assert b"The rules do not say what they must" not in page.content


def test_with_a_fault_the_status_page_says_that_the_lists_are_not_to_be_believed(patient: Patient) -> None:
    Run.objects.create(what="canaries", began_at=NOW, ended_at=NOW, faults=1)

    assert Client(headers={"host": "localhost"}).get("/status").status_code == 503


@pytest.mark.parametrize(
    ("ago", "late"), [(timedelta(hours=2) - timedelta(seconds=1), False), (timedelta(hours=2), True)]
)
def test_without_canaries_for_two_cycles_the_pages_say_so(
    patient: Patient, people: dict[str, Person], ago: timedelta, late: bool
) -> None:
    Run.objects.create(what="canaries", began_at=NOW - ago, ended_at=NOW - ago, faults=0)
    page = signed_in(people["nurse"]).get("/", follow=True)
    assert (b"Nothing has tested the rules for two hours." in page.content) is late


def test_where_no_canary_was_ever_sent_down_the_pages_say_so(patient: Patient, people: dict[str, Person]) -> None:
    page = signed_in(people["nurse"]).get("/", follow=True)
    assert b"Nothing has tested the rules for two hours." in page.content
