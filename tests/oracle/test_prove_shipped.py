"""The packs that come with Countwell are proven, and faults planted in them are found."""

import random
from dataclasses import replace

import pytest

from countwell.engine.prove import prove
from countwell.model.pack import Pack
from countwell.model.rules import And, Compare, Condition, Or, Table
from countwell.pack.load import find, load, shipped
from countwell.pack.read import read_pack

PROTOCOLS = [name for name in shipped() if read_pack(find(name)).kind == "protocol"]
LAYERS = [name for name in shipped() if name not in PROTOCOLS]
FLIPPED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


def unproven(packs: tuple[Pack, ...]) -> list[str]:
    return [str(verdict) for verdict in prove(packs) if not verdict.ok]


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_table_of_a_protocol_with_its_layers_is_proven(name: str):
    packs = load(name).packs
    assert unproven(packs) == []
    proven = {(verdict.pack, verdict.table) for verdict in prove(packs)}
    assert proven >= {(pack.name, table.name) for pack in packs for table in pack.tables}


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_proven_alone(name: str):
    assert unproven((read_pack(find(name)),)) == []


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_limit_that_changes_sides_in_a_clear_is_found(name: str):
    packs = load(name).packs
    tables = [(one, table) for one in packs for table in one.tables if compares(table)]
    for pack, table in random.sample(tables, 3):
        changed = with_table(pack, replace(table, clear=flipped(table.clear)))
        faults = unproven(tuple(changed if other is pack else other for other in packs))
        assert any(f"{pack.name}/{table.name}: c" in fault for fault in faults), (pack.name, table.name)


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
