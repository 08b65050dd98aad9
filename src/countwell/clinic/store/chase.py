"""The ladder of a late test: which step is next and on which day, worked out from what was tried when it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from django.db.models import OuterRef, QuerySet, Subquery

from countwell import Answer
from countwell.clinic.models import Act, Letter, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.acted import act
from countwell.clinic.store.hours import today_of
from countwell.clinic.store.reached import CORRECTED


@dataclass(frozen=True, slots=True)
class Step:
    """One step. day: counted from the last day of the test; who acts, or is written to."""

    name: str
    day: int
    who: str
    says: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try. to: the step that follows at once; asks: whether a day has to be given; until_changed: what was
    wrong, by its column: once that is corrected, the step is to be tried again."""

    says: str
    to: str = ""
    asks: str = ""
    until_changed: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """All steps and outcomes; supply_days: how long before the supply ends the prescriber is asked; longest_days: how far off
    a day may be that somebody waits for; come_days: after how long what was ordered is late, by what it is;
    short_days: how long a short supply lasts where a test is late already."""

    steps: Sequence[Step]
    outcomes: Mapping[str, Outcome]
    supply_days: int
    longest_days: int
    come_days: Mapping[str, int]
    short_days: int
    reason: str


@dataclass(frozen=True, slots=True)
class Rung:
    """A step for one due day. state: tried, passed (never tried, and not to be any more), next or later; on: its day."""

    step: Step
    on: date
    state: str


@cache
def ladder() -> Ladder:
    """The ladder of this release."""
    sent = yaml.safe_load(files("countwell.clinic").joinpath("chase.yaml").read_text(encoding="utf-8"))
    steps = tuple(Step(**step) for step in sent["steps"])
    outcomes = {name: Outcome(**fields) for name, fields in sent["outcomes"].items()}
    return Ladder(
        steps,
        outcomes,
        sent["supply_days"],
        sent["longest_days"],
        sent["come_days"],
        sent["short_days"],
        sent["reason"],
    )


def episode(due_by: date) -> str:
    """The name under which tries for one due day stand."""
    return f"late since {due_by.isoformat()}"


def rungs(due_by: date, tries: Sequence[Act], today: date, supply_until: date | None = None) -> list[Rung]:
    """Every step with its day. tries: contact acts for this due day, oldest first; supply_until: the last day for which
    tablets were released.

    The next step is the one after the last that was tried, or the one that an outcome leads to; it waits for its own day and
    for a day that was promised. If nothing was tried, reminders whose day is over are passed; a call is not. A call
    to a wrong number is to be made again, at once, when the number has been corrected.
    """
    days = [_day(step, due_by, supply_until) for step in ladder().steps]
    counted = [one for one in tries if corrected(one) is None]
    following, on = _again(tries) or _further(counted, days, today)
    was_tried = {_step_of(one) for one in counted}
    return [
        Rung(step, on if place == following else day, _state(place, following, step.name in was_tried))
        for place, (step, day) in enumerate(zip(ladder().steps, days, strict=True))
    ]


def corrected(one: Act) -> datetime | None:
    """Since when what was wrong at a try (of `tries_of`) is corrected; None if nothing was wrong, or it is wrong still."""
    outcome = ladder().outcomes.get(one.reason)
    return getattr(one, "corrected", None) if outcome is not None and outcome.until_changed else None


def _again(tries: Sequence[Act]) -> tuple[int, date] | None:
    """The step that is to be tried again, and since when: nothing has been tried since what was wrong was corrected."""
    last = next((one for one in reversed(tries) if corrected(one) is not None), None)
    since = corrected(last) if last is not None else None
    if last is None or since is None or any(one.at > since for one in tries):
        return None
    return _place(_step_of(last)), since.date()


def _further(counted: Sequence[Act], days: Sequence[date], today: date) -> tuple[int, date]:
    """The step that follows, and its day; after the last step the number of steps."""
    following = _after(counted) if counted else _untried(days, today)
    planned = days[following] if following < len(days) else today
    return following, _not_before(counted[-1], planned) if counted else planned


def _step_of(one: Act) -> str:
    return one.note.partition(":")[0]


def _after(tries: Sequence[Act]) -> int:
    tried = max(_place(_step_of(one)) for one in tries)
    return max(tried + 1, _place(ladder().outcomes[tries[-1].reason].to))


def _untried(days: Sequence[date], today: date) -> int:
    by_staff = next(place for place, step in enumerate(ladder().steps) if step.who == "staff")
    come = [place for place, day in enumerate(days) if day <= today]
    return min(come[-1] if come else 0, by_staff)


def _state(place: int, following: int, was_tried: bool) -> str:
    if was_tried:
        return "tried"
    return "passed" if place < following else "next" if place == following else "later"


def _not_before(last: Act, planned: date) -> date:
    """The day of the next step after a try: the same day if the outcome leads there, else not before what was promised."""
    if ladder().outcomes[last.reason].to:
        return last.at.date()
    return max(planned, (last.until or last.at.date()) + timedelta(days=1))


def _place(name: str) -> int:
    """Where a step stands in the ladder; -1 if there is none of that name."""
    return next((place for place, step in enumerate(ladder().steps) if step.name == name), -1)


def _day(step: Step, due_by: date, supply_until: date | None) -> date:
    planned = due_by + timedelta(days=step.day)
    if step.who != "prescriber" or supply_until is None:
        return planned
    return min(planned, supply_until - timedelta(days=ladder().supply_days))


def next_rung(due_by: date, tries: Sequence[Act], today: date, supply_until: date | None = None) -> Rung | None:
    """The step to take next, with its day; None after the last."""
    return next((rung for rung in rungs(due_by, tries, today, supply_until) if rung.state == "next"), None)


def tries_of(patients: Iterable[int]) -> dict[int, list[Act]]:
    """The tries to reach these patients, oldest first; each with the instant at which the telephone was next corrected."""
    found: dict[int, list[Act]] = {}
    later = Act.objects.filter(patient=OuterRef("patient"), what=CORRECTED, reason="phone", pk__gt=OuterRef("pk"))
    rows = Act.objects.filter(patient__in=list(patients), what="contact", undone_by=None)
    for one in rows.annotate(corrected=Subquery(later.order_by("pk").values("at")[:1])).order_by("at", "pk"):
        found.setdefault(one.patient_id, []).append(one)
    return found


def of_due(tries: Iterable[Act], due_by: date) -> list[Act]:
    """Those for this due day."""
    return [one for one in tries if one.episode == episode(due_by)]


def supplies_of(patients: Iterable[int]) -> dict[int, date]:
    """The last day for which tablets were released, of each patient for whom that is known."""
    rows = Act.objects.filter(patient__in=list(patients), what="release", undone_by=None, until__isnull=False)
    return dict(rows.order_by("at").values_list("patient_id", "until"))


def tried(patient: Patient, sent: Mapping[str, str], by: Person, at: datetime) -> Act:
    """Appends a try. sent: outcome, step, `until` and note, as typed. Raises NotUsable, saying what is missing."""
    outcome = ladder().outcomes.get(sent.get("outcome", ""))
    if outcome is None:
        raise NotUsable("Choose what came of it from the list.")
    if _place(sent.get("step", "")) < 0:
        raise NotUsable("Choose the step that this was for.")
    due_by = patient.standing.due_by
    if due_by is None:
        raise NotUsable("No test is due, so there is nothing to chase. Write a note in the chart instead.")
    until = _until(sent.get("until", ""), bool(outcome.asks), today_of(patient.clinic, at))
    note = f"{sent['step']}: {sent.get('note', '').strip()}"
    return act(patient, "contact", by, at, reason=sent["outcome"], until=until, note=note, episode=episode(due_by))


def _until(text: str, asked: bool, today: date) -> date | None:
    if not asked:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotUsable(f"Give the day, as year, month and day. You typed “{text}”.") from None
    if day < today:
        raise NotUsable(f"The day is over: {text}. Give today or a later day.")
    check_not_far(day, today)
    return day


def check_not_far(day: date, today: date) -> None:
    """Raises NotUsable for a day so far off that nobody would be asked meanwhile."""
    last = today + timedelta(days=ladder().longest_days)
    if day > last:
        raise NotUsable(f"The day is too far off. Give {last:%-d %b %Y} or an earlier day; then it is asked again.")


def words(one: Act) -> str:
    """A try in words."""
    outcome: Any = ladder().outcomes.get(one.reason)
    since = corrected(one)
    more = f" {one.until:%-d %b %Y}" if one.until else f"; it was corrected {since:%-d %b %Y}" if since else ""
    return f"{outcome.says if outcome else one.reason}{more}"


def released_until(answer: Answer) -> date | None:
    """The last day for which a repeat is released by an answer on the supply; None if nothing limits it.

    A short supply always ends: where the answer names no day, after the days of the clinic.
    """
    if until := answer.details.get("until"):
        return date.fromisoformat(until)
    short = answer.details["supply"] == "short"
    return answer.as_of.day + timedelta(days=ladder().short_days) if short else None


def ending(reach: QuerySet[Patient], today: date) -> list[tuple[Patient, date]]:
    """The patients on treatment whose released tablets end within some days, or have ended: the earliest first."""
    last = today + timedelta(days=ladder().supply_days)
    treated = {
        patient.pk: patient for patient in reach.filter(standing__state="active").select_related("owner", "standing")
    }
    found = [(treated[pk], until) for pk, until in supplies_of(treated).items() if until <= last]
    return sorted(found, key=lambda one: (one[1], one[0].name))


def failed_letters(patients: Iterable[int]) -> dict[int, str]:
    """Of these patients, why a letter did not go."""
    return dict(Letter.objects.filter(patient__in=list(patients), state="failed").values_list("patient_id", "why"))
