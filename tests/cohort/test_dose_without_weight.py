"""A running dose that nobody who is treated weighs enough for is in doubt without a weight too, in every engine."""

from __future__ import annotations

from datetime import datetime

import pytest

from cohort.agree import compare
from cohort.engines import ENGINES
from generative.making import Json, decision, record, steady, told

AT = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
# 3 mg per kg at 200 kg, the heaviest that is likely, is 600 mg a day.
DOSES = (("599.99", False), ("600", False), ("600.01", True), ("1500", True), ("15000", True))


def without_weight(mg: str) -> Json:
    events = [event for event in steady() if event["kind"] not in ("weight", "decision")]
    return record([decision("start", "2025-06-02", mg), *events])


@pytest.mark.parametrize(("mg", "doubted"), DOSES)
def test_a_dose_without_a_weight_is_held_to_what_the_heaviest_may_have(mg: str, doubted: bool) -> None:
    said = told(without_weight(mg))
    assert [item["event"] for item in said["refused"] if item["field"] == "mg_per_day"] == ["#0"] * doubted
    assert ("continue" in said["actions"]) == (not doubted)
    assert (said["advice"]["supply"] == "withhold") == doubted


@pytest.mark.parametrize("engine", ENGINES)
def test_all_engines_doubt_the_same_doses(engine: str) -> None:
    documents = [without_weight(mg) for mg, _ in DOSES]
    assert list(compare("cidp", documents, AT, ENGINES[engine])) == []
