"""JSON Schemas of records and answers, generated from the dataclasses and shipped in `countwell/schemas`.

Write them anew after a change: `python -m countwell.exchange.schema`. They describe what is well formed; reading is more
lenient with single events, and judges more than a schema can (closed lists, identities, dates that contradict each other).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from countwell.exchange import events, results
from countwell.exchange.schema_types import (
    PARTIAL_DATE,
    TEXT_OR_NUMBER,
    Schema,
    fields_of,
    first_line,
    is_optional,
    of_type,
    or_null,
)
from countwell.model import advice, answers, records

FOLDER = Path(__file__).resolve().parents[1] / "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"

KINDS: Mapping[str, type] = {
    "decision": records.Decision,
    "result": records.Result,
    "test-ordered": records.TestOrdered,
    "weight": records.Weight,
    "symptom": records.Symptom,
    "medicine": records.Medicine,
    "list-confirmed": records.ListConfirmed,
    "history": records.History,
    "genotype": records.Genotype,
    "circumstance": records.Circumstance,
    "vaccination": records.Vaccination,
    "dose-taken": records.DoseTaken,
    "dose-missed": records.DoseMissed,
    "died": records.Died,
}
SENT_AS = {"start": "from", "end": "to"}
NOT_SENT = ("ref", "listed", "content", "kind")
WORDS: Mapping[tuple[type, str], list[str]] = {
    (records.Decision, "do"): events.DECISIONS,
    (records.Result, "status"): results.STATUSES,
    (records.TestOrdered, "status"): events.ORDERS,
    (records.ListConfirmed, "list"): events.LISTS,
}
LENIENT: Mapping[tuple[type, str], Schema] = {
    **{(records.Result, name): TEXT_OR_NUMBER for name in ("value", "normal_low", "normal_high", "version")},
    **{(kind, "value"): TEXT_OR_NUMBER for kind in (records.Weight, records.Symptom)},
    (records.Medicine, "dose"): TEXT_OR_NUMBER,
    (records.Medicine, "start"): PARTIAL_DATE,
    (records.Circumstance, "start"): PARTIAL_DATE,
    (records.History, "at"): PARTIAL_DATE,
    (records.Vaccination, "at"): PARTIAL_DATE,
    (records.Decision, "since"): PARTIAL_DATE,
}
MUST = {records.Result: ["status", "collected"], records.Medicine: [], records.Symptom: ["symptom", "since"]}


def record_schema() -> Schema:
    """The schema of `countwell.record/1`."""
    properties = {
        "schema": {"const": records.SCHEMA},
        "patient": {"$ref": "#/$defs/Patient"},
        "course": or_null({"$ref": "#/$defs/Course"}),
        "events": or_null({"type": "array", "items": {"$ref": "#/$defs/event"}}),
    }
    parts = (records.Patient, records.Course, records.Product, records.Code, records.Identity)
    return {
        "$schema": DRAFT,
        "title": "Countwell record",
        "description": "A patient and events that are only ever added. null is the same as absent: not known.",
        "type": "object",
        "required": ["schema", "patient"],
        "properties": properties,
        "$defs": {**{kind.__name__: part(kind) for kind in parts}, **_events()},
    }


def _events() -> Schema:
    kinds = [*KINDS, *events.KEPT]
    chosen = [{"if": {"properties": {"kind": {"const": name}}}, "then": {"$ref": f"#/$defs/{name}"}} for name in KINDS]
    event = {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": kinds}}, "allOf": chosen}
    return {"event": event, **{name: part(kind) for name, kind in KINDS.items()}}


def part(kind: type) -> Schema:
    """The object that stands for one of the record's dataclasses."""
    fields = {name: hint for name, (hint, _) in fields_of(kind).items() if name not in NOT_SENT}
    required = [SENT_AS.get(name, name) for name, (_, must) in fields_of(kind).items() if must and name not in NOT_SENT]
    properties = {SENT_AS.get(name, name): _field(kind, name, hint) for name, hint in fields.items()}
    if kind in KINDS.values():
        properties["id"] = {"type": ["string", "null"]}
    described = {"type": "object", "description": first_line(kind), "properties": properties}
    return {**described, "required": MUST.get(kind, required)}


def _field(kind: type, name: str, hint: Any) -> Schema:
    if words := WORDS.get((kind, name)):
        return {"enum": [*words, None] if is_optional(hint) else words}
    if lenient := LENIENT.get((kind, name)):
        return or_null(lenient) if is_optional(hint) else lenient
    schema = of_type(hint)
    return schema if is_optional(hint) or name in ("id", "symptom", "since") else or_null(schema)


ANSWER_WORDS: Mapping[tuple[type, str], tuple[str, ...] | list[str]] = {
    (answers.Answer, "question"): answers.QUESTIONS,
    (advice.Advice, "drug"): advice.DRUG,
    (advice.Advice, "patient"): advice.PATIENT,
    (advice.Advice, "prescriber"): advice.PRESCRIBER,
    (advice.Advice, "supply"): advice.SUPPLY,
    (answers.Finding, "holds"): ("yes", "not-ruled-out"),
    (answers.CourseNow, "state"): ("proposed", "active", "held", "stopped", "ended", "died"),
}
ADDED: Mapping[type, Mapping[str, Schema]] = {
    answers.Answer: {"schema": {"const": answers.SCHEMA}},
    advice.Advice: {"supply": {}},
    answers.Because: {"open": {"type": ["array", "null"], "items": {"type": "boolean"}}},
}
UNSAID: Mapping[type, tuple[str, ...]] = {
    answers.Finding: ("calendar", "newest"),
    advice.Advice: ("paused", "withheld"),
}
ANSWER_PARTS = (
    answers.Because,
    answers.Cited,
    answers.Finding,
    answers.Unknown,
    answers.Graded,
    answers.NotUsed,
    answers.Superseded,
    answers.CourseNow,
    advice.Advice,
)


def answer_schema() -> Schema:
    """The schema of `countwell.answer/1`."""
    whole = answer_part(answers.Answer)
    whole["properties"]["actions"] = {"type": "array", "items": {"enum": answers.ACTIONS}}
    whole["properties"]["beside"] = {"type": "array", "items": {"$ref": "#"}}
    parts = {kind.__name__: answer_part(kind) for kind in ANSWER_PARTS}
    return {"$schema": DRAFT, "title": "Countwell answer", **whole, "$defs": parts}


def answer_part(kind: type) -> Schema:
    """The object that stands for one of the answer's dataclasses: every key is there, null where nothing is known."""
    fields = {name: hint for name, (hint, _) in fields_of(kind).items() if name not in UNSAID.get(kind, ())}
    properties: Schema = {**ADDED.get(kind, {}), **{name: of_type(hint) for name, hint in fields.items()}}
    for name in properties:
        if words := ANSWER_WORDS.get((kind, name)):
            properties[name] = {"enum": list(words)}
    described = {"type": "object", "description": first_line(kind), "properties": properties}
    return {**described, "required": list(properties)}


def text(schema: Schema) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


SHIPPED = {"record": record_schema, "answer": answer_schema}


def file_of(name: str) -> Path:
    """Where the schema of that name is shipped."""
    return FOLDER / f"{name}.schema.json"


def write() -> None:
    """Write both files."""
    for name, schema in SHIPPED.items():
        file_of(name).write_text(text(schema()), encoding="utf-8")


if __name__ == "__main__":
    write()
