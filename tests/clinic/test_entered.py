"""A result typed by a person: checked before it is filed, by two people where it would reassure, corrected by a new version."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.test import Client

from clinic.making import NOW, banner_of, patient_of, result, signed_in
from clinic.test_plan import STEADY
from countwell.clinic.models import Act, Event, Held, Patient, Person, Standing
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.store.acting import open_episodes
from countwell.clinic.store.records import append, record_of
from countwell.clinic.store.standing import run_rules

People = dict[str, Person]
TYPED = {
    "test": "wbc", "value": "1.9", "unit": "10*9/L", "day": "2026-03-01", "time": "09:00", "status": "final",
    "way": "telephone", "teller": "Dr Ito, duty chemist", "lab": "Central",
}  # fmt: skip
GOOD = {**TYPED, "value": "5.4", "day": "2026-03-02"}


def send(browser: Client, patient: Patient, do: str = "check", **typed: str) -> tuple[int, str]:
    """The status and the page after sending the form."""
    address = f"/patients/{patient.pid}/results/new"
    answer = browser.post(address, {"banner": banner_of(browser, address), "do": do, **typed})
    return answer.status_code, html.unescape(answer.content.decode())


def filed(browser: Client, patient: Patient, **typed: str) -> int:
    """Checks what is typed, then files it as it was checked; the status of the answer."""
    _, page = send(browser, patient, **typed)
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    return send(browser, patient, "file", seen=seen.group(1) if seen else "", **typed)[0]


def results(patient: Patient) -> list[Event]:
    """The results that stand in the record."""
    return list(Event.objects.filter(patient=patient, kind="result").order_by("position"))


def test_it_says_what_it_would_say_before_anything_is_filed(patient: Patient, people: People) -> None:
    status, page = send(signed_in(people["nurse"]), patient, **TYPED)
    assert status == 200
    assert "With it: Stop" in page
    assert "White cells 1.9" in page
    assert results(patient) == []
    assert not Act.objects.filter(patient=patient, what="enter").exists()


def test_what_raises_the_advice_one_nurse_files(patient: Patient, people: People) -> None:
    assert filed(signed_in(people["nurse"]), patient, **TYPED) == 302
    (event,) = results(patient)
    sent = json.loads(event.body)
    assert (sent["value"], sent["unit"], sent["lab"]) == ("1.9", "10*9/L", "Central")
    assert sent["collected"] == "2026-03-01T09:00:00+00:00"
    assert sent["received"] == NOW.isoformat()
    assert (event.recorded_by, event.source) == (people["nurse"], "by hand, by telephone")
    assert Standing.objects.get(patient=patient).words == "Stop"
    act = Act.objects.get(patient=patient, what="enter")
    assert (act.event, act.reason) == (event, "telephone")
    assert "Dr Ito" in act.note


def test_nothing_found_is_answered_by_filing_it(patient: Patient, people: People) -> None:
    filed(signed_in(people["prescriber"]), patient, **TYPED)
    assert open_episodes(patient, run_rules(patient, NOW)) != {}


@pytest.mark.parametrize("changed", [{"value": "1.8"}, {"teller": "Somebody else"}, {"day": "2026-02-28"}])
def test_what_was_changed_after_the_check_is_checked_again_and_not_filed(
    patient: Patient, people: People, changed: dict[str, str]
) -> None:
    browser = signed_in(people["prescriber"])
    seen = re.search(r'name="seen" value="([^"]+)"', send(browser, patient, **TYPED)[1])
    assert seen is not None
    assert send(browser, patient, "file", seen=seen.group(1), **{**TYPED, **changed})[0] == 200
    assert send(browser, patient, "file", seen="forged", **TYPED)[0] == 200
    assert results(patient) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"unit": ""}, "It is never guessed"),
        ({"test": "sugar"}, "Choose the test"),
        ({"value": ""}, "Give the value"),
        ({"status": ""}, "whether it is final"),
        ({"status": "corrected"}, "whether it is final"),
        ({"way": ""}, "who said or wrote it"),
        ({"teller": " "}, "who said or wrote it"),
        ({"day": ""}, "the day on which the blood was taken"),
        ({"day": "1 March"}, "the day on which the blood was taken"),
        ({"day": "2026-03-03"}, "later than now"),
        ({"day": "2026-03-02", "time": "10:01"}, "later than now"),
        ({"value": "3000", "unit": "/mL"}, "cannot be used"),
        ({"value": "low"}, "cannot be used"),
        ({"unit": "mmol/L"}, "cannot be used"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_refused_in_words_and_stays_in_the_form(
    patient: Patient, people: People, wrong: dict[str, str], says: str
) -> None:
    status, page = send(signed_in(people["nurse"]), patient, **{**TYPED, **wrong})
    assert status == 422
    assert says in page
    assert 'value="Dr Ito, duty chemist"' in page or wrong.get("teller")
    assert results(patient) == []


def test_a_time_of_this_minute_and_a_day_alone_are_taken(patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    assert send(browser, patient, **{**TYPED, "day": "2026-03-02", "time": "10:00"})[0] == 200
    assert send(browser, patient, **{**TYPED, "day": "2026-03-02", "time": ""})[0] == 200


@pytest.mark.parametrize("value", ["<2.0", "< 2.0", ">12"])
def test_a_value_known_on_one_side_is_taken_as_it_was_said(patient: Patient, people: People, value: str) -> None:
    assert filed(signed_in(people["prescriber"]), patient, **{**TYPED, "value": value}) == 302
    assert json.loads(results(patient)[0].body)["value"] == value


@pytest.fixture
def low(people: People) -> Patient:
    """A patient with a stop-level count of yesterday, from the laboratory."""
    carers = [people[role] for role in CLINICAL]
    made = patient_of(people["nurse"].clinic, carers, "2001")
    append(made, [result("wbc", "1.9", "2026-03-01", id="w1")], None, NOW, "laboratory")
    return made


def test_what_would_make_the_advice_milder_waits_for_a_second_person(low: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    assert "a second person has to check it" in send(browser, low, **GOOD)[1]
    assert filed(browser, low, **GOOD) == 302
    assert len(results(low)) == 1
    assert Standing.objects.get(patient=low).words == "Stop"
    assert "A result may be waiting" in browser.get(f"/patients/{low.pid}").content.decode()
    held = Held.objects.get()
    assert "/second" not in browser.get(f"/held/{held.pk}").content.decode()
    assert browser.post(f"/held/{held.pk}/second").status_code == 422
    page = signed_in(people["pharmacist"]).get(f"/held/{held.pk}").content.decode()
    assert "waits for a second person" in page
    assert "Dr Ito" in page
    assert "Do not choose by likeness" not in page
    assert signed_in(people["pharmacist"]).post(f"/held/{held.pk}/second").status_code == 302
    assert len(results(low)) == 2
    filed_by = f"typed by {people['nurse']}; filed by {people['pharmacist']}"
    assert filed_by in browser.get(f"/patients/{low.pid}/results/{results(low)[-1].position}").content.decode()
    assert Standing.objects.get(patient=low).words != "Stop"


def test_a_second_person_who_finds_it_wrong_leaves_it_out(low: Patient, people: People) -> None:
    filed(signed_in(people["nurse"]), low, **GOOD)
    form = {"outcome": "wrong", "note": "Central laboratory, 10:20: it was 1.4"}
    assert signed_in(people["prescriber"]).post(f"/held/{Held.objects.get().pk}", form).status_code == 302
    assert len(results(low)) == 1
    assert Held.objects.get().settled_at == NOW


def test_a_prescriber_files_it_alone(low: Patient, people: People) -> None:
    assert filed(signed_in(people["prescriber"]), low, **GOOD) == 302
    assert len(results(low)) == 2
    assert not Held.objects.exists()


def test_a_value_that_only_settles_what_was_not_known_takes_two_people_too(people: People) -> None:
    """The count is overdue, so a stop is not ruled out; a typed 5.4 would rule it out. What the ALT calls for stays."""
    rest = [one for one in STEADY if one.get("test") not in ("wbc", "alt")]
    late = [result("wbc", "6.1", "2026-02-01"), result("alt", "110", "2026-03-01", "U/L", normal_high="40")]
    made = patient_of(people["nurse"].clinic, [people["nurse"]], "2002", [*rest, *late])
    page = send(signed_in(people["nurse"]), made, **GOOD)[1]
    assert "Without it: Prescriber today, and not ruled out: Stop. With it: Prescriber today." in page
    assert filed(signed_in(people["nurse"]), made, **GOOD) == 302
    assert Held.objects.get().outcome == "file"


def test_a_value_that_changes_nothing_one_nurse_files(people: People) -> None:
    made = patient_of(people["nurse"].clinic, [people["nurse"]], "2002", STEADY)
    assert filed(signed_in(people["nurse"]), made, **GOOD) == 302
    assert json.loads(results(made)[-1].body)["value"] == "5.4"


def correct(browser: Client, patient: Patient, **typed: str) -> int:
    """Sends a correction of the first entry: checked, then filed."""
    return filed(browser, patient, corrects=str(results(patient)[0].position), **typed)


def test_a_corrected_entry_is_a_new_version_and_the_old_one_stays_struck(patient: Patient, people: People) -> None:
    browser = signed_in(people["prescriber"])
    filed(browser, patient, **TYPED)
    page = browser.get(f"/patients/{patient.pid}/results/new?corrects={results(patient)[0].position}").content.decode()
    assert 'value="1.9"' in page
    assert 'value="09:00"' in page
    assert correct(browser, patient, **{**TYPED, "value": "2.9", "status": "corrected"}) == 302
    old, new = (json.loads(event.body) for event in results(patient))
    assert (old["value"], new["value"], new["replaces"]) == ("1.9", "2.9", old["id"])
    assert Standing.objects.get(patient=patient).words != "Stop"
    assert "<del><code>1.9" in browser.get(f"/patients/{patient.pid}/results").content.decode()
    assert correct(browser, patient, **{**TYPED, "value": "3.9", "status": "corrected"}) == 422


def test_an_entry_is_withdrawn_without_a_value(patient: Patient, people: People) -> None:
    browser = signed_in(people["prescriber"])
    filed(browser, patient, **TYPED)
    assert correct(browser, patient, **{**TYPED, "value": "", "unit": "", "status": "entered-in-error"}) == 302
    assert Standing.objects.get(patient=patient).words != "Stop"


def test_a_correction_keeps_its_test(patient: Patient, people: People) -> None:
    browser = signed_in(people["prescriber"])
    filed(browser, patient, **TYPED)
    correct(browser, patient, **{**TYPED, "test": "platelets", "value": "2.9", "status": "corrected"})
    assert {event.test for event in record_of(patient).events if hasattr(event, "normal_high")} == {"wbc"}


@pytest.mark.parametrize("number", ["2", "99", "x"])
def test_only_an_entry_by_hand_of_this_patient_is_corrected(low: Patient, people: People, number: str) -> None:
    browser = signed_in(people["prescriber"])
    assert browser.get(f"/patients/{low.pid}/results/new?corrects={number}").status_code == 404


def test_who_may_not_enter_is_not_offered_it(patient: Patient, people: People) -> None:
    address = f"/patients/{patient.pid}/results"
    assert f"{address}/new" in signed_in(people["nurse"]).get(address).content.decode()
    assert f"{address}/new" not in signed_in(people["pharmacist"]).get(address).content.decode()
    assert signed_in(people["pharmacist"]).get(f"{address}/new").status_code == 403


def test_an_upper_limit_that_no_laboratory_has_is_refused_with_those_in_use(patient: Patient, people: People) -> None:
    alt = {**TYPED, "test": "alt", "value": "130", "unit": "U/L", "day": "2026-03-02"}
    assert send(signed_in(people["nurse"]), patient, **alt, high="120")[0] == 200
    status, page = send(signed_in(people["nurse"]), patient, **alt, high="400")
    assert status == 422
    assert "“Range to”: The upper limit 400 U/L that was sent lies outside those in use (10 to 120 U/L)." in page
