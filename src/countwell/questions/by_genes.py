"""The dose by TPMT and NUDT15: what a layer says of every pair of phenotypes, with and without results, in mg and tablets.

Nothing is worked out here: each cell is what the layer leaves of a dose for a person of whom only genes and weight are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from countwell.base.dates import Moment
from countwell.engine.decide import decide
from countwell.engine.joined import Joined
from countwell.engine.words import number_in_words
from countwell.facts.asked import Asked
from countwell.facts.past import past_of
from countwell.model.pack import Pack
from countwell.model.records import Course, Genotype, Patient, Product, Record, TestOrdered, Weight
from countwell.questions.dosing import range_mg, upper_limit
from countwell.questions.tablets import Tablets, every_tablet, makeable, pieces_of
from countwell.vocabulary.genes import genes

PENDING, UNTESTED = "pending", "untested"
# What is not known to be scored in this patient's box is not divided.
WHOLE = tuple(Product(tablet.strength_mg) for tablet in every_tablet())
WORDS = ("normal", "intermediate", "possible-intermediate", "poor", "indeterminate", UNTESTED, PENDING)
NO_DOSE, WAITING, SILENT = "no dose", "no dose until the result is there", "nothing said"


@dataclass(frozen=True, slots=True)
class Cell:
    """One weight. range_mg: from and to, mg a day; lowest, highest: what tablets make in it. says: why there is none."""

    kg: Decimal
    says: str = ""
    range_mg: tuple[str, str] | None = None
    lowest: Tablets | None = None
    highest: Tablets | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair of phenotypes, and what the layer leaves at each weight."""

    tpmt: str
    nudt15: str
    cells: tuple[Cell, ...]


def by_genes(layer: Pack, kilograms: Sequence[Decimal], as_of: Moment) -> list[Pair]:
    """Every pair, for these weights in kg. as_of: any instant; what a layer says of genes hangs on none."""
    joined = Joined((layer,))
    return [
        Pair(tpmt, nudt15, tuple(_cell(joined, (tpmt, nudt15), kg, as_of) for kg in kilograms))
        for tpmt, nudt15 in product(WORDS, WORDS)
    ]


def _cell(joined: Joined, words: tuple[str, str], kg: Decimal, as_of: Moment) -> Cell:
    past = past_of(_record(words, kg, as_of))
    decided = decide(joined, past, as_of=as_of, known_at=as_of, asked=Asked("dose"))
    limits = decided.dose
    if limits.none:
        surely = any(state.truth is True for state in limits.none)
        return Cell(kg, NO_DOSE if surely else WAITING)
    found, upper = range_mg(limits), upper_limit(limits)
    if found is None or limits.low is None or upper is None:
        return Cell(kg, SILENT)
    low, high = limits.low.mg or Decimal(0), upper.mg or Decimal(0)
    made = [tablets for mg, tablets in makeable(pieces_of(past.record.course), high).items() if mg >= low]
    return Cell(kg, "", (found[0], found[1]), made[0] if made else None, made[-1] if made else None)


def _record(words: tuple[str, str], kg: Decimal, as_of: Moment) -> Record:
    weight = Weight("weight", as_of, number_in_words(kg), "kg")
    typed = [event for gene, word in zip(genes(), words, strict=True) for event in _typed(gene, word, as_of)]
    return Record(Patient("nobody"), Course(products=WHOLE), (weight, *typed))


def _typed(gene: str, word: str, as_of: Moment) -> Iterator[Genotype | TestOrdered]:
    if word == PENDING:
        yield TestOrdered(gene, gene.lower(), as_of, PENDING)
    elif word != UNTESTED:
        yield Genotype(gene, gene, word, as_of)
