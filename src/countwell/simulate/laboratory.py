"""The laboratory of invented patients: draws of blood as result events of a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from random import Random
from typing import Any

import yaml

from countwell.simulate.data import text_of
from countwell.simulate.dates import Calendar
from countwell.vocabulary.tests import test as listed

Event = dict[str, Any]
NOT_SENT = "none"
NOISE = 0.03


@dataclass(frozen=True, slots=True)
class Assay:
    """One test as this laboratory prints it."""

    name: str
    usual: Decimal
    unit: str
    low: str | None
    high: str | None

    def printed(self, value: Decimal | float) -> str:
        """A value with the decimals of the test."""
        return f"{Decimal(str(value)).quantize(Decimal(1).scaleb(-listed(self.name).decimals), ROUND_HALF_EVEN)}"


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Its name, its assays, and the panels that can be ordered."""

    name: str
    assays: Mapping[str, Assay]
    panels: Mapping[str, tuple[str, ...]]


@cache
def laboratory() -> Laboratory:
    """The laboratory of `laboratory.yaml`."""
    data = yaml.load(text_of("laboratory.yaml"), yaml.BaseLoader)
    assays = {name: _assay(name, row) for name, row in data["tests"].items()}
    return Laboratory(data["name"], assays, {name: tuple(tests) for name, tests in data["panels"].items()})


def _assay(name: str, row: Mapping[str, str]) -> Assay:
    limits = [None if row[end] == "null" else row[end] for end in ("low", "high")]
    return Assay(name, Decimal(row["usual"]), row["unit"], limits[0], limits[1])


def draw(calendar: Calendar, day: date, panel: str, values: Mapping[str, Any], chance: Random) -> Iterator[Event]:
    """The results of one draw. values: by test, instead of a usual one: a value, or fields of the result."""
    tests = dict.fromkeys((*laboratory().panels[panel], *values))
    for test in tests:
        noise = 1 + chance.uniform(-NOISE, NOISE)
        sent = values.get(test, laboratory().assays[test].usual * Decimal(str(noise)))
        if sent != NOT_SENT:
            yield result(calendar, day, test, sent)


def result(calendar: Calendar, day: date, test: str, sent: Any) -> Event:
    """One result; `sent` is a number, a text as printed, or fields that replace the usual ones."""
    assay = laboratory().assays[test]
    collected, received = calendar.drawn(day)
    event: Event = {
        "kind": "result",
        "id": f"{test}-{day}",
        "test": test,
        "unit": assay.unit,
        "normal_low": assay.low,
        "normal_high": assay.high,
        "collected": collected,
        "received": received,
        "status": "final",
        "order": f"draw-{day}",
        "lab": laboratory().name,
    }
    if isinstance(sent, Mapping):
        return {**event, **sent}
    return {**event, "value": sent if isinstance(sent, str) else assay.printed(sent)}
