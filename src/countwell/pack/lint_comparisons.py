"""Checks that every condition compares like with like: numbers of one unit, words that are possible, yes or no."""

from __future__ import annotations

from collections.abc import Iterator

from countwell.model.pack import FactDefinition, Pack
from countwell.model.rules import AtLeast, Atom, Compare, Holds, IsWord, atoms
from countwell.pack import known, uses
from countwell.pack.faults import Faults, meant
from countwell.pack.measures import Measure, measure

Found = Iterator[tuple[str, str]]

_ASK = {
    "number": "Compare it with a number, such as `{0} < limit`.",
    "time": "Compare it with a time, such as `{0} < weeks`.",
    "yes-no": "It is yes or no: write `{0}` or `not {0}`.",
    "word": "Ask for a word, such as `{0} is …`.",
}


def check_comparisons(pack: Pack, faults: Faults) -> None:
    """Every atom of every condition."""
    for line, what, condition in uses.conditions(pack):
        for atom in atoms(condition):
            for fault, do in _atom_faults(pack, atom):
                faults.add(line, f"{what}: {fault}", do)


def _atom_faults(pack: Pack, atom: Atom) -> Found:
    if isinstance(atom, AtLeast):
        return
    fact = pack.facts[atom.fact]
    kind = measure(fact, pack.facts)
    match atom:
        case Holds():
            yield from _wanted(fact, kind, "yes-no")
        case IsWord(_, words):
            yield from _wanted(fact, kind, "word")
            yield from _possible(fact, kind, words)
        case Compare(_, _, number, other):
            yield from _wanted(fact, kind, "number", "time")
            yield from _with_number(pack, fact, kind, number) if number else _with_fact(pack, fact, kind, other or "")


def _wanted(fact: FactDefinition, kind: Measure, *sorts: str) -> Found:
    if kind.sort not in sorts:
        found = {"yes-no": "yes or no"}.get(kind.sort, f"a {kind.sort}")
        yield f"`{fact.name}` is {found}.", _ASK[kind.sort].format(fact.name)


def _possible(fact: FactDefinition, kind: Measure, words: frozenset[str]) -> Found:
    for word in sorted(words - (kind.words or words)):
        yield f"`{fact.name}` is never `{word}`.", meant(word, kind.words or ())


def _with_number(pack: Pack, fact: FactDefinition, kind: Measure, name: str) -> Found:
    number = pack.numbers[name]
    if kind.sort == "time" and number.duration is None:
        yield f"`{fact.name}` is a time, `{name}` is in {number.unit}.", f"In {', '.join(known.SPAN_UNITS)}."
    if kind.sort == "number" and kind.unit and number.unit != kind.unit:
        yield f"`{fact.name}` is in {kind.unit}, `{name}` in {number.unit}.", f"Give `{name}` in {kind.unit}."
    elif fact.kind == "latest" and (window := known.threshold_window(fact.of[0])):
        low, high = window
        if not low <= number.value <= high:
            yield (
                f"`{name}` is {number.value}: a limit of {fact.of[0]} lies between {low} and {high}.",
                "Check the unit.",
            )


def _with_fact(pack: Pack, fact: FactDefinition, kind: Measure, name: str) -> Found:
    other = measure(pack.facts[name], pack.facts)
    yield from _wanted(pack.facts[name], other, "number", "time")
    if kind.sort == "time":
        yield f"`{fact.name}` is a time: it is compared with a number.", "Give the number a name under `numbers`."
    elif (kind.sort, kind.unit) != (other.sort, other.unit):
        yield f"`{fact.name}` is in {kind.unit}, `{name}` in {other.unit or 'another unit'}.", "Compare like with like."
