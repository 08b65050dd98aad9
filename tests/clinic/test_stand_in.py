"""A colleague stands in from day to day, once they accepted; it ends by itself, and who is accountable does not change."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from clinic.making import CALM, LOW, NOW, START, banner_of, patient_of, person, signed_in
from countwell.clinic.models import Audit, Clinic, Patient, Person, StandIn
from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.store import hand_over, stand_in
from countwell.clinic.store.scope import patients_of
from countwell.clinic.store.watch import watch
from countwell.clinic.store.worklist import worklist

FIRST, LAST = date(2026, 3, 9), date(2026, 3, 20)
BEGIN = datetime(2026, 3, 9, 0, 0, tzinfo=NOW.tzinfo)
END = datetime(2026, 3, 21, 0, 0, tzinfo=NOW.tzinfo)
SECOND = timedelta(seconds=1)
People = dict[str, Person]


@pytest.fixture
def colleague(clinic: Clinic) -> Person:
    """Another prescriber, who has no patient."""
    return person(clinic, "prescriber", "Colleague Two")


@pytest.fixture
def own(people: People) -> Patient:
    """A patient in the care of one prescriber alone, with a count that asks for a stop."""
    return patient_of(people["prescriber"].clinic, [people["prescriber"]], events=[*CALM, LOW])


def asked(people: People, colleague: Person) -> StandIn:
    return stand_in.ask(people["prescriber"], colleague, FIRST, LAST, NOW)


def accepted(people: People, colleague: Person) -> StandIn:
    return stand_in.answer(asked(people, colleague).pk, colleague, NOW, accept=True)


@pytest.mark.parametrize(("at", "there"), [(BEGIN - SECOND, False), (BEGIN, True), (END - SECOND, True), (END, False)])
def test_from_the_first_day_to_the_last_by_the_clinics_calendar(
    own: Patient, people: People, colleague: Person, at: datetime, there: bool
) -> None:
    accepted(people, colleague)
    assert patients_of(colleague, at).exists() is there
    assert patients_of(people["prescriber"], at).exists()


def test_the_days_are_those_of_the_clinics_zone(own: Patient, people: People, colleague: Person) -> None:
    Clinic.objects.update(zone="Pacific/Auckland")
    for one in (colleague, people["prescriber"]):
        one.clinic.refresh_from_db()
    accepted(people, colleague)
    assert patients_of(colleague, BEGIN - timedelta(hours=13)).exists()
    assert not patients_of(colleague, END - timedelta(hours=13)).exists()


def test_until_they_accept_and_after_they_declined_nobody_stands_in(
    own: Patient, people: People, colleague: Person
) -> None:
    made = asked(people, colleague)
    assert not patients_of(colleague, BEGIN).exists()
    assert [one.person for one in watch(own.clinic, BEGIN).unmanned] == [colleague]
    assert watch(own.clinic, BEGIN - SECOND).unmanned == []
    stand_in.answer(made.pk, colleague, NOW, accept=False)
    assert not patients_of(colleague, BEGIN).exists()
    assert [one.person for one in watch(own.clinic, BEGIN).unmanned] == [colleague]
    stand_in.answer(made.pk, colleague, NOW, accept=True)
    assert watch(own.clinic, BEGIN).unmanned == []
    stand_in.answer(made.pk, colleague, BEGIN, accept=False)  # given back
    assert not patients_of(colleague, BEGIN).exists()
    assert [one.person for one in watch(own.clinic, BEGIN).unmanned] == [colleague]


def test_the_row_stands_on_both_lists_and_who_is_accountable_does_not_change(
    own: Patient, people: People, colleague: Person
) -> None:
    accepted(people, colleague)
    for who in (people["prescriber"], colleague):
        (item,) = [item for group in worklist(who, BEGIN, {}).groups for item in group.items]
        assert (item.group, item.owner) == ("Now", people["prescriber"].pk)
    own.refresh_from_db()
    assert own.owner == people["prescriber"]


def test_they_may_act_as_if_the_care_were_shared(
    own: Patient, people: People, colleague: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, page = signed_in(colleague), f"/patients/{own.pid}"
    assert browser.get(page).status_code == 404
    accepted(people, colleague)
    assert browser.get(page).status_code == 404
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: BEGIN + timedelta(hours=9))
    browser = signed_in(colleague)
    sent = {"reason": "leucopenia", "banner": banner_of(browser, f"{page}/act")}
    assert browser.post(f"{page}/act", sent).headers["Location"] == page
    own.standing.refresh_from_db()
    assert own.standing.state == "stopped"
    assert "stands in for" in browser.get(f"{page}/hand-over").content.decode()


def test_patients_taken_on_meanwhile_are_theirs_too_and_those_of_others_are_not(
    own: Patient, people: People, colleague: Person
) -> None:
    accepted(people, colleague)
    new = patient_of(own.clinic, [people["prescriber"]], "1002", events=[START])
    patient_of(own.clinic, [people["nurse"], people["prescriber"]], "1003", events=[START])
    assert set(patients_of(colleague, BEGIN)) == {own, new}


def test_back_early_it_ends_at_once(own: Patient, people: People, colleague: Person) -> None:
    made = accepted(people, colleague)
    with pytest.raises(NotThere):
        stand_in.end(made.pk, colleague, BEGIN)
    stand_in.end(made.pk, people["prescriber"], BEGIN)
    assert not patients_of(colleague, BEGIN).exists()
    assert watch(own.clinic, BEGIN).unmanned == []
    with pytest.raises(NotUsable, match="called off"):
        stand_in.answer(made.pk, colleague, BEGIN, accept=True)


def test_nobody_answers_for_another_and_not_when_it_is_over(people: People, colleague: Person) -> None:
    made = asked(people, colleague)
    with pytest.raises(NotThere):
        stand_in.answer(made.pk, people["prescriber"], NOW, accept=True)
    with pytest.raises(NotUsable, match="over"):
        stand_in.answer(made.pk, colleague, END, accept=True)


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 3, 1), LAST), (LAST, FIRST), (None, LAST), (FIRST, None), (FIRST, date(2026, 6, 3))],
)
def test_days_that_are_none_or_too_far_off_are_refused(
    people: People, colleague: Person, first: date | None, last: date | None
) -> None:
    with pytest.raises(NotUsable):
        stand_in.ask(people["prescriber"], colleague, first, last, NOW)
    assert stand_in.ask(people["prescriber"], colleague, NOW.date(), date(2026, 6, 2), NOW)


def test_who_cannot_stand_in(people: People, colleague: Person, clinic: Clinic) -> None:
    other = person(Clinic.objects.create(name="Clinic two"), "prescriber")
    closed = person(clinic, "prescriber", "Closed One", is_active=False)
    for to in (None, people["prescriber"], people["nurse"], people["auditor"], other, closed):
        with pytest.raises(NotUsable):
            stand_in.ask(people["prescriber"], to, FIRST, LAST, NOW)
    assert stand_in.ask(people["nurse"], people["prescriber"], FIRST, LAST, NOW)
    with pytest.raises(NotUsable, match="away"):  # the nurse is away herself
        stand_in.ask(people["pharmacist"], people["nurse"], LAST, LAST, NOW)
    asked(people, colleague)
    with pytest.raises(NotUsable, match="already"):
        asked(people, colleague)


def test_whoever_is_away_by_then_does_not_accept(people: People, colleague: Person, clinic: Clinic) -> None:
    made, third = asked(people, colleague), person(clinic, "prescriber", "Third One")
    stand_in.ask(colleague, third, LAST, LAST, NOW)
    with pytest.raises(NotUsable, match="away"):
        stand_in.answer(made.pk, colleague, NOW, accept=True)


def test_one_who_has_left_stands_in_for_nobody(own: Patient, people: People, colleague: Person) -> None:
    accepted(people, colleague)
    hand_over.leave(colleague, None, people["admin"], BEGIN)
    assert not patients_of(colleague, BEGIN).exists()
    assert [one.absent for one in watch(own.clinic, BEGIN).unmanned] == [people["prescriber"]]


def test_both_see_it_on_their_lists_and_the_audit_keeps_it(
    own: Patient, people: People, colleague: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = signed_in(people["prescriber"]), signed_in(colleague)
    form = {"to": str(colleague.pk), "first": f"{FIRST}", "last": f"{LAST}"}
    assert mine.post("/today/away", form).status_code == 302
    number = StandIn.objects.get().pk
    assert "Nobody has accepted to stand in for you" in mine.get("/today").content.decode()
    assert "asks you to stand in" in theirs.get("/today").content.decode()
    assert theirs.post(f"/today/away/{number}", {"answer": "accept"}).status_code == 302
    assert "Colleague Two stands in for you from 9 Mar to 20 Mar 2026" in mine.get("/today").content.decode()
    assert "You stand in for prescriber of Clinic one" in theirs.get("/today").content.decode()
    said = list(Audit.objects.filter(route__startswith="away", action="write").values_list("purpose", flat=True))
    assert said == [f"asked {colleague.pk} to stand in from {FIRST} to {LAST}", f"accept: stand-in {number}"]
    assert mine.post(f"/today/away/{number}", {"answer": "end"}).status_code == 302
    assert theirs.post(f"/today/away/{number}", {"answer": "accept"}).status_code == 422


def test_every_page_of_the_staff_says_that_nobody_has_accepted(
    people: People, colleague: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(people, colleague)
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: BEGIN)
    page = signed_in(people["nurse"]).get("/today").content.decode()
    assert "Nobody stands in for prescriber of Clinic one" in page
