"""Checks what the parameters of a fact mean together."""

from __future__ import annotations

from collections.abc import Iterator

from countwell.model.pack import FactDefinition, Pack
from countwell.pack import known
from countwell.pack.faults import Faults, meant

Found = Iterator[tuple[str, str]]


def check_facts(pack: Pack, faults: Faults) -> None:
    """Every fact of a pack."""
    for name, fact in pack.facts.items():
        for what, do in _faults(pack, fact):
            faults.add(fact.line, f"fact `{name}`: {what}", do)


def _faults(pack: Pack, fact: FactDefinition) -> Found:
    match fact.kind:
        case "baseline":
            yield from _baseline(pack, fact)
        case "highest":
            yield from _one_unit(fact)
            yield from _limits(pack, fact)
        case "symptom":
            yield from _symptom(fact)
        case "accepted":
            yield from _accepted(pack, fact)


def _baseline(pack: Pack, fact: FactDefinition) -> Found:
    if pack.facts[fact.of[0]].kind not in ("latest", "highest"):
        yield f"`{fact.of[0]}` is no laboratory fact.", "Name one of the kind `latest` or `highest`."


def _one_unit(fact: FactDefinition) -> Found:
    units = {test.unit for name in fact.of if (test := known.test_named(name))}
    if fact.param("as") == "value" and len(units) > 1:
        yield (
            f"its tests have different units ({', '.join(sorted(units))}).",
            "Take tests of one unit, or `as: limits`.",
        )


def _limits(pack: Pack, fact: FactDefinition) -> Found:
    if fact.param("as") == "value" and any(key.startswith("limit-") for key in fact.params):
        yield "`limit-within` and `limit-between` go with `as: limits`.", "Take them out."
    units = {test.unit for name in fact.of if (test := known.test_named(name))}
    for name in fact.params.get("limit-between", ()):
        if pack.numbers[name].unit not in units:
            yield f"`{name}` is in {pack.numbers[name].unit}.", f"Wanted: {' or '.join(sorted(units))}."


def _symptom(fact: FactDefinition) -> Found:
    if fact.param("value") is not None and len(fact.of) > 1:
        yield "a value is that of one symptom.", "Name one, or leave `value` out."
    details = known.details(fact.of)
    for detail in fact.params.get("with-any", ()):
        if detail not in details:
            yield f"nothing is asked about `{detail}` there.", meant(detail, details)
    unit = known.symptom_unit(fact.of[0])
    if (value := fact.param("value")) is not None and value != unit:
        yield f"`{fact.of[0]}` has no value in {value}.", f"Write `value: {unit}`." if unit else "Take `value` out."


def _accepted(pack: Pack, fact: FactDefinition) -> Found:
    name, table, rule = fact.of[0].split("/")
    if name != pack.name:
        return
    rules = [f"{name}/{place.name}/{rule.name}" for place in pack.tables for rule in place.rules]
    if fact.of[0] not in rules:
        yield f"there is no rule `{table}/{rule}` in this pack.", meant(fact.of[0], rules)
