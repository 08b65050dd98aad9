"""What is printed is read back: every dose a day on a page, in a letter and on the chart is one that was decided or worked out."""

from __future__ import annotations

import html
import json
import re
from decimal import Decimal

import pytest

from clinic.making import ASKED, GOOD, NOW, START, patient_of, signed_in
from countwell.clinic.models import Patient, Person
from countwell.clinic.store.acted import act
from countwell.clinic.store.letters import write
from countwell.clinic.store.reviews import keep
from countwell.clinic.store.standing import answer_for

People = dict[str, Person]
STEPS = [{**START, "mg_per_day": "50.0"}, {**START, "do": "raise", "at": "2025-09-01", "mg_per_day": "62.50"}]
DECIDED = {"50", "62.5", "75"}
TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<(?:input|option)\b[^>]*>|<[^>]*>", re.DOTALL)
A_DAY = re.compile(r"(\S*\d)\s*(?:mg|milligrams?)(?:/day| a day| daily)")
PAGES = ("", "/act", "/plan", "/asked", "/decisions", "/results", "/stop", "/letters")


@pytest.fixture
def treated(people: People) -> Patient:
    """A patient on 62.5 mg a day after 50, and 75 proposed, all typed with superfluous zeros."""
    gp = {"released": True, "gp": "Dr Bo Reed", "gp_email": "gp@example.org"}
    patient = patient_of(
        people["nurse"].clinic, [people["prescriber"], people["nurse"]], "31", [*STEPS, *ASKED, *GOOD], **gp
    )
    note = json.dumps({"do": "raise", "mg_per_day": "75.0"})
    act(patient, "propose", people["nurse"], NOW, note=note, reason="raise", review=keep(patient, NOW))
    return patient


def printed(page: str) -> list[str]:
    """Every figure that stands before "mg a day", as it is printed."""
    text = html.unescape(TAGS.sub(" ", page)).replace("\u00a0", " ")
    return [figure.strip("(,;:") for figure in A_DAY.findall(text)]


def worked_out(patient: Patient) -> set[str]:
    """What the rules say: the doses of their answers, and the figures of their sentences."""
    said = "".join(json.dumps(answer_for(patient, NOW, one)[0].to_json()) for one in ("review", "dose"))
    return {plain(figure) for figure in re.findall(r"\d+(?:\.\d+)?", said)}


def plain(figure: str) -> str:
    """A figure without superfluous zeros, by other means than what prints doses."""
    return f"{Decimal(figure).normalize():f}"


def check(page: str, patient: Patient) -> list[str]:
    """The figures of a page, each held against what was decided or worked out."""
    found = printed(page)
    allowed = DECIDED | worked_out(patient)
    assert set(found) <= allowed, set(found) - allowed
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_dose_on_a_page_is_one_that_was_decided_or_worked_out(
    treated: Patient, people: People, page: str
) -> None:
    shown = signed_in(people["prescriber"]).get(f"/patients/{treated.pid}{page}")
    assert "62.5" in check(shown.content.decode(), treated)


@pytest.mark.parametrize("kind", ["summary", "results"])
def test_no_letter_has_a_dose_that_nobody_decided(treated: Patient, people: People, kind: str) -> None:
    for letter in write(treated, kind, "print", people["nurse"], NOW):
        check(letter.body, treated)


@pytest.mark.parametrize("figure", ["62.50 mg a day", "625 mg a day", ".5 mg a day", "6.25 mg/day", "62,5 mg daily"])
def test_a_figure_that_nobody_decided_is_seen(treated: Patient, figure: str) -> None:
    with pytest.raises(AssertionError):
        check(f"<p>Dose <b>{figure}</b></p>", treated)
