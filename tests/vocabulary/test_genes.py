"""TPMT and NUDT15: what a result leaves possible. Nothing that is not known is ever normal alone."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countwell.base.errors import Unreadable
from countwell.vocabulary.genes import (
    ANY,
    activity_phenotype,
    functions,
    genes,
    is_high_activity,
    phase_note,
    phenotype,
    proposals,
)
from countwell.vocabulary.quantities import read_quantity


def words(text: str) -> set[str]:
    return set(text.split())


@pytest.mark.parametrize(
    ("gene", "result", "expected"),
    [
        ("TPMT", "*1/*1", "normal"),
        ("TPMT", "*1/*3A", "intermediate"),
        ("TPMT", "*3A/*1", "intermediate"),
        ("TPMT", "TPMT *1/*3a", "intermediate"),
        ("TPMT", "*3A|*3C", "poor"),
        ("TPMT", "*3B/*3C", "poor"),
        ("TPMT", "*1/*3A or *3B/*3C", "intermediate poor"),
        ("TPMT", "*1/*3A; *3B/*3C", "intermediate poor"),
        ("TPMT", "*1/*24", "indeterminate"),
        ("TPMT", "*3A/*24", "possible-intermediate"),
        ("TPMT", "*24/*38", "indeterminate"),
        ("NUDT15", "*1/*1", "normal"),
        ("NUDT15", "*1/*3", "intermediate"),
        ("NUDT15", "*2/*3", "poor"),
        ("NUDT15", "*1/*4", "indeterminate"),
        ("NUDT15", "*3/*6", "possible-intermediate"),
        ("NUDT15", "c.415C>T TT", "poor"),
        ("NUDT15", "c.415C>T CC", "normal indeterminate"),
        ("TPMT", "Intermediate Metabolizer", "intermediate"),
        ("TPMT", "TPMT: poor metaboliser", "poor"),
        ("TPMT", "possible intermediate metabolizer", "possible-intermediate"),
        ("TPMT", "normal", "normal"),
    ],
)
def test_phenotype(gene: str, result: str, expected: str) -> None:
    assert phenotype(gene, result) == words(expected)


@pytest.mark.parametrize(
    "result", ["", "pending", "no result", "*1", "*1/", "1/1", "*1/*1 or", "*1/*1, *1/*3A", "not normal"]
)
def test_what_cannot_be_read_leaves_everything_possible(result: str) -> None:
    assert phenotype("TPMT", result) == ANY


@given(st.sampled_from(["TPMT", "NUDT15"]), st.text(max_size=20))
def test_no_text_by_chance_is_normal_alone(gene: str, text: str) -> None:
    assert phenotype(gene, text)
    assert phenotype(gene, text) <= ANY


def test_every_pair_of_listed_alleles_has_the_phenotype_of_its_functions() -> None:
    for gene in genes():
        listed = functions(gene)
        kinds = {allele: kind for kind, alleles in listed.items() for allele in alleles} | {"*99": "uncertain"}
        for one, other in product(kinds, repeat=2):
            found = phenotype(gene, f"{one}/{other}")
            lost = [kinds[one], kinds[other]].count("none")
            open_ = "uncertain" in (kinds[one], kinds[other])
            expected = (
                {0: "indeterminate", 1: "possible-intermediate"}[lost]
                if open_
                else {0: "normal", 1: "intermediate", 2: "poor"}[lost]
            )
            assert found == {expected}, (gene, one, other)


def test_an_open_phase_is_noted() -> None:
    assert "*3B/*3C" in (phase_note("TPMT", "*3A/*1") or "")
    assert "*3/*6" in (phase_note("NUDT15", "NUDT15 *1/*2") or "")
    assert phase_note("TPMT", "*1/*1") is None
    assert phase_note("TPMT", "normal") is None


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("9.9", "mU/L", "poor"),
        ("10", "mU/L", "poor"),
        ("19.9", "mU/L", "poor"),
        ("20", "mU/L", "intermediate"),
        ("67.9", "mU/L", "intermediate"),
        ("68", "mU/L", "normal"),
        ("151", "mU/L", "normal"),
        ("9.9", "nmol/h/g{Hb}", "poor"),
        ("10", "nmol/h/g Hb", "intermediate"),
        ("26", "nmol/h/g Hb", "normal"),
        ("16.9", "U/mL RBC", "poor"),
        ("17.0", "U/mL RBC", "intermediate"),
        ("23.9", "U/mL RBC", "intermediate"),
        ("24.0", "U/mL RBC", "normal"),
        ("34.9", "nmol/g", "poor intermediate"),
        ("35", "nmol/g", "normal"),
        ("<10", "mU/L", "poor"),
        ("<20", "mU/L", "poor"),
        ("<=20", "mU/L", "poor intermediate"),
        ("<70", "mU/L", "poor intermediate normal"),
        (">50", "nmol/h/g Hb", "normal"),
        (">15", "nmol/h/g Hb", "intermediate normal"),
    ],
)
def test_activity(value: str, unit: str, expected: str) -> None:
    assert activity_phenotype(value, unit) == words(expected)


def test_activity_needs_its_unit() -> None:
    for unit in (None, "U/L", "nmol"):
        with pytest.raises(Unreadable):
            activity_phenotype("30", unit)


def test_high_activity_and_the_choices_to_sign() -> None:
    assert is_high_activity(read_quantity("tpmt", "151", "mU/L"))
    assert not is_high_activity(read_quantity("tpmt", "150", "mU/L"))
    assert "10 to 19" in proposals()["mU/L"]


def test_an_unlisted_gene_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        phenotype("CYP2D6", "*1/*1")
