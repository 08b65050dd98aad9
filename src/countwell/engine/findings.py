"""From rules that hold to findings: advice with its dates, the evaluated conditions, the sources, the sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from countwell.base.dates import Moment, add
from countwell.engine.cited import cited
from countwell.engine.due import is_finding, newest_event, within
from countwell.engine.joined import SCHEDULE, PlacedRule
from countwell.engine.outcomes import SILENT, State
from countwell.engine.sentences import rule_in_words
from countwell.engine.standing import Standing
from countwell.engine.words import fill
from countwell.model.advice import NOTHING, Advice, rank
from countwell.model.answers import Because, Finding
from countwell.model.pack import Number, Pack
from countwell.model.rules import Atom, Compare, Holds, IsWord, atoms


def findings(standing: Standing) -> list[Finding]:
    """Every rule that says something now, worst first; what surely holds before what cannot be ruled out."""
    states = (state for placed in standing.joined.tables for state in standing.states(placed))
    found = [_finding(standing, state) for state in states if _says_something(state)]
    said = [finding for finding in found if not _is_empty(finding)]
    return sorted(
        said, key=lambda f: (f.holds != "yes", rank(f.advice).place, f.layer != standing.joined.protocol.name)
    )


def _is_empty(finding: Finding) -> bool:
    """A layer's recurring test that asks for nothing sooner than the schedule does."""
    return finding.calendar and finding.advice == NOTHING and not (finding.words or finding.tell)


def _says_something(state: State) -> bool:
    rule = state.placed.rule
    if rule.advice is not None or rule.words or rule.window is not None:
        return True
    if rule.due is not None:
        return is_finding(state.placed) or state.placed.table.name != SCHEDULE
    return bool(rule.tell) and rule.dose is None and rule.reserve is None


def finding_of(standing: Standing, state: State) -> Finding:
    """One rule's finding."""
    return _finding(standing, state)


def _finding(standing: Standing, state: State) -> Finding:
    placed, rule = state.placed, state.placed.rule
    moment = newest_event(standing, state)
    return Finding(
        table=placed.table.name,
        rule=rule.name,
        holds="yes" if state.truth else "not-ruled-out",
        layer=placed.pack.name,
        advice=_dated(standing, state, moment),
        because=tuple(because(standing, placed)),
        sources=tuple(cited(placed)),
        tell=_told(standing, placed) if state.truth else _not_ruled_out(placed),
        words=rule.words,
        episode=f"{placed.table.name} since {moment.day.isoformat()}" if moment is not None else None,
        calendar=not is_finding(placed),
        gate=rule.gate,
        accepted=state.accepted.ref if state.accepted is not None else None,
        newest=moment,
    )


def _dated(standing: Standing, state: State, moment: Moment | None) -> Advice:
    advice = state.placed.rule.advice or NOTHING
    tests = within(standing, state)
    decide_by = _decide_by(state, moment)
    if not tests and decide_by is None:
        return advice
    return replace(advice, tests=tests, decide_by=decide_by)


def _decide_by(state: State, moment: Moment | None) -> date | None:
    if state.placed.rule.decide_within is None or moment is None:
        return None
    return add(moment.day, state.placed.duration(state.placed.rule.decide_within), "earlier")


def because(standing: Standing, placed: PlacedRule) -> Iterator[Because]:
    """The evaluated conditions of a rule that speak for it: those of `when` that are not false, and all of `unless`."""
    for atom in atoms(placed.rule.when):
        if standing.truth(placed.pack, atom, "when") is not False:
            yield _because(standing, placed.pack, atom, unless=False)
    for atom in atoms(placed.rule.unless):
        yield _because(standing, placed.pack, atom, unless=True)


def _because(standing: Standing, pack: Pack, atom: Atom, *, unless: bool) -> Because:
    heard = standing.atom(pack, atom)
    truth = None if heard is SILENT else heard
    match atom:
        case Compare(fact, sign, number, other):
            shown = _of_fact(standing, pack, fact, f"unless {sign}" if unless else sign, truth)
            cited_number = pack.numbers[number] if number is not None else None
            value = _in_words(cited_number) if cited_number is not None else other
            return replace(shown, number=number, number_value=value)
        case Holds(fact, negated) | IsWord(fact, _, negated):
            op = ("unless " if unless else "") + ("is not" if negated else "is")
            shown = _of_fact(standing, pack, fact, op, truth)
            return replace(shown, number_value=" or ".join(sorted(atom.words))) if isinstance(atom, IsWord) else shown
        case _:
            op = ("unless " if unless else "") + ("not at least" if atom.negated else "at least")
            return Because(fact=atom.table, op=op, holds=truth, number_value=atom.word)


def _in_words(number: Number) -> str:
    return str(number.duration) if number.duration is not None else format(number.value, "f")


def _of_fact(standing: Standing, pack: Pack, fact: str, op: str, truth: bool | None) -> Because:
    value = standing.facts.value(pack, fact)
    return Because(
        fact=fact,
        op=op,
        holds=truth,
        span=value.span if value.words is None and value.origin is None else None,
        words=tuple(sorted(value.words)) if value.words is not None else None,
        unit=value.unit,
        at=value.at,
        events=value.events,
        as_sent=value.as_sent,
        why=value.why,
    )


def _told(standing: Standing, placed: PlacedRule) -> dict[str, str]:
    names = {name for sentence in placed.rule.tell.values() for name in placed.pack.facts if f"{{{name}}}" in sentence}
    values = {name: standing.facts.value(placed.pack, name) for name in names}
    return {reader: fill(sentence, values) for reader, sentence in placed.rule.tell.items()}


def _not_ruled_out(placed: PlacedRule) -> dict[str, str]:
    """A rule's own sentences are for when it surely holds; of one that only may hold its condition is told, to a clinician."""
    return {"clinician": f"Not ruled out. {rule_in_words(placed.pack, placed.rule)}"}
