"""A finding with an explanation is accepted by a prescriber: that rule alone falls silent, until something worse comes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic.making import ASKED, GOOD, LOW, NOW, banner_of, only, result, signed_in
from countwell.clinic.models import Act, Event, Patient, Person
from countwell.clinic.store.chase import ladder
from countwell.clinic.store.explained import acceptable
from countwell.clinic.store.records import append, record_of
from countwell.clinic.store.standing import answer_for
from countwell.model.records import Decision

People = dict[str, Person]
HALF = "added-safety/trends/half"
WHY = "White cells were high under prednisolone, which is coming down."
TODAY = NOW.date()
LAST = TODAY + timedelta(days=ladder().longest_days)


def fallen(patient: Patient) -> None:
    """White cells at half of what they were before treatment, and above every limit."""
    before = [result("wbc", "11.0", "2025-05-20"), result("neutrophils", "8.0", "2025-05-20")]
    append(patient, [*ASKED, *GOOD, *before, result("wbc", "5.0", "2026-03-01", id="w5")], None, NOW)


def send(patient: Patient, who: Person, **form: str) -> tuple[int, str]:
    """What the form answers to this."""
    browser = signed_in(who)
    address = f"/patients/{patient.pid}/act/explained"
    answer = browser.post(address, {"banner": banner_of(browser, address), "do": "accept", **form})
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
    assert (decision.do, decision.finding, decision.text, decision.until) == ("accept", HALF, WHY, None)
    act = Act.objects.get(what="explain")
    assert act.review is not None
    assert HALF.rpartition("/")[2] in act.review.answer
    page = signed_in(people["nurse"]).get(f"/patients/{patient.pid}").content.decode()
    assert "Accepted by a named person" in page


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
    [(TODAY - timedelta(days=1), 422), (TODAY, 302), (LAST, 302), (LAST + timedelta(days=1), 422), ("soon", 422)],
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


def test_what_is_of_stop_level_is_accepted_only_once_read_and_up_to_a_day(patient: Patient, people: People) -> None:
    append(patient, [*ASKED, *GOOD, LOW], None, NOW)
    (one,) = [one for one in acceptable(answer_for(patient, NOW)[0]) if one.word]
    prescriber = people["prescriber"]
    assert send(patient, prescriber, finding=one.key, note=WHY, read="1.9")[0] == 422
    assert send(patient, prescriber, finding=one.key, note=WHY, read="2.9", until="2026-03-09")[0] == 422
    assert send(patient, prescriber, finding=one.key, note=WHY, read="1.9", until="2026-03-09")[0] == 302
    assert not speaks(patient, one.key)


@pytest.mark.parametrize("role", ["nurse", "pharmacist"])
def test_it_is_for_a_prescriber(role: str, patient: Patient, people: People) -> None:
    fallen(patient)
    assert signed_in(people[role]).get(f"/patients/{patient.pid}/act/explained").status_code == 403
