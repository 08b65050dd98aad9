"""Each closed list as rows of text, for `countwell vocabulary LIST`: first the headings, then one row per entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias, get_args

from countwell.vocabulary.genes import functions, genes, proposals
from countwell.vocabulary.lists import Entry, ListName, entries
from countwell.vocabulary.medicines import classes, medicines
from countwell.vocabulary.symptoms import symptoms
from countwell.vocabulary.tests import Test, groups, measures, tests
from countwell.vocabulary.units import families
from countwell.vocabulary.vaccines import vaccines

Rows: TypeAlias = tuple[tuple[str, ...], ...]


def lists() -> tuple[str, ...]:
    """The names of all lists."""
    return tuple(_LISTINGS)


def listing(name: str) -> Rows:
    """A list as rows of text, headings first; every row is as long as the headings. Raises KeyError for an unknown list."""
    return _LISTINGS[name]()


def _tests() -> Rows:
    return (_TEST_HEADINGS, *(_test(test) for test in (*tests().values(), *measures().values())))


_TEST_HEADINGS = ("test", "shown as", "unit", "plausible", "upper limits", "worse", "LOINC", "not this", "also")


def _test(test: Test) -> tuple[str, ...]:
    loinc = _joined(f"{code} ({checked})" for code, checked in test.loinc.items())
    not_this = _joined(f"{code}: {says}" for code, says in test.not_this.items())
    return (
        test.name,
        test.display,
        test.unit or test.scale,
        _between(test.plausible),
        _between(test.upper_limits),
        test.worse,
        loinc,
        not_this,
        _joined(test.also),
    )


def _between(ends: tuple[Decimal, Decimal] | None) -> str:
    return f"{ends[0]} to {ends[1]}" if ends else ""


def _units() -> Rows:
    rows = (
        (test.name, spelling, f"{unit.times}", f"{unit.divide}", f"{unit.minus}", unit.canonical)
        for test in (*tests().values(), *measures().values())
        for spelling, unit in test.units.items()
    )
    return (("test", "spelling", "times", "divided by", "less", "unit"), *rows)


def _families() -> Rows:
    rows = ((family.name, family.canonical, family.decided_by) for family in families().values())
    return (("family", "unit", "decided by"), *rows)


def _groups() -> Rows:
    rows = ((g.name, g.display, _joined(g.must), _joined(g.one_of), _joined(g.may)) for g in groups().values())
    return (("group", "shown as", "must", "one of", "may"), *rows)


def _medicines() -> Rows:
    rows = ((m.name, _joined(sorted(m.classes)), _joined(m.also), _codes(m.codes)) for m in medicines().values())
    return (("medicine", "classes", "also", "codes"), *rows)


def _classes() -> Rows:
    return (("class", "meaning"), *classes().items())


def _vaccines() -> Rows:
    live = {True: "live", False: "not live", None: "asks which"}
    rows = ((v.name, live[v.live], _joined(v.choices), _joined(v.also)) for v in vaccines().values())
    return (("vaccine", "live", "choices", "also"), *rows)


def _symptoms() -> Rows:
    rows = ((s.name, s.display, s.question, _joined(s.details), _joined(s.also)) for s in symptoms().values())
    return (("symptom", "shown as", "question", "details", "also"), *rows)


def _genes() -> Rows:
    alleles = ((gene, function, _joined(a)) for gene in genes() for function, a in functions(gene).items())
    chosen = (("TPMT activity", unit, says) for unit, says in proposals().items())
    return (("gene", "function or unit", "alleles or choice"), *alleles, *chosen)


def _plain(name: ListName) -> Callable[[], Rows]:
    return lambda: (("name", "shown as", "facts", "also", "codes"), *map(_entry, entries(name).values()))


def _entry(entry: Entry) -> tuple[str, ...]:
    facts = _joined(f"{fact}: {text}" for fact, text in entry.facts.items())
    return (entry.name, entry.display, facts, _joined(entry.also), _codes(entry.codes))


def _codes(codes: Mapping[str, Mapping[str, str]]) -> str:
    return _joined(
        f"{system} {code} ({checked})" for system, listed in codes.items() for code, checked in listed.items()
    )


def _joined(words: Iterable[str]) -> str:
    return "; ".join(words)


_LISTINGS: Mapping[str, Callable[[], Rows]] = {
    "tests": _tests,
    "units": _units,
    "families": _families,
    "groups": _groups,
    "medicines": _medicines,
    "classes": _classes,
    "vaccines": _vaccines,
    "symptoms": _symptoms,
    "genes": _genes,
    **{name: _plain(name) for name in get_args(ListName)},
}
