"""A letter as PDF/UA-1: tagged, titled, readable aloud; the trend as a picture with its words, its values as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

import typst

from countwell.clinic.models import Patient
from countwell.clinic.store.standing import here
from countwell.paper.plain import day, unit
from countwell.paper.series import Series

Picture = tuple[str, str, Sequence[Series]]
NEWEST = 4  # draws in the table; the chart has the others
US = ("US", "CA", "MX")


def pdf_of(title: str, patient: Patient, to: str, body: str, picture: Picture | None, at: datetime) -> bytes:
    """The letter as bytes of a PDF. body: paragraphs apart by an empty line; picture: SVG, its words, and its values."""
    svg, alt, series = picture or ("", "", ())
    days = sorted({point.day for one in series for point in one.points if not point.struck}, reverse=True)[:NEWEST]
    born = f", born {day(patient.born)}" if patient.born else ""
    country = json.loads(patient.head)["patient"].get("country")
    letter = {
        "title": title,
        "clinic": patient.clinic.name,
        "phone": patient.clinic.phone,
        "to": _receiver(patient, to),
        "made": day(here(patient, at).day),
        "who": f"{patient.name}{born}, number {patient.number}",
        "body": body.split("\n\n"),
        "chart": svg,
        "alt": alt,
        "columns": ["Taken", *(f"{one.display} {unit(one.unit)}".strip() for one in series)] if days else [],
        "rows": [[day(when), *(_value(one, when) for one in series)] for when in days],
        "paper": "us-letter" if country in US else "a4",
    }
    made = typst.compile(
        _template(),
        format="pdf",
        pdf_standards=["ua-1"],
        sys_inputs={"letter": json.dumps(letter)},
        timestamp=at.replace(microsecond=0),
    )
    assert isinstance(made, bytes)
    return made


@cache
def _template() -> bytes:
    return files("countwell.clinic").joinpath("letter.typ").read_bytes()


def _receiver(patient: Patient, to: str) -> list[str]:
    if to == "gp":
        return [patient.gp or "General practitioner"]
    return [patient.name, *patient.address.splitlines()]


def _value(one: Series, when: object) -> str:
    values = [point.text for point in one.points if point.day == when and not point.struck]
    return ", ".join(values) or "–"
