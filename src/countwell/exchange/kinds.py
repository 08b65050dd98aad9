"""Which kind of event something measured becomes, once its test, value and status are known."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from countwell.base.errors import Unreadable
from countwell.exchange.entries import Event, mark, when
from countwell.exchange.meaning import Meaning, code_of
from countwell.exchange.strict_json import Node
from countwell.model.records import Code
from countwell.vocabulary.codes import system_name
from countwell.vocabulary.quantities import read_quantity
from countwell.vocabulary.symptoms import symptoms
from countwell.vocabulary.tests import measures, tests

SETTLED = ("final", "amended", "corrected")
WITHDRAWN = ("cancelled", "entered-in-error")


def as_kind(found: Event, meant: Meaning, said: Sequence[str]) -> Event:
    """The event: a result, an order, a gene, a weight, a fever, or something kept and not read."""
    match measure_of(meant.code), meant.test:
        case "weight", _:
            return weight(found, meant, said)
        case "temperature", _:
            return fever(found, meant, said)
        case _, None if not meant.doubt:
            return other_result(found, meant, said)
        case _, str(test) if found.get("status") == "registered" and found.get("value") is None:
            return pending(found, test)
        case _, str(test) if tests()[test].scale == "gene" and not meant.doubt:
            return genotype(found, meant, said, test)
        case _:
            return {"kind": "result", "test": meant.test, "code": code_of(meant.code), **found}


def measure_of(code: Code | None) -> str | None:
    """Weight, height or temperature, by its code."""
    if code is None or system_name(code.system) != "loinc":
        return None
    return next((name for name, measure in measures().items() if code.code in measure.loinc), None)


def other_result(found: Event, meant: Meaning, said: Sequence[str]) -> Event:
    """Something that Countwell does not read: kept with its code, its words and what it says."""
    kept: dict[str, Node] = {name: found.get(name) for name in ("id", "value", "unit", "status")}
    display = said[0] if said else None
    told: Event = {"kind": "other-result", "code": code_of(meant.code), "display": display}
    return {**told, **when(found.get("collected")), **kept}


def weight(found: Event, meant: Meaning, said: Sequence[str]) -> Event:
    """Body weight; one that was withdrawn is kept and not read."""
    if found.get("status") in WITHDRAWN:
        return other_result(found, meant, said)
    return {"kind": "weight", "at": found.get("collected"), **_only(settled(found), "id", "value", "unit", "not_used")}


def fever(found: Event, meant: Meaning, said: Sequence[str]) -> Event:
    """A temperature that is a fever; any other is kept and not read, for it must not deny a fever that was told."""
    try:
        high = is_fever(found)
    except Unreadable as error:
        found = {"not_used": mark("value", error.says, error.why, error.do), **found}
        high = True
    if found.get("status") in WITHDRAWN or not high:
        return other_result(found, meant, said)
    event: Event = {"kind": "symptom", "symptom": "fever", "present": True, "since": found.get("collected")}
    return {**event, **_only(found, "id", "value", "unit", "not_used")}


def is_fever(found: Event) -> bool:
    """Whether a temperature reaches what a plain "fever: yes" stands for. Raises Unreadable."""
    quantity = read_quantity("temperature", str(found.get("value") or ""), str(found.get("unit") or ""))
    least = symptoms()["fever"].without_value or Decimal(0)
    return quantity.high is None or quantity.high >= least


def pending(found: Event, test: str) -> Event:
    """A test that is registered and has no result yet."""
    asked = tests()[test].gene.lower() or test
    at = found.get("collected") or found.get("received")
    return {"kind": "test-ordered", "id": found.get("id"), "test": asked, "at": at, "status": "pending"}


def genotype(found: Event, meant: Meaning, said: Sequence[str], test: str) -> Event:
    """A gene result; one that is not final yet is a test that was ordered."""
    if found.get("status") == "preliminary":
        return pending(found, test)
    if found.get("status") in WITHDRAWN:
        return other_result(found, meant, said)
    kept = _only(settled(found), "id", "not_used")
    return {
        "kind": "genotype",
        "gene": tests()[test].gene,
        "result": found.get("value"),
        "at": found.get("collected"),
        **kept,
    }


def settled(found: Event) -> Event:
    """The same, marked as not to be used unless its status says that it stands."""
    if found.get("status") in SETTLED or "not_used" in found:
        return found
    return {**found, "not_used": mark("status", "the status does not say that it stands.", "missing", "Ask for it.")}


def _only(found: Event, *names: str) -> Event:
    return {name: found[name] for name in names if name in found}
