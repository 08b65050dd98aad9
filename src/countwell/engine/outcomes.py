"""What rules and tables come to: surely holding, or not ruled out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from countwell.base.spans import Truth
from countwell.engine.joined import PlacedRule
from countwell.model.advice import NOTHING, Advice, join
from countwell.model.facts import Value
from countwell.model.records import Decision


@dataclass(frozen=True, slots=True)
class State:
    """One rule at one instant: surely holding (True), not ruled out (None). Rules that do not hold have no state."""

    placed: PlacedRule
    truth: Truth
    accepted: Decision | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a table comes to. silent: everything it read was silent and nothing matched."""

    at_least: Advice
    at_most: Advice
    states: tuple[State, ...]
    silent: bool


CALM = Outcome(NOTHING, NOTHING, (), silent=False)
STILL = Outcome(NOTHING, NOTHING, (), silent=True)


def outcome_of(states: Sequence[State], *, silent: bool) -> Outcome:
    """The outcome of these states: worst of what surely holds, and of what cannot be ruled out."""
    if not states:
        return CALM if not silent else STILL
    sure = join(s.placed.rule.advice for s in states if s.truth is True and s.placed.rule.advice is not None)
    may_be = (s.placed.rule.advice for s in states if s.truth is None and s.placed.rule.advice is not None)
    return Outcome(sure, join([sure, *may_be]), tuple(states), silent)


def is_worse(worse: str, now: Value, then: Value) -> bool:
    """Whether a fact is worse now than it was when it was accepted."""
    match worse:
        case "lower":
            return now.span.high < then.span.high
        case "higher":
            return now.span.low > then.span.low
        case _:
            return False
