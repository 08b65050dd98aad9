"""What stands under Now and nobody answers is named first, on every page by its number, and somebody is written to."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from pytest_django import Settings

from clinic.making import CALM, LOW, NOW, WHITE, patient_of, person, result, signed_in
from countwell.clinic.models import Clinic, Patient, Person, Run, Standing
from countwell.clinic.store import acted, acting, alarms
from countwell.clinic.store.records import append
from countwell.clinic.store.standing import run_rules
from countwell.clinic.store.unanswered import overdue
from countwell.clinic.store.watch import watch
from countwell.clinic.store.worklist import worklist

People = dict[str, Person]
WITHIN = timedelta(hours=2)
MINUTE = timedelta(minutes=1)
CLOSING = NOW.replace(hour=17, minute=30)
STOPPED = {"reason": "leucopenia", "note": ""}


@pytest.fixture
def low(people: People) -> Patient:
    """A patient of a nurse and a prescriber whose count asks for a stop: it came at ten, on a Monday."""
    clinic = people["nurse"].clinic
    clinic.alarm_email = "duty@clinic.example"
    clinic.save()
    return patient_of(clinic, [people["nurse"], people["prescriber"]], events=[*CALM, LOW])


def since(clinic: Clinic, at: datetime) -> list[datetime]:
    return [one.since for one in overdue(clinic, at)]


@pytest.mark.parametrize(("after", "late"), [(-MINUTE, False), (timedelta(), True), (MINUTE, True)])
def test_two_hours_while_the_list_is_watched(low: Patient, after: timedelta, late: bool) -> None:
    assert since(low.clinic, NOW + WITHIN + after) == ([NOW] if late else [])


@pytest.mark.parametrize(("after", "late"), [(-MINUTE, False), (timedelta(), True), (MINUTE, True)])
def test_whatever_is_left_when_the_day_closes(people: People, after: timedelta, late: bool) -> None:
    patient = patient_of(people["nurse"].clinic, [people["nurse"]], events=CALM)
    came = CLOSING - timedelta(minutes=30)
    append(patient, [LOW], None, came)
    assert since(patient.clinic, CLOSING + after) == ([came] if late else [])


@pytest.mark.parametrize("came", [CLOSING, CLOSING + timedelta(hours=5), NOW + timedelta(days=5)])
def test_what_comes_when_nobody_watches_is_told_at_once(people: People, came: datetime) -> None:
    patient = patient_of(people["nurse"].clinic, [people["nurse"]], events=CALM)
    append(patient, [LOW], None, came)
    assert since(patient.clinic, came) == [came]


def test_that_the_rules_run_again_does_not_begin_the_time_anew(low: Patient) -> None:
    run_rules(low, NOW + timedelta(days=1))
    assert since(low.clinic, NOW + timedelta(days=1)) == [NOW]


def test_what_is_answered_by_a_prescriber_is_not_overdue_and_by_a_nurse_it_is(low: Patient, people: People) -> None:
    acted.act(low, "done", people["nurse"], NOW, episode=WHITE, place=0)
    assert since(low.clinic, NOW + WITHIN) == [NOW]
    acting.as_advised(low, {**STOPPED}, people["prescriber"], NOW + MINUTE)
    assert since(low.clinic, NOW + WITHIN) == []


def test_when_another_owner_has_to_see_it_again_the_time_begins_then(low: Patient, people: People) -> None:
    acting.as_advised(low, {**STOPPED}, people["prescriber"], NOW)
    at = NOW + timedelta(hours=3)
    acted.own(low, "own", people["nurse"], people["nurse"], at)
    assert since(low.clinic, at + WITHIN - MINUTE) == []
    assert since(low.clinic, at + WITHIN) == [at]


def test_what_gets_worse_begins_anew(low: Patient) -> None:
    kept = Standing.objects.get(patient=low).row["grave"][WHITE]
    assert kept[0] == NOW.isoformat()
    append(low, [result("neutrophils", "0.2", "2026-03-02", id="n1")], None, NOW + WITHIN)
    grave = Standing.objects.get(patient=low).row["grave"]
    assert grave[WHITE] == kept
    assert {when for name, (when, _) in grave.items() if name != WHITE} == {(NOW + WITHIN).isoformat()}


def test_it_stands_first_and_says_since_when(low: Patient, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    at = NOW + WITHIN
    other = patient_of(low.clinic, [people["nurse"]], "1002", events=CALM, name="Aaron First")
    append(other, [result("neutrophils", "0.2", "2026-03-02", id="n1")], None, at)
    now, *_ = worklist(people["nurse"], at, {}).groups
    assert [item.since for item in now.items] == [NOW, None]
    by_name, *_ = worklist(people["nurse"], at, {"order": "name"}).groups
    assert [item.name for item in by_name.items] == ["Ash Lane", "Aaron First"]
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: at)
    assert "Nobody has answered since 2 Mar 10:00" in signed_in(people["nurse"]).get("/today").content.decode()


def test_everybody_of_the_clinic_sees_how_many_and_nobody_else(
    low: Patient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW + WITHIN)
    page = signed_in(people["pharmacist"]).get("/today").content.decode()
    assert "1 patient under Now has no answer since 2 Mar 10:00 UTC" in page
    assert "Ash Lane" not in page
    other = person(Clinic.objects.create(name="Clinic two"), "nurse")
    assert "under Now" not in signed_in(other).get("/today").content.decode()


def test_the_address_is_written_to_once_and_again_the_next_day(low: Patient, settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example"
    at = NOW + WITHIN
    assert alarms.call(low.clinic, at - MINUTE) is None
    assert alarms.call(low.clinic, at) is not None
    assert alarms.call(low.clinic, at + MINUTE) is None
    assert alarms.call(low.clinic, at + timedelta(days=1) - MINUTE) is None
    assert alarms.call(low.clinic, at + timedelta(days=1)) is not None
    assert len(mail.outbox) == 2
    told = mail.outbox[0]
    assert told.to == ["duty@clinic.example"]
    assert "1 patient waits under Now, the longest since 10:00 on 2 Mar 2026 (UTC)" in told.body
    for word in ("Ash", "Lane", "1001", low.pid, "1.9", "ashlane"):
        assert word not in told.subject + told.body


def test_another_one_is_told_of_at_once(low: Patient, people: People, settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example"
    alarms.call(low.clinic, NOW + WITHIN)
    other = patient_of(low.clinic, [people["nurse"]], "1002", events=CALM)
    append(other, [LOW], None, NOW + MINUTE)
    run = alarms.call(low.clinic, NOW + WITHIN + MINUTE)
    assert run is not None
    assert "2 patients wait" in mail.outbox[1].body


def test_what_does_not_go_is_tried_again_in_an_hour_and_the_doctor_says_so(
    low: Patient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from countwell.clinic.store.health import called

    settings.EMAIL_HOST = "mail.example"
    at = NOW + WITHIN

    def broken(_: object) -> None:
        raise OSError

    monkeypatch.setattr(alarms.EmailMessage, "send", broken)
    run = alarms.call(low.clinic, at)
    assert run is not None
    assert run.faults == 1
    assert not called(at).well
    assert alarms.call(low.clinic, at + timedelta(hours=1) - MINUTE) is None
    monkeypatch.undo()
    assert alarms.call(low.clinic, at + timedelta(hours=1)) is not None
    assert called(at).well


def test_without_mail_it_is_a_file_and_without_an_address_the_doctor_says_so(
    low: Patient, settings: Settings, tmp_path: Path
) -> None:
    from countwell.clinic.store.health import called

    settings.DATA = tmp_path
    assert alarms.call(low.clinic, NOW + WITHIN) is not None
    (file,) = (tmp_path / "outbox").iterdir()
    assert json.loads(file.read_text())["to"] == "duty@clinic.example"
    Clinic.objects.update(alarm_email="")
    low.clinic.refresh_from_db()
    assert not called(NOW).well
    assert alarms.call(low.clinic, NOW + timedelta(days=2)) is None


def test_an_admin_gives_the_address(people: People) -> None:
    browser = signed_in(people["admin"])
    assert browser.post("/people/alarm", {"email": "nobody"}).status_code == 422
    assert browser.post("/people/alarm", {"email": "duty@clinic.example"}).status_code == 302
    assert "duty@clinic.example is written to" in browser.get("/people").content.decode()


def test_the_rounds_write_to_it(low: Patient, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    from countwell.clinic.store import rounds

    settings.EMAIL_HOST = "mail.example"
    monkeypatch.setattr(rounds.canaries, "keep", lambda *_: None)
    rounds.all_rounds(NOW + WITHIN, lambda: NOW)
    assert Run.objects.filter(what="called").count() == 1


def test_the_dead_are_not_waited_for(low: Patient, people: People) -> None:
    append(low, [{"kind": "died", "at": "2026-03-02"}], people["nurse"], NOW + MINUTE)
    assert watch(low.clinic, NOW + WITHIN).unanswered == []
