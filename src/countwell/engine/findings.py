"""From rules that hold to findings: advice with its dates, the evaluated conditions, the sources, the sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from countwell.base.dates import add
from countwell.engine.came_about import newest_event
from countwell.engine.due import held_before, within
from countwell.engine.joined import SCHEDULE, PlacedRule
from countwell.engine.outcomes import State
from countwell.engine.ready import SILENT, ReadyAtom
from countwell.engine.standing import Standing
from countwell.engine.words import fill
from countwell.model.advice import NOTHING, Advice, rank
from countwell.model.answers import Because, Finding
from countwell.model.pack import Number, Pack
from countwell.model.rules import AtLeast, Compare, Holds, IsWord


def findings(standing: Standing) -> list[Finding]:
    """Every rule that says something now, worst first; what surely holds before what cannot be ruled out."""
    states = (state for placed in standing.awake for state in standing.states(placed))
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
        return state.placed.is_finding or state.placed.table.name != SCHEDULE
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
        advice=_dated(standing, state),
        because=tuple(because(standing, placed)),
        sources=placed.sources,
        tell=_told(standing, placed) if state.truth else _not_ruled_out(placed),
        words=rule.words,
        episode=f"{placed.table.name} since {moment.day.isoformat()}" if moment is not None else None,
        calendar=not placed.is_finding,
        gate=rule.gate,
        accepted=state.accepted.ref if state.accepted is not None else None,
        newest=moment,
    )


def _dated(standing: Standing, state: State) -> Advice:
    advice = state.placed.rule.advice or NOTHING
    tests = within(standing, state)
    decide_by = _decide_by(standing, state)
    if not tests and decide_by is None:
        return advice
    return replace(advice, tests=tests, decide_by=decide_by)


def _decide_by(standing: Standing, state: State) -> date | None:
    """From the newest event; a preliminary report puts it off no more than it puts off a test."""
    within_time = state.placed.rule.decide_within
    if within_time is None:
        return None
    before = ((then, held) for then, held in held_before(standing, state.placed) if held.truth or not state.truth)
    moments = [newest_event(then, held) for then, held in ((standing, state), *before)]
    days = [moment.day for moment in moments if moment is not None]
    return add(min(days), state.placed.duration(within_time), "earlier") if days else None


def because(standing: Standing, placed: PlacedRule) -> Iterator[Because]:
    """The evaluated conditions of a rule that speak for it: those of `when` that are not false, and all of `unless`."""
    for atom in placed.atoms:
        if standing.truth(atom) is not False:
            yield _because(standing, placed.pack, atom, unless=False)
    for atom in placed.excepting:
        yield _because(standing, placed.pack, atom, unless=True)


def _because(standing: Standing, pack: Pack, ready: ReadyAtom, *, unless: bool) -> Because:
    heard = standing.heard(ready)
    truth = None if heard is SILENT else heard
    before = "unless " if unless else ""
    match ready.atom:
        case Compare(fact, sign, number, other):
            value = _in_words(pack.numbers[number]) if number is not None else other
            return _of_fact(standing, pack, fact, before + sign, truth, number, value)
        case Holds(fact, negated):
            return _of_fact(standing, pack, fact, before + ("is not" if negated else "is"), truth)
        case IsWord(fact, words, negated):
            op = before + ("is not" if negated else "is")
            return _of_fact(standing, pack, fact, op, truth, None, " or ".join(sorted(words)))
        case AtLeast(table, word, negated):
            op = before + ("not at least" if negated else "at least")
            return Because(fact=table, op=op, holds=truth, number_value=word)


def _in_words(number: Number) -> str:
    return str(number.duration) if number.duration is not None else format(number.value, "f")


def _of_fact(
    standing: Standing,
    pack: Pack,
    fact: str,
    op: str,
    truth: bool | None,
    number: str | None = None,
    number_value: str | None = None,
) -> Because:
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
        number=number,
        number_value=number_value,
        why=value.why,
    )


def _told(standing: Standing, placed: PlacedRule) -> dict[str, str]:
    values = {name: standing.facts.value(placed.pack, name) for name in placed.told}
    return {reader: fill(sentence, values) for reader, sentence in placed.rule.tell.items()}


def _not_ruled_out(placed: PlacedRule) -> dict[str, str]:
    """A rule's own sentences are for when it surely holds; of one that only may hold its condition is told, to a clinician."""
    return {"clinician": f"Not ruled out. {placed.in_words}"}
