"""A step of treatment is proposed, signed and refused in the engine's words; decisions are made again byte for byte."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from clinic.making import NOW, START, banner_of, patient_of, person, result, signed_in
from countwell.clinic.models import Act, Patient, Person, Review
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.store.records import append, record_of
from countwell.clinic.store.reviews import again, keep

People = dict[str, Person]
WEIGHT = {"kind": "weight", "at": "2026-02-01", "value": "70", "unit": "kg"}
LISTS = [{"kind": "list-confirmed", "list": name, "at": "2026-03-01"} for name in ("medicines", "history")]
GENES = [{"kind": "genotype", "gene": gene, "result": "*1/*1", "at": "2025-05-20"} for gene in ("TPMT", "NUDT15")]
NORMAL = [
    result("wbc", "6.1", "2026-03-01"),
    result("neutrophils", "3.9", "2026-03-01"),
    result("lymphocytes", "1.4", "2026-03-01"),
    result("hb", "135", "2026-03-01", "g/L"),
    result("platelets", "240", "2026-03-01"),
    result("mcv", "90", "2026-03-01", "fL"),
    result("alt", "24", "2026-03-01", "U/L", normal_high="40"),
]
STEADY = [START, WEIGHT, *LISTS, *GENES, *NORMAL]


@pytest.fixture
def steady(people: People) -> Patient:
    """A patient on 150 mg with normal results of yesterday, in the care of those who treat."""
    carers = [people[role] for role in CLINICAL]
    return patient_of(people["nurse"].clinic, carers, "2001", STEADY)


def send(browser: Client, patient: Patient, way: str, **form: str) -> int:
    """Sends a step off the plan's page; the status of the answer."""
    address = f"/patients/{patient.pid}/plan"
    token = banner_of(browser, address)
    often = {} if way.startswith("proposals") else {"frequency": "once daily"}
    return browser.post(f"{address}/{way}", {"banner": token, **often, **form}).status_code


def doses(patient: Patient) -> list[tuple[str, str]]:
    """What the record says was decided."""
    return [(e.do, str(e.mg_per_day)) for e in record_of(patient).events if e.ref and hasattr(e, "do")]


def test_a_prescriber_signs_a_dose_that_the_rules_allow(steady: Patient, people: People) -> None:
    assert send(signed_in(people["prescriber"]), steady, "signed-step", do="raise", mg_per_day="175") == 302
    assert doses(steady)[-1][0] == "raise"
    signed = Act.objects.get(patient=steady, what="sign")
    assert signed.review is not None
    assert signed.event is not None


@pytest.mark.parametrize("mg", ["225", "1500", "37.5", "0", "-50", "150 mg/kg", "abc", ""])
def test_a_dose_that_the_rules_refuse_is_kept_as_typed_and_not_recorded(
    steady: Patient, people: People, mg: str
) -> None:
    browser = signed_in(people["prescriber"])
    token = banner_of(browser, f"/patients/{steady.pid}/plan")
    form = {"banner": token, "do": "raise", "mg_per_day": mg, "frequency": "once daily"}
    answer = browser.post(f"/patients/{steady.pid}/plan/signed-step", form)
    assert answer.status_code in (400, 422)
    assert mg in answer.content.decode()
    assert len(doses(steady)) == 1


def test_azathioprine_once_a_week_is_refused(steady: Patient, people: People) -> None:
    assert (
        send(signed_in(people["prescriber"]), steady, "signed-step", do="raise", mg_per_day="175", frequency="weekly")
        == 422
    )


@pytest.mark.parametrize("role", ["nurse", "pharmacist"])
def test_who_does_not_prescribe_proposes_and_signs_nothing(steady: Patient, people: People, role: str) -> None:
    browser = signed_in(people[role])
    assert send(browser, steady, "signed-step", do="raise", mg_per_day="175") == 403
    assert send(browser, steady, "new-step", do="raise", mg_per_day="175") == 302
    assert len(doses(steady)) == 1
    proposed = Act.objects.get(patient=steady, what="propose")
    assert send(browser, steady, f"proposals/{proposed.pk}") == 403
    assert send(signed_in(people["prescriber"]), steady, f"proposals/{proposed.pk}") == 302
    assert len(doses(steady)) == 2
    assert send(signed_in(people["prescriber"]), steady, f"proposals/{proposed.pk}") == 404


def test_a_raise_without_tests_since_the_last_change_is_refused(people: People) -> None:
    recent = {**START, "at": "2026-02-25", "mg_per_day": "50"}
    patient = patient_of(people["nurse"].clinic, [people["prescriber"]], "2002", [recent, WEIGHT, *LISTS, *GENES])
    assert send(signed_in(people["prescriber"]), patient, "signed-step", do="raise", mg_per_day="100") == 422


def test_a_start_without_a_baseline_is_refused_and_with_it_goes(people: People) -> None:
    patient = patient_of(people["nurse"].clinic, [people["prescriber"]], "2003", [WEIGHT, *LISTS, *GENES])
    browser = signed_in(people["prescriber"])
    assert send(browser, patient, "signed-step", do="start", mg_per_day="50") == 422
    append(patient, NORMAL, None, NOW)
    assert send(browser, patient, "signed-step", do="start", mg_per_day="50") == 302


@pytest.mark.parametrize(
    ("do", "mg"),
    [("start", "50"), ("restart", "50"), ("raise", "125"), ("raise", "150"), ("reduce", "150"), ("reduce", "175")],
)
def test_a_step_out_of_turn_or_the_other_way_is_refused(steady: Patient, people: People, do: str, mg: str) -> None:
    assert send(signed_in(people["prescriber"]), steady, "signed-step", do=do, mg_per_day=mg) == 422


def test_a_reduction_reduces(steady: Patient, people: People) -> None:
    assert send(signed_in(people["prescriber"]), steady, "signed-step", do="reduce", mg_per_day="125") == 302


def test_a_hold_needs_a_reason_and_a_day(steady: Patient, people: People) -> None:
    browser = signed_in(people["prescriber"])
    assert send(browser, steady, "signed-step", do="hold", reason="liver") == 422
    assert send(browser, steady, "signed-step", do="hold", decide_by="2026-03-09") == 422
    assert send(browser, steady, "signed-step", do="hold", reason="liver", decide_by="2026-03-09") == 302
    assert steady.standing.__class__.objects.get(patient=steady).state == "held"


def test_a_stopped_course_is_not_restarted_before_its_gates_are_met(steady: Patient, people: People) -> None:
    append(steady, [{"kind": "decision", "do": "stop", "at": "2026-03-01", "reason": "liver"}], None, NOW)
    assert send(signed_in(people["prescriber"]), steady, "signed-step", do="restart", mg_per_day="50") == 422


def test_a_restart_after_hypersensitivity_takes_two_prescribers(
    steady: Patient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(steady, [{"kind": "decision", "do": "stop", "at": "2026-01-01", "reason": "hypersensitivity"}], None, NOW)
    for place in ("store.steps", "pages.interrupted"):
        monkeypatch.setattr(f"countwell.clinic.{place}.may_be", _allowed)
    one = signed_in(people["prescriber"])
    assert send(one, steady, "signed-step", do="restart", mg_per_day="50") == 403
    assert send(one, steady, "new-step", do="restart", mg_per_day="50") == 302
    proposed = Act.objects.get(patient=steady, what="propose")
    assert send(one, steady, f"proposals/{proposed.pk}") == 403
    second = person(steady.clinic, "prescriber", "Second Prescriber")
    second.relations.create(patient=steady, since=NOW - timedelta(days=1))
    assert send(signed_in(second), steady, f"proposals/{proposed.pk}") == 302
    assert doses(steady)[-1][0] == "restart"


def _allowed(patient: Patient, *_: object) -> object:
    from countwell.clinic.store.standing import answer_for

    return answer_for(patient, NOW)[0]


def test_a_review_is_made_again_byte_for_byte_after_the_record_has_grown(steady: Patient, people: People) -> None:
    kept = keep(steady, NOW)
    append(steady, [result("wbc", "1.9", "2026-03-02")], None, NOW)
    assert again(kept).same
    assert again(Review.objects.get(pk=kept.pk)).same


def test_a_review_that_comes_out_otherwise_is_said(steady: Patient) -> None:
    kept = keep(steady, NOW)
    assert not again(Review(**_fields(kept) | {"answer": kept.answer.replace("continue", "stop")})).same
    other = again(Review(**_fields(kept) | {"position": 3}))
    assert not other.same
    assert "Tell whoever runs Countwell" in other.says
    renamed = again(Review(**_fields(kept) | {"position": 3, "packs": {"cidp 0.0.1": "x"}}))
    assert renamed.changed == ("cidp 0.0.1",)


def _fields(review: Review) -> dict[str, object]:
    names = ("patient", "as_of", "position", "rules", "packs", "answer", "digest")
    return {name: getattr(review, name) for name in names}


def test_each_decision_shows_what_it_rested_on(steady: Patient, people: People) -> None:
    browser = signed_in(people["prescriber"])
    send(browser, steady, "signed-step", do="raise", mg_per_day="175")
    signed = Act.objects.get(patient=steady, what="sign")
    page = browser.get(f"/patients/{steady.pid}/decisions/{signed.pk}").content.decode()
    assert "byte for byte" in page
    assert "signed a decision" in browser.get(f"/patients/{steady.pid}/decisions").content.decode()
    other = patient_of(steady.clinic, [people["prescriber"]], "2009")
    assert browser.get(f"/patients/{other.pid}/decisions/{signed.pk}").status_code == 404


SIGNED, STOPPED = 302, 422


def on(people: People, mg: str, kg: str = "100") -> Patient:
    """A patient on this dose with normal results of yesterday."""
    events = [{**START, "mg_per_day": mg}, {**WEIGHT, "value": kg}, *LISTS, *GENES, *NORMAL]
    return patient_of(people["nurse"].clinic, [people["prescriber"], people["nurse"]], "2004", events)


@pytest.mark.parametrize(
    ("kg", "mg", "status"), [("100", "75", 302), ("100", "100", 302), ("99.9", "100", 422), ("100", "125", 422)]
)
def test_a_raise_by_more_than_a_step_is_read_back_before_it_is_signed(
    people: People, kg: str, mg: str, status: int
) -> None:
    patient = on(people, "50", kg)
    assert send(signed_in(people["prescriber"]), patient, "signed-step", do="raise", mg_per_day=mg, note="x") == status
    assert len(doses(patient)) == (2 if status == SIGNED else 1)


def test_a_dose_ten_times_the_one_in_force_is_said_to_be_so(people: People) -> None:
    patient = on(people, "25", "90")
    browser = signed_in(people["prescriber"])
    token = banner_of(browser, f"/patients/{patient.pid}/plan")
    form = {"banner": token, "do": "raise", "mg_per_day": "250.0", "frequency": "once daily"}
    page = browser.post(f"/patients/{patient.pid}/plan/signed-step", form).content.decode()
    assert "raise from 25 to 250 mg a day" in page
    assert "10 times the dose in force, 25 mg a day" in page
    assert "250.0 mg" not in page


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, STOPPED),
        ({"note": "so"}, STOPPED),
        ({"again": "250"}, STOPPED),
        ({"again": "25", "note": "so"}, STOPPED),
        ({"again": "250", "note": "so"}, SIGNED),
    ],
    ids=str,
)
def test_to_confirm_takes_the_dose_again_and_why(people: People, form: dict[str, str], status: int) -> None:
    patient = on(people, "25", "90")
    sent = {"do": "raise", "mg_per_day": "250", **form}
    assert send(signed_in(people["prescriber"]), patient, "signed-step", **sent) == status
    assert len(doses(patient)) == (2 if status == SIGNED else 1)


def test_who_signs_a_proposal_confirms_it_again(people: People) -> None:
    patient = on(people, "25", "90")
    assert send(signed_in(people["nurse"]), patient, "new-step", do="raise", mg_per_day="250") == STOPPED
    sent = {"do": "raise", "mg_per_day": "250", "again": "250", "note": "so"}
    assert send(signed_in(people["nurse"]), patient, "new-step", **sent) == SIGNED
    proposed = Act.objects.get(patient=patient, what="propose")
    browser = signed_in(people["prescriber"])
    assert send(browser, patient, f"proposals/{proposed.pk}") == STOPPED
    assert send(browser, patient, f"proposals/{proposed.pk}", again="2500") == STOPPED
    assert send(browser, patient, f"proposals/{proposed.pk}", again="250") == SIGNED


def test_a_tenth_of_the_dose_is_signed_like_any_reduction(people: People) -> None:
    patient = on(people, "250", "90")
    assert send(signed_in(people["prescriber"]), patient, "signed-step", do="reduce", mg_per_day="25") == SIGNED


def test_a_proposed_dose_is_printed_without_its_zero(steady: Patient, people: People) -> None:
    assert send(signed_in(people["nurse"]), steady, "new-step", do="raise", mg_per_day="175.0") == SIGNED
    page = signed_in(people["prescriber"]).get(f"/patients/{steady.pid}/plan").content.decode()
    assert "raise to 175 mg a day" in page
    assert "175.0" not in page
