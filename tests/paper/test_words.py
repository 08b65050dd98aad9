"""Display words: one for every closed name, and none of them ranks anything."""

import ast
import re

import pytest

from countwell.facts.course import STATES
from countwell.model import advice, answers, facts
from countwell.model.pack import STATUSES
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from countwell.paper import words
from countwell.paper.plain import fact
from house.source import SRC, modules

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


# Ways of writing a dose that were misread and did harm: of the lists of what not to use.
MISREAD = re.compile(
    r"\b(q\.?d|q\.?o\.?d|q\.?i\.?d|t\.?i\.?d|b\.?i\.?d|AZA|MTX|IU)\b|[\u00b5\u03bc]g\b|\d\.0 ?mg\b|(?<!\d)\.\d+ ?mg\b",
    re.IGNORECASE,
)


def for_people() -> dict[str, str]:
    """Every sentence of a pack for people, and every template of a page or letter."""
    packs = [read_pack(find(name), cases=False) for name in shipped()]
    found = {
        f"{pack.name}/{table.name}/{rule.name} {whom}": text
        for pack in packs
        for table in pack.tables
        for rule in table.rules
        for whom, text in rule.tell.items()
    }
    found |= {f"{pack.name} {one.name}": one.says for pack in packs for one in (*pack.statements, *pack.gaps)}
    templates = [path for end in ("html", "txt") for path in SRC.rglob(f"templates/**/*.{end}")]
    return found | {str(path.relative_to(SRC)): path.read_text("utf-8") for path in templates}


def test_no_sentence_and_no_template_writes_a_dose_in_a_way_that_is_misread():
    texts = for_people()
    assert len(texts) > 1000
    assert {place: found[0] for place, text in texts.items() if (found := MISREAD.search(text))} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("150 mg QD", True),
        ("50 mg q.i.d.", True),
        ("50 mg bid", True),
        ("AZA 50 mg", True),
        ("500 \u00b5g", True),
        ("5.0 mg", True),
        ("take .5 mg", True),
        ("150 mg once a day", False),
        ("37.5 mg", False),
        ("62.05 mg", False),
        ("a bidder", False),
    ],
)
def test_a_planted_way_of_writing_is_found(text, found):
    assert bool(MISREAD.search(text)) == found
