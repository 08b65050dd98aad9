"""A folder of files read back with the real readers, and put together patient by patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from countwell.exchange.csv_mapping import read_mapping
from countwell.exchange.entries import Entry, Intake
from countwell.exchange.intake import read_source
from countwell.exchange.record_json import read_record
from countwell.model.records import Record


@dataclass(frozen=True, slots=True)
class Received:
    """All that came about one patient, from whatever source, and what became of each entry."""

    record: Record
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """What became of all entries; the first is the sum of the others."""

    received: int
    filed: int
    held: int
    refused: int

    @property
    def add_up(self) -> bool:
        """Whether nothing was lost and nothing counted twice."""
        return self.received == self.filed + self.held + self.refused


def read(folder: Path) -> dict[str, Received]:
    """Every patient of the folder, by id."""
    by_patient: dict[str, list[Intake]] = {}
    for intake in _intakes(folder):
        by_patient.setdefault(intake.record.patient.id, []).append(intake)
    return {patient: _together(intakes) for patient, intakes in sorted(by_patient.items())}


def _intakes(folder: Path) -> Iterator[Intake]:
    """The clinic's own records first: they say what is treated, and by which protocol."""
    yield from read_source(folder / "clinic")
    for file in sorted((folder / "fhir").glob("*.json")):
        yield from read_source(file)
    mapping = read_mapping((folder / "laboratory.yaml").read_bytes(), "laboratory.yaml")
    yield from read_source(folder / "laboratory.csv", mapping)


def _together(intakes: list[Intake]) -> Received:
    """One record with the head of the first and the events of all."""
    head = intakes[0].document
    events = [event for intake in intakes for event in _events(intake.document)]
    record = read_record({**head, "events": events})
    return Received(record, tuple(entry for intake in intakes for entry in intake.entries))


def _events(document: Mapping[str, object]) -> list[object]:
    events = document.get("events")
    return list(events) if isinstance(events, list) else []


def sums(patients: Mapping[str, Received]) -> Sums:
    """How many entries came, and what became of them."""
    outcomes = [entry.outcome for received in patients.values() for entry in received.entries]
    return Sums(len(outcomes), *(outcomes.count(name) for name in ("filed", "held", "refused")))
