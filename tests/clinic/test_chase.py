"""The ladder of a late test: steps with days, failure reasons, and the list to call from."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

import pytest

from clinic.making import ASKED, NOW, START, banner_of, patient_of, signed_in
from countwell.clinic.models import Act, Clinic, Patient, Person, Standing
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import hand_over
from countwell.clinic.store.chase import ending, episode, ladder, next_rung, of_due, rungs, tried
from countwell.clinic.store.scope import patients_of

People = dict[str, Person]
DUE = date(2026, 2, 10)


def attempt(step: str, outcome: str, day: str, until: date | None = None) -> Act:
    """A try that was made at nine of a day."""
    at = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC)
    return Act(what="contact", at=at, reason=outcome, note=f"{step}: ", until=until, episode=episode(DUE))


def step_on(today: date, *tries: Act, supply: date | None = None) -> tuple[str, date]:
    """The next step and its day."""
    rung = next_rung(DUE, tries, today, supply)
    assert rung is not None
    return rung.step.name, rung.on


def test_reminders_stand_three_days_before_and_one_day_after() -> None:
    found = {rung.step.name: rung.on for rung in rungs(DUE, [], date(2026, 2, 1))}
    assert (found["remind-before"], found["remind-after"]) == (date(2026, 2, 7), date(2026, 2, 11))


@pytest.mark.parametrize(
    ("today", "step"),
    [("2026-02-06", "remind-before"), ("2026-02-10", "remind-before"), ("2026-02-11", "remind-after"),
     ("2026-02-16", "remind-after"), ("2026-02-17", "call"), ("2027-02-17", "call")],
)  # fmt: skip
def test_untried_reminders_are_passed_and_a_call_is_not(today: str, step: str) -> None:
    assert step_on(date.fromisoformat(today))[0] == step


def test_after_a_try_the_next_step_waits_for_its_own_day() -> None:
    assert step_on(date(2026, 2, 18), attempt("call", "no-answer", "2026-02-17")) == ("call-again", date(2026, 2, 20))


def test_after_a_late_try_the_next_step_is_not_the_same_day() -> None:
    assert step_on(date(2026, 2, 27), attempt("call", "no-answer", "2026-02-27")) == ("call-again", date(2026, 2, 28))


def test_a_promised_day_is_waited_for() -> None:
    promised = attempt("call", "reached", "2026-02-17", date(2026, 2, 25))
    assert step_on(date(2026, 2, 18), promised) == ("call-again", date(2026, 2, 26))


@pytest.mark.parametrize(
    ("outcome", "step"), [("wrong-number", "letter-gp"), ("declines", "prescriber"), ("moved", "prescriber")]
)
def test_an_outcome_can_lead_further_at_once(outcome: str, step: str) -> None:
    assert step_on(date(2026, 2, 18), attempt("call", outcome, "2026-02-17")) == (step, date(2026, 2, 17))


def test_a_wrong_number_is_called_again_at_once_when_it_has_been_corrected() -> None:
    """Even if a letter went meanwhile; and what follows the new call is counted from it."""
    wrong = attempt("call", "wrong-number", "2026-02-17")
    wrote = attempt("letter-gp", "sent", "2026-02-18")
    assert step_on(date(2026, 2, 20), wrong, wrote) == ("prescriber", date(2026, 3, 3))
    wrong.corrected = datetime(2026, 2, 19, 9, tzinfo=UTC)
    assert step_on(date(2026, 2, 20), wrong) == ("call", date(2026, 2, 19))
    assert step_on(date(2026, 2, 20), wrong, wrote) == ("call", date(2026, 2, 19))
    assert [rung.state for rung in rungs(DUE, [wrong], date(2026, 2, 20))][2:] == ["next", "later", "later", "later"]
    called = attempt("call", "no-answer", "2026-02-20")
    assert step_on(date(2026, 2, 20), wrong, called) == ("call-again", date(2026, 2, 21))
    assert step_on(date(2026, 2, 20), wrong, wrote, called) == ("prescriber", date(2026, 3, 3))


def test_a_correction_of_the_number_changes_nothing_of_other_tries() -> None:
    silent = attempt("call", "no-answer", "2026-02-17")
    silent.corrected = datetime(2026, 2, 19, 9, tzinfo=UTC)
    assert step_on(date(2026, 2, 20), silent) == ("call-again", date(2026, 2, 20))


def test_the_prescriber_is_asked_before_the_supply_ends() -> None:
    tried = attempt("letter-gp", "message", "2026-02-20")
    assert step_on(date(2026, 2, 21), tried) == ("prescriber", date(2026, 3, 3))
    assert step_on(date(2026, 2, 21), tried, supply=date(2026, 3, 4)) == ("prescriber", date(2026, 2, 27))


def test_a_reminder_that_was_never_sent_is_not_called_done() -> None:
    states = [rung.state for rung in rungs(DUE, [attempt("call", "no-answer", "2026-02-17")], date(2026, 2, 18))]
    assert states == ["passed", "passed", "tried", "next", "later", "later"]


@pytest.mark.parametrize(("until", "listed"), [("2026-03-01", True), ("2026-03-07", True), ("2026-03-08", False)])
def test_a_repeat_is_due_five_days_before_the_tablets_end(
    late: Patient, people: People, until: str, listed: bool
) -> None:
    Act.objects.create(patient=late, what="release", at=NOW, by=people["nurse"], until=until)
    assert [who for who, _ in ending(patients_of(people["nurse"], NOW), NOW.date())] == ([late] if listed else [])
    assert (late.name in signed_in(people["nurse"]).get("/today/repeats").content.decode()) is listed


def test_after_the_last_step_there_is_none() -> None:
    assert next_rung(DUE, [attempt("prescriber", "reached", "2026-03-01")], date(2026, 3, 2)) is None


def test_a_new_due_day_begins_the_ladder_anew() -> None:
    assert of_due([attempt("call", "reached", "2026-02-17")], date(2026, 3, 10)) == []


def test_every_outcome_leads_to_a_step_that_there_is() -> None:
    names = {step.name for step in ladder().steps} | {""}
    assert {outcome.to for outcome in ladder().outcomes.values()} <= names


@pytest.fixture
def late(clinic: Clinic, people: People) -> Patient:
    """A patient with a late test and nothing else."""
    return patient_of(clinic, [people["nurse"]], "7", [START, *ASKED], phone="555 0100")


def test_a_try_is_kept_and_shown(late: Patient, people: People) -> None:
    browser, address = signed_in(people["nurse"]), f"/patients/{late.pid}/contact"
    sent = {"banner": banner_of(browser, address), "step": "call", "outcome": "wrong-number", "note": "old flat"}
    assert browser.post(address, sent).status_code == 302
    page = browser.get(address).content.decode()
    assert "The number is wrong" in page
    assert '<span class="meta">old flat</span>' in page
    assert "Write to the patient and the GP" in browser.get("/today").content.decode()


@pytest.mark.parametrize(
    ("sent", "says"),
    [({"step": "call"}, "from the list"), ({"step": "fly", "outcome": "message"}, "the step"),
     ({"step": "call", "outcome": "abroad"}, "Give the day"), ({"step": "call", "outcome": "abroad", "until": "2026-03-01"}, "is over")],
)  # fmt: skip
def test_a_try_that_says_too_little_is_refused_in_words(
    late: Patient, people: People, sent: dict[str, str], says: str
) -> None:
    browser, address = signed_in(people["nurse"]), f"/patients/{late.pid}/contact"
    answer = browser.post(address, {"banner": banner_of(browser, address), **sent})
    assert (answer.status_code, says in answer.content.decode()) == (422, True)
    assert not Act.objects.exists()


def test_the_day_that_is_asked_may_be_today(late: Patient, people: People) -> None:
    browser, address = signed_in(people["nurse"]), f"/patients/{late.pid}/contact"
    sent = {
        "banner": banner_of(browser, address),
        "step": "call",
        "outcome": "reached",
        "until": NOW.date().isoformat(),
    }
    assert browser.post(address, sent).status_code == 302


def test_the_call_list_holds_the_telephone_and_leaves_when_the_step_is_later(late: Patient, people: People) -> None:
    browser = signed_in(people["nurse"])
    assert "555 0100" in browser.get("/today/calls").content.decode()
    due_by = Standing.objects.get().due_by
    Act.objects.create(
        patient=late,
        what="contact",
        at=NOW,
        by=people["nurse"],
        reason="message",
        note="call: ",
        episode=episode(due_by),
    )
    page = browser.get("/today/calls").content.decode()
    assert "555 0100" not in page
    assert "0 of 1 people" in page


@pytest.mark.parametrize(("until", "far"), [("2026-06-01", False), ("2026-06-02", False), ("2026-06-03", True)])
def test_nobody_waits_for_longer_than_three_months(late: Patient, people: People, until: str, far: bool) -> None:
    for wait in (
        partial(tried, late, {"step": "call", "outcome": "abroad", "until": until}),
        partial(hand_over.pause, late, {"reason": "travel", "until": until}),
    ):
        if far:
            with pytest.raises(NotUsable, match="too far off"):
                wait(people["nurse"], NOW)
        else:
            assert wait(people["nurse"], NOW).until.isoformat() == until
