"""Invented people whose charts and pages the tests look at."""

from __future__ import annotations

from typing import Any

from countwell.base.dates import Moment, moment, zone
from countwell.exchange.record_json import read_record
from countwell.model.records import Record

ZONE = zone("America/New_York")


def at(text: str) -> Moment:
    """A moment in the time zone of these people."""
    return moment(text, ZONE)


NOW = at("2026-03-02T10:00:00-05:00")

DRAWS = """
2025-05-28 7.1 4.4 248 12 88.1
2025-06-09 6.9 4.2 250 13 88.0
2025-06-16 6.8 4.0 246 14 88.3
2025-06-30 6.4 3.9 243 14 89.0
2025-07-14 6.5 4.0 251 15 90.1
2025-07-28 5.9 3.5 236 17 91.0
2025-08-11 6.0 3.6 238 19 92.5
2025-08-25 5.4 3.2 230 22 93.9
2025-09-08 5.2 3.1 233 30 94.2
2025-09-22 5.0 3.0 226 40 94.6
2025-10-06 4.8 2.9 88 58 95.0
2025-10-27 4.6 2.8 218 71 95.6
2025-11-10 4.9 3.1 224 47 95.9
2025-11-24 5.3 3.3 229 33 95.7
2025-12-08 5.0 3.0 225 30 95.9
2026-01-05 4.6 2.7 221 32 96.4
2026-01-26 3.9 2.2 214 34 97.0
2026-02-16 3.5 1.9 209 33 97.6
"""


def result(test: str, day: str, value: str, unit: str, **more: Any) -> dict[str, Any]:
    """One result event, collected at nine in the morning."""
    offset = "-04:00" if "03-29" < day[5:] < "11-02" else "-05:00"
    base = {"kind": "result", "id": f"{test}-{day}", "test": test, "value": value, "unit": unit}
    return (
        base | {"collected": f"{day}T09:00:00{offset}", "received": f"{day}T15:00:00{offset}", "status": "final"} | more
    )


def this_morning(test: str, value: str, unit: str, **more: Any) -> dict[str, Any]:
    """One result of the day that is asked about."""
    at_eight = {"collected": "2026-03-02T08:00:00-05:00", "received": "2026-03-02T09:00:00-05:00"}
    return result(test, "2026-03-02", value, unit, **at_eight) | more


def decision(do: str, day: str, mg: str | None = None, **more: Any) -> dict[str, Any]:
    """One decision event."""
    return {"kind": "decision", "do": do, "at": day, "mg_per_day": mg, "frequency": "once daily", "by": "dr-1"} | more


def _results() -> list[dict[str, Any]]:
    events = []
    for line in DRAWS.split("\n"):
        if not line:
            continue
        day, wbc, neutrophils, platelets, alt, mcv = line.split()
        limit = {"normal_high": "40"}
        events += [
            result("wbc", day, wbc, "10*9/L", normal_low="4.0", normal_high="11.0"),
            result("neutrophils", day, neutrophils, "10*3/uL"),
            result("platelets", day, platelets, "K/uL"),
            result("hb", day, "13.1", "g/dL"),
            result("alt", day, alt, "U/L", **limit)
            if day != "2025-07-28"
            else result("alt", day, "<10", "U/L", **limit),
            result("mcv", day, mcv, "fL"),
        ]
    return events


def hartley(**more: Any) -> dict[str, Any]:
    """The record of the pictures: white cells 3.0 on 1 March, a correction, a censored ALT, a hold, a limit not sent."""
    events = [
        decision("start", "2025-06-02", "50"),
        decision("raise", "2025-07-15", "100"),
        decision("raise", "2025-08-26", "150"),
        decision("hold", "2025-10-28", None, reason="liver", decide_by="2025-10-31"),
        decision("restart", "2025-11-26", "100"),
        decision("raise", "2026-01-12", "150"),
        *_results(),
        result(
            "platelets", "2025-10-06", "222", "K/uL", id="p2", status="corrected", received="2025-10-08T10:00:00-04:00"
        ),
        result("wbc", "2025-12-22", "", "10*9/L", status="cancelled"),
        result("wbc", "2026-03-01", "3.0", "10*3/uL"),
        result("neutrophils", "2026-03-01", "1.7", "10*3/uL", status="preliminary"),
        result("platelets", "2026-03-01", "204", "K/uL"),
        result("hb", "2026-03-01", "12.8", "g/dL"),
        result("alt", "2026-03-01", "31", "U/L"),
        result("mcv", "2026-03-01", "97.9", "fL"),
        {"kind": "weight", "at": "2026-02-01", "value": "70", "unit": "kg"},
        {"kind": "symptom", "symptom": "nausea", "present": True, "since": "2025-06-09", "until": "2025-06-18"},
        {"kind": "list-confirmed", "list": "medicines", "at": "2026-02-01"},
        {"kind": "vaccination", "vaccine": "influenza, injected", "at": "2025-10-01"},
    ]
    return {
        "schema": "countwell.record/1",
        "patient": {
            "id": "CW-0417",
            "names": ["Rosalind HARTLEY"],
            "born": "1974-02-03",
            "sex": "female",
            "time_zone": "America/New_York",
            "country": "US",
        },
        "course": {
            "condition": "cidp",
            "protocol": "cidp",
            "products": [{"strength_mg": "50", "scored": True}],
            "may_halve": True,
        },
        "events": events,
    } | more


def record(**more: Any) -> Record:
    """Hartley's record, read."""
    return read_record(hartley(**more))


def with_events(*events: dict[str, Any], keep: bool = True) -> Record:
    """Hartley's record with further events, or with these alone."""
    base = hartley()
    return read_record(base | {"events": [*(base["events"] if keep else ()), *events]})
