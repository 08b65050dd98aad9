"""Acting on what the rules say: nothing abnormal is closed without something done, and who may close what is kept to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from django.test import Client

from clinic.making import ASKED, GOOD, LOW, LOWISH, NOW, WHITE, only, signed_in
from countwell.clinic.models import Act, Event, Patient, Person, Review
from countwell.clinic.store.acting import latest_day
from countwell.clinic.store.records import append, record_of
from countwell.clinic.store.standing import answer_for
from countwell.model import records
from countwell.model.records import Decision

People = dict[str, Person]
STOP = {"reason": "leucopenia", "note": "called the patient at ten"}


def ill(patient: Patient, *more: dict[str, object]) -> None:
    """All that is asked for, with these results."""
    append(patient, [*ASKED, *GOOD, *more], None, NOW)


def act(patient: Patient, who: Person, way: str = "act", **form: str) -> tuple[int, str]:
    """Status and text of an act on the form as it stands now."""
    browser = signed_in(who)
    page = browser.get(f"/patients/{patient.pid}/act").content.decode()
    token = page.partition('name="banner" value="')[2].partition('"')[0]
    answer = browser.post(f"/patients/{patient.pid}/{way}", {"banner": token, **form})
    return answer.status_code, answer.content.decode() or _told(browser, answer.headers.get("Location", ""))


def _told(browser: Client, to: str) -> str:
    return browser.get(to).content.decode()


def decisions(patient: Patient) -> Sequence[tuple[str, str | None]]:
    """What was decided after the start."""
    rows = [event for event in record_of(patient).events if isinstance(event, Decision)]
    return [(event.do, event.reason) for event in rows[1:]]


def orders(patient: Patient) -> set[str]:
    """The tests that were ordered."""
    return {event.test for event in record_of(patient).events if isinstance(event, records.TestOrdered)}


def test_a_prescriber_does_what_is_advised_and_the_stop_the_orders_and_the_review_stand(
    patient: Patient, people: People
) -> None:
    ill(patient, LOW)
    status, _ = act(patient, people["prescriber"], **STOP)
    assert status == 302
    assert decisions(patient) == [("stop", "leucopenia")]
    assert {"wbc", "hb", "platelets"} <= orders(patient)
    acts = Act.objects.filter(patient=patient, what="done")
    assert WHITE in {one.episode for one in acts}
    (review,) = {one.review for one in acts}
    assert '"drug": "stop"' in review.answer
    assert only(people["nurse"]).group not in ("Now", "Today")


def test_a_nurse_records_the_stop_and_the_finding_stays_until_a_prescriber_has_seen_it(
    patient: Patient, people: People
) -> None:
    ill(patient, LOW)
    status, told = act(patient, people["nurse"], **STOP)
    assert (status, decisions(patient)) == (302, [("stop", "leucopenia")])
    assert "A prescriber still has to see it" in told
    assert only(people["nurse"]).group == "Now"
    assert act(patient, people["prescriber"], note="seen, agreed with the stop")[0] == 302
    assert only(people["nurse"]).group != "Now"


def test_a_nurse_does_not_close_a_stop_level_finding_without_a_stop_or_hold(patient: Patient, people: People) -> None:
    stopped = {"kind": "decision", "do": "stop", "at": "2026-03-01T12:00:00Z", "reason": "leucopenia"}
    ill(patient, LOW, stopped)
    status, told = act(patient, people["nurse"], note="looked at it and thought about it")
    assert (status, "A prescriber closes this" in told) == (403, True)
    assert Act.objects.count() == 0


@pytest.mark.parametrize("way", ["act", "act/more", "act/otherwise"])
def test_nobody_acts_on_what_is_not_open(patient: Patient, people: People, way: str) -> None:
    append(patient, [*ASKED, *GOOD], None, NOW)
    form = {**STOP, "do": "hold" if way == "act/more" else "less", "why": "patient-wish", "decide_by": "2026-03-09"}
    browser = signed_in(people["prescriber"])
    token = browser.get(f"/patients/{patient.pid}").content.decode().partition('name="banner" value="')[2]
    answer = browser.post(f"/patients/{patient.pid}/{way}", {"banner": token.partition('"')[0], **form})
    assert answer.status_code == 422
    assert (decisions(patient), Act.objects.count()) == ([], 0)


NAUSEA = {"kind": "symptom", "symptom": "nausea", "since": "2026-03-01", "present": True}


@pytest.mark.parametrize(("note", "status"), [("", 422), ("seen", 422), ("x" * 9, 422), ("x" * 10, 302)])
def test_what_orders_and_holds_nothing_is_closed_only_with_what_was_done_in_words(
    patient: Patient, people: People, note: str, status: int
) -> None:
    ill(patient, NAUSEA)
    assert act(patient, people["nurse"], note=note)[0] == status
    assert orders(patient) == set()
    assert Act.objects.exists() is (status == 302)


ALLOPURINOL = {"kind": "medicine", "name": "allopurinol", "start": "2026-02-28"}
WEIGHT = {"kind": "weight", "at": "2026-02-20", "value": "70", "unit": "kg"}


def test_a_reduction_is_closed_neither_without_a_lower_dose_nor_with_one_that_the_engine_refuses(
    patient: Patient, people: People
) -> None:
    ill(patient, WEIGHT, ALLOPURINOL)
    assert answer_for(patient, NOW)[0].advice.drug == "reduce"
    form = {"mg_per_day": "125", "frequency": "once daily", "note": "told her on the telephone"}
    assert act(patient, people["nurse"], **form)[0] == 403
    assert act(patient, people["prescriber"], note=form["note"])[0] == 422
    status, told = act(patient, people["prescriber"], **form)
    assert (status, "125 mg a day is refused" in told) == (422, True)
    assert (decisions(patient), Act.objects.count()) == ([], 0)


def test_more_than_advised_is_a_hold_with_a_day_and_a_coded_reason(patient: Patient, people: People) -> None:
    ill(patient, LOWISH)
    form = {"do": "hold", "reason": "leucopenia", "decide_by": "2026-03-09", "why": "other-protocol"}
    for missing, words in (("why", "Choose the reason"), ("reason", "Choose the reason for the hold"), ("decide_by", "Give the day"), ("do", "Choose to hold")):  # fmt: skip
        status, told = act(patient, people["nurse"], "act/more", **{k: v for k, v in form.items() if k != missing})
        assert (status, words in told) == (422, True)
    assert act(patient, people["nurse"], "act/more", **form)[0] == 302
    (hold,) = [one for one in record_of(patient).events if isinstance(one, Decision) and one.do == "hold"]
    assert (hold.decide_by, hold.reason) == (date(2026, 3, 9), "leucopenia")
    assert set(Act.objects.filter(what="more").values_list("reason", flat=True)) == {"other-protocol"}


def test_a_hold_until_a_day_that_is_over_is_refused(patient: Patient, people: People) -> None:
    ill(patient, LOWISH)
    form = {"do": "hold", "reason": "leucopenia", "why": "other-protocol"}
    assert act(patient, people["nurse"], "act/more", **form, decide_by="2026-03-01")[0] == 422
    assert act(patient, people["nurse"], "act/more", **form, decide_by="2026-03-02")[0] == 302


@pytest.mark.parametrize("role", ["nurse", "pharmacist"])
def test_less_than_advised_is_for_a_prescriber(patient: Patient, people: People, role: str) -> None:
    ill(patient, LOWISH)
    form = {"do": "less", "why": "long-known"}
    assert act(patient, people[role], "act/otherwise", **form)[0] == 403
    assert "Do less" not in act_page(patient, people[role])
    assert "Do less" in act_page(patient, people["prescriber"])


def act_page(patient: Patient, who: Person) -> str:
    """The form as this person sees it."""
    return signed_in(who).get(f"/patients/{patient.pid}/act").content.decode()


@pytest.mark.parametrize("why", ["", "clinical-picture", "no-such", "other"])
def test_less_needs_a_reason_for_less_and_its_note(patient: Patient, people: People, why: str) -> None:
    ill(patient, LOWISH)
    assert act(patient, people["prescriber"], "act/otherwise", do="less", why=why)[0] == 422
    assert Act.objects.count() == 0


def last_day(patient: Patient) -> date:
    """The last day to which the answer lets something be put off."""
    found = latest_day(answer_for(patient, NOW)[0])
    assert found is not None
    return found


@pytest.mark.parametrize(("days", "status"), [(-1, 302), (0, 302), (1, 422)])
def test_something_is_put_off_to_the_day_of_the_next_test_and_not_beyond(
    patient: Patient, people: People, days: int, status: int
) -> None:
    ill(patient, LOWISH)
    until = last_day(patient) + timedelta(days=days)
    form = {"do": "snooze", "why": "long-known", "until": until.isoformat()}
    assert act(patient, people["prescriber"], "act/otherwise", **form)[0] == status
    assert Act.objects.filter(what="snooze", until=until).exists() is (status == 302)


def test_a_stop_level_finding_is_never_put_off(patient: Patient, people: People) -> None:
    ill(patient, LOW)
    form = {"do": "snooze", "why": "long-known", "until": "2026-03-03"}
    assert act(patient, people["prescriber"], "act/otherwise", **form)[0] == 422
    assert 'value="snooze"' not in act_page(patient, people["prescriber"])


def test_watching_orders_the_test_and_without_a_day_it_is_refused(patient: Patient, people: People) -> None:
    ill(patient, LOWISH)
    form = {"do": "monitor", "why": "long-known"}
    assert act(patient, people["prescriber"], "act/otherwise", **form)[0] == 422
    assert orders(patient) == set()
    until = last_day(patient).isoformat()
    assert act(patient, people["prescriber"], "act/otherwise", **form, until=until)[0] == 302
    assert "wbc" in orders(patient)
    assert only(people["nurse"]).group == "Answered, and watched"


def test_an_act_made_on_a_chart_that_has_changed_is_refused_and_keeps_what_was_typed(
    patient: Patient, people: People
) -> None:
    ill(patient, LOWISH)
    browser = signed_in(people["prescriber"])
    page = browser.get(f"/patients/{patient.pid}/act").content.decode()
    token = page.partition('name="banner" value="')[2].partition('"')[0]
    append(patient, [LOW | {"id": "w2", "value": "1.5"}], None, NOW)
    answer = browser.post(f"/patients/{patient.pid}/act", {"banner": token, "note": "as discussed with her"})
    assert (answer.status_code, "as discussed with her" in answer.content.decode()) == (409, True)
    assert (Act.objects.count(), Review.objects.count()) == (0, 0)


def test_a_person_named_in_an_act_is_the_one_signed_in(patient: Patient, people: People) -> None:
    ill(patient, LOW)
    assert act(patient, people["nurse"], **STOP, by=str(people["prescriber"].pk))[0] == 422
    act(patient, people["nurse"], **STOP)
    event = Event.objects.get(kind="decision", body__contains="stop")
    assert json.loads(event.body)["by"] == str(people["nurse"].pk)
    assert event.recorded_by == people["nurse"]
