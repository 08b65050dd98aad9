"""How a patient is reached and what they weigh: corrected by who treats them, each field once, and nothing is sent by it."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from clinic.making import ASKED, NOW, START, patient_of, signed_in
from clinic.test_plan import STEADY
from countwell.clinic.banner import banner_token
from countwell.clinic.models import Act, Audit, Event, Letter, Patient, Person, Standing
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.store import letters
from countwell.clinic.store.reached import LINES, LONGEST, NAMES, why_not
from countwell.clinic.store.records import append, record_of
from countwell.clinic.store.standing import answer_for

People = dict[str, Person]
SHOWN = re.compile(r'name="shown" value="([^"]+)"')


@pytest.fixture
def reached(people: People) -> Patient:
    """A patient with a telephone and an e-mail address."""
    carers = [people[role] for role in CLINICAL]
    return patient_of(people["nurse"].clinic, carers, "2001", phone="555 0100", email="ash@mail.example")


def form_of(browser: Client, patient: Patient) -> dict[str, str]:
    """The form as the page fills it."""
    page = browser.get(f"/patients/{patient.pid}/details").content.decode()
    found = SHOWN.search(page)
    assert found is not None
    row = Patient.objects.get(pk=patient.pk)
    banner = page.partition('name="banner" value="')[2].partition('"')[0]
    return {**{name: getattr(row, name) for name in NAMES}, "shown": found.group(1), "banner": banner}


def save(browser: Client, patient: Patient, form: dict[str, str] | None = None, **typed: str) -> tuple[int, str]:
    """The status and the page after saving, with this typed over what stands."""
    sent = {**(form or form_of(browser, patient)), **typed}
    answer = browser.post(f"/patients/{patient.pid}/details", sent)
    return answer.status_code, html.unescape(answer.content.decode())


def test_what_was_corrected_stands_with_who_and_when_and_what_was_before(reached: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    before = reached.version
    assert save(browser, reached, phone="+44 (0)20 555-0199 ext. 12", address="1 Sea Road\r\nHarbour")[0] == 302
    reached.refresh_from_db()
    assert (reached.phone, reached.address) == ("+44 (0)20 555-0199 ext. 12", "1 Sea Road\nHarbour")
    assert reached.email == "ash@mail.example"
    assert reached.version > before
    page = browser.get(f"/patients/{reached.pid}/details").content.decode()
    assert f"{people['nurse']}, 2 Mar 2026 10:00; before: 555 0100" in html.unescape(page)
    acts = Act.objects.filter(patient=reached, what="details")
    assert {one.reason for one in acts} == {"phone", "address"}


def test_the_audit_names_the_fields_and_holds_no_value(reached: Patient, people: People) -> None:
    save(signed_in(people["nurse"]), reached, phone="555 0142", gp="Dr Moss")
    row = Audit.objects.filter(route="details", action="write").get()
    assert row.purpose == "changed: phone, gp"
    assert not [value for value in ("0142", "0100", "Moss") if value in str(list(Audit.objects.values()))]


def test_what_was_not_typed_over_makes_no_act(reached: Patient, people: People) -> None:
    status, _ = save(signed_in(people["nurse"]), reached)
    assert (status, Act.objects.filter(what="details").exists()) == (302, False)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("phone", "555 0100", ""),
        ("phone", "+1 (555) 010-0", ""),
        ("phone", "0100 ext 7", ""),
        ("phone", "0100 x7", ""),
        ("phone", "call me", "telephone"),
        ("phone", "()- +", "telephone"),
        ("phone", "555 0100; 555 0101", "telephone"),
        ("phone", "٥٥٥", "telephone"),
        ("phone", "5" * 40, ""),
        ("phone", "5" * 41, "longer than 40"),
        ("phone", "555\n0100", "cannot be typed"),
        ("email", "ash@mail.example", ""),
        ("email", "ash@mail", "no e-mail"),
        ("email", "a@mail.example, b@mail.example", "no e-mail"),
        ("email", "ash@mail.example\r\nBcc: x@mail.example", "no e-mail"),
        ("gp_email", "Dr Moss <moss@mail.example>", "no e-mail"),
        ("gp", "Dr Moss, Harbour practice", ""),
        ("gp", "Dr Moss\nBcc: x@mail.example", "cannot be typed"),
        ("gp", "Dr\u2028Moss", "cannot be typed"),
        ("gp", "M" * 200, ""),
        ("gp", "M" * 201, "longer than 200"),
        ("address", "1 Sea Road\nHarbour", ""),
        ("address", "1 Sea Road\x0bHarbour", "cannot be typed"),
        ("address", "\n".join(["x"] * LINES), ""),
        ("address", "\n".join(["x"] * (LINES + 1)), "too long"),
        ("address", "x" * LONGEST, ""),
        ("address", "x" * (LONGEST + 1), "too long"),
        *((name, "", "") for name in NAMES),
    ],
)
def test_what_may_stand_in_a_field(name: str, text: str, why: str) -> None:
    said = why_not(name, text)
    assert why in said if why else said == ""


def test_what_cannot_stand_is_refused_by_its_label_and_stays_in_the_form(reached: Patient, people: People) -> None:
    status, page = save(signed_in(people["nurse"]), reached, gp_email="moss@", phone="555 0142")
    assert status == 422
    assert "“E-mail of the GP” is no e-mail address" in page
    assert 'value="moss@"' in page
    assert 'value="555 0142"' in page
    reached.refresh_from_db()
    assert (reached.gp_email, reached.phone) == ("", "555 0100")


def test_of_two_who_change_the_same_the_second_sees_the_newer_value(reached: Patient, people: People) -> None:
    nurse, pharmacist = signed_in(people["nurse"]), signed_in(people["pharmacist"])
    old = form_of(pharmacist, reached)
    save(nurse, reached, phone="555 0142")
    status, page = save(pharmacist, reached, old, phone="555 0177")
    assert status == 409
    assert "Somebody has changed this since the page was made: Telephone" in page
    assert f"now: 555 0142 · {people['nurse']}, 2 Mar 2026 10:00" in page
    assert 'value="555 0177"' in page
    reached.refresh_from_db()
    assert reached.phone == "555 0142"


def test_of_two_who_change_different_fields_both_are_kept(reached: Patient, people: People) -> None:
    """And a result that came meanwhile keeps nobody from correcting a telephone number."""
    nurse, pharmacist = signed_in(people["nurse"]), signed_in(people["pharmacist"])
    old = form_of(pharmacist, reached)
    save(nurse, reached, phone="555 0142")
    append(reached, [{"kind": "weight", "at": "2026-03-01", "value": "70", "unit": "kg"}], None, NOW, "laboratory")
    assert save(pharmacist, reached, old, gp="Dr Moss")[0] == 302
    reached.refresh_from_db()
    assert (reached.phone, reached.gp) == ("555 0142", "Dr Moss")


def test_a_form_of_another_patient_changes_nothing(reached: Patient, patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    other, own = form_of(browser, patient), form_of(browser, reached)
    assert save(browser, reached, {**own, "banner": other["banner"]}, phone="1")[0] == 409
    assert save(browser, reached, {**own, "shown": other["shown"]}, phone="1")[0] == 409
    assert save(browser, reached, {**own, "shown": "forged"}, phone="1")[0] == 409
    reached.refresh_from_db()
    assert reached.phone == "555 0100"


def test_a_change_sends_nothing_and_a_letter_that_must_not_go_stays(
    reached: Patient, people: People, settings: Settings
) -> None:
    """Neither to somebody who has died since nor to a patient who was never released, whatever the address is now."""
    settings.EMAIL_HOST = "mail.example"
    Patient.objects.filter(pk=reached.pk).update(released=True)
    reached.refresh_from_db()
    (waits,) = letters.write(reached, "results", "mail", people["nurse"], NOW)
    save(signed_in(people["nurse"]), reached, email="new@mail.example")
    assert mail.outbox == []
    Patient.objects.filter(pk=reached.pk).update(released=False)
    letters.send(Letter.objects.get(pk=waits.pk), NOW)
    assert Letter.objects.get(pk=waits.pk).why == "messages to this patient have not been released"
    Patient.objects.filter(pk=reached.pk).update(released=True)
    append(reached, [{"kind": "died", "at": "2026-03-01"}], None, NOW)
    save(signed_in(people["nurse"]), reached, email="newer@mail.example")
    letters.send(Letter.objects.get(pk=waits.pk), NOW)
    assert Letter.objects.get(pk=waits.pk).why == "the patient has died"
    assert mail.outbox == []


def test_the_page_is_reached_from_the_chart_and_from_where_the_patient_is_called(
    reached: Patient, people: People
) -> None:
    browser = signed_in(people["nurse"])
    for address in (f"/patients/{reached.pid}", f"/patients/{reached.pid}/contact", f"/patients/{reached.pid}/missing"):
        assert f'href="/patients/{reached.pid}/details"' in browser.get(address).content.decode(), address


def test_after_a_wrong_number_a_new_one_brings_the_call_back(people: People) -> None:
    late = patient_of(people["nurse"].clinic, [people["nurse"]], "2004", [START, *ASKED], phone="555 0100")
    browser, address = signed_in(people["nurse"]), f"/patients/{late.pid}/contact"
    tried = {"banner": banner_token(late), "step": "call", "outcome": "wrong-number", "note": ""}
    assert browser.post(address, tried).status_code == 302
    assert "Write to the patient and the GP" in browser.get("/today").content.decode()
    save(browser, late, gp="Dr Moss")
    assert "it was corrected" not in browser.get(address).content.decode()
    save(browser, late, phone="555 0142")
    assert "The number is wrong; it was corrected 2 Mar 2026" in browser.get(address).content.decode()
    assert "Call the patient" in browser.get("/today").content.decode()


def weigh(browser: Client, patient: Patient, kg: str, day: str = "2026-03-02", do: str = "check") -> tuple[int, str]:
    """The status and the page after sending a weight."""
    banner = banner_token(Patient.objects.get(pk=patient.pk))
    answer = browser.post(f"/patients/{patient.pid}/weight", {"banner": banner, "kg": kg, "day": day, "do": do})
    return answer.status_code, html.unescape(answer.content.decode())


def test_a_weight_says_what_it_would_do_before_it_is_recorded(reached: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    status, page = weigh(browser, reached, "60")
    assert status == 200
    page = page.replace("\xa0", " ")
    assert "Read back: <b>60 kg, weighed 2 Mar 2026</b>" in page
    assert "2.5 mg/kg at 60 kg (2 Mar 2026)" in page
    assert "weight not known" in page
    assert not Event.objects.filter(patient=reached, kind="weight").exists()


def test_a_weight_is_an_event_of_the_record_with_who_entered_it(reached: Patient, people: People) -> None:
    browser = signed_in(people["pharmacist"])
    assert weigh(browser, reached, "60.5", do="record")[0] == 302
    event = Event.objects.get(patient=reached, kind="weight")
    sent = json.loads(event.body)
    assert (sent["value"], sent["unit"], sent["at"]) == ("60.5", "kg", NOW.isoformat())
    assert (event.recorded_by, event.source) == (people["pharmacist"], "by hand")
    page = browser.get(f"/patients/{reached.pid}/details").content.decode().replace("\xa0", " ")
    assert f'60.5 kg, 2 Mar 2026 <span class="meta">{people["pharmacist"]}, by hand, 2 Mar 2026 10:00' in page
    assert "mg/kg at 60.5 kg" in browser.get(f"/patients/{reached.pid}").content.decode()
    assert Standing.objects.get(patient=reached).position == event.position


def test_a_second_weight_of_one_day_takes_the_place_of_the_first(reached: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    weigh(browser, reached, "70", "2026-03-01", "record")
    weigh(browser, reached, "60", do="record")
    assert "mg/kg at 60 kg" in browser.get(f"/patients/{reached.pid}/details").content.decode()


@pytest.mark.parametrize(
    ("kg", "day", "says"),
    [
        ("", "2026-03-02", "Give the weight in kg"),
        ("heavy", "2026-03-02", "cannot be used"),
        ("6000", "2026-03-02", "cannot be used"),
        ("7", "2026-03-02", "no adult weighs that"),
        ("60", "", "Give the day"),
        ("60", "yesterday", "Give the day"),
        ("60", "2026-03-03", "later than today"),
    ],
)
def test_a_weight_that_nobody_has_is_refused_by_the_reader_and_nothing_is_kept(
    reached: Patient, people: People, kg: str, day: str, says: str
) -> None:
    status, page = weigh(signed_in(people["nurse"]), reached, kg, day, "record")
    assert (status, says in page) == (422, True)
    assert not Event.objects.filter(patient=reached, kind="weight").exists()


def test_a_weight_made_on_a_page_that_is_out_of_date_is_refused(reached: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    banner = banner_token(reached)
    weigh(browser, reached, "70", do="record")
    form = {"banner": banner, "kg": "60", "day": "2026-03-02", "do": "record"}
    assert browser.post(f"/patients/{reached.pid}/weight", form).status_code == 409


def test_a_weight_changes_the_check_of_a_dose_at_once(people: People) -> None:
    """2.5 mg for each kg is the target; with 40 kg the dose that was fine is too high, and the next answer says so."""
    made = patient_of(people["nurse"].clinic, [people["nurse"]], "2002", STEADY)
    said = {"mg_per_day": ["150"], "frequency": ["once daily"]}
    before = answer_for(made, NOW, "check-dose", said=said)[0]
    assert weigh(signed_in(people["nurse"]), made, "40", do="record")[0] == 302
    after = answer_for(made, NOW, "check-dose", said=said)[0]
    assert (before.details["accepted"], after.details["accepted"]) == (True, False)


def test_a_child_may_weigh_what_no_adult_does(people: People) -> None:
    made = patient_of(people["nurse"].clinic, [people["nurse"]], "2003")
    head = json.loads(made.head)
    head["patient"]["born"] = (NOW - timedelta(days=1000)).date().isoformat()
    Patient.objects.filter(pk=made.pk).update(head=json.dumps(head))
    assert weigh(signed_in(people["nurse"]), made, "14", do="record")[0] == 302
    assert record_of(made).refused == ()
