"""Every pair of TPMT and NUDT15, with and without results, at three weights: the published tables, typed out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from click.testing import CliRunner

from countwell import read_record
from countwell.cli.packs import packs as packs_command
from countwell.pack.load import find
from countwell.pack.read import read_pack
from countwell.questions.ask import ask
from countwell.questions.by_genes import NO_DOSE, PENDING, SILENT, UNTESTED, WAITING, WORDS, Pair, by_genes
from generative.making import AS_OF, Json, panel, record, weight, when
from house.source import ROOT

KILOGRAMS = (40, 70, 110)
DOCUMENT = ROOT / "docs" / "genes.md"
# mg per kg a day: N normal start, R with one gene cut, B with both, X another medicine, - no dose named.
RANGES = {"N": ("2", "3"), "R": ("0.6", "2.4"), "B": ("0.4", "1.5"), "H": ("1", "1.5")}
CPIC = {  # NUDT15:      normal  interm.  possible  poor  indet.  untested
    "normal": "N R R X N N",
    "intermediate": "R B B X R R",
    "possible-intermediate": "R B B X R R",
    "poor": "X X X X X X",
    "indeterminate": "N R R X - -",
    UNTESTED: "N R R X - -",
}
# The Dutch recommendations speak of intermediate (half of the usual dose) and of poor metabolisers only.
DPWG = {
    "normal": "- H - X - -",
    "intermediate": "H H H X H H",
    "possible-intermediate": "- H - X - -",
    "poor": "X X X X X X",
    "indeterminate": "- H - X - -",
    UNTESTED: "- H - X - -",
}
KNOWN = [word for word in WORDS if word != PENDING]


def laid(layer: str) -> dict[tuple[str, str], Pair]:
    pairs = by_genes(read_pack(find(layer)), [Decimal(kg) for kg in KILOGRAMS], when(AS_OF))
    return {(pair.tpmt, pair.nudt15): pair for pair in pairs}


def tenths(text: str) -> int:
    return int(Fraction(text) * 10)


@pytest.mark.parametrize(("layer", "published"), [("cpic", CPIC), ("dpwg", DPWG)])
def test_every_pair_is_as_published_at_every_weight(layer: str, published: dict[str, str]) -> None:
    found = laid(layer)
    for tpmt, row in published.items():
        for nudt15, says in zip(KNOWN, row.split(), strict=True):
            for kg, cell in zip(KILOGRAMS, found[tpmt, nudt15].cells, strict=True):
                where = (layer, tpmt, nudt15, kg)
                if says in RANGES:
                    ends = [tenths(end) * kg for end in RANGES[says]]
                    assert cell.range_mg is not None, where
                    assert [tenths(end) for end in cell.range_mg] == ends, where
                else:
                    assert cell.says == {"X": NO_DOSE, "-": SILENT}[says], where


@pytest.mark.parametrize("layer", ["cpic", "dpwg"])
def test_pending_is_not_normal_and_no_dose_is_named_until_it_is_there(layer: str) -> None:
    found = laid(layer)
    for word in WORDS:
        wanted = NO_DOSE if word == "poor" else WAITING
        assert {cell.says for cell in found[PENDING, word].cells} == {wanted}
        assert {cell.says for cell in found[word, PENDING].cells} == {wanted}


def test_every_pair_is_there() -> None:
    assert len(laid("cpic")) == len(WORDS) ** 2 == 49


@pytest.mark.parametrize("layer", ["cpic", "dpwg"])
def test_the_tablets_shown_are_the_ends_of_what_can_be_made_in_the_range(layer: str) -> None:
    for pair in laid(layer).values():
        for cell in pair.cells:
            if cell.range_mg is not None:
                low, high = (tenths(end) for end in cell.range_mg)
                made = [mg for mg in range(25, 400, 25) if low <= mg * 10 <= high]
                assert cell.lowest is not None
                assert cell.highest is not None
                assert [cell.lowest.mg, cell.highest.mg] == [made[0], made[-1]]


def person(tpmt: str, nudt15: str, kg: int) -> Json:
    genes = [
        {"kind": "test-ordered", "test": gene.lower(), "at": "2026-02-20", "status": "pending"}
        if word == PENDING
        else {"kind": "genotype", "gene": gene, "result": word, "at": "2026-02-20"}
        for gene, word in (("TPMT", tpmt), ("NUDT15", nudt15))
        if word != UNTESTED
    ]
    return record([weight("2026-03-01", str(kg)), *panel("2026-03-01"), *genes])


@pytest.mark.parametrize("layer", ["cpic", "dpwg"])
def test_a_patient_of_that_pair_is_answered_within_it(layer: str) -> None:
    """Under the text on CIDP, whose own 2 to 3 mg/kg is the normal dose of both guidelines."""
    for pair in laid(layer).values():
        for kg, cell in zip(KILOGRAMS, pair.cells, strict=True):
            read = read_record(person(pair.tpmt, pair.nudt15, kg))
            said = ask("dose", read, as_of=when(AS_OF), layers=[layer]).details
            if cell.says in (NO_DOSE, WAITING):
                assert said["options"] == []
                assert any(layer in reason for reason in said["because"])
            else:
                own = cell.range_mg or tuple(str(kg * end) for end in (2, 3))
                assert said["target"]["range_mg_per_day"] == list(own), (layer, pair, kg)


@pytest.mark.parametrize(
    ("tpmt", "nudt15", "range_mg"),
    [
        ("*1/*1", "*1/*1", ["140", "210"]),
        ("*1/*3A", "*1/*1", ["42", "168"]),
        ("*1/*3C", "*1/*3", ["28", "105"]),
        ("*1/*1", "c.415C>T CC", ["140", "210"]),
        ("*1/*8", "*1/*1", ["140", "210"]),
    ],
)
def test_a_diplotype_leads_to_its_phenotype_and_that_to_the_range(tpmt: str, nudt15: str, range_mg: list[str]) -> None:
    said = ask("dose", read_record(person(tpmt, nudt15, 70)), as_of=when(AS_OF), layers=["cpic"]).details
    assert said["target"]["range_mg_per_day"] == range_mg


@pytest.mark.parametrize(
    ("tpmt", "nudt15"),
    [("*3A/*3C", "*1/*1"), ("*1/*1", "*2/*3"), ("*1/*3A or *3B/*3C", "*1/*1"), ("unreadable", "*1/*1")],
)
def test_a_result_that_is_or_may_be_poor_leaves_no_dose(tpmt: str, nudt15: str) -> None:
    said = ask("dose", read_record(person(tpmt, nudt15, 70)), as_of=when(AS_OF), layers=["cpic"]).details
    assert said["options"] == []
    assert any("cpic/cpic-dose/poor" in reason for reason in said["because"])


def test_what_the_figures_do_not_tell_stands_below_them() -> None:
    """A gene without a result has CPIC's normal dose in the table: that it is to be watched closely must be read with it."""
    for form in ([], ["--markdown"]):
        printed = (
            CliRunner()
            .invoke(packs_command, ["genes", "cpic", "dpwg", "--kg", "70", *form], catch_exceptions=False)
            .output
        )
        words = " ".join(printed.split())
        assert "A gene without a result, or of unknown function: watch closely" in words
        assert "dpwg: Stricter still if both genes are changed. No figure is given." in words
        assert "cpic leaves open: Neither gene known: CPIC gives no dose." in words


def test_the_document_is_what_the_packs_say_now() -> None:
    """Written by: countwell packs genes cpic dpwg --kg 40 --kg 70 --kg 110 --markdown > docs/genes.md"""
    command = ["genes", "cpic", "dpwg", *(word for kg in KILOGRAMS for word in ("--kg", str(kg))), "--markdown"]
    printed = CliRunner().invoke(packs_command, command, catch_exceptions=False).output
    assert DOCUMENT.read_text(encoding="utf-8") == printed
