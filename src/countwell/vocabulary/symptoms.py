"""The closed list of symptoms: other words for them, what may be said about them, and how a patient is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from countwell.vocabulary.codes import system_name
from countwell.vocabulary.load import Row, rows
from countwell.vocabulary.names import index, key
from countwell.vocabulary.quantities import Quantity, read_quantity
from countwell.vocabulary.tests import test

_SYSTEMS = ("snomed", "icd10cm")


@dataclass(frozen=True, slots=True)
class Symptom:
    """One symptom.

    question: in plain words. details: what may be said about it -> in words. measure: what its value measures, "" if
    it has none; without_value: the low end that a plain "yes" stands for, in the measure's canonical unit.
    codes: system -> code -> seen | recall.
    """

    name: str
    display: str
    question: str
    also: tuple[str, ...]
    details: Mapping[str, str]
    measure: str
    without_value: Decimal | None
    codes: Mapping[str, Mapping[str, str]]


@cache
def symptoms() -> Mapping[str, Symptom]:
    """Every symptom by name."""
    return {row.name: _symptom(row) for row in rows("symptoms")}


@dataclass(frozen=True, slots=True)
class Area:
    """Symptoms that are asked about together, in order."""

    name: str
    display: str
    symptoms: tuple[Symptom, ...]


@cache
def symptom_areas() -> tuple[Area, ...]:
    """Every symptom once, in the order in which they are asked about: first what cannot wait."""
    return tuple(_area(row.only("display", "symptoms")) for row in rows("symptom-areas"))


def _area(row: Row) -> Area:
    return Area(row.name, row.text("display"), tuple(symptoms()[name] for name in row.texts("symptoms")))


def symptom_named(text: str) -> str | None:
    """The listed symptom that `text` names, None if it is not listed (then it goes to a person, never dropped)."""
    return _names().get(key(text))


def symptom_of_code(system: str, code: str) -> str | None:
    """The symptom with that SNOMED CT or ICD-10-CM code, None if it is not listed."""
    wanted = system_name(system) or ""
    found = (symptom.name for symptom in symptoms().values() if code.strip() in symptom.codes.get(wanted, ()))
    return next(found, None)


def read_symptom_value(name: str, value_text: str | None, unit_text: str | None = None) -> Quantity:
    """The value of a symptom that has one (fever), in its canonical unit; without a unit the canonical one is meant.

    Without a value: [the least that the symptom means, without end). Raises Unreadable as `read_quantity`,
    KeyError if the symptom is not listed, ValueError if it has no value.
    """
    asked = symptoms()[name]
    if asked.without_value is None:
        raise ValueError(f"{name} has no value")
    unit = test(asked.measure).unit
    if value_text is None:
        return Quantity(asked.without_value, None, False, False, unit, "")
    read = read_quantity(asked.measure, value_text, unit_text or unit)
    return replace(read, as_sent=f"{value_text} {unit_text or ''}".strip())


@cache
def _names() -> Mapping[str, str]:
    return index(
        (symptom.name, (symptom.display, symptom.name.replace("-", " "), *symptom.also))
        for symptom in symptoms().values()
    )


def _symptom(row: Row) -> Symptom:
    row.only("display", "question", "also", "details", "value", *_SYSTEMS)
    value = row.row("value").only("measure", "without_value")
    low = value.text("without_value")
    return Symptom(
        name=row.name,
        display=row.text("display"),
        question=row.text("question"),
        also=row.texts("also"),
        details=row.mapping("details"),
        measure=value.text("measure"),
        without_value=Decimal(low) if low else None,
        codes={system: row.mapping(system) for system in _SYSTEMS if system in row.fields},
    )
