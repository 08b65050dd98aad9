"""Who is about to sign while something grave stands is interrupted: what was found is read, or nothing is signed."""

from __future__ import annotations

import html

import pytest

from clinic.making import NOW, banner_of, patient_of, result, signed_in
from clinic.test_plan import STEADY, doses
from countwell.clinic.models import Act, Patient, Person
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.store.records import append

People = dict[str, Person]
ALLOPURINOL = {"kind": "medicine", "name": "allopurinol", "from": "2026-02-27", "dose": "100 mg"}
LOW = result("wbc", "1.9", "2026-03-02")
QUARTER = {"do": "reduce", "mg_per_day": "25", "frequency": "once daily"}
READ = {"read": "Allopurinol", "why": "other-protocol"}


def ill(people: People, *more: dict[str, object]) -> Patient:
    """A patient on 150 mg with normal results of yesterday, and this besides."""
    return patient_of(people["nurse"].clinic, [people[role] for role in CLINICAL], "2001", [*STEADY, *more])


def send(who: Person, patient: Patient, way: str = "plan/signed-step", **form: str) -> tuple[int, str]:
    """The status and the page after sending a form of this patient."""
    browser = signed_in(who)
    token = banner_of(browser, f"/patients/{patient.pid}/plan")
    answer = browser.post(f"/patients/{patient.pid}/{way}", {"banner": token, **form})
    return answer.status_code, html.unescape(answer.content.decode())


def test_a_step_that_the_rules_allow_is_not_signed_before_what_stands_was_read(people: People) -> None:
    patient = ill(people, ALLOPURINOL)
    status, page = send(people["prescriber"], patient, **QUARTER)
    assert status == 422
    assert len(doses(patient)) == 1
    order = [page.index(f">{words}<") for words in ("Found", "Source says", "Do", "Not known", "To go on all the same")]
    assert order == sorted(order)
    assert "Allopurinol" in page
    assert 'name="mg_per_day" value="25"' in page


def test_the_safe_way_has_the_focus_and_nothing_is_chosen_beforehand(people: People) -> None:
    _, page = send(people["prescriber"], ill(people, ALLOPURINOL), **QUARTER)
    focused = page[: page.index("autofocus")].rpartition("<a ")[2]
    assert "/act" in focused
    assert page.count("autofocus") == 1
    override = page[page.index("To go on all the same") :]
    assert " checked" not in override
    assert " selected" not in override
    assert 'name="read" autocomplete="off" spellcheck="false" required' in override


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"read": "", "why": "other-protocol"}, "Read what was found"),
        ({"read": "azathioprine", "why": "other-protocol"}, "Read what was found"),
        ({"read": "allopurinol", "why": ""}, "Choose the reason"),
        ({"read": "allopurinol", "why": "clinical-picture"}, "Choose the reason"),
        ({"read": "allopurinol", "why": "other", "note": "short"}, "needs a note"),
    ],
    ids=str,
)
def test_going_on_takes_a_coded_reason_and_what_was_read(people: People, form: dict[str, str], says: str) -> None:
    patient = ill(people, ALLOPURINOL)
    status, page = send(people["prescriber"], patient, **QUARTER, **form)
    assert status == 422
    assert says in page
    assert len(doses(patient)) == 1
    assert not Act.objects.filter(what="override").exists()


def test_who_has_read_it_and_says_why_signs_and_both_are_kept(people: People) -> None:
    patient = ill(people, ALLOPURINOL)
    assert send(people["prescriber"], patient, **QUARTER, **READ)[0] == 302
    assert doses(patient)[-1] == ("reduce", "25")
    act = Act.objects.get(patient=patient, what="override")
    assert (act.reason, act.by) == ("other-protocol", people["prescriber"])
    assert "allopurinol" in act.note
    assert act.review is not None


def test_who_does_not_prescribe_proposes_after_reading_and_signs_nothing(people: People) -> None:
    patient = ill(people, ALLOPURINOL)
    assert send(people["nurse"], patient, "plan/new-step", **QUARTER)[0] == 422
    assert send(people["nurse"], patient, "plan/new-step", **QUARTER, **READ)[0] == 302
    assert send(people["nurse"], patient, "plan/signed-step", **QUARTER, **READ)[0] == 403
    assert len(doses(patient)) == 1


def test_who_signs_a_proposal_is_interrupted_too(people: People) -> None:
    patient = ill(people)
    send(people["nurse"], patient, "plan/new-step", **QUARTER)
    append(patient, [ALLOPURINOL], None, NOW)
    way = f"plan/proposals/{Act.objects.get(what='propose').pk}"
    assert send(people["prescriber"], patient, way)[0] == 422
    assert send(people["prescriber"], patient, way, **READ)[0] == 302
    assert doses(patient)[-1] == ("reduce", "25")


def test_a_hold_and_a_stop_are_never_in_the_way_of_a_page(people: People) -> None:
    patient = ill(people, LOW)
    hold = {"do": "hold", "reason": "leucopenia", "decide_by": "2026-03-09"}
    assert send(people["prescriber"], patient, **hold)[0] == 302
    assert send(people["nurse"], patient, "stop", reason="leucopenia")[0] == 302


def test_what_somebody_has_answered_interrupts_nobody_again(people: People) -> None:
    patient = ill(people, ALLOPURINOL)
    less = {"do": "less", "note": "planned together, called both services", **READ}
    assert send(people["prescriber"], patient, "act/otherwise", **less)[0] == 302
    assert send(people["prescriber"], patient, **QUARTER)[0] == 302


def test_nothing_of_a_lower_tier_interrupts(people: People) -> None:
    patient = ill(people, result("wbc", "3.0", "2026-03-02"))
    assert patient.standing.tier == 2
    assert send(people["prescriber"], patient, **{**QUARTER, "mg_per_day": "125"})[0] == 302


@pytest.mark.parametrize(
    ("more", "form"),
    [
        ([LOW], {"do": "reduce", "mg_per_day": "125"}),
        ([ALLOPURINOL], {"do": "raise", "mg_per_day": "175"}),
        ([{**ALLOPURINOL, "name": "mercaptopurine"}], {"do": "reduce", "mg_per_day": "25"}),
        ([], {"do": "raise", "mg_per_day": "1500"}),
    ],
    ids=["stop-level", "xanthine-oxidase inhibitor", "second thiopurine", "outside the bound"],
)
def test_what_the_rules_do_not_let_be_has_no_way_on_whatever_was_read(
    people: People, more: list[dict[str, object]], form: dict[str, str]
) -> None:
    patient = ill(people, *more)
    for read in ({}, {"read": "1.9", "why": "other-protocol"}, READ):
        status, page = send(people["prescriber"], patient, frequency="once daily", **form, **read)
        assert status == 422
        assert "To go on all the same" not in page
        assert form["mg_per_day"] in page
        assert f"/patients/{patient.pid}/stop" in page
    assert len(doses(patient)) == 1


@pytest.mark.parametrize(("read", "status"), [("", 422), ("1.8", 422), ("1.90", 422), ("1.9", 302)])
def test_less_than_is_advised_is_done_by_whoever_read_the_value(people: People, read: str, status: int) -> None:
    patient = ill(people, LOW)
    form = {"do": "less", "why": "other-protocol", "note": "repeated today, called her", "read": read}
    assert send(people["prescriber"], patient, "act/otherwise", **form)[0] == status
    assert Act.objects.filter(what="less").exists() is (status == 302)
