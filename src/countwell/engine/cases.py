"""Runs a pack's own worked cases: facts as a clinician would give them, one table, what must hold.

Facts that are not given are silent; an earlier table that the rules read is given by its outcome.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from countwell.base.dates import UNITS, Duration, Moment, before, whole_day, zone
from countwell.base.errors import Unreadable
from countwell.base.spans import EVERYTHING, INFINITY, NO, NOTHING_THERE, YES, YES_OR_NO, Span, exactly
from countwell.engine.joined import Joined, Placed
from countwell.engine.outcomes import Outcome
from countwell.engine.standing import Standing
from countwell.facts.asked import Asked
from countwell.facts.course import Course
from countwell.facts.past import Past
from countwell.model.advice import LADDER_OF, NOTHING, Advice, join
from countwell.model.facts import Value
from countwell.model.pack import Case, FactDefinition, Pack
from countwell.model.records import Course as RecordCourse
from countwell.model.records import Patient, Record
from countwell.model.rules import Table
from countwell.vocabulary.numbers import read_number

TODAY = date(2026, 3, 2)
YES_NO_KINDS = frozenset(
    {"done", "recovered", "vaccinated", "label", "pending", "medicine", "history", "circumstance", "asked", "accepted"}
)
WORD_KINDS = frozenset({"gene", "state", "reason", "condition"})
_TIME = re.compile(r"(\d+) (hours?|days?|weeks?|months?|years?)")


@dataclass(frozen=True, slots=True)
class Broken:
    """A case that does not hold: where, its name, and what came out instead."""

    where: str
    case: str
    says: str


class GivenFacts:
    """Facts as a case gives them."""

    course = Course()

    def __init__(self, pack: Pack, given: Mapping[str, Value]) -> None:
        self._pack, self._given = pack, given
        self.spoken = frozenset(name for definition in pack.facts.values() for name in definition.of)

    def value(self, pack: Pack, name: str) -> Value:
        """A given fact, else silence."""
        return self._given.get(name) or _silent(self._pack.facts[name])


@dataclass
class CaseStanding(Standing):
    """The rules over given facts and given outcomes of earlier tables."""

    outcomes_given: Mapping[str, Outcome] = field(default_factory=dict)

    def outcome_named(self, name: str) -> Outcome:
        """A given outcome, else the table's own, else nothing."""
        if name in self.outcomes_given:
            return self.outcomes_given[name]
        return super().outcome_named(name) if name in self.joined.by_name else Outcome(NOTHING, NOTHING, (), True)


def broken_cases(pack: Pack) -> list[Broken]:
    """Every case of a pack that does not hold."""
    return [broken for case in pack.cases for broken in run_case(pack, case)]


def run_case(pack: Pack, case: Case) -> list[Broken]:
    """What does not hold in one case."""
    table = pack.table(case.table)
    where = f"{pack.path}:{case.line}"
    if table is None:
        return [Broken(where, case.name, f"there is no table {case.table}.")]
    standing = standing_of(pack, table, case.given)
    return [Broken(where, case.name, says) for says in _differences(standing, case.table, case.expected)]


def standing_of(pack: Pack, table: Table, given: Mapping[str, str]) -> Standing:
    """The rules of one table over given facts."""
    values = {name: read_value(pack.facts[name], text) for name, text in given.items() if name in pack.facts}
    outcomes = {name: _outcome(text) for name, text in given.items() if name not in pack.facts}
    home = zone("UTC")
    record = Record(Patient("case"), RecordCourse(), ())
    today = whole_day(TODAY, home)
    asked = Asked(table.asks[0] if table.asks else "review")
    standing = CaseStanding(Joined((pack,)), Past(record, {}), today, today, asked, outcomes_given=outcomes)
    standing.facts = GivenFacts(pack, values)  # type: ignore[assignment]
    return standing


def _outcome(text: str) -> Outcome:
    """An earlier table's outcome: a rung, several rungs, `unknown` or `none`."""
    if text in ("none", "continue"):
        return Outcome(NOTHING, NOTHING, (), False)
    if text == "unknown":
        return Outcome(NOTHING, Advice("stop", "emergency", "now"), (), False)
    advice = join(_rung(word) for word in re.split(r"[,\s]+", text.strip()))
    return Outcome(advice, advice, (), False)


def _rung(word: str) -> Advice:
    """Advice with one part at that rung."""
    match LADDER_OF.get(word):
        case "drug":
            return Advice(drug=word)
        case "patient":
            return Advice(patient=word)
        case "prescriber":
            return Advice(prescriber=word)
        case _:
            return NOTHING


def _silent(definition: FactDefinition) -> Value:
    if is_yes_no(definition):
        return Value(YES_OR_NO, silent=True, why="not-asked")
    return Value(EVERYTHING, silent=True, why="not-asked")


def is_yes_no(definition: FactDefinition) -> bool:
    """Whether a fact is answered by yes or no."""
    if definition.kind == "symptom":
        return definition.param("value") is None
    if definition.kind == "missed":
        return definition.of[0] in ("any", "same-day")
    return definition.kind in YES_NO_KINDS


def _is_word(definition: FactDefinition) -> bool:
    return definition.kind in WORD_KINDS or (definition.kind == "person" and definition.of[0] in ("sex", "country"))


def read_value(definition: FactDefinition, text: str) -> Value:
    """A fact as a case writes it: a number, `<0.5`, yes, no, unknown, none, a word, or a time such as 3 weeks."""
    today = whole_day(TODAY, zone("UTC"))
    if text == "none":
        return _silent(definition)
    if is_yes_no(definition):
        return Value(
            {"yes": YES, "no": NO}.get(text, YES_OR_NO), at=today, why=None if text in ("yes", "no") else "not-asked"
        )
    if text == "unknown":
        return Value(EVERYTHING, words=None, why="missing")
    if _is_word(definition):
        return Value(words=frozenset(text.split()), several=definition.of == ("ever",), at=today)
    return _number(text, today)


def _number(text: str, today: Moment) -> Value:
    if text == "no":
        return Value(NOTHING_THERE, at=today)
    found = _TIME.fullmatch(text)
    if found is not None:
        unit = next(unit for unit in UNITS if unit.startswith(found[2].rstrip("s")))
        day = before(TODAY, Duration(int(found[1]), unit))
        return Value(origin=(day, day), until=TODAY, at=today)
    return Value(_span(text), at=today, as_sent=text)


def _span(text: str) -> Span:
    try:
        return exactly(Decimal(text))
    except InvalidOperation:
        pass
    try:
        comparator, number = read_number(text)
    except Unreadable:
        return EVERYTHING
    match comparator:
        case "<" | "<=":
            return Span(Decimal(0), number, False, comparator == "<")
        case _:
            return Span(number, INFINITY, comparator == ">", True)


def _differences(standing: Standing, table: str, expected: Mapping[str, Any]) -> list[str]:
    placed = standing.joined.by_name[table][0]
    outcome = standing.outcome(placed)
    states = standing.states(placed)
    found = {
        "rules": sorted(s.placed.rule.name for s in states if s.truth is True),
        "not-ruled-out": sorted(s.placed.rule.name for s in states if s.truth is None),
        "words": sorted({word for s in states if s.truth is True for word in s.placed.rule.words}),
    }
    says = [
        f"{key} are {found[key]}, not {sorted(expected[key])}."
        for key in found
        if _differs(found[key], expected.get(key))
    ]
    says += _advice_differs("advice", outcome.at_least, expected.get("advice"))
    says += _advice_differs("at-most", outcome.at_most, expected.get("at-most"))
    return [*says, *_uncovered(standing, placed, outcome)]


def _differs(found: Sequence[str], wanted: Sequence[str] | None) -> bool:
    return wanted is not None and found != sorted(wanted)


def _advice_differs(key: str, advice: Advice, wanted: Mapping[str, Any] | None) -> list[str]:
    if wanted is None:
        return []
    shown: dict[str, Any] = {part: getattr(advice, part) for part in ("drug", "patient", "prescriber")}
    shown["precautions"] = sorted(advice.precautions)
    asked = {part: sorted(value) if part == "precautions" else value for part, value in wanted.items()}
    return [
        f"{key}: {part} is {shown.get(part)}, not {value}." for part, value in asked.items() if shown.get(part) != value
    ]


def _uncovered(standing: Standing, placed: Placed, outcome: Outcome) -> list[str]:
    """The table itself must have an answer: a rule, or its `clear`."""
    if placed.clear is None or outcome.states:
        return []
    return (
        []
        if placed.clear(standing) is not False
        else ["no rule holds and `clear` is false: the table has no answer here."]
    )
