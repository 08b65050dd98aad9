"""What a person reads has its units as they are printed; what goes out as an answer, and what came, keeps them as they are."""

from __future__ import annotations

import json
import re

import pytest

from clinic.making import CALM, LOW, LOWISH, NOW, patient_of, signed_in
from countwell.clinic.models import Letter, Patient, Person
from countwell.clinic.store.letters import write
from countwell.clinic.store.standing import answer_for
from countwell.paper.plain import as_read

People = dict[str, Person]
CODED, PRINTED = "10*9/L", "2.9\u00a0×10⁹/L"
# What stands as it was sent: in code, in a form, and under each value of the table.
AS_SENT = re.compile(
    r"<(code|pre|select|textarea)\b.*?</\1>|<(input|option)\b[^>]*>|\bvalue=\"[^\"]*\"|<span class=\"meta block\">[\d.]+ 10\*9/L</span>",
    re.DOTALL,
)


@pytest.fixture
def watched(people: People) -> Patient:
    """A patient with a count of which the headline speaks."""
    carers = [people["prescriber"], people["nurse"]]
    return patient_of(people["nurse"].clinic, carers, events=[*CALM, LOWISH], released=True, gp="Dr Bo Reed")


@pytest.mark.parametrize("page", ["", "/act", "/plan", "/asked", "/decisions", "/results", "/results/9", "/stop"])
def test_no_page_of_a_patient_prints_a_coded_unit(watched: Patient, people: People, page: str) -> None:
    shown = signed_in(people["prescriber"]).get(f"/patients/{watched.pid}{page}")
    assert shown.status_code == 200
    assert CODED not in AS_SENT.sub("", shown.content.decode())


@pytest.mark.parametrize("page", ["", "/act", "/plan"])
def test_nor_where_no_dose_is_in_force_because_of_a_stop(people: People, page: str) -> None:
    stopped = patient_of(people["nurse"].clinic, [people["prescriber"]], "8", [*CALM, LOW])
    shown = signed_in(people["prescriber"]).get(f"/patients/{stopped.pid}{page}").content.decode()
    assert CODED not in AS_SENT.sub("", shown)


@pytest.mark.parametrize("page", ["", "/act", "/plan"])
def test_the_headline_has_the_unit_as_it_is_printed(watched: Patient, people: People, page: str) -> None:
    assert PRINTED in signed_in(people["prescriber"]).get(f"/patients/{watched.pid}{page}").content.decode()


def test_neither_does_the_list(watched: Patient, people: People) -> None:
    page = signed_in(people["nurse"]).get("/today").content.decode()
    assert "×10⁹/L" in page
    assert CODED not in page


def test_neither_does_a_letter(watched: Patient, people: People) -> None:
    write(watched, "summary", "print", people["nurse"], NOW)
    body = Letter.objects.get().body.replace("\u00a0", " ")
    assert PRINTED.replace("\u00a0", " ") in body
    assert CODED not in body


def test_the_answer_itself_keeps_the_coded_unit(watched: Patient) -> None:
    answer, _ = answer_for(watched, NOW)
    assert f"2.9 {CODED}" in answer.headline
    assert f"2.9 {CODED}" in json.loads(watched.standing.answer)["headline"]


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("White cells 2.9 10*9/L on 1 March 2026", "White cells 2.9\u00a0×10⁹/L on 1 March 2026"),
        ("Red cells 4.1 10*12/L.", "Red cells 4.1\u00a0×10¹²/L."),
        ("Creatinine 90 umol/L, then 99 umol/L", "Creatinine 90\u00a0micromol/L, then 99\u00a0micromol/L"),
        ("2 mg/kg/day and 150 mg/day", "2\u00a0mg/kg a day and 150\u00a0mg a day"),
        ("ALT 70 U/L, 3 times a week, count 2 gap", "ALT 70 U/L, 3 times a week, count 2 gap"),
        ("in 10*9/L, 3 10*9/Liter", "in 10*9/L, 3 10*9/Liter"),
    ],
)
def test_a_unit_is_printed_only_where_it_follows_a_number(said: str, printed: str) -> None:
    assert as_read(said) == printed
