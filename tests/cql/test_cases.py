"""The worked cases of every pack, run by the independent engine: equal to what the case says and to the reference."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

pytest.importorskip("cql_sdk", reason="the independent CQL engine (ms-cql-sdk) is not installed")

from countwell.engine.cases import standing_of
from countwell.model.advice import LADDERS, PRECAUTIONS
from countwell.model.pack import Case, Pack
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from cql.engine import Run
from cql.meets import Libraries, differences


@cache
def pack_named(name: str) -> Pack:
    return read_pack(find(name))


def faults(pack: Pack, texts: dict[str, str] | None = None) -> Iterator[str]:
    """Every case that comes out otherwise in CQL, with what differs."""
    libraries: Libraries | None = None
    for case in pack.cases:
        table = pack.table(case.table)
        assert table is not None
        standing = standing_of(pack, table, case.given)
        libraries = libraries or Libraries(standing.joined, texts)
        standing.joined = libraries.joined
        libraries.give(standing, standing.outcomes_given)
        found = [*differences(standing, libraries, standing.joined.by_name[table.name])]
        found += [*unlike_the_case(case, libraries.runs[pack.name], [rule.name for rule in table.rules])]
        yield from (f"{case.name}: {one}" for one in found)


def unlike_the_case(case: Case, run: Run, rules: list[str]) -> Iterator[str]:
    """What a case names and CQL says otherwise: rules that hold, rules not ruled out, advice at least and at most."""
    states = {name: run[f"{case.table}/{name}"] for name in rules}
    for key, state in (("rules", True), ("not-ruled-out", None)):
        wanted = case.expected.get(key)
        found = sorted(name for name, held in states.items() if held is state)
        if wanted is not None and found != sorted(wanted):  # type: ignore[call-overload]
            yield f"{key}: {found}, not {wanted}"
    for key, end in (("advice", "least"), ("at-most", "most")):
        for part, word in dict(case.expected.get(key) or {}).items():  # type: ignore[call-overload]
            said = advised(run, case.table, part, end)
            if said != (sorted(word) if part == "precautions" else word):
                yield f"{key}: {part} is {said}, not {word}"


def advised(run: Run, table: str, part: str, end: str) -> Any:
    if part == "precautions":
        return sorted(word for word in PRECAUTIONS if run[f"table {table}, {word} at {end}"])
    return LADDERS[part][run[f"table {table}, {part} at {end}"]]


@pytest.mark.parametrize("name", shipped())
def test_every_case_of_a_pack_comes_out_the_same_in_cql(name):
    assert list(faults(pack_named(name))) == []
