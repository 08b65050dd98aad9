"""Canaries: every rule has one on whom it speaks, and each rule that falls silent, is renamed or reads another code is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.test import Client

from clinic.making import NOW, signed_in
from countwell.clinic import flock as flocks
from countwell.clinic.flock import Canary, Flock, Said, faults, flock, sent_down
from countwell.clinic.models import Patient, Person, Run
from countwell.clinic.store import canaries
from countwell.engine.joined import PlacedRule
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from countwell.questions.ask import joined
from countwell.vocabulary import tests as listed

PROTOCOLS = [name for name in shipped() if read_pack(find(name), cases=False).kind == "protocol"]
STAFF = ("prescriber", "nurse", "pharmacist", "auditor", "admin")
MOST_WITHOUT = 20


def never(*_: object) -> bool:
    """A condition that is never met."""
    return False


@contextmanager
def silenced(rule: PlacedRule) -> Iterator[None]:
    """While this lasts, the rule's condition is never met."""
    condition = rule.when
    rule.__dict__["when"] = never
    try:
        yield
    finally:
        rule.__dict__["when"] = condition


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
    assert {placed.key for placed in joined(protocol).rules} == spoken | its.never
    assert len(its.never) <= MOST_WITHOUT


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


def test_each_rule_silenced_in_turn_is_noticed() -> None:
    its = flock("cidp")
    assert its is not None
    unnoticed = []
    for rule in joined("cidp").rules:
        if rule.key in its.never:
            continue
        with silenced(rule):
            if all(rule.key in sent_down(one, "cidp").rules for one in on_whom(rule.key, "cidp")[:1]):
                unnoticed.append(rule.key)
    assert unnoticed == []


def few(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """Of the canaries of cidp only one on whom the rule speaks, for a quick look; all rules are watched still."""
    its = flock("cidp")
    assert its is not None
    all_rules = frozenset(placed.key for placed in joined("cidp").rules)
    monkeypatch.setattr(flocks, "flock", lambda protocol: Flock(tuple(on_whom(rule, "cidp")[:1]), all_rules))


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
    monkeypatch.setattr(flocks, "flock", lambda protocol: Flock((less,), frozenset({STOP})))
    assert f"cidp: {STOP} speaks where it must be silent." in faults("cidp")


def test_an_answer_that_sums_up_otherwise_is_noticed_although_each_rule_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    canary = on_whom(STOP, "cidp")[0]
    other = Canary(canary.record, canary.as_of, canary.question, canary.said, canary.rules, canary.actions - {"stop"})
    monkeypatch.setattr(flocks, "flock", lambda protocol: Flock((other,), frozenset()))
    assert "cidp: the answer says stop otherwise than it must." in faults("cidp")


def test_a_protocol_without_canaries_is_a_fault() -> None:
    assert "has no canaries" in faults("not-there")[0]


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
    monkeypatch.setattr(canaries, "faults", lambda protocol: [f"{protocol}: {STOP} is silent where it must speak."])
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
