"""What the dose rules leave: first dose, range, ceiling, and the rules that allow none. Tightest wins.

A rule that cannot be ruled out counts at once. A ceiling that cannot be worked out allows no dose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from countwell.base.dates import Duration
from countwell.base.spans import Span, exactly
from countwell.engine.joined import PlacedRule
from countwell.engine.outcomes import State
from countwell.engine.standing import Standing
from countwell.facts.past import Weighed
from countwell.model.rules import And, Condition, Dose, Not, Or

COURSE_KINDS = frozenset({"state", "reason", "condition", "asked"})


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit in mg a day with the rule that set it; mg None: it cannot be worked out."""

    mg: Decimal | None
    state: State


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition for a higher dose: met when its rule is false."""

    text: str
    met: bool | None
    why: str


@dataclass(frozen=True, slots=True)
class DoseLimits:
    """All that dose rules say, in mg a day. factor: the multiple that a ceiling takes of an earlier dose."""

    first: Limit | None
    low: Limit | None
    high: Limit | None
    ceilings: tuple[Limit, ...]
    none: tuple[State, ...]
    confirm: Limit | None
    step: Limit | None
    step_every: Duration | None
    gates: tuple[Gate, ...]
    factor: Decimal | None
    weight: Weighed | None

    @property
    def ceiling(self) -> Limit | None:
        """The lowest ceiling; one that cannot be worked out comes first."""
        unknown = [limit for limit in self.ceilings if limit.mg is None]
        known = [limit for limit in self.ceilings if limit.mg is not None]
        return unknown[0] if unknown else min(known, key=lambda limit: limit.mg or Decimal(0), default=None)

    @property
    def step_mg(self) -> Decimal | None:
        """By how much the dose may rise at once; None if no rule says so, or it cannot be worked out."""
        return self.step.mg if self.step is not None else None

    @property
    def forbids(self) -> tuple[State, ...]:
        """The rules under which no dose may be given: those that say none, and ceilings that cannot be worked out."""
        return (*self.none, *(limit.state for limit in self.ceilings if limit.mg is None))

    @property
    def target_in_force(self) -> bool:
        """Whether any rule names a target."""
        return self.low is not None


def dose_limits(standing: Standing) -> DoseLimits:
    """What the dose rules leave at this instant."""
    counted = _counted(standing)
    return DoseLimits(
        first=_lowest(_number(standing, s, d.first, "high") for s, d in counted if d.first),
        low=_lowest(_number(standing, s, d.target[0], "low") for s, d in counted if d.target),
        high=_lowest(_number(standing, s, d.target[1], "high") for s, d in counted if d.target),
        ceilings=ceilings(standing),
        none=tuple(state for state, dose in counted if dose.none),
        confirm=_lowest(_number(standing, s, d.confirm, "high") for s, d in counted if d.confirm),
        step=_lowest(_number(standing, s, d.step, "high") for s, d in counted if d.step),
        step_every=_longest([s.placed.duration(d.step_every) for s, d in counted if d.step_every]),
        gates=_gates(standing),
        factor=_factor(counted),
        weight=standing.past.weight(standing.as_of),
    )


def ceilings(standing: Standing) -> tuple[Limit, ...]:
    """The doses above which the rules allow none."""
    return tuple(_ceiling(standing, state, dose) for state, dose in _counted(standing) if dose.ceiling or dose.times)


def _counted(standing: Standing) -> list[tuple[State, Dose]]:
    states = (_heard(standing, placed) for placed in standing.joined.dosing)
    return [(state, state.placed.rule.dose) for state in states if state is not None and state.placed.rule.dose]


def _heard(standing: Standing, placed: PlacedRule) -> State | None:
    if not placed.is_read(standing.asked.question):
        return None
    state = standing.state(placed)
    return None if state is None or state.accepted is not None else state


def _number(standing: Standing, state: State, name: str | None, end: str) -> Limit:
    number = state.placed.pack.numbers[name or ""]
    if number.unit == "mg/day":
        return Limit(number.value, state)
    weight = standing.past.weight(standing.as_of)
    if weight is None:
        return Limit(None, state)
    return Limit(number.value * (weight.kg.high if end == "low" else weight.kg.low), state)


def _ceiling(standing: Standing, state: State, dose: Dose) -> Limit:
    if dose.times is None:
        return _number(standing, state, dose.ceiling, "high")
    before = standing.facts.value(state.placed.pack, dose.of or "").span
    factor = state.placed.pack.numbers[dose.times].factor
    return Limit(before.low * factor if before.exact else None, state)


def _lowest(limits: Iterable[Limit]) -> Limit | None:
    found = list(limits)
    known = [limit for limit in found if limit.mg is not None]
    return min(known, key=lambda limit: limit.mg or Decimal(0), default=found[0] if found else None)


def _longest(durations: Sequence[Duration]) -> Duration | None:
    return max(durations, key=lambda d: d.about_days, default=None)


def _gates(standing: Standing) -> tuple[Gate, ...]:
    gates = []
    for placed in standing.joined.gates:
        if not placed.is_read(standing.asked.question):
            continue
        if not could_hold(standing, placed, placed.rule.when):
            continue
        state = standing.state(placed)
        met = state is None or state.accepted is not None
        open_ = None if state and state.truth is None else False
        gates.append(Gate(placed.rule.gate or "", True if met else open_, placed.key))
    return tuple(gates)


def could_hold(standing: Standing, placed: PlacedRule, condition: Condition) -> bool:
    """Whether a condition could ever hold in this course, whatever tests and answers say: else its gate is not worth naming."""
    match condition:
        case And(of):
            return all(could_hold(standing, placed, part) for part in of)
        case Or(of):
            return any(could_hold(standing, placed, part) for part in of)
        case Not():
            raise AssertionError("conditions of a pack are normal")
        case _:
            atom = placed.ready.atom(condition)
            return not atom.kinds or not atom.kinds <= COURSE_KINDS or standing.truth(atom) is not False


def _factor(counted: Sequence[tuple[State, Dose]]) -> Decimal | None:
    factors = [s.placed.pack.numbers[d.times].factor for s, d in counted if d.times]
    below_one = [factor for factor in factors if factor < 1]
    return min(below_one, default=None)


def mg_per_kg(mg: Decimal, weight: Weighed | None) -> Span | None:
    """A daily dose per kg of body weight; None without a weight."""
    if weight is None:
        return None
    return exactly(mg / weight.kg.low)
