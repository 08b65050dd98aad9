"""Held messages: nothing leaves the list unread, and nothing is filed on one person's word."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from clinic.making import NOW, patient_of, person, result, signed_in
from clinic.test_intake import record
from countwell.clinic.models import Clinic, Held, Message, Patient, Person, Standing
from countwell.clinic.store.held import of_the_day, waiting, waiting_for
from countwell.clinic.store.intake import take_in

People = dict[str, Person]
WORD = "Dr Ito, duty chemist, 10:20: it is hers"


@pytest.fixture
def held(patient: Patient) -> Held:
    """A stop value under the right number with a wrong birth date."""
    source = record([result("wbc", "1.9", "2026-03-01", id="w1")], born="1947-02-03")
    take_in(patient.clinic, source, None, NOW - timedelta(minutes=130), name="laboratory")
    return Held.objects.get()


def settle(browser: Client, held: Held, **sent: str) -> int:
    """The status of an answer to settling a message."""
    return browser.post(f"/held/{held.pk}", {"note": WORD, **sent}).status_code


def test_the_list_shows_age_reason_and_possible_danger_first(held: Held, patient: Patient, people: People) -> None:
    take_in(patient.clinic, record([result("hb", "140", "2026-03-01", "g/L")], id="77", names=["Bo Reed"]), None, NOW)
    page = signed_in(people["nurse"]).get("/held").content.decode()
    assert page.index("Identity does not match") < page.index("Nobody here by this number")
    assert "2 h 10 min" in page
    assert "2 received = 0 filed + 2 held + 0 refused" in page


def test_the_message_shows_what_agrees_and_what_differs(held: Held, people: People) -> None:
    page = signed_in(people["nurse"]).get(f"/held/{held.pk}").content.decode()
    for words in ("Do not choose by likeness", "1947-02-03", '<b class="differs">', '<b class="same">', "hold or stop"):
        assert words in page


@pytest.mark.parametrize(("minutes", "over"), [(239, False), (240, True), (241, True)])
def test_somebody_is_called_after_four_hours(held: Held, people: People, minutes: int, over: bool) -> None:
    Held.objects.update(received_at=NOW - timedelta(minutes=minutes))
    assert [row.over for row in waiting(people["nurse"], NOW)] == [over]
    assert ("Call the safety officer" in signed_in(people["nurse"]).get("/held").content.decode()) is over


def test_filing_takes_two_people_and_the_laboratory(held: Held, patient: Patient, people: People) -> None:
    nurse, other = signed_in(people["nurse"]), signed_in(people["pharmacist"])
    assert settle(nurse, held, outcome="file", patient=patient.pid, note="short") == 422
    assert nurse.post(f"/held/{held.pk}/second").status_code == 422
    assert settle(nurse, held, outcome="file", patient=patient.pid) == 302
    assert (patient.events.count(), Held.objects.get().settled_at) == (1, None)
    assert nurse.post(f"/held/{held.pk}/second").status_code == 422
    assert other.post(f"/held/{held.pk}/second").status_code == 302
    settled = Held.objects.get()
    assert (settled.settled_by, settled.seconded_by) == (people["nurse"], people["pharmacist"])
    assert (patient.events.count(), Standing.objects.get().words) == (2, "Stop")
    assert WORD in settled.note


def test_it_is_filed_to_none_but_those_whose_it_may_be(held: Held, patient: Patient, people: People) -> None:
    other = patient_of(patient.clinic, [people["nurse"]], "1003", name="Bo Reed")
    browser = signed_in(people["nurse"])
    assert settle(browser, held, outcome="file", patient=other.pid) == 422
    assert settle(browser, held, outcome="file") == 422


def test_who_does_not_care_for_the_patient_cannot_confirm(held: Held, patient: Patient, people: People) -> None:
    settle(signed_in(people["nurse"]), held, outcome="file", patient=patient.pid)
    stranger = signed_in(person(patient.clinic, "nurse", "Other Nurse"))
    assert "1974" not in stranger.get(f"/held/{held.pk}").content.decode()
    assert stranger.post(f"/held/{held.pk}/second").status_code == 422
    assert patient.events.count() == 1


@pytest.mark.parametrize(("outcome", "left"), [("call", 1), ("resent", 0), ("not-ours", 0)])
def test_a_call_leaves_it_there_and_the_other_outcomes_settle_it(
    held: Held, people: People, outcome: str, left: int
) -> None:
    assert settle(signed_in(people["nurse"]), held, outcome=outcome) == 302
    assert len(waiting(people["nurse"], NOW)) == left


@pytest.mark.parametrize("outcome", ["", "delete", "not-usable"])
def test_an_outcome_that_does_not_fit_is_refused(held: Held, people: People, outcome: str) -> None:
    assert settle(signed_in(people["nurse"]), held, outcome=outcome) == 422


def test_what_is_settled_cannot_be_settled_again(held: Held, people: People) -> None:
    browser = signed_in(people["nurse"])
    settle(browser, held, outcome="not-ours")
    assert settle(browser, held, outcome="resent") == 422
    assert "not-ours" in browser.get("/held/settled").content.decode()


def test_both_charts_know_that_a_result_may_be_waiting(patient: Patient, people: People) -> None:
    twin = patient_of(patient.clinic, [people["nurse"]], "2002", name="Lane Ash")
    take_in(patient.clinic, record([result("wbc", "1.9", "2026-03-01")]), None, NOW)
    browser = signed_in(people["nurse"])
    assert [waiting_for(one).count() for one in (patient, twin)] == [1, 1]
    for one in (patient, twin):
        assert "A result may be waiting" in browser.get(f"/patients/{one.pid}").content.decode()
    settle(signed_in(people["nurse"]), Held.objects.get(), outcome="not-ours")
    assert [waiting_for(one).count() for one in (patient, twin)] == [0, 0]
    assert "A result may be waiting" not in browser.get(f"/patients/{patient.pid}").content.decode()


def test_an_entry_held_in_a_chart_is_not_filed_a_second_time(patient: Patient, people: People) -> None:
    event = {**result("wbc", "4.0", "2026-03-01"), "identity_on_report": {"id": "9999", "name": "Bo Reed"}}
    take_in(patient.clinic, record([event]), None, NOW)
    browser, held = signed_in(people["nurse"]), Held.objects.get()
    assert settle(browser, held, outcome="file", patient=patient.pid) == 422
    assert settle(browser, held, outcome="not-usable") == 302


def test_another_clinic_sees_nothing_of_it(held: Held) -> None:
    browser = signed_in(person(Clinic.objects.create(name="Clinic two"), "nurse"))
    assert "Identity" not in browser.get("/held").content.decode()
    assert browser.get(f"/held/{held.pk}").status_code == 404


def test_the_sum_of_the_day_is_of_the_day(held: Held, patient: Patient) -> None:
    assert of_the_day(patient.clinic, NOW) == {"received": 1, "filed": 0, "held": 1, "refused": 0}
    assert of_the_day(patient.clinic, NOW + timedelta(days=1))["received"] == 0


@pytest.mark.parametrize("ending", ["", "\n"], ids=["the same file", "another file"])
@pytest.mark.parametrize(("outcome", "left"), [("resent", 1), ("not-ours", 1)])
def test_what_was_sent_back_and_comes_again_waits_anew(
    held: Held, people: People, outcome: str, left: int, ending: str
) -> None:
    settle(signed_in(people["nurse"]), held, outcome=outcome)
    assert waiting(people["nurse"], NOW) == []
    source = record([result("wbc", "1.9", "2026-03-01", id="w1")], born="1947-02-03")
    sums = take_in(held.clinic, source + ending.encode(), None, NOW, name="laboratory")
    assert (sums.received, sums.held, len(waiting(people["nurse"], NOW))) == (1, 1, left)
    again = Held.objects.get()
    assert (again.critical, again.outcome, again.settled_by, again.received_at) == (True, "", None, NOW)
    assert WORD in again.note
    assert waiting_for(Patient.objects.get()).count() == 1


def test_the_same_file_is_filed_once_it_is_plain_whose_it_is(held: Held, patient: Patient) -> None:
    Patient.objects.update(born="1947-02-03")
    source = record([result("wbc", "1.9", "2026-03-01", id="w1")], born="1947-02-03")
    assert take_in(held.clinic, source, None, NOW, name="laboratory").filed == 1
    assert (Standing.objects.get().words, Message.objects.count()) == ("Stop", 1)


def test_what_the_laboratory_cannot_mend_stays_settled(patient: Patient, people: People) -> None:
    event = {**result("wbc", "4.0", "2026-03-01"), "identity_on_report": {"id": "9999", "name": "Bo Reed"}}
    take_in(patient.clinic, record([event]), None, NOW)
    settle(signed_in(people["nurse"]), Held.objects.get(), outcome="not-usable")
    take_in(patient.clinic, record([event]) + b"\n", None, NOW)
    assert waiting(people["nurse"], NOW) == []


def test_what_came_before_its_patient_was_here_is_marked_in_the_chart_when_it_comes_again(
    clinic: Clinic, people: People
) -> None:
    source = record([result("wbc", "1.9", "2026-03-01", id="w1")], born="1947-02-03")
    take_in(clinic, source, None, NOW, name="laboratory")
    made = patient_of(clinic, [people["nurse"]])
    take_in(clinic, source, None, NOW, name="laboratory")
    assert (Held.objects.count(), waiting_for(made).count()) == (1, 1)


def test_what_is_filed_when_the_same_comes_again_waits_no_more(held: Held, patient: Patient, people: People) -> None:
    Patient.objects.update(born="1947-02-03")
    source = record([result("wbc", "1.9", "2026-03-01", id="w1")], born="1947-02-03")
    take_in(held.clinic, source, None, NOW, name="laboratory")
    held.refresh_from_db()
    assert (held.outcome, held.patient, held.settled_at, held.settled_by) == ("came-plain", patient, NOW, None)
    assert waiting(people["nurse"], NOW) == []
    assert "came-plain, 2 Mar" in signed_in(people["nurse"]).get("/held/settled").content.decode()
    assert settle(signed_in(people["nurse"]), held, outcome="came-plain") == 422


def test_nobody_chooses_that_it_came_again(held: Held, people: People) -> None:
    assert settle(signed_in(people["nurse"]), held, outcome="came-plain") == 422


def test_what_the_chart_cannot_use_though_two_people_filed_it_waits_there(patient: Patient, people: People) -> None:
    printed = {"id": "9999", "name": "Bo Reed"}
    event = result("wbc", "1.9", "2026-03-01", id="w1", identity_on_report=printed)
    take_in(patient.clinic, record([event], born="1947-02-03"), None, NOW, name="laboratory")
    whole, nurse = Held.objects.get(), signed_in(people["nurse"])
    assert settle(nurse, whole, outcome="file", patient=patient.pid) == 302
    assert signed_in(people["pharmacist"]).post(f"/held/{whole.pk}/second").status_code == 302
    (left,) = waiting(people["nurse"], NOW)
    assert (left.held.patient, left.held.pk != whole.pk) == (patient, True)
    assert "another patient" in left.held.says
    assert waiting_for(patient).count() == 1
    assert settle(nurse, left.held, outcome="not-usable") == 302
    assert waiting(people["nurse"], NOW) == []
