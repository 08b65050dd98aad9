"""Acting on what the rules say: as advised, more than that, or less. Each act rests on a kept review and answers what is open.

Nothing abnormal is closed without something done; a finding that asks for a stop is closed by a prescriber alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

import yaml

from countwell import Answer
from countwell.clinic.models import Act, Patient, Person, Review, Standing
from countwell.clinic.policy import policy
from countwell.clinic.refused import NotUsable, NotYours
from countwell.clinic.store import acted
from countwell.clinic.store.interrupts import alarm_of
from countwell.clinic.store.ordered import events_of, note_orders
from countwell.clinic.store.records import append
from countwell.clinic.store.reviews import keep, resting
from countwell.clinic.store.standing import Calling, answer_for, here, run_rules
from countwell.clinic.store.steps import Step, may_be
from countwell.clinic.store.wanted import wanted
from countwell.model.advice import CALM
from countwell.vocabulary import lists

LESS = ("monitor", "snooze", "less")
CLOSE, SIGN = "close-stop-level", "sign-dose"
PROPOSE = "A lower dose is signed by a prescriber. Propose it under Dose and plan, and tell a prescriber."
A_PRESCRIBER = "A prescriber closes this. Take the patient over, tell a prescriber now, and hand the patient on."
NOTHING_DONE = "Nothing is done by this. Hold, stop or order something, or write what was done, by whom and when."
NO_DAY = "The answer names no day for the next test, so it cannot be put off. Act on it."

Form = Mapping[str, str]
Sent = dict[str, object]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody did more or less than is advised."""

    says: str
    more: bool = False
    less: bool = False
    needs: str = ""


@cache
def reasons() -> Mapping[str, Reason]:
    """The coded reasons."""
    text = files("countwell.clinic").joinpath("otherwise.yaml").read_text(encoding="utf-8")
    return {name: Reason(**fields) for name, fields in yaml.safe_load(text).items()}


def open_episodes(patient: Patient, calls: Calling | Standing) -> dict[str, int]:
    """What calls for something and nobody has answered: each episode with its place; `` is advice that no episode carries."""
    least = min(calls.episodes.values(), default=CALM.place)
    bare = {"": calls.place} if calls.place < least else {}
    acts = Act.objects.filter(patient=patient, undone_by=None).select_related("by").order_by("at", "pk")
    return acted.unanswered({**bare, **calls.episodes}, acts, calls.day)


def as_advised(patient: Patient, form: Form, by: Person, at: datetime) -> list[Act]:
    """Does what is advised: the hold or stop into the record, the tests ordered. Raises NotUsable if nothing is done by it."""
    answer = answer_for(patient, at)[0]
    drug = answer.advice.drug if is_taken(answer) else ""
    halt = drug if drug in ("hold", "stop") else ""
    lower = _reducing(patient, form, by, at) if drug == "reduce" and answer.course.state == "active" else []
    events = [*_halting(halt, answer, form, by, at, patient), *lower]
    return _act("done", patient, form, by, at, events, _orders(answer))


def more(patient: Patient, form: Form, by: Person, at: datetime) -> list[Act]:
    """Does more than is advised: holds or stops, with a coded reason."""
    answer = answer_for(patient, at)[0]
    halt, why = form.get("do", ""), coded_reason(form, "more")
    if halt not in ("hold", "stop") or not is_taken(answer):
        raise NotUsable("Choose to hold or to stop. Other steps stand under Dose and plan.")
    events = list(_halting(halt, answer, form, by, at, patient))
    return _act("more", patient, form, by, at, events, _orders(answer), reason=why)


def less(patient: Patient, form: Form, by: Person, at: datetime) -> list[Act]:
    """Does less: watches it with a test ordered, puts it off, or something else, with a coded reason."""
    answer = answer_for(patient, at)[0]
    what, why = form.get("do", ""), coded_reason(form, "less")
    if what not in LESS:
        raise NotUsable("Choose what is done instead.")
    until = _until(answer, form, at, patient) if what in ("monitor", "snooze") else None
    left = _left(patient, at)
    if what == "snooze" and _stop_level(left):
        raise NotUsable("A finding of this kind is not put off. Act on it, or say why something else is done.")
    if (alarm := alarm_of(answer, left)) is not None:
        alarm.check_read(form)
    orders = _watching(answer, until) if what == "monitor" and until else {}
    if what == "monitor" and not orders:
        raise NotUsable("To watch it a test has to be ordered, and the answer asks for none. Do something else.")
    return _act(what, patient, form, by, at, [], orders, reason=why, until=until)


def _act(
    what: str,
    patient: Patient,
    form: Form,
    by: Person,
    at: datetime,
    events: list[Sent],
    orders: Mapping[str, date],
    reason: str = "",
    until: date | None = None,
) -> list[Act]:
    """Keeps the review, appends the events and orders, and answers each open episode as grave as it is.

    orders: groups of tests, each with the day by which it is wanted.
    """
    left, note = _left(patient, at), form.get("note", "").strip()
    halts = any(event["kind"] == "decision" for event in events)
    if not left:
        raise NotUsable("Nothing is open here. Somebody may have acted already: open the chart again.")
    if _stop_level(left) and not policy().rights[CLOSE].has(by.role) and not halts:
        raise NotYours(A_PRESCRIBER)
    if what == "done" and not events and not orders and len(note) < acted.WRITTEN:
        raise NotUsable(NOTHING_DONE)
    kept = keep(patient, at)
    instant = here(patient, at).at
    grounded = [resting({**event, "at": instant.isoformat()}, kept) for event in events]
    note_orders(patient, orders, instant, by, at)
    made = append(patient, [*grounded, *events_of(orders, instant.isoformat())], by, at)
    decision = next((event for event in made if event.kind == "decision"), None)
    return [
        _one(patient, what, by, at, episode, place, kept, note=note, reason=reason, until=until, event=decision)
        for episode, place in left.items()
    ]


def _one(
    patient: Patient, what: str, by: Person, at: datetime, episode: str, place: int, kept: Review, **more: object
) -> Act:
    return acted.act(patient, what, by, at, episode=episode, place=place, review=kept, **more)


def _left(patient: Patient, at: datetime) -> dict[str, int]:
    """The open episodes as the rules see them now."""
    return open_episodes(patient, run_rules(patient, at))


def _stop_level(left: Mapping[str, int]) -> bool:
    return any(place in acted.ALONE for place in left.values())


def is_taken(answer: Answer) -> bool:
    """Whether there is a treatment that can be held or stopped."""
    return answer.course.state in ("active", "held")


def _halting(halt: str, answer: Answer, form: Form, by: Person, at: datetime, patient: Patient) -> Iterator[Sent]:
    """The hold or stop as an event. A hold has a day by which somebody decides; both have a reason."""
    if not halt or (halt == "hold" and answer.course.state == "held"):
        return
    if form.get("reason") not in lists.entries("reasons"):
        raise NotUsable(f"Choose the reason for the {halt} from the list.")
    event: Sent = {"kind": "decision", "do": halt, "reason": form["reason"], "by": str(by.pk)}
    if halt == "hold":
        event["decide_by"] = _day(form, "decide_by", answer.advice.decide_by, at, patient).isoformat()
    yield event


def _reducing(patient: Patient, form: Form, by: Person, at: datetime) -> list[Sent]:
    """The lower dose as an event, if the engine lets it be and this person signs doses."""
    if not policy().rights[SIGN].has(by.role):
        raise NotYours(PROPOSE)
    step = Step.of({**dict(form.items()), "do": "reduce"})
    may_be(patient, step, at)
    return [step.event(at, by)]


def _day(form: Form, name: str, latest: date | None, at: datetime, patient: Patient) -> date:
    """A day of the form, from today to the latest allowed. Raises NotUsable."""
    today = here(patient, at).day
    try:
        day = date.fromisoformat(form.get(name, ""))
    except ValueError:
        raise NotUsable("Give the day by which somebody looks again.") from None
    if day < today or (latest is not None and day > latest):
        until = f" to {latest:%-d %b %Y}" if latest else " on"
        raise NotUsable(f"{day:%-d %b %Y} is not allowed. Choose a day from {today:%-d %b %Y}{until}.")
    return day


def latest_day(answer: Answer) -> date | None:
    """The last day to which something can be put off: the earliest day by which any test is wanted."""
    return min((one.until for one in wanted(answer)), default=None)


def _until(answer: Answer, form: Form, at: datetime, patient: Patient) -> date:
    latest = latest_day(answer)
    if latest is None:
        raise NotUsable(NO_DAY)
    return _day(form, "until", latest, at, patient)


def ordered(answer: Answer) -> list[str]:
    """The groups of tests that the findings ask for, not those of the calendar."""
    sure = [finding for finding in answer.findings if finding.holds == "yes" and not finding.calendar]
    return sorted({group for finding in sure for group in finding.advice.tests})


def _orders(answer: Answer) -> dict[str, date]:
    """What the findings ask for, each with its day; what is late already is late from its order on."""
    days, today = {one.group: one.until for one in wanted(answer)}, answer.as_of.day
    return {group: max(days.get(group, today), today) for group in ordered(answer)}


def _watching(answer: Answer, until: date) -> dict[str, date]:
    """The tests by which something is watched: those that the findings ask for, else those that are due."""
    return dict.fromkeys(ordered(answer) or [one.group for one in wanted(answer)], until)


def coded_reason(form: Form, way: str) -> str:
    """The coded reason. Raises NotUsable if there is none, or what it needs is missing."""
    name = form.get("why", "")
    reason = reasons().get(name)
    if reason is None or not getattr(reason, way):
        raise NotUsable("Choose the reason from the list. “Will watch it” is not a reason by itself.")
    if reason.needs and len(form.get("note", "").strip()) < acted.WRITTEN:
        raise NotUsable("This reason needs a note: write it in words.")
    return name
