"""Display words: one for every closed name, and none of them ranks anything."""

import ast

import pytest

from countwell.facts.course import STATES
from countwell.model import advice, answers, facts
from countwell.model.pack import STATUSES
from countwell.paper import words
from countwell.paper.plain import fact
from house.source import modules

PAPER = {name: text for name, text in modules().items() if name.startswith("paper/")}
RUNGS = {
    word for ladder in advice.LADDERS.values() for word in ladder if "-" in word or word in ("reduce", "emergency")
}
RECORD_WORDS = {"reduce"}  # also a kind of decision


def test_every_closed_name_has_its_words():
    assert set(words.ACTIONS) == set(answers.ACTIONS)
    assert set(words.WHY) == set(facts.WHY)
    assert set(words.STATES) == set(STATES)
    assert set(words.QUESTIONS) == set(answers.QUESTIONS)
    assert set(words.STATUSES) == set(STATUSES)
    assert set(words.SUPPLY) == set(advice.SUPPLY)
    assert {part: tuple(names) for part, names in words.LADDERS.items()} == advice.LADDERS


SAID = {
    "neut_half": "Neutrophils fall from baseline",
    "wbc_half": "White cells fall from baseline",
    "wbc_drop": "White cells fall",
    "plt_peak": "Platelets peak",
    "liver_times": "Liver tests",
    "bilirubin_times": "Bilirubin",
    "hb_fall": "Haemoglobin fall",
}


@pytest.mark.parametrize("name", SAID)
def test_what_a_pack_computes_is_named_in_words_that_a_nurse_reads(name):
    assert fact(name) == SAID[name]


def rungs_in(text: str) -> set[str]:
    """The rungs of the ladders that a module writes out."""
    return {n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant) and n.value in RUNGS}


@pytest.mark.parametrize("name", sorted(set(PAPER) - {"paper/words.py"}))
def test_no_rung_of_advice_stands_outside_the_table_of_words(name):
    assert rungs_in(PAPER[name]) - RECORD_WORDS == set()


def test_a_planted_rung_is_found():
    assert rungs_in("if advice.drug == 'do-not-raise': place = 3") == {"do-not-raise"}
