"""One dose against every limit: may it be given from today? Nothing is clamped: a dose fits or is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from countwell.engine.decide import Decided
from countwell.engine.doses import DoseLimits
from countwell.engine.words import number_in_words
from countwell.model.records import Course
from countwell.questions.dosing import to_confirm, why, why_held, why_none
from countwell.questions.tablets import is_in_tablets
from countwell.vocabulary import lists


@dataclass(frozen=True, slots=True)
class Judged:
    """One dose against all limits. accepted None: no target in force and every ceiling kept."""

    accepted: bool | None
    because: tuple[str, ...]
    confirm: bool = False


def judge(decided: Decided, mg: Decimal, frequency: str | None) -> Judged:
    """Whether this daily dose may be given from today, with every reason against it."""
    against = list(_against(decided, mg, frequency))
    if against:
        return Judged(False, tuple(against))
    limits, reasons = decided.dose, to_confirm(decided, mg)
    confirm = bool(reasons)
    if not limits.target_in_force:
        return Judged(
            None,
            (*reasons, "No target dose is in force: the ceilings are kept, the dose is the prescriber's."),
            confirm,
        )
    return Judged(True, (*reasons, *_below_target(limits, mg)), confirm)


def _below_target(limits: DoseLimits, mg: Decimal) -> tuple[str, ...]:
    below = limits.low is not None and limits.low.mg is not None and mg < limits.low.mg
    return ("Below the target, as a step on the way.",) if below else ()


def _against(decided: Decided, mg: Decimal, frequency: str | None) -> Iterator[str]:
    limits = decided.dose
    yield from why_none(decided)
    yield from why_held(decided)
    yield from _too_much(decided, mg)
    if limits.high is not None and limits.high.mg is None:
        yield f"The range is per kg and no weight in date is known: {why(decided.standing, limits.high.state)}"
    first = limits.first
    if decided.course.state == "proposed" and first is not None and first.mg is not None and mg > first.mg:
        yield f"The first dose is {number_in_words(first.mg)} mg a day: {why(decided.standing, first.state)}"
    yield from _not_makeable(decided.standing.past.record.course, mg)
    refused = lists.refused_frequency(frequency) if frequency is not None else None
    if refused:
        yield f"{frequency}: {refused}."


def _too_much(decided: Decided, mg: Decimal) -> Iterator[str]:
    limits = decided.dose
    for limit in (*limits.ceilings, *((limits.high,) if limits.high is not None else ())):
        if limit.mg is not None and mg > limit.mg:
            reason = why(decided.standing, limit.state)
            yield f"{number_in_words(mg)} mg is above {number_in_words(limit.mg)} mg a day: {reason}"


def impossible(decided: Decided, mg: Decimal) -> tuple[str, ...]:
    """Why no day can have this dose, however it is taken: above a limit, or in no tablets. Empty: nothing is against it."""
    return (*_too_much(decided, mg), *_not_makeable(decided.standing.past.record.course, mg))


def _not_makeable(course: Course, mg: Decimal) -> Iterator[str]:
    if is_in_tablets(course, mg):
        return
    strengths = ", ".join(f"{number_in_words(product.strength_mg)} mg" for product in course.products)
    of = f"the tablets recorded ({strengths})" if strengths else "any azathioprine tablet that there is"
    yield f"{number_in_words(mg)} mg cannot be made from {of}."
