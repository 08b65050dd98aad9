"""The list: worst first, one row a patient, comes back only with a reason, hides nothing, and adds up."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from clinic.making import NOW, START, banner_of, patient_of, person, result, signed_in
from countwell.clinic.models import Act, Clinic, Held, Patient, Person, Standing
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import acted
from countwell.clinic.store.records import append
from countwell.clinic.store.saw import who_saw
from countwell.clinic.store.standing import run_rules
from countwell.clinic.store.watch import watch
from countwell.clinic.store.worklist import Item, worklist

People = dict[str, Person]
MaxQueries = Callable[..., object]
LOW = result("wbc", "1.9", "2026-03-01", id="w1")
LOWISH = result("wbc", "2.9", "2026-03-01", id="w1")
GOOD = [
    result(test, value, "2026-02-20", unit, normal_high=high)
    for test, value, unit, high in (
        ("wbc", "4.0", "10*9/L", "10"), ("neutrophils", "4.0", "10*9/L", "7"), ("lymphocytes", "1.5", "10*9/L", "4"),
        ("hb", "140", "g/L", "170"), ("platelets", "250", "10*9/L", "400"), ("alt", "20", "U/L", "40"), ("ast", "20", "U/L", "40"),
    )
]  # fmt: skip
ASKED = [
    *({"kind": "list-confirmed", "list": name, "at": "2026-02-20"} for name in ("history", "medicines", "allergies")),
    *({"kind": "genotype", "gene": gene, "result": "*1/*1", "at": "2025-05-01"} for gene in ("TPMT", "NUDT15")),
]
CALM = [START, *ASKED, *GOOD]
WHITE = "white-cells since 2026-03-01"


def only(who: Person, **wanted: str) -> Item:
    """The one row of a list."""
    (item,) = [item for group in worklist(who, NOW, wanted).groups for item in group.items]
    return item


def test_stop_stands_before_watch_before_late(clinic: Clinic, people: People) -> None:
    for number, events in (("1", [START, *ASKED]), ("2", [*CALM, LOWISH]), ("3", [*CALM, LOW])):
        patient_of(clinic, [people["nurse"]], number, events, name=f"P{number}")
    found = worklist(people["nurse"], NOW, {})
    assert [(group.name, [item.name for item in group.items]) for group in found.groups] == [
        ("Now", ["P3"]), ("This week", ["P2"]), ("Late", ["P1"]),
    ]  # fmt: skip
    assert found.sum == "3 patients = 1 now + 1 this week + 1 late"


def test_a_row_shows_value_date_the_value_before_limit_and_sparkline(patient: Patient, people: People) -> None:
    append(patient, [result("wbc", "3.5", "2026-02-16"), LOW], None, NOW)
    page = signed_in(people["nurse"]).get("/today").content.decode()
    for words in (
        "White cells 1.9",
        "1 Mar 2026",
        "Was 3.5 on",
        "at or below 2.0",
        "cidpusa",
        "trend spark",
        "Record stop",
    ):
        assert words in page.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize("gone", [{"is_active": False}, {"role": "admin"}])
def test_a_row_whose_owner_is_gone_stands_with_those_whom_nobody_owns(
    patient: Patient, people: People, gone: dict[str, object]
) -> None:
    append(patient, [LOW], None, NOW)
    nurse, owner = people["nurse"], Person.objects.filter(pk=people["prescriber"].pk)
    assert not worklist(nurse, NOW, {"whose": "none"}).groups
    owner.update(**gone)
    assert only(nurse, whose="none").owner is None
    page = signed_in(nurse).get("/today?whose=none").content.decode()
    assert "Unowned" in page
    assert "Take this" in page


def row_with(patient: Patient, *events: dict[str, object]) -> dict[str, Any]:
    """What the list shows of a patient after these events."""
    append(patient, [*ASKED, *GOOD, *events], None, NOW)
    row: dict[str, Any] = {
        name: str(value).replace("\u202f", " ").replace("\xa0", " ")
        for name, value in Standing.objects.get().row.items()
    }
    return row


def test_the_value_before_is_of_the_same_test_and_not_of_the_same_day(patient: Patient) -> None:
    row = row_with(patient, result("neutrophils", "1.3", "2026-03-01"), result("wbc", "4.1", "2026-03-01"))
    assert (row["lead"], row["rest"]) == ("Neutrophils 1.3 ×10⁹/L", "1 Mar 2026. Was 4.0 on 20 Feb 2026.")
    assert "below 1.6" in row["meta"]


def test_a_symptom_has_no_value_before_and_no_sparkline(patient: Patient) -> None:
    fever = {
        "kind": "symptom",
        "symptom": "fever",
        "since": "2026-03-02",
        "present": True,
        "value": "38.9",
        "unit": "Cel",
    }
    row = row_with(patient, fever)
    assert (row["lead"].startswith("Fever 38.9"), "Was" in row["rest"], row["spark"]) == (True, False, "")


def test_a_medicine_stands_by_its_name(patient: Patient) -> None:
    row = row_with(patient, {"kind": "medicine", "name": "allopurinol", "from": "2026-03-01"})
    assert row["lead"] == "Allopurinol"


def test_advice_without_a_finding_never_bears_the_tick(patient: Patient) -> None:
    hold = {"kind": "decision", "do": "hold", "at": "2026-02-20", "reason": "other", "decide_by": "2026-03-01"}
    assert row_with(patient, hold)["sign"] == "watch"


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


@pytest.mark.parametrize(
    ("events", "words"),
    [([*CALM, LOWISH], "Act on it"), ([*CALM, LOW], "Record stop, call"), ([START, *ASKED], "Log a call"),
     ([*CALM, {"kind": "decision", "do": "hold", "at": "2026-02-20", "reason": "other"}], "Decide on the hold")],
)  # fmt: skip
def test_each_row_has_one_button_that_leads_to_its_work(
    clinic: Clinic, people: People, events: list[dict[str, object]], words: str
) -> None:
    patient = patient_of(clinic, [people["nurse"]], events=events)
    browser = signed_in(people["nurse"])
    row = browser.get("/today").content.decode().partition('<div class="do">')[2].partition("</div>")[0]
    assert row.count('class="button') == 1
    assert words in row
    address = row.partition('href="')[2].partition('"')[0]
    assert patient.pid in address
    assert browser.get(address).status_code == 200


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


def test_lateness_is_of_today_and_needs_no_run(patient: Patient, people: People) -> None:
    Standing.objects.update(due_by=date(2026, 3, 2), place=11, episodes={})
    assert only(people["nurse"]).late == 0
    Standing.objects.update(due_by=date(2026, 3, 1))
    assert (only(people["nurse"]).late, only(people["nurse"]).words) == (1, "Late 1 d")
    Standing.objects.update(due_by=date(2025, 1, 14))
    assert only(people["nurse"]).words == "Late 412 d"


def test_the_dead_are_never_late(patient: Patient, people: People) -> None:
    append(patient, [LOW, {"kind": "died", "at": "2026-03-02"}], None, NOW)
    assert only(people["nurse"]).group == "Nothing called for"


@pytest.mark.parametrize(("state", "late"), [("active", 1), ("held", 1), ("ended", 0), ("died", 0)])
def test_only_a_course_that_goes_on_is_late(patient: Patient, people: People, state: str, late: int) -> None:
    Standing.objects.update(state=state, due_by=date(2026, 3, 1), place=11, episodes={}, decide_by=date(2026, 3, 9))
    assert only(people["nurse"]).late == late


def test_a_patient_without_a_standing_makes_the_sum_say_so(
    patient: Patient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("countwell.clinic.store.worklist.run_all", lambda *_: 0)
    Standing.objects.all().delete()
    assert worklist(people["nurse"], NOW, {}).sum == "The list is not complete: 1 patients, but 0."


def test_filters_say_what_they_hide(clinic: Clinic, people: People) -> None:
    patient_of(clinic, [people["nurse"]], "1")
    patient_of(clinic, [people["prescriber"], people["nurse"]], "2")
    found = worklist(people["nurse"], NOW, {"whose": "mine"})
    assert (found.placed, found.hidden, found.complete) == (1, 1, True)
    assert found.whose == {"all": 2, "mine": 1, "none": 0}
    page = signed_in(people["nurse"]).get("/today?kind=now").content.decode()
    assert "Your filter hides 2 people" in page


@pytest.mark.parametrize("wanted", [{"whose": "theirs"}, {"kind": "x"}, {"order": "random"}])
def test_a_filter_that_there_is_not_is_refused(people: People, wanted: dict[str, str]) -> None:
    with pytest.raises(NotUsable):
        worklist(people["nurse"], NOW, wanted)


def test_all_late_rows_can_be_reached(clinic: Clinic, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countwell.clinic.store.worklist.ON_PAGE", 1)
    for number in ("1", "2", "3"):
        patient_of(clinic, [people["nurse"]], number, [START, *ASKED])
    browser = signed_in(people["nurse"])
    assert "Show the other 2 of late" in browser.get("/today").content.decode()
    assert browser.get("/today?kind=late&all=1").content.decode().count('class="work-row') == 3


def test_the_number_of_queries_does_not_grow_with_the_list(
    clinic: Clinic, people: People, django_assert_max_num_queries: MaxQueries
) -> None:
    for number in range(12):
        patient_of(clinic, [people["nurse"]], str(number), [*CALM, LOWISH])
    browser = signed_in(people["nurse"])
    with django_assert_max_num_queries(45):  # type: ignore[attr-defined]
        page = browser.get("/today")
    assert page.content.decode().count('class="work-row') == 12


def taken(browser: Client, patient: Patient) -> str:
    """The page after the nurse has taken the patient over."""
    page = browser.get("/today").content.decode()
    token = page.partition('name="banner" value="')[2].partition('"')[0]
    return browser.post(f"/patients/{patient.pid}/own", {"banner": token}, follow=True).content.decode()


def test_taking_over_can_be_undone_for_half_a_minute(
    clinic: Clinic, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = patient_of(clinic, [people["nurse"]], owner=None)
    browser = signed_in(people["nurse"])
    page = taken(browser, patient)
    patient.refresh_from_db()
    assert patient.owner == people["nurse"]
    token = page.partition("/undo/")[2].partition('name="banner" value="')[2].partition('"')[0]
    address = f"/patients/{patient.pid}/undo/{Act.objects.get().pk}"
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW + timedelta(seconds=31))
    assert browser.post(address, {"banner": token}).status_code == 422
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW + timedelta(seconds=30))
    assert browser.post(address, {"banner": token}).status_code == 302
    patient.refresh_from_db()
    assert patient.owner is None


def test_after_an_act_the_page_stands_at_the_row_that_followed(patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    address = f"/patients/{patient.pid}/own"
    token = banner_of(browser, f"/patients/{patient.pid}/contact")
    assert browser.post(address, {"banner": token, "next": "pabc"}).headers["Location"] == "/today#pabc"
    token = banner_of(browser, f"/patients/{patient.pid}/contact")
    assert browser.post(address, {"banner": token, "next": "//evil.example"}).headers["Location"] == "/today"


def test_nobody_takes_back_what_another_did(patient: Patient, people: People) -> None:
    act = acted.own(patient, "own", people["nurse"], people["nurse"], NOW)
    with pytest.raises(NotUsable):
        acted.take_back(patient, act.pk, people["prescriber"], NOW)


def test_nothing_is_taken_back_over_the_head_of_whoever_took_over_since(patient: Patient, people: People) -> None:
    act = acted.own(patient, "own", people["nurse"], people["nurse"], NOW)
    acted.own(patient, "own", people["pharmacist"], people["pharmacist"], NOW)
    with pytest.raises(NotUsable, match="Somebody else"):
        acted.take_back(patient, act.pk, people["nurse"], NOW)
    assert Patient.objects.get(pk=patient.pk).owner == people["pharmacist"]


def test_an_act_that_there_is_not_is_refused(patient: Patient, people: People) -> None:
    with pytest.raises(NotUsable):
        acted.act(patient, "waved", people["nurse"], NOW)


def test_new_rows_are_announced_and_do_not_keep_anybody_signed_in(patient: Patient, people: People) -> None:
    append(patient, [*ASKED, *GOOD], None, NOW)
    browser = signed_in(people["nurse"])
    browser.get("/today")
    assert " new." not in browser.get("/today/new").content.decode()
    before = browser.session.get_expiry_date()
    append(patient, [LOW], None, NOW)
    assert "1 new." in browser.get("/today/new").content.decode()
    assert browser.session.get_expiry_date() - before < timedelta(seconds=5)


def test_the_page_prints_with_tick_boxes_and_its_age(patient: Patient, people: People) -> None:
    page = signed_in(people["nurse"]).get("/today").content.decode()
    assert "☐ called" in page
    assert "printed 2 Mar 2026 10:00" in page


@pytest.mark.parametrize(("zone", "hours"), [("UTC", 14), ("America/New_York", 19), ("Asia/Tokyo", 5)])
def test_what_the_rules_said_holds_until_the_patient_s_own_day_ends(
    clinic: Clinic, people: People, zone: str, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = patient_of(clinic, [people["nurse"]])
    head = json.loads(patient.head)
    head["patient"]["time_zone"] = zone
    Patient.objects.filter(pk=patient.pk).update(head=json.dumps(head))
    run_rules(Patient.objects.get(pk=patient.pk), NOW)
    monkeypatch.setattr("countwell.clinic.store.worklist.run_all", lambda *_: 0)
    ends = NOW + timedelta(hours=hours)
    assert worklist(people["nurse"], ends - timedelta(seconds=1), {}).not_run == 0
    assert worklist(people["nurse"], ends, {}).not_run == 1
    clinic.refresh_from_db()
    assert watch(clinic, ends).not_run == 1


def test_the_rules_run_for_whom_they_have_not_run_today(patient: Patient, people: People) -> None:
    run_rules(patient, NOW - timedelta(days=1))
    assert worklist(people["nurse"], NOW, {}).not_run == 0
    assert Standing.objects.get().day == NOW.date()


def test_a_colleague_sees_a_patient_only_in_their_care(patient: Patient) -> None:
    assert worklist(person(patient.clinic, "nurse", "Other Nurse"), NOW, {}).total == 0
