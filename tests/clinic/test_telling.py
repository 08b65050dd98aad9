"""After a stop or hold somebody tells the patient: the step is open until it is said how they were reached, or tries ran out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.making import CALM, LOW, NOW, START, banner_of, only, patient_of, signed_in
from countwell.clinic.models import Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import acting, telling
from countwell.clinic.store.records import append

People = dict[str, Person]
GROUP = "Tell the patient"
HELD = {"kind": "decision", "do": "hold", "at": "2026-02-21", "reason": "leucopenia", "decide_by": "2026-03-09"}


@pytest.fixture
def stopped(people: People) -> Patient:
    """A patient of a nurse and a prescriber whose treatment the prescriber has just stopped."""
    made = patient_of(people["nurse"].clinic, [people["nurse"], people["prescriber"]], events=[*CALM, LOW])
    acting.as_advised(made, {"reason": "leucopenia"}, people["prescriber"], NOW)
    return made


def tried(stopped: Patient, people: People, *outcomes: str) -> None:
    """One try after another."""
    for number, outcome in enumerate(outcomes):
        telling.tell(stopped, {"outcome": outcome}, people["nurse"], NOW + timedelta(hours=number))


def test_a_stop_that_was_answered_stays_on_the_list_until_the_patient_knows(stopped: Patient, people: People) -> None:
    assert (only(people["nurse"]).group, only(people["nurse"]).untold) == (GROUP, "stop")
    tried(stopped, people, "phone")
    assert only(people["nurse"]).group == "Answered, and watched"
    assert only(people["nurse"]).untold == ""


@pytest.mark.parametrize("outcome", ["phone", "visit", "carer"])
def test_each_way_to_reach_them_ends_it(stopped: Patient, people: People, outcome: str) -> None:
    tried(stopped, people, outcome)
    assert telling.untold(stopped) is None


def test_a_try_that_reached_nobody_leaves_it_open(stopped: Patient, people: People) -> None:
    tried(stopped, people, "no-answer", "message", "no-answer", "no-answer")
    assert only(people["nurse"]).group == GROUP


@pytest.mark.parametrize(("tries", "may"), [(2, False), (3, True), (4, True)])
def test_a_letter_ends_it_only_after_three_tries(stopped: Patient, people: People, tries: int, may: bool) -> None:
    tried(stopped, people, *["no-answer"] * tries)
    if not may:
        with pytest.raises(NotUsable, match=f"{tries} so far"):
            tried(stopped, people, "letter")
    else:
        tried(stopped, people, "letter")
    assert (telling.untold(stopped) is None) == may


def test_what_asks_for_somebody_now_stands_above_it_and_names_it(people: People) -> None:
    patient = patient_of(people["nurse"].clinic, [people["nurse"]], events=[*CALM, LOW])
    browser, page = signed_in(people["nurse"]), f"/patients/{patient.pid}"
    browser.post(f"{page}/stop", {"reason": "leucopenia", "banner": banner_of(browser, f"{page}/stop")})
    assert (only(people["nurse"]).group, only(people["nurse"]).untold) == ("Now", "stop")
    assert "has not been told of the stop" in browser.get("/today").content.decode()
    assert "has not been told of the stop" in browser.get(page).content.decode()


def test_another_stop_after_a_hold_is_told_anew(stopped: Patient, people: People) -> None:
    tried(stopped, people, "phone")
    at = NOW + timedelta(days=1)
    again = {"kind": "decision", "do": "stop", "at": at.isoformat(), "reason": "liver", "by": "1"}
    append(stopped, [again], people["prescriber"], at)
    waiting = telling.untold(stopped)
    assert waiting is not None
    assert not waiting.tries


def test_once_treatment_goes_on_there_is_nothing_to_tell(stopped: Patient, people: People) -> None:
    restart = {"kind": "decision", "do": "restart", "at": "2026-03-02T11:00:00Z", "mg_per_day": "50", "by": "1"}
    append(stopped, [restart | {"frequency": "once daily"}], people["prescriber"], NOW + timedelta(hours=1))
    assert telling.untold(stopped) is None


def test_what_came_in_a_message_was_told_where_it_was_decided(people: People) -> None:
    patient = patient_of(people["nurse"].clinic, [people["nurse"]], events=[START, HELD])
    assert telling.untold(patient) is None


def test_it_is_done_on_its_page(stopped: Patient, people: People) -> None:
    browser, page = signed_in(people["nurse"]), f"/patients/{stopped.pid}/tell"
    assert "they may go on taking the tablets" in browser.get(page).content.decode()
    sent = {"banner": banner_of(browser, page), "note": "spoke to her daughter"}
    assert browser.post(page, sent).status_code == 422
    assert browser.post(page, sent | {"outcome": "carer"}).status_code == 302
    assert "Nothing waits" in browser.get(page).content.decode()
    chart = browser.get(f"/patients/{stopped.pid}").content.decode()
    assert "of the stop of 2 Mar 2026. spoke to her daughter" in chart
    again = sent | {"outcome": "phone", "banner": banner_of(browser, page.replace("/tell", "/orders"))}
    assert browser.post(page, again).status_code == 422
