"""Which test a sender means: a listed code, unless words beside it contradict it; plainly something else; or a doubt.

A doubt goes to a person with the test it may be, so that its urgency can be judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from countwell.exchange.strict_json import Node
from countwell.model.records import Code
from countwell.vocabulary.codes import Refused as OtherCode
from countwell.vocabulary.codes import system_name
from countwell.vocabulary.tests import test_named, test_of_code, tests

MATERIAL = re.compile(r"\bin\b (.*)", re.IGNORECASE)
BLOOD = re.compile(r"(venous |capillary |arterial |whole |red )?(blood|serum|plasma|ser/plas)", re.IGNORECASE)
NOT_BLOOD = re.compile(
    r"\b(urine|csf|cerebrospinal|stool|f(a)?eces|saliva|sputum|pleural|ascit|peritoneal|synovial|marrow|swab|sweat|bile)",
    re.IGNORECASE,
)
SEPARATORS = re.compile(r"[\s,;:()-]+")
BESIDE = frozenset(
    "# abs absolute auto automated bld blda bldc bldv blood ccnc conc concentration count level manual mcnc ncnc plas "
    "plasma qn result scnc ser serpl serplbld serum test total value venous whole".split()
)
CUTS = re.compile(r"[\[(]|\bin\b|\bby\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Meaning:
    """test: what is measured, None if plainly something else. doubt: why a person must look first."""

    test: str | None
    code: Code | None
    doubt: str = ""


def meaning(codes: Sequence[Code], said: Sequence[str], unit: str | None) -> Meaning:
    """What codes and words say together."""
    looked_up = [(code, test_of_code(code.system, code.code)) for code in codes]
    named = {name for text in said if (name := looks_like(text))}
    coded = {found: code for code, found in looked_up if isinstance(found, str)}
    others = [(code, found) for code, found in looked_up if isinstance(found, OtherCode)]
    first = codes[0] if codes else None
    if coded:
        return _listed(coded, named, others)
    if others:
        return _something_else(*others[0], named, unit)
    if len(named) == 1:
        test = named.pop()
        return Meaning(test, first, f"no listed code, but the words look like {_shown([test])}.")
    if named:
        return Meaning(None, first, f"the words name {_shown(named)}.")
    return Meaning(None, first, "" if codes or said else "neither a code nor words say what it is.")


def _listed(coded: dict[str, Code], named: set[str], others: Sequence[tuple[Code, OtherCode]]) -> Meaning:
    test, code = next(iter(coded.items()))
    if len(coded) > 1:
        return Meaning(test, code, f"the codes are those of {_shown(coded)}.")
    if named - {test}:
        return Meaning(test, code, f"the code is that of {_shown([test])}, the words name {_shown(named)}.")
    if others:
        return Meaning(test, code, f"one code is that of {_shown([test])}, another is {others[0][1].says}.")
    return Meaning(test, code)


def _something_else(code: Code, other: OtherCode, named: set[str], unit: str | None) -> Meaning:
    """A code that is listed as something else: it is, unless words and unit speak for the test it is mistaken for."""
    near = tests()[other.near]
    if near.name not in named or unit in near.percentages or unit in near.not_units:
        return Meaning(None, code)
    return Meaning(other.near, code, f"the words name {near.display}, but the code is {other.says}.")


def _shown(names: Iterable[str]) -> str:
    return " and ".join(sorted(tests()[name].display for name in names))


def is_other_material(text: str) -> bool:
    """Whether a specimen is said to be something else than blood or a part of it; a number or a place says nothing."""
    return NOT_BLOOD.search(text) is not None and BLOOD.search(text) is None


def looks_like(text: str) -> str | None:
    """The test that a display names, with or without property, material and method.

    `Leukocytes [#/volume] in Blood`, `WBC # Bld Auto`; not `Hgb Ur Ql`, nor `Platelet distribution width`.
    """
    material = MATERIAL.search(text)
    if material and not BLOOD.match(material[1]):
        return None
    return test_named(text) or test_named(CUTS.split(text)[0]) or _named_first(text)


def _named_first(text: str) -> str | None:
    """The test that the first words name, if the others only say in what and how it was measured."""
    parts = [part for part in SEPARATORS.split(text) if part]
    for place in range(len(parts), 0, -1):
        if name := test_named(" ".join(parts[:place])):
            return name if BESIDE.issuperset(part.casefold() for part in parts[place:]) else None
    return None


def code_of(code: Code | None) -> Node:
    """A code as a record writes it."""
    return (
        None if code is None else {"system": system_name(code.system) or code.system or "not given", "code": code.code}
    )
