"""A finding with an explanation is accepted by a prescriber: that rule alone falls silent, until something worse comes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic.making import ASKED, GOOD, LOW, LOWISH, NOW, banner_of, only, result, signed_in
from countwell.clinic.models import Act, Event, Patient, Person
from countwell.clinic.store.chase import ladder
from countwell.clinic.store.explained import NOT_FINAL, acceptable, key_of, rules
from countwell.clinic.store.records import append, record_of
from countwell.clinic.store.standing import answer_for
from countwell.model.records import Decision
from countwell.pack.load import find
from countwell.pack.read import read_pack

People = dict[str, Person]
HALF = "added-safety/trends/half"
WHY = "White cells were high under prednisolone, which is coming down."
TODAY = NOW.date()
FALLS = ("wbc", "neutrophils")
LATER = "2026-04-01"
LAST = TODAY + timedelta(days=ladder().longest_days)


def fallen(patient: Patient, *more: dict[str, object], **newest: object) -> None:
    """White cells at half of what they were before treatment, and above every limit. newest: of that result besides."""
    before = [result("wbc", "11.0", "2025-05-20"), result("neutrophils", "8.0", "2025-05-20")]
    before += [result("wbc", "6.0", "2026-02-20"), result("neutrophils", "5.0", "2026-02-20")]
    before += [one for one in GOOD if one["test"] not in FALLS]
    halved = result("wbc", "5.0", "2026-03-01", **{"id": "w5", **newest})
    append(patient, [*ASKED, *before, halved, *more], None, NOW)


def send(patient: Patient, who: Person, **form: str) -> tuple[int, str]:
    """What the form answers to this."""
    browser = signed_in(who)
    address = f"/patients/{patient.pid}/act/explained"
    answer = browser.post(address, {"banner": banner_of(browser, address), "do": "accept", "until": LATER, **form})
    return answer.status_code, answer.content.decode()


def speaks(patient: Patient, rule: str = HALF, days: int = 0) -> bool:
    """Whether the rule is found and counts, so many days later."""
    found = answer_for(patient, NOW + timedelta(days=days))[0].findings
    return any(f"{one.layer}/{one.table}/{one.rule}" == rule and not one.accepted for one in found)


def test_an_explained_fall_falls_silent_and_the_row_and_its_repeat_go(patient: Patient, people: People) -> None:
    fallen(patient)
    assert (speaks(patient), only(people["nurse"]).group) == (True, "Today")
    assert send(patient, people["prescriber"], finding=HALF, note=WHY)[0] == 302
    assert not speaks(patient)
    assert only(people["nurse"]).group not in ("Now", "Today", "Late")
    decision = [one for one in record_of(patient).events if isinstance(one, Decision)][-1]
    assert (decision.do, decision.finding, decision.text, decision.until) == (
        "accept",
        HALF,
        WHY,
        date.fromisoformat(LATER),
    )
    act = Act.objects.get(what="explain")
    assert act.review is not None
    assert HALF.rpartition("/")[2] in act.review.answer
    page = signed_in(people["nurse"]).get(f"/patients/{patient.pid}").content.decode()
    assert "Accepted by a named person" in page
    assert f"until 1 Apr 2026 ({WHY})" in page


def test_a_worse_value_speaks_again(patient: Patient, people: People) -> None:
    fallen(patient)
    send(patient, people["prescriber"], finding=HALF, note=WHY)
    append(patient, [result("wbc", "4.9", "2026-03-03", id="w6")], None, NOW + timedelta(days=1))
    assert not speaks(patient)
    assert speaks(patient, days=1)


def test_it_speaks_again_when_somebody_ends_it(patient: Patient, people: People) -> None:
    fallen(patient)
    assert send(patient, people["prescriber"], finding=HALF, do="end")[0] == 422
    send(patient, people["prescriber"], finding=HALF, note=WHY)
    assert send(patient, people["prescriber"], finding=HALF, note=WHY)[0] == 422
    assert send(patient, people["prescriber"], finding=HALF, do="end")[0] == 302
    assert speaks(patient)


def test_it_speaks_again_the_day_after_its_last(patient: Patient, people: People) -> None:
    fallen(patient)
    send(patient, people["prescriber"], finding=HALF, note=WHY, until="2026-03-04")
    on, after = (answer_for(patient, NOW + timedelta(days=days))[0].findings for days in (2, 3))
    silent = [{one.rule for one in found if one.accepted} for found in (on, after)]
    assert silent == [{"half"}, set()]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (TODAY - timedelta(days=1), 422),
        (TODAY, 302),
        (LAST, 302),
        (LAST + timedelta(days=1), 422),
        ("soon", 422),
        ("", 422),
    ],
)
def test_the_last_day_lies_from_today_to_as_long_as_anything_may_wait(
    day: date | str, expected: int, patient: Patient, people: People
) -> None:
    fallen(patient)
    assert send(patient, people["prescriber"], finding=HALF, note=WHY, until=str(day))[0] == expected


@pytest.mark.parametrize(
    "form", [{"finding": HALF, "note": "  known  "}, {"finding": "cidp/white-cells/stop", "note": WHY}]
)
def test_without_an_explanation_or_for_what_is_not_found_nothing_is_accepted(
    form: dict[str, str], patient: Patient, people: People
) -> None:
    fallen(patient)
    assert send(patient, people["prescriber"], **form)[0] == 422
    assert not Event.objects.filter(body__contains='"accept"').exists()


@pytest.mark.parametrize("count", [LOW, LOWISH, result("neutrophils", "1.4", "2026-03-01")])
def test_what_the_rules_do_not_call_explainable_is_not_accepted(
    count: dict[str, object], patient: Patient, people: People
) -> None:
    fallen(patient, count)
    others = [one for one in answer_for(patient, NOW)[0].findings if one.holds == "yes" and key_of(one) not in rules()]
    assert others
    for one in others:
        assert send(patient, people["prescriber"], finding=key_of(one), note=WHY, read="1.9")[0] == 422
    assert not Event.objects.filter(body__contains='"accept"').exists()


def test_a_fall_that_was_accepted_hides_no_stop(patient: Patient, people: People) -> None:
    """Whatever the laboratory says of when it sent it."""
    fallen(patient)
    send(patient, people["prescriber"], finding=HALF, note=WHY)
    corrected = result("wbc", "1.4", "2026-03-01", id="w6", status="corrected", replaces="w5")
    append(patient, [corrected], None, NOW + timedelta(hours=6))
    assert only(people["nurse"]).group == "Now"


def test_a_preliminary_value_is_not_accepted(patient: Patient, people: People) -> None:
    fallen(patient, status="preliminary")
    (one,) = acceptable(*answer_for(patient, NOW))
    assert (one.key, one.preliminary) == (HALF, True)
    status, page = send(patient, people["prescriber"], finding=HALF, note=WHY)
    assert status == 422
    assert NOT_FINAL in page


def test_a_medicine_taken_on_purpose_is_accepted_once_it_was_read(patient: Patient, people: People) -> None:
    taken = {"kind": "medicine", "name": "allopurinol", "from": "2026-02-25", "until": None}
    append(patient, [*ASKED, *GOOD, taken], None, NOW)
    wanted = {
        "finding": "added-safety/interactions/factor",
        "note": "A quarter of the dose beside allopurinol, on purpose.",
    }
    (one,) = acceptable(*answer_for(patient, NOW))
    assert send(patient, people["prescriber"], **wanted)[0] == 422
    assert send(patient, people["prescriber"], **wanted, read="febuxostat")[0] == 422
    assert send(patient, people["prescriber"], **wanted, read=one.word)[0] == 302
    assert not speaks(patient, one.key)


def test_every_rule_that_can_be_accepted_is_a_rule_with_advice() -> None:
    names = {key.partition("/")[0] for key in rules()}
    packs = [read_pack(find(name), cases=False) for name in names]
    held = {
        f"{pack.name}/{table.name}/{rule.name}"
        for pack in packs
        for table in pack.tables
        for rule in table.rules
        if rule.advice
    }
    assert set(rules()) <= held


@pytest.mark.parametrize("role", ["nurse", "pharmacist"])
def test_it_is_for_a_prescriber(role: str, patient: Patient, people: People) -> None:
    fallen(patient)
    assert signed_in(people[role]).get(f"/patients/{patient.pid}/act/explained").status_code == 403
