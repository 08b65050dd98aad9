"""The chart: everything of one patient, worst first; every state says itself; feedback changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.making import ASKED, GOOD, LOW, LOWISH, NOW, START, patient_of, result, signed_in
from clinic.test_look import plain
from countwell.clinic.models import Act, Patient, Person, Standing
from countwell.clinic.store.records import append, record_of, text_of
from countwell.model.advice import CALM

People = dict[str, Person]


def chart_of(patient: Patient, who: Person) -> str:
    """The page, with common spaces."""
    answer = signed_in(who).get(f"/patients/{patient.pid}")
    assert answer.status_code == 200
    return plain(answer.content.decode())


def test_the_chart_holds_advice_basis_picture_table_tests_plan_and_trace(patient: Patient, people: People) -> None:
    append(patient, [*ASKED, *GOOD, LOW], None, NOW)
    page = chart_of(patient, people["nurse"])
    for words in (
        "White cells 1.9", "What was found", "Source says", "Not known", '<svg class="trend', "The same as a table", "Next tests",
        "Dose plan", "Why</h2>", "Timeline", "Act on this", "Side by side", "Draft, not for clinical use",
    ):  # fmt: skip
        assert words in page, words
    assert page.count("<h1>") == 1


STATES = {
    "no results yet": ([START], "No blood test on record"),
    "held": ([START, {"kind": "decision", "do": "hold", "at": "2026-02-20", "reason": "liver"}], "Held. Since 20 Feb 2026"),
    "stopped": ([START, {"kind": "decision", "do": "stop", "at": "2026-02-20", "reason": "liver"}], "Stopped. Since 20 Feb 2026"),
    "not started": ([], "Not started"),
}  # fmt: skip


@pytest.mark.parametrize(("events", "says"), STATES.values(), ids=STATES)
def test_each_state_of_the_course_says_itself(
    patient: Patient, people: People, events: list[dict[str, object]], says: str
) -> None:
    other = patient_of(patient.clinic, [people["nurse"]], "1002", events)
    assert says in chart_of(other, people["nurse"])


def test_the_timeline_names_what_came_and_who_did_what_newest_first(patient: Patient, people: People) -> None:
    append(patient, [*ASKED, *GOOD, LOWISH], None, NOW)
    Act.objects.create(patient=patient, what="own", at=NOW, by=people["nurse"], note="seen with Dr Osei", reason="7")
    page = chart_of(patient, people["nurse"])
    page = page.partition('id="timeline"')[2]
    order = ["took this over", "seen with Dr Osei", "Blood taken: White cells", "Started, 150 mg a day"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert "(7)" not in page


def test_feedback_is_kept_with_what_the_rules_said_and_changes_nothing(patient: Patient, people: People) -> None:
    append(patient, [LOW], None, NOW)
    browser = signed_in(people["nurse"])
    before = record_of(patient)
    token = _token(browser.get(f"/patients/{patient.pid}").content.decode())
    answer = browser.post(f"/patients/{patient.pid}/feedback", {"banner": token, "reason": "late", "note": "two days"})
    assert answer.status_code == 302
    (act,) = Act.objects.filter(what="feedback")
    assert (act.reason, act.note, "White cells" in act.review.answer) == ("late", "two days", True)
    assert record_of(patient) == before
    assert "Act on this" in chart_of(patient, people["nurse"])


def test_feedback_without_a_reason_is_refused(patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    token = _token(browser.get(f"/patients/{patient.pid}").content.decode())
    assert browser.post(f"/patients/{patient.pid}/feedback", {"banner": token, "note": "x"}).status_code == 422


def _token(page: str) -> str:
    return page.partition('name="banner" value="')[2].partition('"')[0]


def test_results_stand_as_sent_and_as_read_and_the_replaced_one_is_struck(patient: Patient, people: People) -> None:
    append(
        patient,
        [
            result("platelets", "88", "2026-02-20", id="p1"),
            result("platelets", "222", "2026-02-20", id="p2", status="corrected", replaces="p1"),
            result("wbc", "3000", "2026-02-20", "/uL"),
            result("alt", "31", "2026-02-20", ""),
        ],
        None,
        NOW,
    )
    browser = signed_in(people["nurse"])
    page = plain(browser.get(f"/patients/{patient.pid}/results").content.decode())
    for words in (
        "<del><code>88 10*9/L</code></del>",
        "replaced by corrected: 222",
        "<code>3000 /uL</code>",
        "not used",
    ):
        assert words in page
    assert "3.000 ×10⁹/L" in page or "3 ×10⁹/L" in page
    one = plain(browser.get(f"/patients/{patient.pid}/results/2").content.decode())
    assert "This value was replaced: corrected: 222 10*9/L" in one


def test_a_result_of_another_patient_or_none_is_not_there(patient: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    assert [browser.get(f"/patients/{patient.pid}/results/{n}").status_code for n in (1, 99)] == [404, 404]


def test_no_result_is_not_told_as_a_good_one(patient: Patient, people: People) -> None:
    page = signed_in(people["nurse"]).get(f"/patients/{patient.pid}/results").content.decode()
    assert "No result has come yet. That is not the same as a good result." in page


@pytest.mark.parametrize("page", ["", "/act"])
def test_a_page_of_a_patient_reads_the_record_once_and_runs_no_rules_for_the_list(
    patient: Patient, people: People, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Patient] = []
    monkeypatch.setattr(
        "countwell.clinic.store.records.text_of", lambda who, *more: read.append(who) or text_of(who, *more)
    )
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW + timedelta(days=1))
    before = Standing.objects.get(patient=patient).ran_at
    assert signed_in(people["prescriber"]).get(f"/patients/{patient.pid}{page}").status_code == 200
    assert read == [patient]
    assert Standing.objects.get(patient=patient).ran_at == before


def test_what_is_open_on_the_chart_is_of_now_whatever_was_kept(patient: Patient, people: People) -> None:
    append(patient, [*ASKED, *GOOD, LOW], None, NOW)
    Standing.objects.filter(patient=patient).update(episodes={}, place=CALM.place)
    page = signed_in(people["prescriber"]).get(f"/patients/{patient.pid}").content.decode()
    assert "Act on this" in page
    assert "Nothing waits for an answer" not in page
