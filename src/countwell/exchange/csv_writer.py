"""The results of records as laboratory CSV, in the layout of a mapping: for demonstrations and round trips."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime

from countwell.exchange.csv_mapping import LabMapping
from countwell.exchange.strict_json import Node, plain_document

FIELDS = {"low": "normal_low", "high": "normal_high"}


def to_csv(records: Iterable[Mapping[str, object]], mapping: LabMapping) -> bytes:
    """A header and one row for each result of each record (`countwell.record/1`)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=mapping.delimiter, lineterminator="\r\n")
    writer.writerow(mapping.columns.values())
    for record in records:
        document = plain_document(dict(record))
        writer.writerows(
            [_cell(name, event, document, mapping) for name in mapping.columns] for event in _results(document)
        )
    return text.getvalue().encode(mapping.encoding)


def _results(document: Node) -> Iterable[dict[str, Node]]:
    events = document.get("events") if isinstance(document, dict) else None
    listed = events if isinstance(events, list) else []
    return (event for event in listed if isinstance(event, dict) and event.get("kind") == "result")


def _cell(name: str, event: dict[str, Node], document: Node, mapping: LabMapping) -> str:
    if name == "patient":
        person = document.get("patient") if isinstance(document, dict) else None
        return str(person.get("id")) if isinstance(person, dict) else ""
    sent = event.get(FIELDS.get(name, name))
    if isinstance(sent, dict):
        sent = sent.get("code")
    return "" if sent is None else _in_layout(name, str(sent), mapping)


def _in_layout(name: str, text: str, mapping: LabMapping) -> str:
    if name in ("collected", "received"):
        return _time(text, mapping)
    if name in ("value", "low", "high") and mapping.decimal == "comma":
        return text.replace(".", ",")
    return {word: sent for sent, word in _renames(name, mapping).items()}.get(text, text)


def _renames(name: str, mapping: LabMapping) -> Mapping[str, str]:
    return {"test": mapping.tests, "unit": mapping.units, "status": mapping.statuses}.get(name, {})


def _time(text: str, mapping: LabMapping) -> str:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        return instant.strftime(mapping.day or mapping.date)
    return instant.astimezone(mapping.time_zone).strftime(mapping.date)
