"""Where no dose is allowed no target is shown beside it; where something is only needed first, it is."""

from __future__ import annotations

import pytest

from generative.making import Json, confirmed, genes, panel, record, steady, told, weight


def typed(result: str) -> Json:
    return {"kind": "genotype", "gene": "TPMT", "result": result, "at": "2025-05-23"}


def without_genes() -> list[Json]:
    return [event for event in steady() if event["kind"] != "genotype"]


def history(what: str) -> Json:
    return {"kind": "history", "what": what, "cause": "azathioprine", "at": "2024-01-10"}


@pytest.mark.parametrize(
    "events",
    [[*without_genes(), typed("*3A/*3A")], [*steady(), history("pancreatitis")]],
    ids=["poor metaboliser", "pancreatitis from it"],
)
def test_where_no_dose_is_allowed_no_target_is_shown(events: list[Json]) -> None:
    details = told(record(events), "dose")["details"]
    assert (details["range_mg_per_day"], details["options"]) == (None, [])
    assert details["because"] != []


def test_where_a_test_is_needed_first_the_target_stays() -> None:
    before = [*panel("2025-11-01"), *genes("2025-11-01"), weight("2026-02-20"), *confirmed("2026-02-20")]
    details = told(record(before), "dose")["details"]
    assert details["range_mg_per_day"] == ["140", "210"]
    assert any("needed first" in reason for reason in details["because"])
