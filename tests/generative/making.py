"""Records for tests, made in a few words: an unremarkable patient on a steady dose, and single events to add to them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from countwell import ask, read_record
from countwell.base.dates import Moment, moment, whole_day, zone
from countwell.model.answers import Answer

Json = dict[str, Any]

HOME = "America/New_York"
AS_OF = "2026-03-02T10:00:00-05:00"
SCORED = [{"strength_mg": "50", "scored": True}]
# An unremarkable panel: test, value, unit, lower limit, upper limit.
PANEL = (
    ("wbc", "6.1", "10*9/L", "3.5", "10.0"),
    ("neutrophils", "3.4", "10*9/L", "1.8", "7.5"),
    ("lymphocytes", "1.4", "10*9/L", "1.0", "3.0"),
    ("hb", "135", "g/L", "120", "150"),
    ("platelets", "240", "10*9/L", "150", "400"),
    ("mcv", "90", "fL", "80", "100"),
    ("alt", "24", "U/L", None, "40"),
    ("ast", "22", "U/L", None, "40"),
    ("alp", "70", "U/L", "40", "130"),
    ("ggt", "20", "U/L", None, "60"),
    ("bilirubin", "10", "umol/L", None, "21"),
    ("albumin", "42", "g/L", "34", "47"),
)
_IDS = itertools.count(1)


def when(text: str, home: str = HOME) -> Moment:
    """The moment of a text, a clock time without an offset being the patient's own."""
    return moment(text, zone(home), local=True)


def at_noon(day: date | str, home: str = HOME) -> Moment:
    """Noon of a day where the patient lives."""
    text = day if isinstance(day, str) else day.isoformat()
    return when(f"{text}T12:00:00", home)


def day_after(day: str, days: int) -> str:
    """The ISO day that is so many days later."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def clock(text: str, home: str = HOME) -> str:
    """A local time such as 2026-03-01T09:00 with its offset, as a record writes it; a day stays a day."""
    if "T" not in text or text[-6] in "+-" or text.endswith("Z"):
        return text
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(home)).isoformat()


def result(
    test: str, value: str | None, collected: str = "2026-03-01T09:00", unit: str | None = None, **more: Any
) -> Json:
    """A final result; unit and limits as in PANEL unless they are given."""
    row = next((row for row in PANEL if row[0] == test), (test, None, None, None, None))
    event = {
        "kind": "result",
        "id": f"r{next(_IDS)}",
        "test": test,
        "value": value,
        "unit": row[2] if unit is None else unit,
        "normal_low": row[3],
        "normal_high": row[4],
        "collected": clock(collected),
        "status": "final",
        "lab": "lab-1",
    }
    given = {key: clock(text) if key == "received" and text else text for key, text in more.items()}
    return {key: value for key, value in (event | given).items() if value is not None}


def panel(day: str, **values: str | None) -> list[Json]:
    """An unremarkable panel collected at nine; other values by test name, None leaves a test out."""
    at = day if "T" in day else f"{day}T09:00"
    return [
        result(name, values.get(name, value), at)
        for name, value, *_ in PANEL
        if name not in values or values[name] is not None
    ]


def decision(do: str, at: str, mg: str | None = None, **more: Any) -> Json:
    """What a named person decided."""
    event = {"kind": "decision", "do": do, "at": clock(at), "mg_per_day": mg, "by": "dr-1"}
    if mg is not None:
        event["frequency"] = "once daily"
    return {key: value for key, value in (event | more).items() if value is not None}


def symptom(name: str, since: str, present: bool | None = True, **more: Any) -> Json:
    """A symptom that was asked about."""
    given = {key: clock(text) if key == "until" and text else text for key, text in more.items()}
    return {"kind": "symptom", "symptom": name, "present": present, "since": clock(since), **given}


def medicine(name: str, start: str | None = "2026-02-01", end: str | None = None) -> Json:
    """A medicine taken along."""
    return {"kind": "medicine", "name": name, "from": start, "to": end}


def confirmed(day: str) -> list[Json]:
    """The lists of medicines and history gone through on a day."""
    return [{"kind": "list-confirmed", "list": name, "at": day} for name in ("medicines", "history")]


def genes(day: str = "2025-05-23") -> list[Json]:
    """Both genes typed as normal."""
    return [{"kind": "genotype", "gene": gene, "result": "*1/*1", "at": day} for gene in ("TPMT", "NUDT15")]


def weight(day: str, kg: str = "70") -> Json:
    """A weight in kg."""
    return {"kind": "weight", "at": day, "value": kg, "unit": "kg"}


def steady(start: str = "2025-06-02", last: str = "2026-03-01", mg: str = "150") -> list[Json]:
    """A year on an unchanged dose with nothing to remark: baseline, genes, weight, lists, and a full panel on `last`."""
    before = day_after(start, -5)
    return [
        decision("start", start, mg),
        *panel(before),
        *genes(before),
        *panel(last),
        weight(last),
        *confirmed(last),
    ]


def record(events: Sequence[Json], protocol: str = "cidp", home: str = HOME, **more: Any) -> Json:
    """A record around these events. more: `patient`, `course` fields to set."""
    patient = {"id": "p1", "born": "1974-01-15", "sex": "female", "time_zone": home} | more.get("patient", {})
    course = {
        "condition": protocol,
        "protocol": protocol,
        "layers": None,
        "products": SCORED,
        "may_halve": True,
    } | more.get("course", {})
    return {"schema": "countwell.record/1", "patient": patient, "course": course, "events": list(events)}


def answer(
    source: Json | Sequence[Json],
    question: str = "review",
    as_of: str | Moment = AS_OF,
    known_at: str | Moment | None = None,
    said: Mapping[str, Any] | None = None,
    **more: Any,
) -> Answer:
    """The answer to a question about a record or some events."""
    sent = source if isinstance(source, dict) else record(source, **more)
    home = sent["patient"].get("time_zone") or "UTC"
    given = {key: [value] if isinstance(value, str) else list(value) for key, value in (said or {}).items()}
    return ask(
        question,
        read_record(sent),
        as_of=when(as_of, home) if isinstance(as_of, str) else as_of,
        known_at=when(known_at, home) if isinstance(known_at, str) else known_at,
        said=given,
    )


def told(source: Json | Sequence[Json], question: str = "review", as_of: str | Moment = AS_OF, **more: Any) -> Json:
    """The same as JSON."""
    return answer(source, question, as_of, **more).to_json()


def rules(said: Json, holds: str = "yes") -> set[str]:
    """The rules that hold (or may hold), by their keys."""
    return {f"{f['layer']}/{f['table']}/{f['rule']}" for f in said["findings"] if f["holds"] == holds}


def as_text(said: Json) -> str:
    """An answer as one text, to compare whole answers."""
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


@lru_cache
def midnight(day: str, home: str = HOME) -> Moment:
    """A whole patient-local day."""
    return whole_day(date.fromisoformat(day), zone(home))
