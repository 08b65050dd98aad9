"""Two versions of a pack: the same for every patient, or a patient who would be treated differently.

Patients whose facts are all known are compared; a fact that is known under other conditions (`within`, `confirmed`), or is
worse in another direction, counts as another fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import z3

from countwell.engine.prove.claims import Exactly, Said, claims, holds, said_of, sayings
from countwell.engine.prove.patients import Patient, patient
from countwell.engine.prove.solving import find
from countwell.engine.prove.symbols import Formula, Symbols
from countwell.engine.prove.verdict import Verdict, in_words
from countwell.engine.prove.world import Place, World
from countwell.engine.words import outcome_in_words
from countwell.model.advice import LADDERS
from countwell.model.pack import Pack

# Of several differences in one table the one on the drug is told, else the next of these.
_ORDER = {part: place for place, part in enumerate(LADDERS)}


def equivalent(a: Pack, b: Pack) -> Verdict | None:
    """None if both say the same of every patient, else the first table that differs, with a patient treated differently.

    Compared are advice, due tests, doses, words, windows, reserves and `clear`; sentences, sources and cases are not.
    """
    return next(differences(a, b), None)


def differences(a: Pack, b: Pack) -> Iterator[Verdict]:
    """Every table that differs, each with a patient."""
    yield from _headers(a, b)
    symbols = Symbols(strict=True)
    both = World([a], symbols), World([b], symbols)
    names = dict.fromkeys(place.table.name for world in both for place in world.places)
    for name in names:
        sides = tuple(_side(world, name) for world in both)
        verdict = _compare(symbols, sides)
        if verdict is not None:
            yield verdict


def _headers(a: Pack, b: Pack) -> Iterator[Verdict]:
    for what, mine, its in (("applies to", a.conditions, b.conditions), ("goes with", a.layers, b.layers)):
        if mine != its:
            one, other = _called(a, b)
            says = f"{one} {what} {_list(mine)}, {other} {what} {_list(its)}"
            yield Verdict(b.name, "", "versions", False, {}, says)


def _called(a: Pack, b: Pack) -> tuple[str, str]:
    """How the two are told apart: two packs by name, two versions of one by version."""
    return (a.name, b.name) if a.name != b.name else (f"version {a.version}", b.version)


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nothing"


@dataclass(frozen=True, slots=True)
class _Side:
    """One version of a table. place: None if the version has no such table."""

    pack: Pack
    name: str
    place: Place | None
    read: Formula
    sayings: list[Said]

    def says(self, claim: Said) -> Formula:
        return z3.And(self.read, holds(claim, self.sayings))


def _side(world: World, name: str) -> _Side:
    place = next((place for place in world.places if place.table.name == name), None)
    if place is None:
        return _Side(world.packs[0], name, None, z3.BoolVal(False), [])
    clear = Said("clear", "nothing to do", Exactly("clear"), world.clear(place))
    return _Side(world.packs[0], name, place, _read(world, place), [*sayings(world, place), clear])


def _read(world: World, place: Place) -> Formula:
    """That the table is read: for its questions, and only where silent if it says so."""
    if place.table.joins == "always":
        return world.asked(place)
    name = f"an earlier pack has the table {place.table.name}"
    earlier = world.symbols.get(("earlier", place.table.name), "yes-no", name, name)
    return z3.And(world.asked(place), z3.Not(earlier.z3))


def _compare(symbols: Symbols, sides: tuple[_Side, ...]) -> Verdict | None:
    told = sorted(claims(*(side.sayings for side in sides)), key=lambda claim: _ORDER.get(claim.part, len(_ORDER)))
    differ = {claim: z3.Xor(*(side.says(claim) for side in sides)) for claim in told}
    used = symbols.used_in(*differ.values())
    if not find(z3.Or(list(differ.values())), used).possible:
        return None
    tried = [(claim, find(differ[claim], used)) for claim in told]
    plainest = min(
        ((patient(found), claim) for claim, found in tried if found.possible), key=lambda one: len(one[0].values)
    )
    return _treated_differently([claim for claim in told if claim.part == plainest[1].part], sides, plainest[0])


def _treated_differently(told: list[Said], sides: tuple[_Side, ...], first: Patient) -> Verdict:
    """What either version says of one part of the outcome, for a patient of whom both say just that."""
    said = [side.says(claim) for side in sides for claim in told]
    same = [formula == first.meets(formula) for formula in said]
    witness = patient(first.found.meeting(z3.And(first.found.formula, *same)))
    words = witness.in_words()
    called = _called(*(side.pack for side in sides))
    mine, its = (f"{name} says {_outcome(side, told, witness.meets)}" for name, side in zip(called, sides, strict=True))
    line = next((side.place.table.line for side in reversed(sides) if side.place), 0)
    says = f"{in_words(words)}: {mine}, {its}"
    return Verdict(sides[1].pack.name, sides[1].name, "versions", False, words, says, line)


def _outcome(side: _Side, told: list[Said], meets: Callable[[Formula], bool]) -> str:
    return outcome_in_words(said_of(told, [claim for claim in told if meets(side.says(claim))]))
