"""What is recorded of the running dose and cannot be meant: how often, how much, or a change against its own name."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from countwell.engine.doses import Limit, ceilings
from countwell.engine.standing import Standing
from countwell.engine.words import number_in_words
from countwell.model.records import Decision, Refused
from countwell.vocabulary.lists import refused_frequency
from countwell.vocabulary.tests import measures

OF_THE_DOSE = ("frequency", "mg_per_day")


def dose_in_doubt(standing: Standing) -> Iterator[Refused]:
    """What a person must confirm of the dose of a running course; it stands until then."""
    if standing.facts.course.state == "active":
        yield from _frequency(standing)
        yield from _dose(standing)
        yield from _contrary(standing)


def _frequency(standing: Standing) -> Iterator[Refused]:
    """The running dose is recorded with a frequency that azathioprine never has (weekly: the methotrexate mix-up)."""
    change = standing.facts.course.change
    frequency = change.frequency if change is not None else None
    refused = refused_frequency(frequency) if frequency is not None else None
    if change is None or frequency is None or not refused:
        return
    yield Refused(
        event=change.ref,
        field="frequency",
        as_sent=frequency,
        why="implausible",
        says=f"The running dose is recorded as {frequency}: {refused}.",
        do="Do not dispense until the prescriber has confirmed the dose.",
        tell="prescriber",
        held=True,
        kind="decision",
    )


def _dose(standing: Standing) -> Iterator[Refused]:
    """The running dose is above every ceiling of the packs: a tenfold slip, or a weight that has changed.

    Where no ceiling can be worked out, because no weight is known, those at the highest likely weight hold it.
    """
    course = standing.facts.course
    if course.mg_per_day is None or course.change is None:
        return
    plain = [limit for limit in ceilings(standing) if _is_plain(limit)]
    weighed = [limit.mg for limit in plain if limit.mg is not None]
    known = weighed or [mg for mg in map(_at_most, plain) if mg is not None]
    if not known or course.mg_per_day <= max(known):
        return
    at = "this weight" if weighed else f"{number_in_words(_heaviest())} kg, and no weight is known"
    yield Refused(
        event=course.change.ref,
        field="mg_per_day",
        as_sent=f"{course.mg_per_day:f} mg a day",
        why="implausible",
        says=f"The running dose is above {number_in_words(max(known))} mg a day, the ceiling at {at}.",
        do="Confirm the dose and the weight before the next tablet.",
        tell="prescriber",
        held=True,
        kind="decision",
    )


def _at_most(limit: Limit) -> Decimal | None:
    """A ceiling by weight at the highest likely weight."""
    placed = limit.state.placed
    number = placed.pack.numbers.get(placed.rule.dose.ceiling or "") if placed.rule.dose is not None else None
    return number.value * _heaviest() if number is not None else None


def _heaviest() -> Decimal:
    likely = measures()["weight"].likely
    assert likely is not None
    return likely[1]


def _is_plain(limit: Limit) -> bool:
    """A ceiling in its own right: neither a gate nor a multiple of an earlier dose."""
    rule = limit.state.placed.rule
    return rule.gate is None and rule.dose is not None and rule.dose.times is None


def _contrary(standing: Standing) -> Iterator[Refused]:
    """The last change of the dose contradicts its own name, or names no dose: a slip, or something else was meant."""
    course = standing.facts.course
    if course.change is None or course.change.do not in ("raise", "reduce"):
        return
    says = _contradiction(course.change, course.before)
    if says is None:
        return
    yield Refused(
        event=course.change.ref,
        field="do",
        as_sent=course.change.do,
        why="disputed" if course.change.mg_per_day is not None else "missing",
        says=says,
        do="Ask the prescriber which dose is meant.",
        tell="prescriber",
        held=True,
        kind="decision",
        kept=True,
    )


def _contradiction(change: Decision, before: Decimal | None) -> str | None:
    """What is wrong with a raise or a reduction, in words; None: nothing that can be seen."""
    now = change.mg_per_day
    if now is None:
        return "It names no dose: what is taken since is not known."
    if before is None or now == before or (now > before) == (change.do == "raise"):
        return None
    return f"It goes from {number_in_words(before)} to {number_in_words(now)} mg a day."
