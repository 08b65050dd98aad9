"""An answered finding leaves the list and comes back only with a reason; what was decided on a changed result is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from clinic.making import (
    ASKED,
    CALM,
    GOOD,
    LOW,
    LOWISH,
    NOW,
    WHITE,
    banner_of,
    only,
    patient_of,
    result,
    signed_in,
)
from countwell.clinic.models import Act, Clinic, Held, Patient, Person, Standing
from countwell.clinic.store import acted
from countwell.clinic.store.records import append
from countwell.clinic.store.saw import who_saw
from countwell.clinic.store.worklist import worklist

People = dict[str, Person]
MaxQueries = Callable[..., object]


def answer_all(patient: Patient, by: Person) -> None:
    """Answers everything that calls for something, as it stands."""
    standing = Standing.objects.get(patient=patient)
    for episode, place in {"": standing.place, **standing.episodes}.items():
        acted.act(patient, "done", by, NOW, episode=episode, place=place)


def test_an_answered_episode_leaves_the_list_and_stays_in_the_sum(patient: Patient, people: People) -> None:
    append(patient, [*ASKED, *GOOD, LOWISH], None, NOW)
    assert only(people["nurse"]).group == "This week"
    answer_all(patient, people["nurse"])
    assert only(people["nurse"]).group == "Answered, and watched"
    assert worklist(people["nurse"], NOW, {}).complete


def test_it_comes_back_when_it_is_worse(patient: Patient, people: People) -> None:
    done = Act(what="done", by=people["prescriber"], episode=WHITE, place=8)
    left = {place: bool(acted.unanswered({WHITE: place}, [done], NOW.date())) for place in (9, 8, 7)}
    assert left == {9: False, 8: False, 7: True}


def test_a_new_result_is_a_new_episode(patient: Patient, people: People) -> None:
    append(patient, [*ASKED, *GOOD, LOWISH], None, NOW)
    answer_all(patient, people["prescriber"])
    append(patient, [result("wbc", "2.8", "2026-03-02", id="w2")], None, NOW)
    assert only(people["nurse"]).group == "This week"


def test_it_comes_back_the_day_after_its_day_has_passed(patient: Patient, people: People) -> None:
    episodes, by = {WHITE: 8}, people["nurse"]
    for until, left in ((date(2026, 3, 1), True), (date(2026, 3, 2), False), (date(2026, 3, 3), False)):
        act = Act(what="done", by=by, episode=WHITE, place=8, until=until)
        assert bool(acted.unanswered(episodes, [act], date(2026, 3, 2))) is left


def test_it_comes_back_for_a_new_owner(patient: Patient, people: People) -> None:
    done = Act(what="done", by=people["nurse"], episode=WHITE, place=8)
    same, other = (Act(what="own", by=who, owner=who) for who in (people["nurse"], people["prescriber"]))
    assert not acted.unanswered({WHITE: 8}, [done, same], NOW.date())
    assert acted.unanswered({WHITE: 8}, [done, other], NOW.date())


def test_a_new_symptom_is_an_episode_of_its_own(patient: Patient, people: People) -> None:
    append(patient, [*ASKED, *GOOD, LOWISH], None, NOW)
    answer_all(patient, people["prescriber"])
    append(patient, [{"kind": "symptom", "symptom": "fever", "since": "2026-03-02", "present": True}], None, NOW)
    assert only(people["nurse"]).group in ("Now", "Today")


@pytest.mark.parametrize(("role", "left"), [("nurse", True), ("pharmacist", True), ("prescriber", False)])
def test_what_interrupts_is_answered_by_a_prescriber_alone(people: People, role: str, left: bool) -> None:
    act = Act(what="done", by=people[role], episode=WHITE, place=1)
    assert bool(acted.unanswered({WHITE: 1}, [act], NOW.date())) is left


def test_a_stop_that_was_recorded_is_said_to_be_and_is_not_offered_again(clinic: Clinic, people: People) -> None:
    patient = patient_of(clinic, [people["nurse"]], events=[*CALM, LOW])
    browser, address = signed_in(people["nurse"]), f"/patients/{patient.pid}/stop"
    told = browser.post(address, {"banner": banner_of(browser, address), "reason": "leucopenia"}, follow=True)
    assert "The stop is recorded. A prescriber still has to see it" in told.content.decode()
    row = browser.get("/today").content.decode().partition('<div class="do">')[2].partition("</div>")[0]
    assert "Act on it" in row
    assert "Record stop" not in row


def test_a_result_changed_after_a_decision_is_a_row_until_people_were_told(patient: Patient, people: People) -> None:
    decision = {"kind": "decision", "do": "reduce", "at": "2026-02-21", "mg_per_day": "100", "rests_on": ["old"]}
    old = result("wbc", "3.6", "2026-02-20", id="old", received="2026-02-20T12:00:00Z")
    new = result(
        "wbc", "6.6", "2026-02-20", id="new", replaces="old", status="corrected", received="2026-02-25T12:00:00Z"
    )
    append(patient, [*GOOD[1:], old, decision, new], None, NOW)
    assert only(people["nurse"], kind="result-changed").patient == patient.pk
    browser, address = signed_in(people["nurse"]), f"/patients/{patient.pid}/told"
    assert "after a decision rested on it" in browser.get("/today").content.decode()
    assert browser.post(address, {"banner": banner_of(browser, address)}).status_code == 302
    assert "result-changed" not in {group.slug for group in worklist(people["nurse"], NOW, {}).groups}


def test_a_stop_in_the_clinic_names_the_result_that_it_rested_on_if_that_is_corrected(
    clinic: Clinic, people: People
) -> None:
    patient = patient_of(clinic, [people["nurse"]], events=[*CALM, LOW])
    browser, address = signed_in(people["nurse"]), f"/patients/{patient.pid}/stop"
    browser.post(address, {"banner": banner_of(browser, address), "reason": "leucopenia"})
    (stop,) = [json.loads(event.body) for event in patient.events.all() if json.loads(event.body).get("do") == "stop"]
    assert stop["rests_on"] == [LOW["id"]]
    later = (NOW + timedelta(hours=2)).isoformat()
    right = {**LOW, "id": "right", "value": "6.6", "status": "corrected", "replaces": LOW["id"], "received": later}
    append(patient, [right], None, NOW + timedelta(hours=3))
    groups = worklist(people["nurse"], NOW + timedelta(hours=3), {}).groups
    assert "result-changed" in {group.slug for group in groups} | {item.group for one in groups for item in one.items}


def test_who_saw_or_acted_on_the_old_value_is_named(
    patient: Patient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = result("wbc", "3.6", "2026-02-20", id="old")
    append(patient, [*ASKED, *GOOD[1:], old], None, NOW - timedelta(days=3))
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW - timedelta(days=2))
    signed_in(people["nurse"]).get(f"/patients/{patient.pid}")
    acted.act(patient, "pass", people["prescriber"], NOW - timedelta(days=1))
    append(patient, [result("wbc", "6.6", "2026-02-20", id="new", replaces="old", status="corrected")], None, NOW)
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW + timedelta(hours=1))
    signed_in(people["pharmacist"]).get(f"/patients/{patient.pid}")
    seen = [(saw.person.role, saw.what) for saw in who_saw(patient, ["old"])]
    assert seen == [("nurse", "opened the chart"), ("prescriber", "acted")]


def test_a_hold_past_its_day_is_a_row_from_the_day_after(clinic: Clinic, people: People) -> None:
    hold = {"kind": "decision", "do": "hold", "at": "2026-02-20", "reason": "other"}
    for number, day in (("1", "2026-03-01"), ("2", "2026-03-02"), ("3", None)):
        events = [*CALM, {**hold, **({"decide_by": day} if day else {})}]
        patient_of(clinic, [people["nurse"]], number, events, name=f"P{number}")
    groups = {item.name: item.group for group in worklist(people["nurse"], NOW, {}).groups for item in group.items}
    assert groups == {"P1": "Hold past its day", "P2": "Nothing called for", "P3": "Held, no day"}


def test_a_waiting_message_shows_at_its_patient(patient: Patient, people: People) -> None:
    append(patient, [*ASKED, *GOOD], None, NOW)
    before = only(people["nurse"]).group
    held = Held.objects.create(clinic=patient.clinic, received_at=NOW, source="l", why="unit", digest="a")
    held.may_be.add(patient)
    assert (before, only(people["nurse"]).group) == ("Nothing called for", "A result may be waiting")
