"""The packs that come with Countwell are proven, and faults planted in them are found.

All of them with all their layers are proven by `./go check`; here each layer, and the own tables of each protocol.
"""

import operator
import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import z3

from countwell.base.dates import add
from countwell.engine.prove import prove
from countwell.engine.prove.symbols import Symbol
from countwell.engine.prove.tables import prove_tables
from countwell.engine.prove.world import Place, World
from countwell.model.pack import Pack
from countwell.model.rules import And, AtLeast, Compare, Condition, Holds, IsWord, Not, Or, Rule, Table
from countwell.pack.load import find, load, shipped
from countwell.pack.read import read_pack

PROTOCOLS = [name for name in shipped() if read_pack(find(name)).kind == "protocol"]
LAYERS = [name for name in shipped() if name not in PROTOCOLS]
FLIPPED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


def test_every_table_of_a_protocol_with_its_layers_is_proven():
    packs = load(random.choice(PROTOCOLS)).packs
    verdicts = prove(packs)
    assert [str(verdict) for verdict in verdicts if not verdict.ok] == []
    assert {(verdict.pack, verdict.table) for verdict in verdicts} >= {
        (pack.name, table.name) for pack in packs for table in pack.tables
    }


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_own_table_of_a_protocol_is_proven_beside_its_layers(name: str):
    packs = load(name).packs
    verdicts = prove_tables(packs, only=[table.name for table in packs[0].tables])
    assert [str(verdict) for verdict in verdicts if not verdict.ok] == []
    assert {verdict.table for verdict in verdicts} == {table.name for table in packs[0].tables}


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_proven_alone(name: str):
    assert [str(verdict) for verdict in prove([read_pack(find(name))]) if not verdict.ok] == []


@pytest.mark.parametrize("_time", range(3))
def test_a_limit_that_changes_sides_in_a_clear_is_found(_time: int):
    packs = load(random.choice(PROTOCOLS)).packs
    tables = [(one, table) for one in packs for table in one.tables if compares(table)]
    for pack, table in random.sample(tables, 3):
        changed = with_table(pack, replace(table, clear=flipped(table.clear)))
        verdicts = prove_tables([changed if other is pack else other for other in packs], only=[table.name])
        failed = {verdict.check for verdict in verdicts if verdict.pack == pack.name and not verdict.ok}
        assert failed & {"coverage", "clear"}, (pack.name, table.name)


def compares(table: Table) -> bool:
    return table.clear is not None and flipped(table.clear) != table.clear


def flipped(condition: Condition) -> Condition:
    """The condition with its first comparison the other way at the limit."""
    match condition:
        case Compare():
            return replace(condition, op=FLIPPED[condition.op])
        case And(of) | Or(of):
            parts = list(of)
            place = next((place for place, part in enumerate(parts) if flipped(part) != part), None)
            if place is not None:
                parts[place] = flipped(parts[place])
            return type(condition)(tuple(parts))
        case _:
            return condition


def with_table(pack: Pack, table: Table) -> Pack:
    tables = tuple(table if other.name == table.name else other for other in pack.tables)
    return replace(pack, tables=tables)


# The formulas say what the conditions say: the same rules worked out here on plain values, for patients at random


@pytest.mark.parametrize("_time", range(3))
def test_formulas_agree_with_the_rules_worked_out_by_hand(_time: int):
    world = World(load(random.choice(PROTOCOLS)).packs)
    for _ in range(5):
        someone = Someone(world)
        for place in world.places:
            for rule in place.table.rules:
                by_solver = someone.meets(world.holds(place, rule))
                assert by_solver == someone.holds(place, rule), (place.pack.name, place.table.name, rule.name)


class Someone:
    """A patient made at random, with a value for every fact: near the limits, whole days, one word of those possible."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.values: dict[str, object] = {}
        self.formulas = []
        for symbol in world.symbols.all.values():
            self._give(symbol)
        known = z3.Solver()
        known.add([constant == value for constant, value in self.formulas])
        assert known.check() == z3.sat
        self.model = known.model()

    def _give(self, symbol: Symbol) -> None:
        if symbol.sort == "yes-no":
            value: object = random.random() < 0.5
            constant = z3.BoolVal(value)
        elif symbol.sort == "word":
            value = random.choice(symbol.words)
            constant = z3.IntVal(symbol.words.index(value))
        elif symbol.sort == "time":
            value, constant = self._time(symbol)
        else:
            value = random.choice(sorted(symbol.limits) or [Decimal(1)]) + random.choice([-1, 0, 1])
            constant = z3.IntVal(int(value)) if symbol.sort == "count" else z3.RealVal(str(value))
        self.values[symbol.name] = value
        self.formulas.append((symbol.z3, constant))

    def _time(self, symbol: Symbol) -> tuple[tuple[date, date], object]:
        """When it began and today, from the real calendar; and how long each duration is from that day."""
        began = date(2024, 1, 1) + timedelta(days=random.randrange(800))
        ends = [add(began, duration, "later") for duration in symbol.durations]
        today = random.choice(ends or [began]) + timedelta(days=random.choice([-1, 0, 1]))
        for duration, days in symbol.durations.items():
            if not z3.is_int_value(days):
                self.formulas.append((days, z3.IntVal((add(began, duration, "later") - began).days)))
        return (began, today), z3.IntVal((today - began).days)

    def meets(self, formula: object) -> bool:
        return z3.is_true(self.model.eval(formula))

    def holds(self, place: Place, rule: Rule) -> bool:
        return self.true(place.pack, rule.when) and not (rule.unless and self.true(place.pack, rule.unless))

    def true(self, pack: Pack, condition: Condition) -> bool:
        match condition:
            case And(of):
                return all(self.true(pack, part) for part in of)
            case Or(of):
                return any(self.true(pack, part) for part in of)
            case Not(of):
                return not self.true(pack, of)
            case Holds(fact, negated):
                return self._value(pack, fact) != negated
            case IsWord(fact, words, negated):
                return self._is_word(pack, fact, words) != negated
            case AtLeast(table, word, negated):
                return self._reaches(table, word) != negated
            case Compare(fact, op, number, other):
                mine = self._value(pack, fact)
                its = self._value(pack, other) if other else pack.numbers[number].value
                if isinstance(mine, tuple):
                    mine, its = mine[1], add(mine[0], pack.numbers[number].duration, "later")
                return {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}[op](mine, its)

    def _value(self, pack: Pack, fact: str) -> object:
        return self.values[self.world.symbols.fact(pack, fact).name]

    def _is_word(self, pack: Pack, fact: str, words: frozenset[str]) -> bool:
        if pack.facts[fact].of == ("ever",):
            return any(self.values[self.world.symbols.all["reason", ("ever",), word].name] for word in words)
        return self._value(pack, fact) in words

    def _reaches(self, table: str, word: str) -> bool:
        read = [place for place in self.world.places if place.joins and table in ("advice", place.table.name)]
        return any(self._advises(place, word) for place in read)

    def _advises(self, place: Place, word: str) -> bool:
        if place.table.asks and self.values[self.world.symbols.all["question",].name] not in place.table.asks:
            return False
        return any(self.holds(place, rule) for rule in place.table.rules if rule.advice and rule.advice.at_least(word))
