"""Asked before a result was collected: whoever sent it early, late or without a receipt, all engines tell the same of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import Any

from cohort.agree import compare
from cohort.engines import ENGINES

NOON = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
COLLECTED = ("2026-03-02", "2026-03-02T15:00:00+00:00", "2026-03-03T09:00:00+00:00")
RECEIVED = (None, "2026-03-02T08:00:00+00:00", "2026-03-02T18:00:00+00:00")
VALUES = ("7.2", "90", None)
STATUSES = ("final", "amended", "cancelled", "preliminary")


def sent(collected: str, received: str | None, value: str | None, status: str) -> dict[str, Any]:
    result = {
        "kind": "result",
        "test": "alt",
        "unit": "U/L",
        "normal_high": "40",
        "collected": collected,
        "status": status,
    }
    return result | ({"received": received} if received else {}) | ({"value": value} if value else {})


def pairs() -> Iterator[dict[str, Any]]:
    """Every pair of a final result and another of the same day or the next; last one alone that nobody can read."""
    firsts = list(product(COLLECTED[:2], RECEIVED, VALUES[:2]))
    others = list(product(COLLECTED, RECEIVED, VALUES, STATUSES))
    for number, (first, other) in enumerate(product(firsts, others)):
        yield patient(f"p{number}", {**sent(*first, "final"), "id": "a"}, {**sent(*other), "id": "b"})
    yield patient("alone", {**sent(COLLECTED[0], None, None, "final"), "id": "a"})


def patient(name: str, *events: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": "countwell.record/1",
        "patient": {"id": name, "time_zone": "UTC"},
        "course": {"condition": "mg", "protocol": "mg"},
        "events": list(events),
    }


def differing(engine: str, documents: list[dict[str, Any]]) -> list[Any]:
    found = compare("mg", documents, NOON, ENGINES[engine])
    return [(documents[number]["events"], difference) for number, difference in found]


def test_of_two_results_around_an_instant_the_pass_tells_what_the_reference_does() -> None:
    assert differing("pass", list(pairs())) == []


def test_of_two_results_around_an_instant_sql_tells_the_same() -> None:
    assert differing("sql", list(pairs())) == []
