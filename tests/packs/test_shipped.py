"""The packs that come with Countwell: read and checked without a fault, and read quickly."""

import re

import pytest

from countwell.engine.cases import broken_cases
from countwell.model.rules import IsWord, atoms, normal
from countwell.pack.lint import faults_of
from countwell.pack.load import Loaded, find, load, shipped
from countwell.pack.read import read_pack
from countwell.pack.uses import conditions
from countwell.pack.words import Names, parse
from countwell.pack.written import written


def loaded(name):
    """A protocol with its layers, or a layer alone."""
    pack = read_pack(find(name))
    return load(name) if pack.kind == "protocol" else Loaded(pack)


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_pack_has_no_faults(name):
    assert [str(fault) for fault in faults_of(loaded(name))] == []


@pytest.mark.parametrize("name", shipped())
def test_every_case_of_a_shipped_pack_holds(name):
    assert [f"{broken.case}: {broken.says}" for broken in broken_cases(read_pack(find(name)))] == []


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_condition_can_be_written_and_read_again(name):
    pack = read_pack(find(name))
    found = [condition for _, _, condition in conditions(pack)]
    words = {atom.words for condition in found for atom in atoms(condition) if isinstance(atom, IsWord)}
    sets = {f"set-{number}": members for number, members in enumerate(words)}
    names = Names(pack.facts, pack.numbers, [*(table.name for table in pack.tables), *pack.reads], sets)
    for condition in found:
        again, wrong = parse(written(condition, sets), names)
        assert wrong == []
        assert normal(again) == condition


@pytest.mark.parametrize("name", shipped())
def test_no_sentence_gives_the_value_of_a_test_for_how_far_it_moved(name):
    """`{fact}` prints the result as it was sent, also where the fact is a change."""
    pack = read_pack(find(name))
    moved = "|".join(fact.name for fact in pack.facts.values() if fact.kind == "change") or "none"
    told = [text for table in pack.tables for rule in table.rules for text in rule.tell.values()]
    assert [text for text in told if re.search(rf"\bby \{{({moved})\}}", text)] == []
