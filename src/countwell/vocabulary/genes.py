"""TPMT and NUDT15: from a result to every phenotype that it leaves possible. Not known is never read as normal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache

from countwell.base.dates import Duration, add
from countwell.vocabulary.load import Row, read_list, rows
from countwell.vocabulary.names import key
from countwell.vocabulary.quantities import Quantity, read_quantity

ANY = frozenset(("normal", "intermediate", "possible-intermediate", "poor", "indeterminate"))

_PAIR = re.compile(r"(\*[0-9]+[A-Z]?)\s*[/|]\s*(\*[0-9]+[A-Z]?)")
_OR = re.compile(r"\s*(?:;|\bOR\b)\s*")


def genes() -> tuple[str, ...]:
    """The genes that Countwell knows."""
    return tuple(_genes())


def phenotype(gene: str, result_text: str) -> frozenset[str]:
    """The phenotypes that a result leaves possible: normal, intermediate, possible-intermediate, poor, indeterminate.

    result_text: two alleles (`*1/*3A`), several such pairs (`*1/*3A or *3B/*3C`: all count), a phenotype in words, or a
    listed position. What cannot be read leaves every phenotype possible (`ANY`). An allele that is not listed has
    uncertain function. Raises KeyError if the gene is not listed.
    """
    if found := _listed(gene).get(_bare(gene, result_text)):
        return found
    pairs = _OR.split(result_text.upper().replace(gene, "").strip(" :="))
    return frozenset().union(*(_of_pair(gene, pair) for pair in pairs))


def phase_note(gene: str, result_text: str) -> str | None:
    """Which other pair of alleles the same test result could mean, if it is one that leaves the phase open."""
    alleles = _alleles(result_text.upper().replace(gene, ""))
    other = _phase(gene).get(alleles or ("", ""))
    if other is None or alleles is None:
        return None
    return f"{'/'.join(alleles)} cannot be told from {other} unless the phase was tested."


def activity_phenotype(value_text: str, unit_text: str | None) -> frozenset[str]:
    """The phenotypes that a TPMT activity leaves possible, on the scale that its unit names; scales are never compared.

    Raises Unreadable as `read_quantity("tpmt", …)` does.
    """
    return phenotype_of_activity(read_quantity("tpmt", value_text, unit_text))


def phenotype_of_activity(activity: Quantity) -> frozenset[str]:
    """The same for a TPMT activity that has been read."""
    begins = _bands(activity.unit)
    ends = [begin for begin, _ in begins[1:]] + [None]
    possible = [words for (begin, words), end in zip(begins, ends, strict=True) if _touches(activity, begin, end)]
    return frozenset().union(*possible)


def is_of_donor(collected: date, transfused: Iterable[date | None]) -> bool:
    """Whether a TPMT activity may be that of a donor: collected within some months of a transfusion of red cells.

    transfused: the days on which red cells were given, None where the day is not known: then it may be.
    """
    months = Duration(int(_genes()["TPMT"].row("transfusion").only("months", "source").text("months")), "months")
    return any(day is None or day <= collected < add(day, months, "later") for day in transfused)


def is_high_activity(activity: Quantity) -> bool:
    """Whether a TPMT activity is surely above the scale's normal range."""
    return activity.low > Decimal(_scale(activity.unit).text("high_above"))


def proposals() -> Mapping[str, str]:
    """Per scale of TPMT activity, what this project chose where its source says nothing: to be signed."""
    scales = _genes()["TPMT"].row("activity").fields
    return {unit: says for unit in scales if (says := _scale(unit).text("proposal"))}


def _touches(activity: Quantity, begin: Decimal, end: Decimal | None) -> bool:
    below = end is not None and activity.low >= end
    reaches = activity.high is None or activity.high > begin or (activity.high == begin and not activity.high_open)
    return reaches and not below


def _of_pair(gene: str, text: str) -> frozenset[str]:
    alleles = _alleles(text)
    if alleles is None:
        return ANY
    pair = " ".join(sorted(_function(gene, allele) for allele in alleles))
    return frozenset({_phenotypes().row("pairs").text(pair)})


def _alleles(text: str) -> tuple[str, str] | None:
    found = _PAIR.fullmatch(text.strip())
    if found is None:
        return None
    first, second = sorted((found[1], found[2]), key=lambda allele: (int(re.sub(r"\D", "", allele)), allele))
    return first, second


def _function(gene: str, allele: str) -> str:
    return next((function for function, alleles in functions(gene).items() if allele in alleles), "uncertain")


def functions(gene: str) -> Mapping[str, tuple[str, ...]]:
    """The listed alleles of a gene by function, `normal` and `none`. Raises KeyError if the gene is not listed."""
    return {function: _genes()[gene].texts(function) for function in ("normal", "none")}


def _bare(gene: str, text: str) -> str:
    return key(text.replace(gene, " ").replace(":", " ")).removeprefix("phenotype ")


@cache
def _genes() -> Mapping[str, Row]:
    return {
        row.name: row.only("normal", "none", "phase", "positions", "activity", "transfusion") for row in rows("genes")
    }


@cache
def _phenotypes() -> Row:
    return Row("phenotypes", read_list("phenotypes")).only("pairs", "words")


@cache
def _listed(gene: str) -> Mapping[str, frozenset[str]]:
    words = _phenotypes().row("words")
    by_word = {key(other): frozenset({word}) for word in words.fields for other in (word, *words.texts(word))}
    positions = _genes()[gene].row("positions")
    return by_word | {key(position): frozenset(positions.texts(position)) for position in positions.fields}


@cache
def _phase(gene: str) -> Mapping[tuple[str, str], str]:
    listed = _genes()[gene].mapping("phase")
    return {alleles: other for pair, other in listed.items() if (alleles := _alleles(pair))}


def _scale(unit: str) -> Row:
    return _genes()["TPMT"].row("activity").row(unit).only("source", "bands", "high_above", "proposal")


@cache
def _bands(unit: str) -> tuple[tuple[Decimal, frozenset[str]], ...]:
    bands = _scale(unit).mapping("bands")
    return tuple((Decimal(begin), frozenset(words.split())) for words, begin in bands.items())
