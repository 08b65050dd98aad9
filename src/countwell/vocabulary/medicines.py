"""The closed list of medicines, with classes and codes. What is not listed goes to a person.

A look-alike is never read as azathioprine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from countwell.vocabulary.codes import Refused, system_name
from countwell.vocabulary.load import Row, read_list, rows
from countwell.vocabulary.names import index, key

AZATHIOPRINE = "azathioprine"

_SYSTEMS = ("rxnorm", "atc", "snomed", "drugbank", "pharmgkb", "cas", "unii")
_STRENGTH = re.compile(r"[0-9]+(?:[.,/][0-9]+)*")
_BRACKETED = re.compile(r"\[([^\]]*)\]|\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Medicine:
    """One medicine, or one combined product.

    classes: its own and those of what it contains. contains: listed medicines. codes: system -> code -> seen | recall.
    do_not_confuse: names that are never read as this medicine. code_traps: "system code" -> what is wrong with it.
    """

    name: str
    classes: frozenset[str]
    also: tuple[str, ...]
    contains: tuple[str, ...]
    codes: Mapping[str, Mapping[str, str]]
    do_not_confuse: tuple[str, ...]
    code_traps: Mapping[str, str]

    def is_a(self, wanted: str) -> bool:
        """Whether it is the medicine `wanted`, contains it, or is of the class `wanted`."""
        return wanted == self.name or wanted in self.contains or wanted in self.classes


@cache
def medicines() -> Mapping[str, Medicine]:
    """Every medicine by name."""
    listed = {row.name: row.only(*_FIELDS) for row in rows("medicines")}
    return {name: _medicine(row, listed) for name, row in listed.items()}


def medicine(name: str) -> Medicine:
    """The medicine of that name (Countwell's own). Raises KeyError if it is not listed: see `medicine_named`."""
    return medicines()[name]


def medicine_named(text: str) -> str | None:
    """The listed medicine that `text` names: its name, a brand, a spelling; strength and form beside it do not count.

    None if it is not listed as a whole ("aza" is nothing, "azithromycin" is azithromycin), or if the words in brackets
    name another medicine.
    """
    if exact := _names().get(key(text)):
        return exact
    outside = _names().get(_bare(_BRACKETED.sub(" ", text)))
    inside = {_names().get(_bare(square or round_)) for square, round_ in _BRACKETED.findall(text)}
    return outside if inside <= {outside, None} else None


def medicine_of_code(system: str, code: str, display: str | None = None) -> str | Refused | None:
    """The medicine that a code stands for; None if system or code is not listed.

    Refused: a code known to be wrong, or one whose `display` names another listed medicine. Both go to a person.
    """
    found = _codes().get((system_name(system) or "", code.strip()))
    if not isinstance(found, str) or display is None:
        return found
    named = medicine_named(display)
    if named in (None, found) or _is_part(found, named):
        return found
    return Refused(code, found, f"the code of {found}, but was sent with the words {display!r}")


def look_alike_of(text: str) -> str | None:
    """The medicine that `text` is listed as not to be confused with, if any."""
    wanted = key(text)
    return next((m.name for m in medicines().values() if wanted in map(key, m.do_not_confuse)), None)


@cache
def classes() -> Mapping[str, str]:
    """Every class of medicines, with what it means."""
    return {row: str(says) for row, says in read_list("medicine-classes").items()}


def in_class(name: str) -> frozenset[str]:
    """The medicines of a class, combined products included. Raises KeyError if there is no such class."""
    if name not in classes():
        raise KeyError(name)
    return frozenset(medicine.name for medicine in medicines().values() if name in medicine.classes)


def is_medicine_or_class(name: str) -> bool:
    """Whether a pack may name this: a listed medicine or a class."""
    return name in medicines() or name in classes()


def _is_part(found: str, named: str | None) -> bool:
    return named is not None and found in medicines()[named].contains


@cache
def _names() -> Mapping[str, str]:
    return index((medicine.name, medicine.also) for medicine in medicines().values())


@cache
def _codes() -> Mapping[tuple[str, str], str | Refused]:
    found: dict[tuple[str, str], str | Refused] = {}
    for medicine in medicines().values():
        for trap, says in medicine.code_traps.items():
            system, code = trap.split()
            found[system, code] = Refused(code, medicine.name, says)
        for system, codes in medicine.codes.items():
            found |= {(system, code): medicine.name for code in codes}
    return found


def _bare(text: str) -> str:
    """The text without strength and form: what may be a name."""
    words = (word.strip("(),;.") for word in key(text).split())
    return " ".join(word for word in words if not _says_nothing(word))


def _says_nothing(word: str) -> bool:
    strength = _STRENGTH.match(word)
    rest = word[strength.end() :] if strength else word
    return (strength is not None and not rest) or rest in _forms()[0 if strength else 1]


@cache
def _forms() -> tuple[frozenset[str], frozenset[str]]:
    listed = Row("forms", read_list("forms")).only("units", "words")
    units = frozenset(map(key, listed.texts("units")))
    return units, units | frozenset(map(key, listed.texts("words")))


_FIELDS = ("classes", "also", "contains", "do_not_confuse", "code_traps", *_SYSTEMS)


def _medicine(row: Row, listed: Mapping[str, Row]) -> Medicine:
    contains = row.texts("contains")
    return Medicine(
        name=row.name,
        classes=frozenset(row.texts("classes")).union(*(listed[part].texts("classes") for part in contains)),
        also=row.texts("also"),
        contains=contains,
        codes={system: row.mapping(system) for system in _SYSTEMS if system in row.fields},
        do_not_confuse=row.texts("do_not_confuse"),
        code_traps=row.mapping("code_traps"),
    )
