"""The situations as the files a clinic would get: FHIR bundles, a laboratory's table, and Countwell records for the rest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from countwell.exchange.csv_mapping import read_mapping
from countwell.exchange.csv_writer import to_csv
from countwell.exchange.fhir import to_fhir
from countwell.exchange.strict_json import written
from countwell.simulate.situations import Situation

IN_FHIR = ("result", "weight", "medicine", "vaccination", "test-ordered")
IN_CSV = ("result",)
ELSEWHERE: Mapping[str, tuple[str, ...]] = {"fhir": IN_FHIR, "csv": IN_CSV, "json": ()}
LAYOUT = "plain"


def write(situations: Sequence[Situation], folder: Path) -> None:
    """Writes `fhir/`, `laboratory.csv` with its mapping, and `clinic/`: what neither of them can carry."""
    for name in ("fhir", "clinic"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for situation in situations:
        if situation.written == "fhir":
            bundle = written(to_fhir(only(situation, IN_FHIR)))
            (folder / "fhir" / f"{situation.id}.json").write_text(bundle, encoding="utf-8")
        _json(without(situation, ELSEWHERE[situation.written]), folder / "clinic" / f"{situation.id}.json")
    _table([only(situation, IN_CSV) for situation in situations if situation.written == "csv"], folder)


def only(situation: Situation, kinds: Iterable[str]) -> dict[str, Any]:
    """The record with the events of these kinds alone."""
    return {**situation.record, "events": [event for event in situation.record["events"] if event["kind"] in kinds]}


def without(situation: Situation, kinds: Iterable[str]) -> dict[str, Any]:
    """The record without the events of these kinds."""
    return {**situation.record, "events": [event for event in situation.record["events"] if event["kind"] not in kinds]}


def _json(document: Mapping[str, Any], path: Path) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _table(records: Sequence[Mapping[str, Any]], folder: Path) -> None:
    layout = files("countwell.exchange").joinpath("mappings", f"{LAYOUT}.yaml").read_bytes()
    (folder / "laboratory.yaml").write_bytes(layout)
    (folder / "laboratory.csv").write_bytes(to_csv(records, read_mapping(layout, LAYOUT)))
