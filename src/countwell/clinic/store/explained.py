"""A finding that has an explanation, accepted by a prescriber: that rule alone falls silent, and speaks again when something
worse comes, when the day of it is over, or when somebody ends it. The engine sees to all three."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from countwell import Answer
from countwell.clinic.models import Act, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.acted import act
from countwell.clinic.store.chase import ladder
from countwell.clinic.store.interrupts import READ, word_of
from countwell.clinic.store.records import append
from countwell.clinic.store.reviews import keep, resting
from countwell.clinic.store.standing import answer_for, here
from countwell.engine.joined import SCHEDULE
from countwell.model.advice import NOTHING, rank
from countwell.model.answers import Finding
from countwell.paper.findings import name_of

WRITTEN = 10  # letters of an explanation
NOT_THERE = "It is no longer found, or it was accepted already. Open the page again."
EXPLAIN = "Write what explains it. Nothing was accepted."
NO_DAY = "A finding of this kind is accepted up to a day only. Give the last day."


@dataclass(frozen=True, slots=True)
class Acceptable:
    """One finding as the form needs it. key: `layer/table/rule`; word: what has to be typed if it is of the gravest tier."""

    finding: Finding
    key: str
    says: str
    word: str

    @property
    def accepted(self) -> bool:
        """Whether it is silent now."""
        return self.finding.accepted is not None


def acceptable(answer: Answer) -> Sequence[Acceptable]:
    """What surely holds and asks for something, and is no row of the calendar: silent ones too."""
    found = [one for one in answer.findings if one.holds == "yes" and one.table != SCHEDULE and one.advice != NOTHING]
    return [
        Acceptable(one, key_of(one), name_of(one), word_of(one) if rank(one.advice).tier == 1 else "") for one in found
    ]


def key_of(finding: Finding) -> str:
    """A rule by its full name."""
    return f"{finding.layer}/{finding.table}/{finding.rule}"


def accept(patient: Patient, form: Mapping[str, str], by: Person, at: datetime) -> Act:
    """Records that a finding is explained, with the review it rests on. form: `finding`, `note`, `until` (the last day, or
    empty), `read`. Raises NotUsable if it is not found, not explained, or a stop-level one without its day and word."""
    one = _wanted(patient, form, at, accepted=False)
    note = form.get("note", "").strip()
    if len(note) < WRITTEN:
        raise NotUsable(EXPLAIN)
    until = _until(form, here(patient, at).day)
    if one.word and until is None:
        raise NotUsable(NO_DAY)
    if one.word and form.get("read", "").strip().casefold() != one.word.casefold():
        raise NotUsable(READ)
    return _record(patient, one, note, until, by, at)


def end(patient: Patient, form: Mapping[str, str], by: Person, at: datetime) -> Act:
    """Lets an accepted finding speak again from today on. Raises NotUsable if it is not silent."""
    one = _wanted(patient, form, at, accepted=True)
    return _record(patient, one, "Ended.", here(patient, at).day - timedelta(days=1), by, at)


def _wanted(patient: Patient, form: Mapping[str, str], at: datetime, *, accepted: bool) -> Acceptable:
    found = acceptable(answer_for(patient, at)[0])
    one = next((one for one in found if one.key == form.get("finding") and one.accepted == accepted), None)
    if one is None:
        raise NotUsable(NOT_THERE)
    return one


def _until(form: Mapping[str, str], today: date) -> date | None:
    """The last day, from today to as long as anything may wait; `None` if none was given."""
    text, last = form.get("until", ""), today + timedelta(days=ladder().longest_days)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotUsable("The last day is no day of the calendar.") from None
    if not today <= day <= last:
        raise NotUsable(f"Choose a last day from {today:%-d %b %Y} to {last:%-d %b %Y}.")
    return day


def _record(patient: Patient, one: Acceptable, note: str, until: date | None, by: Person, at: datetime) -> Act:
    review = keep(patient, at)
    decision: dict[str, object] = {
        "kind": "decision", "do": "accept", "finding": one.key, "at": here(patient, at).at.isoformat(), "by": str(by.pk),
        "text": note, **({"until": until.isoformat()} if until else {}),
    }  # fmt: skip
    events = append(patient, [resting(decision, review)], by, at)
    more = {"episode": one.finding.episode or "", "place": rank(one.finding.advice).place, "until": until}
    return act(patient, "explain", by, at, note=f"{one.says}: {note}", review=review, event=events[0], **more)
