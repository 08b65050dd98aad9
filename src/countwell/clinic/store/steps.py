"""A step of treatment (start, raise, reduce, hold, restart): whoever treats proposes it, a prescriber signs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from countwell import Answer
from countwell.clinic.models import Act, Patient, Person
from countwell.clinic.refused import NotUsable, NotYours
from countwell.clinic.store.acted import act
from countwell.clinic.store.records import append
from countwell.clinic.store.reviews import keep, resting
from countwell.clinic.store.standing import answer_for, here
from countwell.paper.plain import as_read, dose
from countwell.vocabulary import lists

STEPS = ("start", "raise", "reduce", "hold", "restart")
DOSED = ("start", "raise", "reduce", "restart")
FREQUENCIES = ("once daily", "twice daily")
TWO_PRESCRIBERS = "hypersensitivity"
NO_DAY = "Give the day by which somebody decides how it goes on. A hold without a day is forgotten."
NOT_CONFIRMED = "A dose like this is confirmed first. Nothing was signed."
ANOTHER = "After a hypersensitivity reaction a second prescriber has to sign. It stands as proposed by you."


class AgainstTheRules(NotUsable):
    """The engine does not let a step be. answer: in which it says so."""

    def __init__(self, says: str, answer: Answer) -> None:
        super().__init__(says)
        self.answer = answer


class ToConfirm(NotUsable):
    """The engine lets a dose be, once a named person has confirmed it. answer: in which it says so."""

    def __init__(self, says: str, answer: Answer) -> None:
        super().__init__(says)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Step:
    """What is wanted, as it was typed. again: the dose, typed a second time where it has to be confirmed."""

    do: str
    mg_per_day: str = ""
    frequency: str = "once daily"
    reason: str = ""
    decide_by: str = ""
    note: str = ""
    again: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Step:
        """Out of a form. Raises NotUsable if something is missing or is none of the words."""
        step = cls(**{name: str(form.get(name, "")).strip() for name in cls.__slots__})
        step._check()
        return step

    def _check(self) -> None:
        if self.do not in STEPS:
            raise NotUsable(f"Choose what is to be done: {', '.join(STEPS)}.")
        if self.do in DOSED and not self.mg_per_day:
            raise NotUsable("Give the dose in mg a day.")
        if self.do in DOSED and self.frequency not in FREQUENCIES:
            raise NotUsable(f"Azathioprine is taken every day: choose {' or '.join(FREQUENCIES)}.")
        if self.do == "hold" and self.reason not in lists.entries("reasons"):
            raise NotUsable("Choose the reason for the hold from the list.")
        if self.do == "hold" and not _is_day(self.decide_by):
            raise NotUsable(NO_DAY)

    def event(self, at: datetime, by: Person) -> dict[str, object]:
        """The decision as an event of the record."""
        event: dict[str, object] = {"kind": "decision", "do": self.do, "at": at.isoformat(), "by": str(by.pk)}
        if self.do in DOSED:
            event |= {"mg_per_day": self.mg_per_day, "frequency": self.frequency}
        if self.do == "hold":
            event |= {"reason": self.reason, "decide_by": self.decide_by}
        return event


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def propose(patient: Patient, step: Step, by: Person, at: datetime) -> Act:
    """Appends a proposal. It changes nothing until a prescriber has signed it. Raises NotUsable if it may not be."""
    may_be(patient, step, at)
    note = json.dumps({name: getattr(step, name) for name in Step.__slots__}, ensure_ascii=False)
    return act(patient, "propose", by, at, note=note, reason=step.do, review=keep(patient, at))


def sign(patient: Patient, step: Step, by: Person, at: datetime, proposed: Act | None = None) -> Act:
    """A prescriber's decision: into the record, with the review that it rests on.

    Raises NotUsable if the engine refuses the dose or the step; NotYours if a second prescriber has to sign.
    """
    answer = may_be(patient, step, at)
    if step.do == "restart" and _needs_two(answer) and (proposed is None or not _is_another(proposed, by)):
        raise NotYours(ANOTHER)
    review = keep(patient, at)
    events = append(patient, [resting(step.event(here(patient, at).at, by), review)], by, at)
    event = events[0] if events else None
    return act(patient, "sign", by, at, reason=step.do, note=step.note, review=review, confirms=proposed, event=event)


def _needs_two(answer: Answer) -> bool:
    return answer.course.reason == TWO_PRESCRIBERS


def _is_another(proposed: Act, by: Person) -> bool:
    return proposed.by_id != by.pk and proposed.by.role == "prescriber"


def may_be(patient: Patient, step: Step, at: datetime) -> Answer:
    """The engine's answer on the step. Raises AgainstTheRules, in the engine's words, with what was typed; ToConfirm for a dose
    that has to be confirmed and is not; NotUsable for a step out of turn."""
    if step.do == "hold":
        return answer_for(patient, at)[0]
    said = {"mg_per_day": [step.mg_per_day], "frequency": [step.frequency]}
    question = {"start": "start", "restart": "restart"}.get(step.do, "check-dose")
    answer, _ = answer_for(patient, at, question, said=said)
    state = answer.course.state
    if _out_of_turn(step.do, state):
        raise NotUsable(f"The course is {state}: {step.do} is not the step that follows.")
    if _other_way(step, answer):
        wanted, now = dose(answer.details["mg_per_day"]), dose(answer.course.mg_per_day or "0")
        raise NotUsable(f"{wanted} mg a day is no {step.do} from {now} mg a day.")
    allowed = answer.details.get("accepted" if question != "restart" else "allowed")
    if allowed is not True or "do-not-start" in answer.actions:
        raise AgainstTheRules(f"{as_read(answer.headline)} Kept as you typed it: {step.mg_per_day} mg a day.", answer)
    if answer.details.get("confirm"):
        _check_confirmed(step, answer)
    return answer


def _check_confirmed(step: Step, answer: Answer) -> None:
    """Raises ToConfirm unless the dose was read back: typed a second time, and why it is meant."""
    if not step.again:
        raise ToConfirm(NOT_CONFIRMED, answer)
    if step.again != answer.details["mg_per_day"] and step.again != step.mg_per_day:
        raise ToConfirm(
            f"What was typed the second time is not {answer.details['mg_per_day']}. {NOT_CONFIRMED}", answer
        )
    if not step.note:
        raise ToConfirm(f"Write why this dose is meant. {NOT_CONFIRMED}", answer)


def _out_of_turn(do: str, state: str) -> bool:
    """A start follows a proposal, a restart a hold or a stop; the dose of an active course alone is changed."""
    follows = {"start": ("proposed",), "restart": ("held", "stopped")}
    return state not in follows.get(do, ("active",))


def _other_way(step: Step, answer: Answer) -> bool:
    """Whether a raise does not raise, or a reduction does not reduce."""
    now = answer.course.mg_per_day
    if step.do not in ("raise", "reduce") or now is None:
        return False
    wanted = Decimal(answer.details["mg_per_day"])
    return wanted <= now if step.do == "raise" else wanted >= now


def open_proposals(patient: Patient) -> list[Act]:
    """Proposals that nobody has signed or answered, newest first."""
    return list(Act.objects.filter(patient=patient, what="propose", confirmed_by=None).order_by("-at"))


def step_of(proposed: Act, again: str = "") -> Step:
    """What a proposal proposes. again: the dose as who signs it typed it; that the proposer did is not enough."""
    return replace(Step(**json.loads(proposed.note)), again=again)
