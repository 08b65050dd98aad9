"""Canaries written by hand, each for rules that patients at random seldom meet. What a rule wants is read in its source.

`canaries_made` adds those that a protocol still needs, and stops if a rule does not speak on the canary written for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Json = dict[str, Any]
TODAY = date(2026, 3, 31)


@dataclass(frozen=True)
class Written:
    """For whom: rules as `pack/table/rule`. condition: what is treated, if not what the protocol is for; events: in order."""

    rules: tuple[str, ...]
    events: Sequence[Json]
    question: str = "review"
    said: Mapping[str, list[str]] = field(default_factory=dict)
    condition: str | None = ""

    def document(self, protocol: str, conditions: Sequence[str]) -> Json:
        """Its record under a protocol."""
        own = next(iter(conditions), None)
        return {
            "schema": "countwell.record/1",
            "patient": {"id": "canary", "time_zone": "Europe/London", "sex": "female", "born": "1980-05-06"},
            "course": {"protocol": protocol, "condition": own if self.condition == "" else self.condition},
            "events": [{"id": f"e{number}", **event} for number, event in enumerate(self.events)],
        }


def ago(days: int) -> str:
    """The day so many days before the one that is asked about."""
    return (TODAY - timedelta(days=days)).isoformat()


def started(days: int) -> Json:
    return {"kind": "decision", "do": "start", "at": ago(days), "mg_per_day": "100", "frequency": "once daily"}


def reduced(days: int) -> Json:
    return {"kind": "decision", "do": "reduce", "at": ago(days), "mg_per_day": "50", "frequency": "once daily"}


def stopped(days: int, reason: str) -> Json:
    return {"kind": "decision", "do": "stop", "at": ago(days), "reason": reason}


def result(test: str, value: str, unit: str, days: int, **more: str) -> Json:
    return {
        "kind": "result", "test": test, "value": value, "unit": unit, "collected": ago(days), "status": "final", **more,
    }  # fmt: skip


def count(test: str, value: str, days: int) -> Json:
    return result(test, value, "10*9/L", days)


def alt(value: str, days: int) -> Json:
    return result("alt", value, "U/L", days, normal_high="40")


def level(test: str, value: str) -> Json:
    return result(test, value, "pmol/{8*10*8_RBC}", 2)


def symptom(name: str, **more: object) -> Json:
    return {"kind": "symptom", "symptom": name, "since": ago(1), "present": True, **more}


def of_hepatitis(name: str) -> str:
    return f"added-safety/liver/hepatitis-{name}"


LONG, HALF_A_YEAR_AND_MORE, TWO_MONTHS, FIVE_YEARS = 400, 240, 60, 1830
RISES = ("new-twice", "risen", "risen-twice", "risen-repeat", "hold")
WRITTEN: tuple[Written, ...] = (
    Written(
        ("added-safety/contraindications/hepatitis-with-severe-liver",),
        [started(LONG), {"kind": "history", "what": "severe-liver-disease"}],
        condition="aih",
    ),
    Written(("added-safety/crisis/signs",), [started(LONG), symptom("choking")], condition="mg"),
    Written(("added-safety/early-gap/myasthenia-view",), [started(20)], condition="mg"),
    Written(
        ("added-safety/interactions-asked/duplicate",),
        [started(LONG)],
        question="medicine",
        said={"name": ["azathioprine"]},
    ),
    Written(
        ("added-safety/interactions-watch/methotrexate-liver",),
        [started(LONG), {"kind": "medicine", "name": "methotrexate", "from": ago(90)}, alt("250", 2)],
        condition="cidp",
    ),
    Written(
        tuple(of_hepatitis(name) for name in ("high", "new", "risen", "very-high")),
        [alt("30", LONG + 2), started(LONG), alt("250", 2)],
        condition="aih",
    ),
    Written(
        tuple(f"added-safety/liver/{name}" for name in RISES),
        [alt("30", LONG + 2), started(LONG), alt("250", 2)],
        condition="cidp",
    ),
    Written(
        ("added-safety/liver/not-falling",),
        [started(LONG), alt("250", 45), reduced(42), alt("245", 2)],
        condition="cidp",
    ),
    Written(
        ("added-safety/pancreas-pain/severe",),
        [started(LONG), symptom("abdominal-pain", details={"severe": True})],
    ),
    Written(
        ("added-safety/restart/counts-back",),
        [
            started(LONG),
            stopped(TWO_MONTHS, "leucopenia"),
            count("wbc", "1.5", 2),
            count("neutrophils", "0.5", 2),
            count("platelets", "40", 2),
        ],
        question="restart",
    ),
    Written(
        ("added-safety/trends/platelets-late",),
        [started(FIVE_YEARS), count("platelets", "300", 200), count("platelets", "200", 2)],
    ),
    Written(
        ("cidp/restart/after-reaction",), [started(LONG), stopped(TWO_MONTHS, "hypersensitivity")], question="restart"
    ),
    Written(
        ("cidp/restart/liver-settled", "cidp/restart/may-be-tried"),
        [
            started(LONG),
            stopped(TWO_MONTHS, "liver"),
            alt("30", 2),
            result("ast", "30", "U/L", 2, normal_high="40"),
            result("bilirubin", "8", "umol/L", 2, normal_high="20"),
            result("alp", "70", "U/L", 2, normal_high="120"),
            result("albumin", "42", "g/L", 2),
            result("ggt", "20", "U/L", 2, normal_high="50"),
        ],
        question="restart",
    ),
    Written(
        ("everyday/live-vaccine/long-after",),
        [started(LONG), stopped(HALF_A_YEAR_AND_MORE, "remission")],
        question="vaccine",
        said={"name": ["mmr"]},
    ),
    Written(
        ("everyday/pregnancy/label-over", "mg/pregnancy/waited"),
        [started(LONG), stopped(HALF_A_YEAR_AND_MORE, "remission")],
        question="pregnancy",
        said={"plan": ["now"]},
    ),
    Written(
        ("everyday/pregnancy/label-waiting", "mg/pregnancy/still-waiting", "mg/pregnancy/too-soon"),
        [started(LONG), stopped(TWO_MONTHS, "remission")],
        question="pregnancy",
        said={"plan": ["now"]},
    ),
    Written(("mg/pregnancy/while-taking",), [started(LONG)], question="pregnancy", said={"plan": ["later"]}),
    Written(("mg/not-working/late",), [started(LONG), symptom("not-working")]),
    Written(
        ("metabolites/metabolites/level-without-effect",),
        [started(LONG), symptom("not-working"), level("tgn", "300"), level("mmp", "1000")],
    ),
    Written(("metabolites/metabolites/shunted",), [started(LONG), level("tgn", "100"), level("mmp", "6000")]),
    Written(
        ("metabolites/red-cell-volume/not-risen",),
        [
            result("mcv", "90", "fL", HALF_A_YEAR_AND_MORE + 2),
            started(HALF_A_YEAR_AND_MORE),
            symptom("not-working"),
            result("mcv", "91", "fL", 2),
        ],
    ),
    Written(
        ("nhs-sps/other-counts/neutrophils-with-fever",),
        [started(LONG), count("neutrophils", "0.5", 2), symptom("fever", value="38.5", unit="Cel")],
    ),
    Written(("white-cells-severe/white-cells-severe/very-severe",), [started(LONG), count("wbc", "0.5", 2)]),
)


def written_for(rules: set[str]) -> Iterator[Written]:
    """Those written for any of these rules."""
    return (one for one in WRITTEN if rules.intersection(one.rules))
