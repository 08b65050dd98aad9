"""What stands under `details`: for each question its own numbers, beside the schedule of tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from countwell.base.dates import Moment
from countwell.base.errors import UsageError
from countwell.engine.decide import Decided, decide
from countwell.engine.joined import Joined
from countwell.engine.words import number_in_words
from countwell.facts.asked import NOTHING_ASKED, Asked
from countwell.facts.past import Past
from countwell.model.advice import NOTHING, Advice
from countwell.model.records import DoseTaken
from countwell.questions.dosing import dose_details, restart
from countwell.questions.expectations import response, waiting
from countwell.questions.judging import impossible, judge
from countwell.questions.missed import doses_a_day
from countwell.questions.supplies import supply, travel
from countwell.questions.supposed import Said, Supposition, mg_of
from countwell.questions.tablets import halves, tablets_for

TELL_A_PERSON = Advice(prescriber="today")


@dataclass(frozen=True, slots=True)
class Put:
    """A question made ready: the packs, the past with what is supposed, and what is asked."""

    question: str
    said: Said
    joined: Joined
    past: Past
    as_of: Moment
    known_at: Moment
    supposition: Supposition

    def decided(self, asked: Asked, past: Past | None = None) -> Decided:
        """What the packs say to one asking."""
        added = TELL_A_PERSON if self.supposition.refused else NOTHING
        return decide(
            self.joined, past or self.past, as_of=self.as_of, known_at=self.known_at, asked=asked, added=added
        )


def details_of(put: Put, decided: Decided, before: Past, each: Sequence[Decided]) -> dict[str, Any]:
    """The `details` of an answer. before: the past without what was supposed; each: one decision for each missed dose."""
    tests = {"tests": [row.to_json() for row in decided.schedule]}
    if decided.over:
        return tests
    match put.question:
        case "dose" | "start":
            return tests | _with_judgement(put, decided, dose_details(decided))
        case "check-dose":
            return tests | _checked(put, decided)
        case "restart":
            return tests | restart(decided)
        case "split":
            return tests | _split(put, decided)
        case "missed-dose":
            return tests | _missed(each)
        case "supply":
            return tests | supply(decided)
        case "travel":
            return tests | travel(decided, put.said)
        case "response":
            return tests | response(decided)
        case "pregnancy":
            return tests | waiting(decided) | _changed(put, decided, before)
        case "medicine" | "vaccine" | "lifestyle" | "symptoms":
            return tests | _changed(put, decided, before) | _factor(decided)
        case _:
            return tests


def _with_judgement(put: Put, decided: Decided, details: dict[str, Any]) -> dict[str, Any]:
    mg = mg_of(put.said)
    if mg is None:
        return details
    judged = judge(decided, mg, _frequency(put))
    return details | {"mg_per_day": number_in_words(mg), "accepted": judged.accepted, "because": list(judged.because)}


def _frequency(put: Put) -> str | None:
    return put.said["frequency"][0] if put.said.get("frequency") else None


def _checked(put: Put, decided: Decided) -> dict[str, Any]:
    mg = mg_of(put.said)
    if mg is None:
        raise UsageError("check-dose needs mg_per_day=…, the daily dose in mg.")
    judged = judge(decided, mg, _frequency(put))
    return {
        "mg_per_day": number_in_words(mg),
        "accepted": judged.accepted,
        "because": list(judged.because),
        "confirm": judged.confirm,
        "range_mg_per_day": dose_details(decided)["range_mg_per_day"],
    }


def _split(put: Put, decided: Decided) -> dict[str, Any]:
    said = mg_of(put.said)
    mg = said or decided.course.mg_per_day
    parts = halves(decided.standing.past.record.course, mg) if mg is not None else None
    none: dict[str, Any] = {"parts_mg": [], "tablets": []}
    if decided.course.state != "active" or decided.at_least.at_least("hold"):
        return none
    if said is not None and (because := impossible(decided, said)):
        return none | {"mg_per_day": number_in_words(said), "accepted": False, "because": list(because)}
    if parts is None:
        return none
    return {"parts_mg": [number_in_words(part.mg) for part in parts], "tablets": [part.to_json() for part in parts]}


def _missed(each: Sequence[Decided]) -> dict[str, Any]:
    """The newest missed dose in front; each with what to take in its place."""
    doses = [_missed_one(decided) for decided in each]
    return doses[0] | {"doses": doses}


def _missed_one(decided: Decided) -> dict[str, Any]:
    """One missed dose: what to take now in its place, in tablets that exist, never beyond the day's dose."""
    mg = decided.course.mg_per_day
    may_take = decided.course.state == "active" and not decided.at_least.at_least("hold")
    take = _take(decided, mg) if may_take and "take-later-today" in decided.words else Decimal(0)
    total = number_in_words(mg) if mg is not None and may_take else None
    end = decided.standing.as_of.day.isoformat() if take else None
    shown = number_in_words(take) if take is not None else None
    return {
        "due": decided.standing.asked.details.get("missed"),
        "take_mg": shown,
        "take_by": end,
        "day_total_mg": total,
    }


def _take(decided: Decided, mg: Decimal | None) -> Decimal | None:
    """A single dose, if the tablets make it and the day has room for it; None: not known, ask. 0: already taken."""
    a_day = doses_a_day(decided.standing.facts.course)
    if mg is None or a_day is None:
        return None
    taken = [
        d.mg
        for d in decided.standing.past.of(DoseTaken)
        if d.at.day == decided.standing.as_of.day and _is_past(decided, d)
    ]
    if None in taken:
        return None
    if sum((dose for dose in taken if dose is not None), mg / a_day) > mg:
        return Decimal(0)
    course = decided.standing.past.record.course
    return mg / a_day if not course.products or tablets_for(course, mg / a_day) is not None else None


def _is_past(decided: Decided, dose: DoseTaken) -> bool:
    return dose.at.at <= decided.standing.as_of.at


def _changed(put: Put, decided: Decided, before: Past) -> dict[str, Any]:
    """The rules that speak because of what was asked."""
    standing = put.decided(NOTHING_ASKED, before)
    known = {(f.layer, f.table, f.rule, f.holds) for f in standing.findings}
    return {
        "changed": [
            f"{f.layer}/{f.table}/{f.rule}"
            for f in decided.findings
            if (f.layer, f.table, f.rule, f.holds) not in known
        ]
    }


def _factor(decided: Decided) -> dict[str, Any]:
    factor = decided.dose.factor
    return {"dose_factor": {"to": number_in_words(factor)}} if factor is not None else {}
