"""Where no dose is allowed no target is shown beside it; where something is only needed first, it is."""

from __future__ import annotations

from itertools import combinations

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


READY = [weight("2026-03-01"), *panel("2026-03-01"), *genes("2026-02-20"), *confirmed("2026-03-01")]
COUNT, LIVER = ("wbc", "hb", "platelets", "neutrophils", "lymphocytes", "mcv"), ("alt", "ast")
WITHOUT = {
    "count": (lambda e: e.get("test") in COUNT, "added-safety/dose/baseline-count"),
    "liver": (lambda e: e.get("test") in LIVER, "added-safety/dose/baseline-liver"),
    "genes": (lambda e: e["kind"] == "genotype", "added-safety/dose/genes-pending"),
    "medicines": (lambda e: e.get("list") == "medicines", "added-safety/interactions/"),
    "history": (lambda e: e.get("list") == "history", "added-safety/dose/never-again"),
}
ORDERED = [
    {"kind": "test-ordered", "test": gene, "at": "2026-02-20", "status": "pending"} for gene in ("tpmt", "nudt15")
]
MISSING = [names for size in range(len(WITHOUT) + 1) for names in combinations(WITHOUT, size)]


@pytest.mark.parametrize("missing", MISSING, ids=" and ".join)
def test_whatever_is_missing_before_the_first_dose_no_start_is_let_be_and_each_is_named(
    missing: tuple[str, ...],
) -> None:
    kept = [e for e in READY if not any(WITHOUT[name][0](e) for name in missing)]
    events = [*kept, *(ORDERED if "genes" in missing else [])]
    said = told(record(events), "start", said={"mg_per_day": "50"})
    assert said["details"]["accepted"] is (missing == ())
    assert ("do-not-start" in said["actions"]) is (missing != ())
    reasons = " ".join(said["details"]["because"])
    assert [name for name in missing if WITHOUT[name][1] not in reasons] == []
