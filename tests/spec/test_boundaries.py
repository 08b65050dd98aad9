"""Every number that stands beside a laboratory fact in a shipped pack: just under, exactly, just over, through every way in.

The record is asked through JSON, through a FHIR bundle and through a laboratory's CSV; the three must find the same. What the
comparison must say is worked out here with whole fractions.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import pytest

from countwell import read_record
from countwell.base.spans import compare
from countwell.engine.joined import Joined
from countwell.engine.standing import Standing
from countwell.exchange.csv_mapping import shipped
from countwell.exchange.intake import read_bytes
from countwell.facts.asked import Asked
from countwell.facts.past import past_of
from countwell.model.pack import FactDefinition, Pack
from countwell.model.rules import Compare, Rule, atoms
from countwell.pack.load import find, load
from countwell.pack.load import shipped as packs
from countwell.pack.read import read_pack
from countwell.vocabulary.tests import test as listed
from generative.making import (
    AS_OF,
    HOME,
    Json,
    confirmed,
    decision,
    genes,
    panel,
    record,
    result,
    rules,
    told,
    weight,
    when,
)

PROTOCOLS = tuple(name for name in packs() if read_pack(find(name)).kind == "protocol")
KINDS = ("latest", "highest", "change", "streak", "baseline")
BASE = {
    "wbc": "9.00",
    "neutrophils": "6.00",
    "hb": "150",
    "alt": "50",
    "ast": "50",
    "platelets": "400",
    "creatinine": "100",
}
LIMIT = "50"  # one that is believed of each test
START, NOW, BEFORE = "2025-06-02", "2026-03-01", "2025-05-28"
HOLDS = {"<": Fraction.__lt__, "<=": Fraction.__le__, ">": Fraction.__gt__, ">=": Fraction.__ge__}


@dataclass(frozen=True)
class Bound:
    """One comparison of a laboratory fact with a number, in the first pack that makes it."""

    protocol: str
    pack: Pack
    fact: FactDefinition
    number: str

    @property
    def limit(self) -> Fraction:
        """The number."""
        return Fraction(self.pack.numbers[self.number].value)

    def __str__(self) -> str:
        return f"{self.protocol}: {self.pack.name} {self.fact.name} at {self.number}"


@cache
def bounds() -> list[Bound]:
    """Every such comparison."""
    found: dict[tuple[str, str, str], Bound] = {}
    for protocol in PROTOCOLS:
        for pack in load(protocol, None).packs:
            for table in pack.tables:
                for rule in table.rules:
                    for atom in (*atoms(rule.when), *atoms(rule.unless)):
                        if isinstance(atom, Compare) and atom.number and pack.facts[atom.fact].kind in KINDS:
                            key = (pack.name, atom.fact, atom.number)
                            found.setdefault(key, Bound(protocol, pack, pack.facts[atom.fact], atom.number))
    return list(found.values())


def step(test: str) -> Fraction:
    """The smallest step of a laboratory."""
    return Fraction(1, 100) if listed(test).unit == "10*9/L" and test != "platelets" else Fraction(1)


def text(number: Fraction) -> str:
    """A fraction as a short decimal."""
    shown = f"{float(number):.4f}".rstrip("0").rstrip(".")
    assert Fraction(shown) == number, number
    return shown


def one(test: str, number: Fraction, day: str, n: int = 0) -> Json:
    """A result in the canonical unit with an upper limit that is believed."""
    return result(
        test,
        text(number),
        f"{day}T09:00",
        unit=listed(test).unit,
        normal_low=None,
        normal_high=LIMIT,
        id=f"x{test}{day}{n}",
        received=f"{day}T12:00",
    )


def around(bound: Bound) -> list[tuple[Fraction, list[Json]]]:
    """The value of the fact, and results that give it: just under, exactly and just over the number."""
    fact, limit, pack = bound.fact, bound.limit, bound.pack
    test = fact.of[0]
    if fact.kind == "latest":
        return [(value, [one(test, value, NOW)]) for value in (limit - step(test), limit, limit + step(test))]
    if fact.kind == "highest":
        scale = int(LIMIT) if fact.param("as") == "limits" else 1
        row = [limit * scale - 1, limit * scale, limit * scale + 1]
        days = [NOW] if fact.param("within") is None else ["2025-12-01"]
        return [(value / scale, [one(test, value, day) for day in days]) for value in row]
    if fact.kind == "baseline":
        return _baselines(bound, pack.facts[test])
    if fact.kind == "streak":
        return [(Fraction(count), falls(bound, count)) for count in (int(limit) - 1, int(limit), int(limit) + 1)]
    return _changes(bound)


def _baselines(bound: Bound, measured: FactDefinition) -> list[tuple[Fraction, list[Json]]]:
    scale = int(LIMIT) if measured.param("as") == "limits" else 1
    test = measured.of[0]
    row = [bound.limit * scale - 1, bound.limit * scale, bound.limit * scale + 1]
    return [(value / scale, [one(test, value, BEFORE), one(test, bound.limit * scale * 3, NOW)]) for value in row]


def _changes(bound: Bound) -> list[tuple[Fraction, list[Json]]]:
    fact = bound.fact
    test, sign = fact.of[0], -1 if fact.param("direction") == "fall" else 1
    then = Fraction({"wbc": "8", "neutrophils": "4", "hb": "150"}.get(test, "100"))
    day = BEFORE if fact.param("against") == "baseline" else "2026-02-20"
    moved = bound.limit * then / 100 if fact.param("as") == "%" else bound.limit
    found = []
    for size in (moved - step(test), moved, moved + step(test)):
        value = size * 100 / then if fact.param("as") == "%" else size
        found.append((value, [one(test, then, day), one(test, then + sign * size, NOW)]))
    return found


def falls(bound: Bound, count: int) -> list[Json]:
    """So many falls (or rises) in a row after one that goes the other way."""
    fall = bound.fact.param("direction") == "fall"
    test = bound.fact.of[0]
    number = Fraction(400 if test == "platelets" else 8)
    row = [number * (Fraction(1, 2) if fall else 2), number]
    for _ in range(count):
        row.append(row[-1] * (Fraction(3, 4) if fall else Fraction(5, 4)))
    decimals = 0 if test == "platelets" else 2
    return [one(test, Fraction(round(value, decimals)), f"2026-02-{n + 10}", n) for n, value in enumerate(row)]


def whole(bound: Bound, special: list[Json]) -> Json:
    """A patient in order, but for the results of this test."""
    tests = {e["test"] for e in special}
    unlimited = {"normal_low": None}
    usual = [e | unlimited for day in (BEFORE, NOW) for e in panel(day) if e["test"] not in tests]
    usual = [{k: v for k, v in e.items() if v is not None} | {"received": e["collected"]} for e in usual]
    stop = (
        [decision("stop", "2026-02-05", reason="leucopenia")]
        if bound.fact.param("direction") == "rise" and bound.fact.kind == "streak"
        else []
    )
    events = [decision("start", START, "150"), *stop, *genes(BEFORE), *usual, *special, weight(NOW), *confirmed(NOW)]
    return record(events, bound.protocol)


CASES = [(bound, place) for bound in bounds() for place in range(3)]
SIDE = ("just under", "exactly", "just over")


@pytest.mark.parametrize(("bound", "place"), CASES, ids=[f"{bound}, {SIDE[place]}" for bound, place in CASES])
def test_at_the_limit(bound: Bound, place: int) -> None:
    number, special = around(bound)[place]
    sent = whole(bound, special)
    value = fact_of(bound, sent)
    for op, holds in HOLDS.items():
        expected = holds(number, bound.limit)
        assert compare(value, op, bound.pack.numbers[bound.number].value) is expected  # type: ignore[arg-type]
    said = told(sent)
    for key, rule in plain_rules(bound):
        (atom,) = atoms(rule.when)
        assert isinstance(atom, Compare)
        assert (key in rules(said)) == HOLDS[atom.op](number, bound.limit), key
    assert findings(through_fhir(sent)) == findings(said)
    assert findings(through_csv(sent)) == findings(said)


def test_there_are_as_many_limits_as_the_packs_name() -> None:
    assert len(bounds()) >= 45
    assert {bound.fact.kind for bound in bounds()} == set(KINDS)


def fact_of(bound: Bound, sent: Json) -> object:
    """The span of the fact, asked of the engine directly."""
    packs = Joined(load(bound.protocol, None).packs)
    standing = Standing(packs, past_of(read_record(sent)), when(AS_OF), when(AS_OF), Asked("review"))
    return standing.facts.value(bound.pack, bound.fact.name).span


def plain_rules(bound: Bound) -> list[tuple[str, Rule]]:
    """Rules with advice whose whole condition is this one comparison."""
    found = []
    for table in bound.pack.tables:
        for rule in table.rules:
            whole = list(atoms(rule.when))
            mine = (
                len(whole) == 1
                and isinstance(whole[0], Compare)
                and (whole[0].fact, whole[0].number) == (bound.fact.name, bound.number)
            )
            joins = table.joins == "always" or bound.protocol != "cidp"
            if mine and rule.unless is None and rule.advice is not None and not table.asks and joins:
                found.append((f"{bound.pack.name}/{table.name}/{rule.name}", rule))
    return found


def findings(said: Json) -> list[object]:
    """What was found, without the names of events."""
    return [(f["layer"], f["table"], f["rule"], f["holds"], f["advice"]) for f in said["findings"]]


def through(sent: Json, results: list[Json]) -> Json:
    """The same record with its results as another reader gave them."""
    others = [e for e in sent["events"] if e["kind"] != "result"]
    read = [{k: v for k, v in e.items() if k != "identity_on_report"} for e in results if e["kind"] == "result"]
    assert len(read) == len(sent["events"]) - len(others)
    return told(sent | {"events": [*others, *read]})


def through_fhir(sent: Json) -> Json:
    """The results as FHIR Observations, written here."""
    resources: list[Json] = [{"resourceType": "Patient", "id": "p1", "birthDate": "1974-01-15", "gender": "female"}]
    resources += [observation(e) for e in sent["events"] if e["kind"] == "result"]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
    (intake,) = read_bytes(json.dumps(bundle).encode(), time_zone=HOME)
    return through(sent, list(intake.document["events"]))  # type: ignore[arg-type, call-overload]


def observation(sent: Json) -> Json:
    """One result as an Observation."""
    unit = {"unit": sent["unit"], "system": "http://unitsofmeasure.org", "code": sent["unit"]}
    seen = next(iter(listed(sent["test"]).loinc))
    return {
        "resourceType": "Observation",
        "id": sent["id"],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": seen}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": sent["collected"],
        "issued": sent["received"],
        "performer": [{"display": "lab-1"}],
        "valueQuantity": {"value": float(sent["value"]), **unit},
        "referenceRange": [{"high": {"value": float(sent["normal_high"]), **unit}}],
    }


def through_csv(sent: Json) -> Json:
    """The results as rows of the plain layout, written here."""
    names = "patient id test code value unit low high collected received status lab order replaces".split()
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    for e in sent["events"]:
        if e["kind"] == "result":
            row = {"patient": "p1", "high": e["normal_high"]} | {k: e[k] for k in names if k in e}
            writer.writerow(row)
    (intake,) = read_bytes(out.getvalue().encode(), shipped("plain"), HOME)
    return through(sent, list(intake.document["events"]))  # type: ignore[arg-type, call-overload]
