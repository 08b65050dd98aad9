"""The words of the vocabulary that a pack may use, by where they come from. The only door from packs to the vocabulary."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from decimal import Decimal
from functools import cache

from countwell.base.dates import UNITS
from countwell.model.answers import QUESTIONS
from countwell.vocabulary import genes
from countwell.vocabulary.lists import ListName, entries
from countwell.vocabulary.medicines import classes, medicines
from countwell.vocabulary.symptoms import symptoms
from countwell.vocabulary.tests import Test, groups, measures, tests

SPAN_UNITS: tuple[str, ...] = UNITS

_STATES = frozenset(("proposed", "active", "held", "stopped", "ended", "died"))
_SEXES = frozenset(("female", "male"))
_GENE_WORDS = genes.ANY | {"untested"}
_OTHER_UNITS = ("mg/day", "mg/kg/day", "%", "times", "count", "gap")
_LISTS: dict[str, ListName] = {"history": "histories", "circumstance": "circumstances", "topic": "lifestyle"}


@cache
def words(place: str) -> Collection[str]:
    """Every word that may stand in such a place."""
    match place:
        case "test":
            return tests().keys()
        case "group":
            return groups().keys()
        case "symptom":
            return symptoms().keys()
        case "detail":
            return {detail for symptom in symptoms().values() for detail in symptom.details}
        case "symptom unit":
            return {unit for name in symptoms() if (unit := symptom_unit(name))}
        case "medicine":
            return medicines().keys() | classes().keys()
        case "gene":
            return genes.genes()
        case "question":
            return QUESTIONS
        case _:
            return entries(_LISTS[place]).keys()


def conditions() -> Set[str]:
    """Every condition that can be treated."""
    return entries("conditions").keys()


def details(names: Iterable[str]) -> Collection[str]:
    """What may be said about these symptoms."""
    return {detail for name in names if name in symptoms() for detail in symptoms()[name].details}


def symptom_unit(name: str) -> str:
    """The unit of a symptom's value; empty if it has none."""
    measure = symptoms()[name].measure if name in symptoms() else ""
    return measures()[measure].unit if measure else ""


def threshold_window(name: str) -> tuple[Decimal, Decimal] | None:
    """Between which values a limit of this test lies, if the vocabulary says so."""
    return getattr(tests()[name], "threshold_window", None)


def test_named(name: str) -> Test | None:
    """The test of that name."""
    return tests().get(name)


@cache
def number_units() -> frozenset[str]:
    """Every unit that a number may have."""
    of_tests = {test.unit for test in (*tests().values(), *measures().values()) if test.unit}
    return frozenset(of_tests).union(SPAN_UNITS, _OTHER_UNITS)


def fact_words(kind: str, of: str) -> frozenset[str] | None:
    """The words that a word fact of this kind can be; None if the list is open."""
    match kind, of:
        case "state", _:
            return _STATES
        case "reason", _:
            return frozenset(entries("reasons"))
        case "condition", _:
            return frozenset(conditions())
        case "gene", _:
            return _GENE_WORDS
        case "person", "sex":
            return _SEXES
        case _:
            return None
