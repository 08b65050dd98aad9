"""The course of treatment: the fold over what named persons decided. Nothing else changes its state.

There is no way out of held or stopped but a person's `restart` (or a new `start`), and none out of died.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from countwell.base.dates import Moment
from countwell.model.decisions import CHANGES, NEW_STATE, RUNS, SAFER_LAST
from countwell.model.records import Decision, Died

STATES = ("proposed", "active", "held", "stopped", "ended", "died")
UNCLASSIFIED = "other"
RESCHEDULES = ("start", "restart", "raise", "reduce", "transfer-in")


@dataclass(frozen=True, slots=True)
class Course:
    """The course as of an instant, with the decisions that facts and schedules run from. before: the dose before `change`."""

    state: str = "proposed"
    since: Moment | None = None
    mg_per_day: Decimal | None = None
    frequency: str | None = None
    reason: str | None = None
    decide_by: date | None = None
    first_start: Decision | None = None
    run: Decision | None = None
    change: Decision | None = None
    before: Decimal | None = None
    stop: Decision | None = None
    halt: Decision | None = None
    reduce: Decision | None = None
    reasons: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def mg_before(self, moment: Moment) -> Decimal | None:
        """The daily dose in force just before that moment, in mg; None if there was none or it is not known."""
        mg: Decimal | None = None
        for decision in self.decisions:
            if decision.at < moment and decision.do in CHANGES:
                mg = decision.mg_per_day if decision.mg_per_day is not None or decision.do != "restart" else mg
        return mg


PROPOSED = Course()


def courses(events: Iterable[Decision | Died]) -> list[tuple[datetime, Course]]:
    """The course after each event with its instant, oldest first; the events come in any order."""
    course = PROPOSED
    steps = []
    for event in sorted(events, key=_order):
        course = _after_death(course, event) if isinstance(event, Died) else _after(course, event)
        steps.append((event.at.at, course))
    return steps


def _order(event: Decision | Died) -> tuple[datetime, int, Decimal, str]:
    """By time; of one instant the safer decision comes last, whatever the order of the record."""
    if isinstance(event, Died):
        return event.at.at, len(SAFER_LAST), Decimal(0), event.ref
    place = SAFER_LAST.index(event.do) if event.do in SAFER_LAST else 0
    return event.at.at, place, -(event.mg_per_day or Decimal(0)), event.ref


def _after_death(course: Course, event: Died) -> Course:
    return replace(course, state="died", since=event.at, decide_by=None)


def _after(course: Course, decision: Decision) -> Course:
    if course.state == "died":
        return course
    changed: dict[str, Any] = {"decisions": (*course.decisions, decision)}
    if decision.do in NEW_STATE:
        changed |= _moved(course, decision)
    if decision.do in CHANGES:
        changed |= _dosed(course, decision)
    if decision.do in ("hold", "stop"):
        changed |= _halted(course, decision)
    return replace(course, **changed)


def _moved(course: Course, decision: Decision) -> dict[str, Any]:
    state = NEW_STATE[decision.do]
    since = course.since if state == course.state else decision.at
    moved = {"state": state, "since": since, "reason": None, "decide_by": None}
    if decision.do not in RUNS:
        return moved
    return moved | {"run": decision, "first_start": course.first_start or decision, "halt": None, "stop": None}


def _dosed(course: Course, decision: Decision) -> dict[str, Any]:
    mg = decision.mg_per_day if decision.mg_per_day is not None else _same_dose(course, decision)
    frequency = decision.frequency or course.frequency
    dosed = {"mg_per_day": mg, "before": course.mg_per_day, "frequency": frequency, "change": decision}
    return dosed | {"reduce": decision} if decision.do == "reduce" else dosed


def _same_dose(course: Course, decision: Decision) -> Decimal | None:
    """A restart without a dose goes on with the old one; any other decision without a dose leaves it not known."""
    return course.mg_per_day if decision.do == "restart" else None


def _halted(course: Course, decision: Decision) -> dict[str, Any]:
    reasons = (*course.reasons, decision.reason or UNCLASSIFIED)
    halted = {"halt": decision, "reason": decision.reason, "reasons": reasons, "decide_by": decision.decide_by}
    return halted | {"stop": decision} if decision.do == "stop" else halted
