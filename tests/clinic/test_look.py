"""The look: one stylesheet, kept by the browser, named by what is in it; and the head of every page of a patient."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

import countwell.clinic
from clinic.making import START, patient_of, signed_in
from countwell.clinic.models import Patient, Person
from countwell.clinic.pages import look

People = dict[str, Person]
TEMPLATES = sorted((Path(countwell.clinic.__file__).parent / "templates").rglob("*.html"))


def plain(page: str) -> str:
    """A page's text with common spaces."""
    return page.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_stylesheet_of_the_patient_page_and_the_clinics_are_one(db: None) -> None:
    answer = Client(headers={"host": "localhost"}).get(f"/look/{look.version()}.css")
    css = answer.content.decode()
    assert css.index(".trend .ground") < css.index(".identity{")
    assert "immutable" in answer.headers["Cache-Control"]


def test_an_older_look_is_not_there(db: None) -> None:
    assert Client(headers={"host": "localhost"}).get("/look/0123456789abcdef.css").status_code == 404


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_holds_a_style_or_a_script_of_its_own(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"""\sstyle=|<style|<script(?!\ src="{%\ static\ )|\son[a-z]+=|javascript:""", text)


def test_the_banner_says_who_on_what_dose_under_which_rules(patient: Patient, people: People) -> None:
    page = plain(signed_in(people["nurse"]).get(f"/patients/{patient.pid}/stop").content.decode())
    for words in (
        "Ash Lane",
        "Born 3 Feb 1974 (52 years)",
        "1001",
        "150 mg a day",
        "cidp ",
        "On treatment",
        "not recorded",
    ):
        assert words in page


def test_the_banner_names_reactions_genes_and_earlier_holds(patient: Patient, people: People) -> None:
    events = (
        START,
        {"kind": "history", "what": "hypersensitivity", "cause": "azathioprine", "at": "2020-05-01"},
        {"kind": "genotype", "gene": "TPMT", "result": "*1/*3A", "at": "2025-05-01"},
        {"kind": "decision", "do": "hold", "at": "2025-10-28", "reason": "liver"},
    )
    other = patient_of(patient.clinic, [people["nurse"]], "1002", events, name="Ida Brook")
    page = plain(signed_in(people["nurse"]).get(f"/patients/{other.pid}/stop").content.decode())
    for words in (
        "Hypersensitivity from azathioprine",
        "TPMT *1/*3A",
        "hold 28 Oct 2025, liver",
        "dose now <b>none</b>",
    ):
        assert words in page
    assert "same last name" not in page


def test_the_banner_names_what_is_never_given_beside_it_as_the_protocol_answers(
    patient: Patient, people: People
) -> None:
    page = plain(signed_in(people["nurse"]).get(f"/patients/{patient.pid}/stop").content.decode())
    line = page.partition("Not together with azathioprine:")[2].partition("</p>")[0]
    for name in ("allopurinol", "febuxostat", "mercaptopurine", "live vaccines"):
        assert name in line
    for name in ("prednisolone", "azathioprine", "paracetamol"):
        assert name not in line


@pytest.mark.parametrize(
    ("name", "warned"), [("Ida Lane", True), ("Ida LANE", True), ("Ida Delane", False), ("Lane Ida", False)]
)
def test_somebody_of_the_same_last_name_is_warned_of(patient: Patient, people: People, name: str, warned: bool) -> None:
    patient_of(patient.clinic, [], "1002", name=name)
    page = signed_in(people["nurse"]).get(f"/patients/{patient.pid}/stop").content.decode()
    assert ("same last name" in page) is warned
