"""A finding of a whole day and one of the midnight at which that day begins: the day is the later, in every engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product

import pytest

from cohort.agree import compare
from cohort.engines import ENGINES
from generative.making import Json, record, result, told

AT = datetime.fromisoformat("2026-03-20T05:00:00+00:00")
COUNT = [
    result(test, number, "2026-03-20T04:30:00+00:00", unit=unit)
    for test, number, unit in (("wbc", "6.1", "10*9/L"), ("hb", "140", "g/L"), ("platelets", "240", "10*9/L"))
]


def hair_and_count(since: str, neutrophils: str) -> Json:
    """Hair lost in clumps and neutrophils that are low; whoever counted at half past four need not count again unless one of
    these may be later."""
    hair = {"kind": "symptom", "symptom": "hair-loss", "since": since, "present": True, "details": {"in-clumps": True}}
    low = result("neutrophils", "1.8", neutrophils)
    return record([*COUNT, hair, low], home="UTC")


MIDNIGHT = "2026-03-20T00:00:00+00:00"
WHEN = [
    (MIDNIGHT, "2026-03-20", "2026-03-20"),  # the neutrophils may be of the evening: a count is wanted today
    (MIDNIGHT, MIDNIGHT, "2026-04-17"),
    ("2026-03-20T00:01:00+00:00", MIDNIGHT, "2026-04-17"),
]


@pytest.mark.parametrize(("since", "neutrophils", "count_by"), WHEN)
def test_a_whole_day_is_later_than_its_midnight(since: str, neutrophils: str, count_by: str) -> None:
    said = told(hair_and_count(since, neutrophils), as_of=AT.isoformat())
    assert said["advice"]["tests"]["cbc"] == count_by


def panels() -> Iterator[Json]:
    """Three members of a group, each of the whole day, of its midnight, or of a minute after it; the platelets are low or not."""
    for number, (when, platelets) in enumerate(product(product(("2026-03-08", *MIDNIGHTS), repeat=3), ("51", "240"))):
        values = zip(
            ("hb", "platelets", "wbc"), ("140", platelets, "6.1"), ("g/L", "10*9/L", "10*9/L"), when, strict=True
        )
        events = [result(test, value, at, unit=unit) for test, value, unit, at in values]
        yield record(events, home="UTC") | {"patient": {"id": f"p{number}", "time_zone": "UTC"}}


MIDNIGHTS = ("2026-03-08T00:00:00+00:00", "2026-03-08T00:01:00+00:00")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("at", [datetime.fromisoformat("2026-03-08T12:00:00+00:00"), AT])
def test_of_a_group_and_of_a_loss_of_hair_around_midnight_all_engines_tell_the_same(engine: str, at: datetime) -> None:
    documents = [*panels(), *(hair_and_count(since, neutrophils) for since, neutrophils, _ in WHEN)]
    assert list(compare("cidp", documents, at, ENGINES[engine])) == []
