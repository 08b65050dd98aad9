"""Reads a source, told by its content: a Countwell record, FHIR R4 (JSON, NDJSON, a folder of them), laboratory CSV."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

from countwell.base.errors import RecordError, UsageError
from countwell.exchange.entries import Entry, Intake, Part, entries_of, unusable
from countwell.exchange.limits import LARGEST_BYTES, clipped
from countwell.exchange.record_json import read_record
from countwell.exchange.strict_json import Node, decoded, parse, refuse_size
from countwell.model.records import Record

__all__ = ["Entry", "Intake", "only_patient", "read_bytes", "read_one", "read_source"]

if TYPE_CHECKING:
    from countwell.exchange.csv_mapping import LabMapping

SUFFIXES = (".json", ".ndjson", ".jsonl")


def read_source(path: Path, mapping: LabMapping | None = None, time_zone: str | None = None) -> list[Intake]:
    """One Intake for each patient in a file or folder. mapping: how to read laboratory CSV; time_zone: the patients' own.

    Raises RecordError if the source as a whole cannot be used.
    """
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise RecordError(f"{clipped(path.name)}: cannot be read: {error.strerror}.") from error
    if is_folder:
        return _folder(path, time_zone)
    return read_bytes(file_bytes(path), mapping, time_zone)


def read_one(source: str, patient: str | None = None, mapping: str | None = None) -> Record:
    """The record of one patient from a file, a folder, or `-` for standard input. mapping: the file that says how a
    laboratory's CSV is laid out.

    Raises RecordError if the source cannot be used, UsageError if it is not plain which patient is meant.
    """
    layout = _layout(Path(mapping)) if mapping else None
    if source == "-":
        data = sys.stdin.buffer.read(LARGEST_BYTES + 1)
        return only_patient(read_bytes(data, layout), patient).record
    return only_patient(read_source(Path(source), layout), patient).record


def file_bytes(path: Path) -> bytes:
    """The bytes of a file; one that is too large, or no plain file, is refused without reading it."""
    name = clipped(path.name)
    try:
        if not S_ISREG(path.stat().st_mode):
            raise RecordError(f"{name}: not a plain file.")
        refuse_size(path.stat().st_size)
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise RecordError(f"{name}: cannot be read: {error.strerror}.") from error
    refuse_size(len(data))
    return data


def read_bytes(data: bytes, mapping: LabMapping | None = None, time_zone: str | None = None) -> list[Intake]:
    """The same for bytes, such as standard input."""
    refuse_size(len(data))
    if mapping is not None:
        return _csv(data, mapping, time_zone)
    documents = list(documents_in(data))
    if not documents:
        raise RecordError("there is nothing in it.")
    return _intakes(documents, time_zone)


def _intakes(documents: Sequence[tuple[str, Node] | Part], time_zone: str | None) -> list[Intake]:
    """Records as they stand, each once; everything else is FHIR. Records beside what cannot be read are not guessed at."""
    records = _each_once([document for document in documents if is_record(document)])
    others = [document for document in documents if not is_record(document)]
    broken = [part.where for part in others if isinstance(part, Part)]
    if records and broken and len(broken) == len(others):
        raise RecordError(f"cannot be read: {', '.join(broken)}. Mend it or leave it out.")
    return [of_record(record) for record in records] + (_fhir(others, time_zone) if others else [])


def _each_once(records: list[tuple[str, Node] | Part]) -> list[tuple[str, Node] | Part]:
    """The same record sent twice is one."""
    once: list[tuple[str, Node] | Part] = []
    for record in records:
        if not any(
            record[1] == other[1] for other in once if not isinstance(record, Part) and not isinstance(other, Part)
        ):
            once.append(record)
    return once


def _folder(path: Path, time_zone: str | None) -> list[Intake]:
    """All files of a folder together: the resources of one patient may stand in several of them."""
    files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
    documents = [document for file in files for document in _of_file(file, path)]
    if not documents:
        raise RecordError(f"the folder holds no file that ends in {', '.join(SUFFIXES)}.")
    return _intakes(documents, time_zone)


def _fhir(documents: Sequence[tuple[str, Node] | Part], time_zone: str | None) -> list[Intake]:
    from countwell.exchange.fhir import read_fhir  # only now: a question about one record must not wait for it

    return read_fhir(documents, time_zone)


def _csv(data: bytes, mapping: LabMapping, time_zone: str | None) -> list[Intake]:
    from countwell.exchange.lab_csv import read_csv  # likewise

    return read_csv(data, mapping, time_zone=time_zone)


def _layout(path: Path) -> LabMapping:
    from countwell.exchange.csv_mapping import read_mapping  # likewise

    return read_mapping(file_bytes(path), path.name)


def _of_file(file: Path, folder: Path) -> Iterator[tuple[str, Node] | Part]:
    name = file.relative_to(folder).as_posix()
    try:
        for document in documents_in(file_bytes(file)):
            yield document if isinstance(document, Part) else (f"{name} {document[0]}".strip(), document[1])
    except RecordError as error:
        yield unusable(name, str(error), name)


def documents_in(data: bytes) -> Iterator[tuple[str, Node] | Part]:
    """The JSON values in a text: one, a list, or one on each line."""
    text = decoded(data).strip()
    if not text:
        raise RecordError("there is nothing in it.")
    if not text.startswith(("{", "[")):
        raise RecordError(_not_json(text))
    if is_lines(text):
        yield from (_line(line, number) for number, line in enumerate(text.split("\n"), 1) if line.strip())
        return
    value = parse(text)
    yield from ((f"[{place}]", item) for place, item in enumerate(value)) if isinstance(value, list) else [("", value)]


def _not_json(text: str) -> str:
    if text.startswith(("MSH", "FHS", "BHS")):
        return "HL7 v2 is not read from files. Send FHIR, or a Countwell record."
    return "neither JSON nor NDJSON. For a laboratory's CSV give its mapping."


def is_lines(text: str) -> bool:
    """Whether a text is NDJSON: more than one line, and the first is a whole object."""
    first, _, rest = text.partition("\n")
    if not rest.lstrip().startswith("{"):
        return False
    try:
        return isinstance(parse(first), dict)
    except RecordError:
        return False


def _line(line: str, number: int) -> tuple[str, Node] | Part:
    try:
        return f"line {number}", parse(line)
    except RecordError as error:
        return unusable(line, str(error), f"line {number}")


def is_record(document: tuple[str, Node] | Part) -> bool:
    """Whether a document is meant as a Countwell record."""
    value = None if isinstance(document, Part) else document[1]
    return isinstance(value, dict) and "resourceType" not in value and not {"schema", "patient"}.isdisjoint(value)


def of_record(document: tuple[str, Node] | Part) -> Intake:
    """A Countwell record with the outcome of each of its events."""
    value = None if isinstance(document, Part) else document[1]
    content = value if isinstance(value, dict) else {}
    record = read_record(content)
    events = content.get("events")
    sent = events if isinstance(events, list) else []
    parts = [Part(f"events[{place}]", (event,)) for place, event in enumerate(sent)]
    return Intake(content, record, tuple(entries_of(parts, record)))


def only_patient(intakes: Sequence[Intake], patient: str | None = None) -> Intake:
    """The one patient who is asked about. Raises UsageError if it is not plain who is meant."""
    found = [intake for intake in intakes if patient in (None, intake.record.patient.id)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError("no such patient in the source.")
    raise UsageError(f"the source holds {len(found)} patients. Say which one: --patient ID.")
