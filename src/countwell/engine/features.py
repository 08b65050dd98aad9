"""What a pack says, subject by subject, so that packs can be laid side by side: read off its rules and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from countwell.engine.cited import cited
from countwell.engine.sentences import (
    SIGNS,
    condition_in_words,
    dose_in_words,
    due_in_words,
    fact_in_words,
    follows_in_words,
    number_in_words,
)
from countwell.engine.words import display_of
from countwell.model.answers import Cited
from countwell.model.pack import FactDefinition, Pack
from countwell.model.rules import And, Atom, Compare, Condition, Dose, IsWord, Rule, Table, atoms
from countwell.vocabulary.lists import entries

MEASURED = frozenset({"latest", "highest", "baseline", "change", "streak"})
EVERY_STATE = frozenset({"proposed", "active", "held", "stopped", "ended"})
ON_TREATMENT = frozenset({"active", "held"})
TESTS, EFFECT, BLANK = "Tests", "Effect expected", "Left blank by the source"
FIRST = (
    "For",
    "Goes with",
    "First dose",
    "Target",
    "Highest dose",
    "Rise",
    "Above this a named person confirms",
    "No dose",
    TESTS,
)
LAST = (EFFECT, BLANK)


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that a pack says. subject: of what; says: in words, with its numbers; sources: where that stands."""

    subject: str
    says: str
    sources: tuple[Cited, ...] = ()


def features(pack: Pack) -> Iterator[Feature]:
    """Everything that the rules and gaps of one pack say; its layers are named and speak for themselves."""
    yield Feature("For", ", ".join(entries("conditions")[name].display for name in pack.conditions) or "any condition")
    if pack.layers:
        yield Feature("Goes with", ", ".join(pack.layers))
    for table in pack.tables:
        for rule in table.rules:
            yield from _of_rule(pack, table, rule)
    for gap in pack.gaps:
        source = pack.sources[gap.source]
        yield Feature(BLANK, gap.says, (Cited(gap.source, gap.at, None, source.verified, source.title),))


def _of_rule(pack: Pack, table: Table, rule: Rule) -> Iterator[Feature]:
    sources = tuple(cited(pack, rule))
    when = _when(pack, rule)
    if rule.dose is not None:
        for subject, says in _doses(pack, rule.dose):
            yield Feature(subject, says + when, sources)
    if rule.due is not None and rule.due.every is not None:
        yield Feature(TESTS, due_in_words(pack, rule.due) + when, sources)
    if rule.window is not None:
        low, high = (pack.numbers[name] if name else None for name in (rule.window.low, rule.window.high))
        ends = [number_in_words(end) for end in (low, high) if end is not None]
        yield Feature(EFFECT, f"{' to '.join(ends)} after the {rule.window.after}", sources)
    if rule.advice is not None or rule.words or (rule.due is not None and rule.due.within is not None):
        subject, clause = _subject(pack, table, rule)
        yield Feature(subject, f"{clause}: {follows_in_words(pack, rule)}", sources)


def _doses(pack: Pack, dose: Dose) -> Iterator[tuple[str, str]]:
    """Each part of a dose rule under its own subject."""
    named = {"First dose": dose.first, "Highest dose": dose.ceiling, FIRST[6]: dose.confirm}
    yield from ((subject, number_in_words(pack.numbers[name])) for subject, name in named.items() if name is not None)
    whole = list(dose_in_words(pack, dose))
    if dose.target:
        low, high = (pack.numbers[name] for name in dose.target)
        yield "Target", f"{low.value:f} to {number_in_words(high)}"
    if dose.times and dose.of:
        yield "Highest dose", next(says for says in whole if " times " in says)
    if dose.step:
        yield "Rise", next(says for says in whole if says.startswith("raise"))
    if dose.none:
        yield "No dose", "none"


def _when(pack: Pack, rule: Rule) -> str:
    """For whom, in brackets; a state of the course in a word, and nothing where it is everybody's."""
    parts = rule.when.of if isinstance(rule.when, And) else (rule.when,)
    told = [words for part in parts if (words := _state(pack, part) if _is_state(pack, part) else _clause(pack, part))]
    return f" ({', '.join(told)}{_unless(pack, rule)})" if told or rule.unless is not None else ""


def _clause(pack: Pack, part: Condition) -> str:
    return f"when {condition_in_words(pack, part)}"


def _is_state(pack: Pack, part: Condition) -> bool:
    return isinstance(part, IsWord) and not part.negated and pack.facts[part.fact].kind == "state"


def _state(pack: Pack, part: Condition) -> str:
    assert isinstance(part, IsWord)
    if part.words == frozenset({"proposed"}):
        return "before the start"
    if part.words <= ON_TREATMENT:
        return "on treatment"
    return "" if part.words == EVERY_STATE else _clause(pack, part)


def _subject(pack: Pack, table: Table, rule: Rule) -> tuple[str, str]:
    """What a rule is about, and its condition. A rule on one measured fact is about that; any other about its table."""
    read = list(atoms(rule.when))
    first = read[0]
    if not isinstance(first, Compare) or any(not _is_of(pack, atom, first.fact) for atom in read):
        return _capital(
            table.name.replace("-", " ")
        ), f"when {condition_in_words(pack, rule.when)}{_unless(pack, rule)}"
    subject = _measured_in_words(pack.facts[first.fact])
    if len(read) == 1 and first.number is not None:
        return subject, f"{SIGNS[first.op]} {number_in_words(pack.numbers[first.number])}{_unless(pack, rule)}"
    return subject, f"when {condition_in_words(pack, rule.when)}{_unless(pack, rule)}"


def _is_of(pack: Pack, atom: Atom, fact: str) -> bool:
    return isinstance(atom, Compare) and atom.fact == fact and pack.facts[fact].kind in MEASURED


def _unless(pack: Pack, rule: Rule) -> str:
    return "" if rule.unless is None else f", unless it is known that {condition_in_words(pack, rule.unless)}"


def _measured_in_words(definition: FactDefinition) -> str:
    """A test by its name, a change or a row of falls as it is called in sentences."""
    plain = definition.kind in ("latest", "highest")
    return _capital(display_of(definition) if plain else fact_in_words(definition))


def _capital(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def in_order(subjects: list[str]) -> list[str]:
    """Dose and tests first, what is left blank last, the rest as it came."""
    place = {subject: at for at, subject in enumerate(FIRST)} | {subject: len(FIRST) + 1 for subject in LAST}
    return sorted(dict.fromkeys(subjects), key=lambda subject: place.get(subject, len(FIRST)))
