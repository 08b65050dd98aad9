"""What sort of thing a fact is (a number with its unit, a time, yes or no, a word), and which way it is worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from countwell.model.pack import FactDefinition
from countwell.pack import known

Sort = Literal["number", "time", "yes-no", "word"]
Facts = Mapping[str, FactDefinition]


@dataclass(frozen=True, slots=True)
class Measure:
    """unit: of a number, empty if not known. words: every word possible, None if the list is open."""

    sort: Sort
    unit: str = ""
    words: frozenset[str] | None = None


_YES_NO = Measure("yes-no")
_TIME = Measure("time")
_WORD_KINDS = ("state", "reason", "condition", "gene")
_MISSED = {"gap-left": Measure("number", "gap"), "days-in-row": Measure("number", "count")}
_PERSON = {"age": _TIME, "weight-age": _TIME, "weight-change": Measure("number", "%")}


def measure(fact: FactDefinition, facts: Facts) -> Measure:
    """What sort of thing a fact is; `facts` are those of its pack."""
    first = fact.of[0] if fact.of else ""
    match fact.kind:
        case "latest" | "highest" | "baseline" | "change" | "streak":
            return _laboratory(fact, facts)
        case "since":
            return _TIME
        case "dose":
            return Measure("number", first)
        case "symptom" if fact.param("value"):
            return Measure("number", fact.param("value") or "")
        case "missed":
            return _MISSED.get(first, _YES_NO)
        case "person":
            return _PERSON.get(first, Measure("word", words=known.fact_words("person", first)))
        case kind if kind in _WORD_KINDS:
            return Measure("word", words=known.fact_words(kind, first))
        case _:
            return _YES_NO


def _laboratory(fact: FactDefinition, facts: Facts) -> Measure:
    if fact.kind == "streak":
        return Measure("number", "count")
    if fact.param("as") == "limits":
        return Measure("number", "times")
    if fact.param("as") == "%":
        return Measure("number", "%")
    return _as_it_is(fact, facts)


def _as_it_is(fact: FactDefinition, facts: Facts) -> Measure:
    """The measure of the test, or of the other fact, that a fact is of."""
    name = fact.of[0] if fact.of else ""
    if (test := known.test_named(name)) and fact.kind != "baseline":
        return Measure("word") if test.scale == "word" else Measure("number", test.unit)
    other = facts.get(name)
    return measure(other, facts) if other is not None and other.kind != fact.kind else Measure("number")


def worse_of(fact: FactDefinition, facts: Facts) -> str:
    """The way in which a fact is worse: its own, else that of its test or kind. `lower`, `higher` or `none`."""
    if fact.worse:
        return fact.worse
    match fact.kind:
        case "latest" | "highest" | "baseline":
            return _test_worse(fact, facts)
        case "change" | "streak":
            return _towards(_test_worse(fact, facts), fact.param("direction"))
        case (
            "symptom" | "medicine" | "history" | "circumstance" | "pending" | "asked" | "dose" | "vaccinated" | "label"
        ):
            return "higher"
        case "done" | "recovered":
            return "lower"
        case _:
            return "none"


def _test_worse(fact: FactDefinition, facts: Facts) -> str:
    name = fact.of[0] if fact.of else ""
    if (test := known.test_named(name)) and fact.kind != "baseline":
        return test.worse
    other = facts.get(name)
    return worse_of(other, facts) if other is not None and other.kind != fact.kind else "none"


def _towards(worse: str, direction: str | None) -> str:
    """Which way a change is worse: more of it, where it leads to the bad side."""
    if worse == "none":
        return "none"
    return "higher" if (worse == "lower") == (direction == "fall") else "lower"
