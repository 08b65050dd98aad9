"""Checks that a protocol with its layers asks for a blood count and liver tests for as long as the course is active."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from countwell.base.errors import Fault
from countwell.base.spans import NEGATED
from countwell.model.pack import Pack
from countwell.model.rules import And, AtLeast, Atom, Compare, Condition, Holds, IsWord, Not, Or, Rule, atoms
from countwell.pack.load import Loaded

REQUIRED = ("cbc", "liver")
SCHEDULE = "schedule"
_MOST_ATOMS = 10


def check_course(loaded: Loaded) -> list[Fault]:
    """A fault for each group of tests that an active course may go without."""
    where = f"{loaded.pack.path}:1"
    return [
        Fault(
            where,
            f"while the course is active, no rule of a table `{SCHEDULE}` always asks for `{group}`.",
            "Add such a rule with `every:`, or a layer that has one.",
        )
        for group in REQUIRED
        if not _always_asked(loaded, group)
    ]


def _always_asked(loaded: Loaded, group: str) -> bool:
    """Whether one of the rules that ask for the group holds, whatever else is true, while the course is active.

    Each rule alone is tried, then those of one pack together; what a condition compares is left open.
    """
    by_pack = [[(pack, rule) for pack, rule in _rules(loaded, group) if pack is one] for one in loaded.packs]
    return any(_covers([placed]) for placed_rules in by_pack for placed in placed_rules) or any(map(_covers, by_pack))


def _rules(loaded: Loaded, group: str) -> Iterator[tuple[Pack, Rule]]:
    for pack, table, joins in loaded.tables():
        for rule in table.rules:
            if joins and table.name == SCHEDULE and rule.due and rule.due.every and group in rule.due.groups:
                yield pack, rule


def _covers(placed: list[tuple[Pack, Rule]]) -> bool:
    open_atoms = sorted({key for pack, rule in placed for key in _open(pack, rule)})
    if not placed or len(open_atoms) > _MOST_ATOMS:
        return False
    worlds = (dict(zip(open_atoms, truths, strict=True)) for truths in product((False, True), repeat=len(open_atoms)))
    return all(any(_holds(pack, rule, world) for pack, rule in placed) for world in worlds)


def _open(pack: Pack, rule: Rule) -> set[str]:
    found = (atom for condition in (rule.when, rule.unless) for atom in atoms(condition))
    return {_key(atom)[0] for atom in found if not _is_state(pack, atom)}


def _is_state(pack: Pack, atom: Atom) -> bool:
    return isinstance(atom, IsWord) and pack.facts[atom.fact].kind == "state"


def _key(atom: Atom) -> tuple[str, bool]:
    """One name for an atom and its negation, and whether this is the negation."""
    match atom:
        case Compare(fact, op, number, other):
            negated = op in (">", ">=")
            return f"{fact} {NEGATED[op] if negated else op} {number or other}", negated
        case Holds(fact, negated):
            return fact, negated
        case IsWord(fact, words, negated):
            return f"{fact} in {sorted(words)}", negated
        case AtLeast(table, word, negated):
            return f"{table} at least {word}", negated


def _holds(pack: Pack, rule: Rule, world: Mapping[str, bool]) -> bool:
    return _true(pack, rule.when, world) and not (rule.unless is not None and _true(pack, rule.unless, world))


def _true(pack: Pack, condition: Condition, world: Mapping[str, bool]) -> bool:
    match condition:
        case And(of):
            return all(_true(pack, part, world) for part in of)
        case Or(of):
            return any(_true(pack, part, world) for part in of)
        case Not(of):
            return not _true(pack, of, world)
        case IsWord(_, words, negated) if _is_state(pack, condition):
            return ("active" in words) != negated
        case atom:
            name, negated = _key(atom)
            return world[name] != negated
