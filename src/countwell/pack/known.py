"""The words of the vocabulary that a pack may use, by where they come from. The only door from packs to the vocabulary."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import cache

from countwell.model.answers import QUESTIONS
from countwell.vocabulary.medicines import classes, medicines
from countwell.vocabulary.symptoms import symptoms
from countwell.vocabulary.tests import Test, groups, measures, tests

STATES = frozenset("proposed active held stopped ended died".split())
REASONS = frozenset(
    "leucopenia liver pancreatitis hypersensitivity infection pregnancy no-effect patient other".split()
)
GENE_WORDS = frozenset("normal intermediate possible-intermediate poor indeterminate untested".split())
SPAN_UNITS = ("hours", "days", "weeks", "months", "years")
OTHER_UNITS = ("mg/day", "mg/kg/day", "%", "times", "count", "Cel", "gap")


@cache
def words(place: str) -> Collection[str] | None:
    """Every word of a list of the vocabulary; None if there is no such list to check against."""
    match place:
        case "test":
            return tests().keys()
        case "group":
            return groups().keys()
        case "symptom":
            return symptoms().keys()
        case "detail":
            return {detail for symptom in symptoms().values() for detail in symptom.details}
        case "medicine":
            return medicines().keys() | classes().keys()
        case "question":
            return QUESTIONS
        case "symptom unit":
            return [unit for name in symptoms() if (unit := symptom_unit(name))]
        case _:
            return None


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
    return frozenset(test.unit for test in tests().values() if test.unit) | set(SPAN_UNITS) | set(OTHER_UNITS)


def fact_words(kind: str, of: str) -> frozenset[str] | None:
    """The words that a word fact of this kind can be; None if the list is open."""
    closed: Mapping[str, frozenset[str]] = {"state": STATES, "reason": REASONS, "gene": GENE_WORDS}
    if kind == "person" and of == "sex":
        return frozenset(("female", "male"))
    return closed.get(kind)
