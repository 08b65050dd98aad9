"""The course of treatment as the chart and the tables show it: steps of the dose, and what happened when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from countwell.base.dates import Moment
from countwell.facts.course import Course
from countwell.facts.past import Past
from countwell.model.decisions import NEW_STATE
from countwell.model.records import Circumstance, Decision, Died, Medicine, Symptom, Vaccination
from countwell.paper.plain import clean, dose, said
from countwell.paper.words import DECISIONS, STATES, shown
from countwell.vocabulary.symptoms import symptoms

HALTS = frozenset({"held", "stopped", "ended"})


@dataclass(frozen=True, slots=True)
class Step:
    """From a day on, so many mg a day; None: not known. halt: held, stopped or ended, and nothing is taken."""

    day: date
    mg: Decimal | None
    halt: str | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to be flagged on its day."""

    day: date
    kind: str
    words: str


def steps(course: Course) -> tuple[Step, ...]:
    """The dose from each decision on."""
    found: list[Step] = []
    mg, state = None, "proposed"
    for decision in course.decisions:
        before = mg, state
        mg = decision.mg_per_day if decision.mg_per_day is not None else mg
        state = NEW_STATE.get(decision.do, state)
        if (mg, state) != before:
            found.append(Step(decision.at.day, mg, state if state in HALTS else None))
    return tuple(found)


def step_words(step: Step) -> str:
    """A step in words: 150 mg a day, held, not known."""
    if step.halt is not None:
        return shown(STATES, step.halt).lower()
    return f"{dose(step.mg)} mg a day" if step.mg is not None else "not known"


def dose_on(day: date, row: tuple[Step, ...]) -> str:
    """The dose on a day in words: 150, held, or nothing."""
    step = next((step for step in reversed(row) if step.day <= day), None)
    if step is None:
        return "–"
    return step.halt or (dose(step.mg) if step.mg is not None else "?")


def happenings(past: Past, as_of: Moment) -> tuple[Happening, ...]:
    """What happened by then, oldest first."""
    found = [h for event in past.record.events for h in _of(event) if h.day <= as_of.day]
    return tuple(sorted(found, key=lambda h: (h.day, h.kind, h.words)))


def _of(event: object) -> Iterator[Happening]:
    match event:
        case Decision():
            yield Happening(event.at.day, event.do, _decision(event))
        case Symptom(symptom=name, present=True):
            listed = symptoms().get(name)
            yield Happening(event.since.day, "symptom", clean(listed.display if listed else said(name)))
        case Medicine(name=name, start=Moment() as start):
            yield Happening(start.day, "medicine", clean(name))
        case Vaccination(vaccine=name):
            yield Happening(event.at.day, "vaccine", f"vaccine: {clean(name)}")
        case Circumstance(what=what, start=Moment() as start, present=True):
            yield Happening(start.day, "circumstance", said(what))
        case Died():
            yield Happening(event.at.day, "died", "died")


def _decision(decision: Decision) -> str:
    words = shown(DECISIONS, decision.do)
    if decision.mg_per_day is not None:
        words = f"{words}, {dose(decision.mg_per_day)} mg a day"
    return f"{words}: {said(decision.reason)}" if decision.reason else words
