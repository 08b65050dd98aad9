"""Somebody is accountable at each instant; and how a course leaves the clinic."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from clinic.making import ASKED, CALM, NOW, START, banner_of, patient_of, person, result, signed_in
from countwell.clinic.models import Clinic, Letter, Patient, Person, Proposal, Relation, Standing
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import hand_over, staff
from countwell.clinic.store.letters import paused, write
from countwell.clinic.store.records import append
from countwell.clinic.store.scope import patients_of
from countwell.clinic.store.worklist import worklist

People = dict[str, Person]


def post(browser: Client, patient: Patient, what: str, **sent: object) -> int:
    """The status of an answer to one of the forms on the page."""
    token = banner_of(browser, f"/patients/{patient.pid}/hand-over")
    return browser.post(f"/patients/{patient.pid}/{what}", {"banner": token, **sent}).status_code


def owner_of(patient: Patient) -> Person | None:
    """Who is accountable now."""
    return Patient.objects.get(pk=patient.pk).owner


def test_whoever_offers_stays_accountable_until_the_other_accepts(patient: Patient, people: People) -> None:
    giver, taker = people["prescriber"], people["nurse"]
    assert post(signed_in(giver), patient, "hand-over", to=taker.pk) == 302
    assert owner_of(patient) == giver
    assert [one.patient for one in hand_over.offers_to(taker)] == [patient]
    assert "Offered to you: 1" in signed_in(taker).get("/today").content.decode()
    assert post(signed_in(taker), patient, "hand-over/answer", answer="accept") == 302
    assert owner_of(patient) == taker
    assert hand_over.offers_to(taker) == []


def test_nobody_accepts_for_another(patient: Patient, people: People) -> None:
    hand_over.offer(patient, people["nurse"], people["prescriber"], NOW)
    assert post(signed_in(people["pharmacist"]), patient, "hand-over/answer", answer="accept") == 422
    assert owner_of(patient) == people["prescriber"]


def test_declining_changes_nothing(patient: Patient, people: People) -> None:
    hand_over.offer(patient, people["nurse"], people["prescriber"], NOW)
    hand_over.answer(patient, people["nurse"], NOW + timedelta(minutes=1), accept=False)
    assert (owner_of(patient), hand_over.offered(patient)) == (people["prescriber"], None)


@pytest.mark.parametrize("to", ["admin", "auditor", "prescriber"])
def test_an_offer_goes_to_a_colleague_who_treats_and_is_not_accountable_yet(
    patient: Patient, people: People, to: str
) -> None:
    with pytest.raises(NotUsable):
        hand_over.offer(patient, people[to], people["prescriber"], NOW)


def test_an_offer_never_leaves_the_clinic(patient: Patient, people: People) -> None:
    foreign = person(Clinic.objects.create(name="Clinic two"), "nurse")
    with pytest.raises(NotUsable):
        hand_over.offer(patient, foreign, people["prescriber"], NOW)
    assert post(signed_in(people["prescriber"]), patient, "hand-over", to=foreign.pk) == 422


def test_accepting_gives_the_care_of_the_patient(patient: Patient, people: People) -> None:
    other = person(patient.clinic, "nurse", "Other Nurse")
    hand_over.offer(patient, other, people["prescriber"], NOW)
    assert not patients_of(other, NOW).exists()
    hand_over.answer(patient, other, NOW, accept=True)
    assert list(patients_of(other, NOW)) == [patient]


def test_nobody_leaves_with_patients_and_no_successor(patient: Patient, people: People) -> None:
    with pytest.raises(NotUsable, match="1 patients"):
        hand_over.leave(people["prescriber"], None, people["admin"], NOW)
    assert Person.objects.get(pk=people["prescriber"].pk).is_active
    assert hand_over.leave(people["prescriber"], people["nurse"], people["admin"], NOW) == 1
    assert owner_of(patient) == people["nurse"]
    assert not Person.objects.get(pk=people["prescriber"].pk).is_active
    assert not Relation.objects.filter(person=people["prescriber"], until=None).exists()


@pytest.mark.parametrize("to", ["prescriber", "admin"])
def test_whoever_leaves_names_a_colleague_who_treats(patient: Patient, people: People, to: str) -> None:
    with pytest.raises(NotUsable):
        hand_over.leave(people["prescriber"], people[to], people["admin"], NOW)


STOP = {"kind": "decision", "do": "stop", "at": "2026-02-20", "reason": "liver"}
END = {"kind": "decision", "do": "transfer-out", "at": "2026-02-20", "text": "Another service"}
DEATH = {"kind": "died", "at": "2026-02-20"}


@pytest.mark.parametrize(("last", "left"), [(STOP, 1), (END, 0), (DEATH, 0)])
def test_a_stopped_patient_is_handed_on_too(
    patient: Patient, people: People, last: dict[str, object], left: int
) -> None:
    append(patient, [last], None, NOW)
    assert hand_over.leave(people["prescriber"], people["nurse"], people["admin"], NOW) == left


def test_whoever_has_no_patient_can_leave(patient: Patient, people: People) -> None:
    assert hand_over.leave(people["nurse"], None, people["admin"], NOW) == 0


@pytest.mark.parametrize(("today", "holds"), [("2026-03-08", True), ("2026-03-09", False)])
def test_a_pause_holds_up_to_its_last_day(patient: Patient, people: People, today: str, holds: bool) -> None:
    assert post(signed_in(people["nurse"]), patient, "pause", reason="hospital", until="2026-03-08") == 302
    assert (paused(patient, date.fromisoformat(today)) is not None) is holds


def test_a_pause_hides_nothing_and_can_be_ended(clinic: Clinic, people: People) -> None:
    patient = patient_of(clinic, [people["nurse"]], "7", [START, *ASKED], released=True)
    hand_over.pause(patient, {"reason": "hospital", "until": "2026-03-08"}, people["nurse"], NOW)
    assert "Late" in signed_in(people["nurse"]).get("/today").content.decode()
    with pytest.raises(NotUsable, match="paused"):
        write(patient, "remind-after", "print", people["nurse"], NOW)
    hand_over.resume(patient, people["nurse"], NOW + timedelta(minutes=1))
    assert write(patient, "remind-after", "print", people["nurse"], NOW + timedelta(minutes=2))


@pytest.mark.parametrize("sent", [{"reason": "tired", "until": "2026-03-08"}, {"reason": "hospital", "until": "2026-03-01"},
                                  {"reason": "hospital", "until": "soon"}, {"reason": "hospital"}])  # fmt: skip
def test_a_pause_needs_a_listed_reason_and_a_day_to_come(
    patient: Patient, people: People, sent: dict[str, str]
) -> None:
    assert post(signed_in(people["nurse"]), patient, "pause", **sent) == 422


def waiting_letter(patient: Patient, by: Person) -> Letter:
    """A letter that has been written and not sent."""
    Patient.objects.filter(pk=patient.pk).update(released=True)
    patient.released = True
    (letter,) = write(patient, "remind-after", "print", by, NOW)
    return letter


def test_a_death_withholds_every_letter_in_the_same_transaction(patient: Patient, people: People) -> None:
    letter = waiting_letter(patient, people["nurse"])
    assert post(signed_in(people["nurse"]), patient, "died", at="2026-03-02") == 302
    letter.refresh_from_db()
    assert (letter.state, Standing.objects.get().state) == ("withheld", "died")
    with pytest.raises(NotUsable, match="died"):
        write(patient, "summary", "print", people["nurse"], NOW)


def test_a_death_counts_on_a_page_that_somebody_has_outdated(patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    token = banner_of(browser, f"/patients/{patient.pid}/hand-over")
    append(patient, [result("wbc", "5.0", "2026-03-01")], None, NOW)
    assert browser.post(f"/patients/{patient.pid}/died", {"banner": token, "at": "2026-03-02"}).status_code == 302


def test_a_death_is_not_still_to_come(patient: Patient, people: People) -> None:
    assert post(signed_in(people["nurse"]), patient, "died", at="2026-03-03") == 422
    assert Standing.objects.get().state == "active"


def test_a_transfer_out_ends_the_course_and_the_reminders(patient: Patient, people: People) -> None:
    letter = waiting_letter(patient, people["nurse"])
    browser = signed_in(people["prescriber"])
    assert post(browser, patient, "transfer-out", at="2026-03-02", to="") == 422
    assert post(browser, patient, "transfer-out", at="2026-03-02", to="City hospital, Dr Ito") == 302
    letter.refresh_from_db()
    assert (letter.state, Standing.objects.get().state) == ("withheld", "ended")


NEW = {"number": "9009", "name": "Bo Reed", "born": "1960-05-06", "protocol": "cidp", "condition": "cidp"}


def test_a_referral_says_what_is_missing_and_from_whom(clinic: Clinic, people: People) -> None:
    browser = signed_in(people["nurse"])
    page = browser.post("/take-on", NEW, follow=True).content.decode()
    for words in ("What is missing", "the laboratory", "the patient, or the GP", "Go through the list of medicines"):
        assert words in page
    made = Patient.objects.get(number="9009")
    assert (made.owner, Standing.objects.get(patient=made).state) == (people["nurse"], "proposed")


def test_somebody_stable_for_years_is_taken_over_with_the_dose(clinic: Clinic, people: People) -> None:
    signed_in(people["nurse"]).post("/take-on", {**NEW, "mg_per_day": "100", "since": "2015"})
    standing = Standing.objects.get(patient__number="9009")
    assert (standing.state, standing.row["dose"][:6]) == ("active", "100 mg")


@pytest.mark.parametrize(
    "sent",
    [
        {**NEW, "number": ""},
        {**NEW, "born": ""},
        {**NEW, "protocol": ""},
        {**NEW, "number": "1001"},
        {**NEW, "mg_per_day": "x"},
        {**NEW, "mg_per_day": "100", "since": "long ago"},
    ],
)
def test_a_new_patient_needs_identity_and_protocol_and_a_new_number(
    patient: Patient, people: People, sent: dict[str, str]
) -> None:
    assert signed_in(people["nurse"]).post("/take-on", sent).status_code == 422
    assert Patient.objects.count() == 1


def test_a_result_without_a_course_is_listed_until_somebody_says_why(clinic: Clinic, people: People) -> None:
    patient = patient_of(clinic, [people["nurse"]], "7", [result("wbc", "5.0", "2026-03-01")])
    patient_of(clinic, [people["nurse"]], "8", CALM)
    browser = signed_in(people["nurse"])
    assert [who for who, _ in hand_over.untracked(patients_of(people["nurse"], NOW))] == [patient]
    token = banner_of(browser, "/today/untracked")
    assert browser.post(f"/patients/{patient.pid}/no-plan", {"banner": token, "note": ""}).status_code == 422
    assert (
        browser.post(f"/patients/{patient.pid}/no-plan", {"banner": token, "note": "on mycophenolate"}).status_code
        == 302
    )
    assert hand_over.untracked(patients_of(people["nurse"], NOW)) == []
    append(patient, [result("wbc", "4.0", "2026-03-02")], None, NOW + timedelta(hours=1), "laboratory")
    assert len(hand_over.untracked(patients_of(people["nurse"], NOW))) == 1


@pytest.mark.parametrize(("last", "left"), [(END, 1), (DEATH, 0)])
def test_whoever_alone_cares_for_somebody_handed_on_names_who_sees_what_still_comes(
    patient: Patient, people: People, last: dict[str, object], left: int
) -> None:
    append(patient, [last], None, NOW)
    Relation.objects.exclude(person=people["prescriber"]).delete()
    if left:
        with pytest.raises(NotUsable, match="1 patients"):
            hand_over.leave(people["prescriber"], None, people["admin"], NOW)
    assert hand_over.leave(people["prescriber"], people["nurse"], people["admin"], NOW) == left
    append(patient, [result("wbc", "1.9", "2026-03-01")], None, NOW)
    found = worklist(people["nurse"], NOW, {})
    assert [group.name for group in found.groups] == ["Now"] * left


@pytest.mark.parametrize("role", ["integrator", "auditor"])
def test_nobody_who_is_accountable_becomes_somebody_who_does_not_treat(
    patient: Patient, people: People, role: str
) -> None:
    browser, owner = signed_in(people["admin"]), people["prescriber"]
    assert browser.post(f"/people/{owner.pk}", {"what": "role", "role": role}).status_code == 422
    assert browser.post(f"/people/{owner.pk}", {"what": "role", "role": "nurse"}).status_code == 302
    assert Person.objects.get(pk=owner.pk).role == "nurse"


def test_a_role_that_was_asked_for_is_not_approved_once_patients_hang_on_it(patient: Patient, people: People) -> None:
    other = person(patient.clinic, "nurse", "Other Nurse")
    staff.change_role(people["admin"], other, "auditor", NOW)
    hand_over.offer(patient, other, people["prescriber"], NOW)
    hand_over.answer(patient, other, NOW, accept=True)
    with pytest.raises(NotUsable, match="accountable for 1"):
        staff.approve(person(patient.clinic, "admin", "Other Admin"), Proposal.objects.get().pk, NOW)
    assert Person.objects.get(pk=other.pk).role == "nurse"
