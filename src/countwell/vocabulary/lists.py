"""The plain closed lists: conditions, histories, circumstances, products, reasons, lifestyle topics, frequencies.

Each entry has a name, other names and perhaps codes; what else it says are facts about it, as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal, TypeAlias

from countwell.vocabulary.codes import Refused, system_name
from countwell.vocabulary.load import Row, rows
from countwell.vocabulary.names import index, key

ListName: TypeAlias = Literal[
    "conditions", "histories", "circumstances", "products", "reasons", "lifestyle", "frequencies"
]

_SYSTEMS = ("snomed", "icd10", "icd10cm", "rxnorm")
_FACTS: Mapping[ListName, tuple[str, ...]] = {
    "conditions": ("covered",),
    "histories": (),
    "circumstances": (),
    "products": ("form", "strength_mg", "strength_mg_per_ml", "scored", "note"),
    "reasons": ("classified",),
    "lifestyle": (),
    "frequencies": ("per_day", "refused"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. facts: what the list says of it, field -> text. not_these: labels under which its codes were met wrongly."""

    name: str
    display: str
    also: tuple[str, ...]
    codes: Mapping[str, Mapping[str, str]]
    facts: Mapping[str, str]
    not_these: tuple[str, ...]


@cache
def entries(name: ListName) -> Mapping[str, Entry]:
    """The entries of a list by name, in the order of the file."""
    return {row.name: _entry(row, _FACTS[name]) for row in rows(name)}


def named(name: ListName, text: str) -> str | None:
    """The entry of a list that `text` names (its name, its display name or another), None if it is not listed."""
    return _names(name).get(key(text))


def of_code(name: ListName, system: str, code: str, display: str | None = None) -> str | Refused | None:
    """The entry of a list with that code; None if it is not listed; Refused if the label beside it contradicts it."""
    wanted = system_name(system)
    found = next((entry for entry in entries(name).values() if code.strip() in entry.codes.get(wanted or "", ())), None)
    if found is None:
        return None
    other = named(name, display) if display else None
    if other not in (None, found.name) or (display and key(display) in map(key, found.not_these)):
        return Refused(code, found.name, f"the code of {found.display}, but was sent with the words {display!r}")
    return found.name


def is_covered(condition: str) -> bool:
    """Whether a protocol of Countwell speaks for this condition. Raises KeyError if it is not listed."""
    return entries("conditions")[condition].facts["covered"] == "yes"


def is_classified(reason: str) -> bool:
    """Whether this reason of a stop or hold says enough for a restart to be judged. Raises KeyError if not listed."""
    return entries("reasons")[reason].facts["classified"] == "yes"


def doses_per_day(frequency: str) -> int | None:
    """Doses in 24 hours of a frequency, by any listed name; None if it is not listed, or listed and refused (weekly …)."""
    listed = named("frequencies", frequency)
    per_day = entries("frequencies")[listed].facts.get("per_day") if listed is not None else None
    return int(per_day) if per_day else None


def refused_frequency(frequency: str) -> str | None:
    """Why a frequency is never accepted for azathioprine; None if it is accepted."""
    listed = named("frequencies", frequency)
    if listed is None:
        return f"{frequency!r} is not a listed frequency"
    return entries("frequencies")[listed].facts.get("refused")


def strength_mg(product: str) -> Decimal | None:
    """The strength of one tablet or vial in mg; None for a liquid by mouth. Raises KeyError if it is not listed."""
    strength = entries("products")[product].facts.get("strength_mg")
    return Decimal(strength) if strength else None


@cache
def tablet_strengths() -> frozenset[Decimal]:
    """The strengths, in mg, in which azathioprine tablets come."""
    tablets = (name for name, entry in entries("products").items() if entry.facts.get("form") == "tablet")
    return frozenset(mg for name in tablets if (mg := strength_mg(name)) is not None)


@cache
def _names(name: ListName) -> Mapping[str, str]:
    return index(
        (entry.name, (entry.name.replace("-", " "), entry.display, *entry.also)) for entry in entries(name).values()
    )


def _entry(row: Row, facts: tuple[str, ...]) -> Entry:
    row.only("display", "also", "not_these", *_SYSTEMS, *facts)
    return Entry(
        name=row.name,
        display=row.text("display", row.name),
        also=row.texts("also"),
        codes={system: row.mapping(system) for system in _SYSTEMS if system in row.fields},
        facts={fact: row.text(fact) for fact in facts if fact in row.fields},
        not_these=row.texts("not_these"),
    )
