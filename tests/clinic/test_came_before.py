"""A result that came for a stranger follows whoever is taken on later: offered, never filed by itself, never twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clinic.making import NOW, patient_of, person, result, signed_in
from clinic.test_intake import record
from countwell.clinic.models import Clinic, Event, Held, Message, Patient, Person
from countwell.clinic.store.came_before import plainly
from countwell.clinic.store.hand_over import take_on
from countwell.clinic.store.held import waiting_for
from countwell.clinic.store.intake import take_in
from countwell.clinic.store.rounds import round_of
from countwell.clinic.store.taken_over import take_over

People = dict[str, Person]
LOW = result("wbc", "1.9", "2026-03-01", id="w1")
FORM = {"number": "1001", "name": "Ash Lane", "born": "1974-02-03", "protocol": "cidp"}
BEFORE = NOW - timedelta(hours=3)


def came(clinic: Clinic, *events: dict[str, Any], **who: object) -> Held:
    """What waits after a message about somebody who is not here."""
    take_in(clinic, record(list(events) or [LOW], **who), None, BEFORE, name="laboratory")
    return Held.objects.latest("pk")


def registered(by: Person, **changed: str) -> Patient:
    """Ash Lane, or somebody who differs in something, taken on by the form."""
    return take_on({**FORM, **changed}, by, NOW)


def press(browser: Client, held: Held) -> int:
    """The status of an answer to filing it with one press."""
    return browser.post(f"/held/{held.pk}/plain").status_code


SENT: dict[str, tuple[dict[str, object], dict[str, str], int, bool]] = {
    "all three agree": ({}, {}, 1, True),
    "the number and the name": ({"born": None}, {}, 1, True),
    "the number and the birth date": ({"names": None}, {}, 1, True),
    "the number as it is typed": ({"id": " ab-1 "}, {"number": "AB-1"}, 1, True),
    "the number alone": ({"born": None, "names": None}, {}, 1, False),
    "name and birth date under another number": ({"id": "77"}, {}, 1, False),
    "the number with another birth date": ({"born": "1947-02-03"}, {}, 1, False),
    "nothing": ({"id": "77", "names": ["Bo Reed"], "born": "1950-01-01"}, {}, 0, False),
    "the birth date alone": ({"id": "77", "names": ["Bo Reed"]}, {}, 0, False),
}


@pytest.mark.parametrize(("who", "here", "near", "plain"), SENT.values(), ids=SENT)
def test_what_came_before_its_patient_is_marked_as_it_would_be_on_arrival(
    people: People, who: dict[str, object], here: dict[str, str], near: int, plain: bool
) -> None:
    held = came(people["nurse"].clinic, **who)
    made = registered(people["nurse"], **here)
    held.refresh_from_db()
    assert waiting_for(made).count() == near
    assert (plainly(held, NOW) == made) is plain
    assert (held.why == "came-before") is bool(near)
    assert made.events.filter(kind="result").count() == 0
    again = take_in(made.clinic, record([LOW], **who) + b"\n", None, NOW, name="laboratory")
    assert bool(again.filed) is plain


def test_it_is_offered_in_the_list_in_the_sum_and_in_the_message(people: People) -> None:
    held, nurse = came(people["nurse"].clinic), signed_in(people["nurse"])
    assert "now match" not in nurse.get("/held").content.decode()
    made = registered(people["nurse"])
    page = nurse.get("/held").content.decode()
    assert "now matches Ash Lane" in page
    assert "1 of those that wait now matches a patient" in page
    assert "1 received = 0 filed + 1 held + 0 refused" in page
    assert "Nobody here" not in page
    message = nurse.get(f"/held/{held.pk}").content.decode()
    assert "it would have been filed by itself" in message
    assert "File it to Ash Lane" in message
    assert "A held message may be this patient’s" in nurse.get("/today").content.decode()
    assert "A result may be waiting" in nurse.get(f"/patients/{made.pid}").content.decode()


def test_one_press_files_it_and_nothing_twice(people: People) -> None:
    held, nurse = came(people["nurse"].clinic), signed_in(people["nurse"])
    made = registered(people["nurse"])
    assert press(nurse, held) == 302
    assert press(nurse, held) == 422
    assert "A held message" not in nurse.get("/today").content.decode()
    settled = Held.objects.get()
    assert (settled.patient, settled.outcome, settled.settled_by) == (made, "file", people["nurse"])
    assert settled.settled_at is not None
    assert "filed it; all that was sent agrees" in settled.note
    (filed,) = Event.objects.filter(patient=made, kind="result")
    assert (filed.recorded_by, filed.source) == (people["nurse"], "laboratory")
    assert waiting_for(made).count() == 0
    take_in(made.clinic, record([LOW]) + b"\n", None, NOW, name="laboratory")
    assert Event.objects.filter(kind="result").count() == 1
    assert Message.objects.first() == held.message


def test_what_only_may_be_theirs_takes_the_laboratory_and_a_second_person(people: People) -> None:
    held, nurse = came(people["nurse"].clinic, born="1947-02-03"), signed_in(people["nurse"])
    made = registered(people["nurse"])
    page = nurse.get(f"/held/{held.pk}").content.decode()
    assert "File it to" not in page
    assert '<b class="differs">' in page
    assert press(nurse, held) == 422
    sent = {"outcome": "file", "patient": made.pid, "note": "Dr Ito, duty chemist, 10:20"}
    assert nurse.post(f"/held/{held.pk}", sent).status_code == 302
    assert nurse.post(f"/held/{held.pk}/second").status_code == 422
    assert not made.events.filter(kind="result").exists()


def test_of_two_whose_it_may_be_neither_is_offered(people: People) -> None:
    held, nurse = came(people["nurse"].clinic), signed_in(people["nurse"])
    first, second = registered(people["nurse"]), registered(people["nurse"], number="2002")
    assert [waiting_for(one).count() for one in (first, second)] == [1, 1]
    assert plainly(held, NOW) is None
    assert "now match" not in nurse.get("/held").content.decode()
    assert press(nurse, held) == 422


def test_who_does_not_care_for_the_patient_learns_no_name_and_cannot_file_it(people: People) -> None:
    held = came(people["nurse"].clinic)
    registered(people["nurse"], name="Ash Lane")
    other = signed_in(people["pharmacist"])
    page = other.get("/held").content.decode()
    assert "now matches a patient who is not in your care" in page
    assert "Ash Lane" not in page
    assert "File it to" not in other.get(f"/held/{held.pk}").content.decode()
    assert press(other, held) == 422


def test_another_clinics_new_patient_is_offered_nothing(people: People) -> None:
    held = came(people["nurse"].clinic)
    stranger = person(Clinic.objects.create(name="Clinic two"), "nurse")
    assert waiting_for(registered(stranger)).count() == 0
    assert press(signed_in(stranger), held) == 404


def test_entries_at_which_a_person_must_look_wait_in_the_chart_once_the_rest_is_filed(people: People) -> None:
    odd = {**result("alt", "20", "2026-03-01", "U/L"), "identity_on_report": {"id": "9999", "name": "Bo Reed"}}
    held = came(people["nurse"].clinic, LOW, odd)
    made = registered(people["nurse"])
    assert press(signed_in(people["nurse"]), held) == 302
    (left,) = Held.objects.filter(settled_at=None)
    assert (left.patient, "9999" in left.as_sent) == (made, True)


@pytest.mark.parametrize(("day", "plain"), [("2026-03-02", True), ("2026-03-03", False)])
def test_a_death_that_is_still_to_come_is_not_offered(people: People, day: str, plain: bool) -> None:
    held = came(people["nurse"].clinic, {"kind": "died", "at": day})
    made = registered(people["nurse"])
    assert (plainly(held, NOW) == made) is plain
    assert waiting_for(made).count() == 1


def test_it_follows_whoever_is_taken_over_out_of_a_table(people: People) -> None:
    held = came(people["nurse"].clinic)
    table = b"number,name,born,protocol,mg_per_day,since\n1001,Ash Lane,1974-02-03,cidp,150,2020\n"
    assert take_over(table, people["nurse"], NOW).taken_on == 1
    assert plainly(Held.objects.get(pk=held.pk), NOW) == Patient.objects.get()


def test_the_round_marks_what_waited_when_a_patient_became_known_in_another_way(people: People) -> None:
    held = came(people["nurse"].clinic)
    made = patient_of(people["nurse"].clinic, [people["nurse"]])
    assert waiting_for(made).count() == 0
    assert round_of(made.clinic, NOW) is not None
    assert (waiting_for(made).count(), plainly(held, NOW)) == (1, made)


def test_a_danger_that_only_shows_beside_the_patient_is_marked_and_never_unmarked(people: People) -> None:
    mild, low = result("wbc", "4.0", "2026-03-01", id="w2"), LOW
    for event in (mild, low):
        came(people["nurse"].clinic, event)
    before = dict(Held.objects.values_list("pk", "critical"))
    registered(people["nurse"], mg_per_day="150", since="2020-01-01")
    after = dict(Held.objects.values_list("pk", "critical"))
    assert True in after.values()
    assert all(after[pk] for pk, critical in before.items() if critical)
