"""The list: worst first, one row a patient, hides nothing, and adds up."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from clinic.making import (
    ASKED,
    CALM,
    GOOD,
    LOW,
    LOWISH,
    NOW,
    START,
    only,
    patient_of,
    person,
    result,
    signed_in,
)
from countwell.clinic.models import Clinic, Patient, Person, Standing
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.records import append
from countwell.clinic.store.standing import run_rules
from countwell.clinic.store.watch import watch
from countwell.clinic.store.worklist import worklist

People = dict[str, Person]
MaxQueries = Callable[..., object]


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
