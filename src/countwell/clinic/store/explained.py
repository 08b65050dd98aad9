"""A finding that has an explanation, accepted by a prescriber: that rule alone falls silent, and speaks again when something
worse comes, when the day of it is over, or when somebody ends it. The engine sees to all three.

Which rules can be accepted at all stands in `explained.yaml`: those whose packs say so, and no others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml

from countwell import Answer, Record
from countwell.clinic.models import Act, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.acted import WRITTEN, act
from countwell.clinic.store.chase import ladder
from countwell.clinic.store.interrupts import READ, word_of
from countwell.clinic.store.records import append
from countwell.clinic.store.reviews import keep, resting
from countwell.clinic.store.standing import answer_for, here
from countwell.model.advice import rank
from countwell.model.answers import Finding
from countwell.model.records import Decision, Result
from countwell.paper.findings import name_of

NOT_THERE = "It is not found any more, was accepted already, or cannot be accepted. Open the page again."
EXPLAIN = "Write what explains it. Nothing was accepted."
NO_DAY = "A finding is accepted up to a day. Give the last day."
PRELIMINARY = "preliminary"
NOT_FINAL = "This rests on a preliminary report. Wait for the final one, and act on the finding meanwhile."


@dataclass(frozen=True, slots=True)
class Acceptable:
    """One finding as the form needs it. key: `layer/table/rule`; allowed: where its pack says that it can be accepted; word:
    what has to be typed if it is grave; accepted: the decision by which it is silent now."""

    finding: Finding
    key: str
    says: str
    allowed: str
    word: str
    preliminary: bool
    accepted: Decision | None


@cache
def rules() -> Mapping[str, str]:
    """The rules that can be accepted, each with where its pack says so."""
    sent: Mapping[str, str] = yaml.safe_load(
        files("countwell.clinic").joinpath("explained.yaml").read_text(encoding="utf-8")
    )
    return sent


def acceptable(answer: Answer, record: Record) -> Sequence[Acceptable]:
    """What surely holds and can be explained: silent ones too."""
    return [_of(one, record) for one in answer.findings if one.holds == "yes" and key_of(one) in rules()]


def _of(finding: Finding, record: Record) -> Acceptable:
    grave = rank(finding.advice).tier == 1 or finding.advice.at_least("hold")
    on = {ref for because in finding.because for ref in because.events}
    results = (one for one in record.events if isinstance(one, Result) and one.ref in on)
    decisions = (one for one in record.events if isinstance(one, Decision) and one.ref == finding.accepted)
    return Acceptable(
        finding,
        key_of(finding),
        name_of(finding),
        rules()[key_of(finding)],
        word_of(finding) if grave else "",
        any(one.status == PRELIMINARY for one in results),
        next(decisions, None),
    )


def key_of(finding: Finding) -> str:
    """A rule by its full name."""
    return f"{finding.layer}/{finding.table}/{finding.rule}"


def accept(patient: Patient, form: Mapping[str, str], by: Person, at: datetime) -> Act:
    """Records that a finding is explained, with the review it rests on. form: `finding`, `note`, `until` (last day), `read`.
    Raises NotUsable if it is not found, not explained, not final, without its day, or grave and not read."""
    one = _wanted(patient, form, at, accepted=False)
    note = form.get("note", "").strip()
    if one.preliminary:
        raise NotUsable(NOT_FINAL)
    if len(note) < WRITTEN:
        raise NotUsable(EXPLAIN)
    if one.word and form.get("read", "").strip().casefold() != one.word.casefold():
        raise NotUsable(READ)
    return _record(patient, one, note, _until(form, here(patient, at).day), by, at)


def end(patient: Patient, form: Mapping[str, str], by: Person, at: datetime) -> Act:
    """Lets an accepted finding speak again from today on. Raises NotUsable if it is not silent."""
    one = _wanted(patient, form, at, accepted=True)
    return _record(patient, one, "Ended.", here(patient, at).day - timedelta(days=1), by, at)


def _wanted(patient: Patient, form: Mapping[str, str], at: datetime, *, accepted: bool) -> Acceptable:
    found = acceptable(*answer_for(patient, at))
    wanted = form.get("finding")
    one = next((one for one in found if one.key == wanted and bool(one.finding.accepted) == accepted), None)
    if one is None:
        raise NotUsable(NOT_THERE)
    return one


def _until(form: Mapping[str, str], today: date) -> date:
    """The last day, from today to as long as anything may wait."""
    last = today + timedelta(days=ladder().longest_days)
    try:
        day = date.fromisoformat(form.get("until", ""))
    except ValueError:
        raise NotUsable(NO_DAY) from None
    if not today <= day <= last:
        raise NotUsable(f"Choose a last day from {today:%-d %b %Y} to {last:%-d %b %Y}.")
    return day


def _record(patient: Patient, one: Acceptable, note: str, until: date, by: Person, at: datetime) -> Act:
    review = keep(patient, at)
    decision: dict[str, object] = {
        "kind": "decision", "do": "accept", "finding": one.key, "at": here(patient, at).at.isoformat(), "by": str(by.pk),
        "text": note, "until": until.isoformat(),
    }  # fmt: skip
    events = append(patient, [resting(decision, review)], by, at)
    more = {"episode": one.finding.episode or "", "place": rank(one.finding.advice).place, "until": until}
    return act(patient, "explain", by, at, note=f"{one.says}: {note}", review=review, event=events[0], **more)
