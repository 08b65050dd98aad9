"""The packs of one load as formulas: when each rule holds for a patient of whom every fact is exactly known.

Another table's outcome is that table's own rules, written in; a table that is not loaded may have any outcome at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import z3

from countwell.base.errors import Fault, PackError
from countwell.engine.prove.symbols import Formula, Symbol, Symbols, real
from countwell.model.advice import LADDER_OF, LADDERS, RANK
from countwell.model.answers import QUESTIONS
from countwell.model.pack import Pack
from countwell.model.rules import And, AtLeast, Atom, Compare, Condition, Holds, IsWord, Not, Or, Rule, Table, normal

ALL_TABLES = "advice"
_OPS = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A table of a pack, and where it stands in the order of reading. joins: whether it counts, or is only shown."""

    pack: Pack
    table: Table
    at: int
    joins: bool


def places(packs: Sequence[Pack]) -> list[Place]:
    """Every table in the order of reading. A `where-silent` table joins only if no earlier pack has its name."""
    found: list[Place] = []
    for pack in packs:
        earlier = {place.table.name for place in found}
        for table in pack.tables:
            joins = table.joins == "always" or table.name not in earlier
            found.append(Place(pack, table, len(found), joins))
    return found


class World:
    """The packs that are read together, and their rules as formulas."""

    def __init__(self, packs: Sequence[Pack], symbols: Symbols | None = None) -> None:
        self.packs = tuple(packs)
        self.symbols = symbols or Symbols()
        self.places = places(packs)
        self._holds: dict[tuple[int, str], Formula] = {}
        for place in self.places:
            self.clear(place)
            for rule in place.table.rules:
                self.holds(place, rule)

    def holds(self, place: Place, rule: Rule) -> Formula:
        """That the rule holds: `when`, and not `unless`. Raises PackError if that hangs on the rule itself."""
        key = (place.at, rule.name)
        if key not in self._holds:
            self._holds[key] = None
            unless = z3.BoolVal(False) if rule.unless is None else self.condition(place, rule.unless)
            self._holds[key] = z3.And(self.condition(place, rule.when), z3.Not(unless))
        if self._holds[key] is None:
            where = f"{place.pack.path or place.pack.name}:{rule.line}"
            raise PackError([Fault(where, f"the rule `{rule.name}` hangs on itself.", "Read earlier tables only.")])
        return self._holds[key]

    def clear(self, place: Place) -> Formula:
        """That the table says there is nothing to do."""
        table = place.table
        return z3.BoolVal(False) if table.clear is None else self.condition(place, table.clear)

    def asked(self, place: Place) -> Formula:
        """That the question is one for which the table is read."""
        if not place.table.asks:
            return z3.BoolVal(True)
        question = self.symbols.get(("question",), "word", "question", "question")
        question.words = tuple(QUESTIONS)
        return z3.Or([question.of_word(name) for name in place.table.asks])

    def condition(self, place: Place, condition: Condition) -> Formula:
        """A condition of a table as a formula."""
        match normal(condition):
            case And(of):
                return z3.And([self.condition(place, part) for part in of])
            case Or(of):
                return z3.Or([self.condition(place, part) for part in of])
            case Not():
                raise AssertionError("`normal` leaves no `not`")
            case atom:
                return self._atom(place, atom)

    def _atom(self, place: Place, atom: Atom) -> Formula:
        match atom:
            case Compare():
                return self._comparison(place.pack, atom)
            case Holds(fact, negated):
                yes = self.symbols.fact(place.pack, fact).z3
                return z3.Not(yes) if negated else yes
            case IsWord(_, _, negated):
                among = self._is_word(place.pack, atom)
                return z3.Not(among) if negated else among
            case AtLeast(_, _, negated):
                reached = self._at_least(atom)
                return z3.Not(reached) if negated else reached

    def _comparison(self, pack: Pack, atom: Compare) -> Formula:
        left = self.symbols.fact(pack, atom.fact)
        return _OPS[atom.op](left.z3, self._other_side(pack, atom, left))

    def _other_side(self, pack: Pack, atom: Compare, left: Symbol) -> Formula:
        if atom.other is not None:
            return self.symbols.fact(pack, atom.other).z3
        assert atom.number is not None
        number = pack.numbers[atom.number]
        if left.sort == "time" and number.duration is not None:
            return left.length(number.duration)
        left.limits.add(number.value)
        return real(number.value)

    def _is_word(self, pack: Pack, atom: IsWord) -> Formula:
        definition = pack.facts[atom.fact]
        if (definition.kind, definition.of) == ("reason", ("ever",)):
            return z3.Or([self._ever(pack, atom.fact, word).z3 for word in sorted(atom.words)])
        symbol = self.symbols.fact(pack, atom.fact, atom.words)
        return z3.Or([symbol.of_word(word) for word in sorted(atom.words)])

    def _ever(self, pack: Pack, fact: str, word: str) -> Symbol:
        """Of several stops each may have another reason: one yes/no fact for each reason."""
        name = f"{fact} {word}"
        symbol = self.symbols.get(("reason", ("ever",), word), "yes-no", name, name.replace("_", " "))
        symbol.directs(pack.name, pack.facts[fact].worse)
        return symbol

    def _at_least(self, atom: AtLeast) -> Formula:
        """The joined outcome of all tables of that name; without a protocol, of tables that are not loaded as well."""
        named = [other for other in self.places if atom.table in (ALL_TABLES, other.table.name)]
        giving = [other for other in named if other.joins and any(rule.advice for rule in other.table.rules)]
        reached = [self.reaches(other, atom.word) for other in giving]
        return z3.Or(reached) if giving and self._has_protocol() else z3.Or(*reached, self._free(atom))

    def _has_protocol(self) -> bool:
        return any(pack.kind == "protocol" for pack in self.packs)

    def reaches(self, place: Place, word: str) -> Formula:
        """That the table's joined advice is at `word` or above."""
        rules = [self.holds(place, rule) for rule in place.table.rules if rule.advice and rule.advice.at_least(word)]
        return z3.And(self.asked(place), z3.Or(rules)) if place.table.asks else z3.Or(rules)

    def _free(self, atom: AtLeast) -> Formula:
        """The outcome of a table that is not loaded: any rung, and a higher one is worse."""
        part = LADDER_OF[atom.word]
        name = f"{atom.table} {part}"
        symbol = self.symbols.get(("outcome", atom.table, part), "word", name, name)
        symbol.words = LADDERS[part]
        symbol.directs("", "higher")
        return symbol.z3 >= RANK[atom.word]
