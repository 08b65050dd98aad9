"""What a pack set says that measures need: phases of testing with their intervals, the target dose, alarms and their tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from countwell.base.dates import Duration
from countwell.cohort.days import DAYS, counted
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.seen import Ints
from countwell.cohort.plan import SCHEDULE, Placed, Plan, members
from countwell.model.advice import CALM, rank
from countwell.model.pack import Pack
from countwell.model.rules import And, Compare, Condition, IsWord

BEFORE, FIRST, CHANGED, STEADY = PHASES = ("before the start", "first weeks", "after a change", "steady")
PER_KG = "mg/kg/day"


@dataclass(frozen=True, slots=True)
class Schedule:
    """The calendar of one test group. first, changed: how long the closer phases last (None: there is none).

    every: by phase the longest interval that is allowed, earliest: from when a test is due; both None where nothing is asked.
    """

    first: Duration | None
    changed: Duration | None
    every: dict[str, Duration]
    earliest: dict[str, Duration]


@dataclass(frozen=True, slots=True)
class Target:
    """The target dose: low to high, per kg of body weight or for everybody alike, both in mg a day."""

    low: Fraction
    high: Fraction
    per_kg: bool
    of: str


def schedule(plan: Plan, group: str) -> Schedule:
    """The schedule of one group of tests, as its calendar rules say it."""
    rules = [rule for rule in plan.every if rule.of.name == SCHEDULE and rule.is_calendar and group in _groups(rule)]
    phases = {rule.key: _phase(rule) for rule in rules}
    every, earliest = dict[str, Duration](), dict[str, Duration]()
    for rule in rules:
        name, assert_due = phases[rule.key][0], rule.rule.due
        assert assert_due is not None and assert_due.every is not None
        _shorter(every, name, _duration(rule.pack, assert_due.every))
        _shorter(earliest, name, _duration(rule.pack, assert_due.from_ or assert_due.every))
    return Schedule(_length(phases.values(), FIRST), _length(phases.values(), CHANGED), every, earliest)


def _groups(rule: Placed) -> tuple[str, ...]:
    return rule.rule.due.groups if rule.rule.due is not None else ()


def _shorter(found: dict[str, Duration], name: str, duration: Duration) -> None:
    if name not in found or duration.about_days < found[name].about_days:
        found[name] = duration


def _duration(pack: Pack, number: str) -> Duration:
    duration = pack.numbers[number].duration
    assert duration is not None
    return duration


def _phase(rule: Placed) -> tuple[str, Duration | None]:
    """Which phase a calendar rule is for, and how long that lasts: by the clock it compares with a duration."""
    for atom in _all_of(rule.when):
        if isinstance(atom, Compare) and atom.number is not None and atom.op in ("<", "<="):
            fact = rule.pack.facts[atom.fact]
            if fact.kind == "since" and fact.of[0] in ("run", "first-start"):
                return FIRST, _duration(rule.pack, atom.number)
            if fact.kind == "since" and fact.of[0] == "change":
                return CHANGED, _duration(rule.pack, atom.number)
    return (BEFORE if _is_before(rule) else STEADY), None


def _all_of(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, And):
        for part in condition.of:
            yield from _all_of(part)
    else:
        yield condition


def _is_before(rule: Placed) -> bool:
    return any(isinstance(atom, IsWord) and atom.words == {"proposed"} for atom in _all_of(rule.when))


def _length(phases: Iterable[tuple[str, Duration | None]], wanted: str) -> Duration | None:
    found = [length for name, length in phases if name == wanted and length is not None]
    return max(found, key=lambda duration: duration.about_days, default=None)


def after(day: Ints, duration: Duration) -> Ints:
    """The days that lie so long after these (days since 1970); a missing day of a month becomes the first of the next."""
    count, unit = counted(duration)
    if unit == DAYS:
        return day + count
    days = np.asarray(day).astype("datetime64[D]")
    month = days.astype("datetime64[M]")
    of_month = days - month.astype("datetime64[D]")
    there = (month + count).astype("datetime64[D]") + of_month
    following = (month + count + 1).astype("datetime64[D]")
    later: Ints = np.minimum(there, following).astype(np.int64)
    return later


def mean_days(duration: Duration) -> float:
    """How many days a duration has on average: for rates, never for a date."""
    count, unit = counted(duration)
    return float(max(count, 1) if unit == DAYS else count * choice("days_per_month"))


def target(plan: Plan) -> Target | None:
    """The target dose of these packs: of several the lowest that any names. None if they name none."""
    found = [_target(rule) for rule in plan.rules if rule.rule.dose is not None and rule.rule.dose.target is not None]
    return min(found, key=lambda one: one.low, default=None)


def _target(rule: Placed) -> Target:
    assert rule.rule.dose is not None and rule.rule.dose.target is not None
    low, high = (rule.pack.numbers[name] for name in rule.rule.dose.target)
    return Target(
        Fraction(low.value), Fraction(high.value), low.unit == PER_KG, f"{rule.pack.name} {rule.pack.version}"
    )


def tiers(plan: Plan) -> dict[str, int]:
    """The alert tier of every rule that gives advice: 1 interrupts, 2 is a task, 3 sits in the page. Calm ones are left out."""
    ranked = {rule.key: rank(rule.rule.advice) for rule in plan.rules if rule.rule.advice is not None}
    return {key: one.tier for key, one in ranked.items() if one is not CALM}


def results_read(plan: Plan) -> dict[str, frozenset[str]]:
    """By rule: the laboratory tests that its own facts read. Rules that read none are left out."""
    found = {rule.key: frozenset(_tests(plan, rule)) for rule in plan.rules}
    return {key: tests for key, tests in found.items() if tests}


def _tests(plan: Plan, rule: Placed) -> Iterator[str]:
    for atom in rule.atoms():
        for name in filter(None, (getattr(atom, "fact", None), getattr(atom, "other", None))):
            yield from plan.fact(rule, name).tests


def tests_of(group: str) -> tuple[str, ...]:
    """The tests of a group; a test stands for itself."""
    return members(group)
