"""Laboratory CSV, by a mapping, into one Intake for each patient. A row that cannot be used is refused alone, by its line."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from countwell.base.errors import RecordError
from countwell.exchange.csv_mapping import LabMapping
from countwell.exchange.csv_rows import NOBODY, result_of
from countwell.exchange.entries import Intake, Part, take_in, unusable
from countwell.exchange.strict_json import refuse_size


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the line it ends on, and its cells by the header's names; or why it has none."""

    where: str
    cells: dict[str, str]
    fault: str = ""


def read_csv(
    data: bytes, mapping: LabMapping, patient: str | None = None, time_zone: str | None = None
) -> list[Intake]:
    """One Intake for each patient. patient: whose results they are, where the file does not say; time_zone: the patients'
    own, else the laboratory's.

    Raises RecordError if the file as a whole cannot be read: another encoding, a column that is missing or stands twice.
    """
    by_patient: dict[str, list[Part]] = defaultdict(list)
    for line in lines(_decoded(data, mapping), mapping):
        owner = _owner(line, mapping) or patient or NOBODY
        by_patient[owner].append(_part(line, mapping, owner))
    if not by_patient:
        raise RecordError("the file has a header and no rows.")
    place = time_zone or mapping.time_zone.key
    return [take_in({"patient": {"id": owner, "time_zone": place}}, parts) for owner, parts in by_patient.items()]


def _owner(line: Line, mapping: LabMapping) -> str:
    sent = line.cells.get(mapping.columns.get("patient", ""), "") or mapping.constants.get("patient", "")
    return sent.strip()


def _part(line: Line, mapping: LabMapping, owner: str) -> Part:
    if line.fault:
        return unusable(line.where, line.fault, line.where)
    return Part(line.where, (result_of(line.cells, mapping, owner),))


def _decoded(data: bytes, mapping: LabMapping) -> str:
    refuse_size(len(data))
    if mapping.encoding != "utf-8" and _is_utf_8(data):
        raise RecordError(f"it is UTF-8, and the mapping says {mapping.encoding}. Correct the mapping.")
    try:
        return data.decode("utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding)
    except UnicodeDecodeError as error:
        raise RecordError(f"not {mapping.encoding}: the byte at {error.start} cannot be read.") from error


def _is_utf_8(data: bytes) -> bool:
    """Whether bytes beyond ASCII stand in it and all of them are UTF-8, which no other encoding does by chance."""
    try:
        return not data.isascii() and bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def lines(text: str, mapping: LabMapping) -> Iterator[Line]:
    """The rows under the header, each with its place."""
    rows = _rows(text, mapping)
    header = _header(next(rows, ("", [], "the file is empty.")), mapping)
    for where, cells, fault in rows:
        if fault or cells:
            yield Line(where, dict(zip(header, cells, strict=False)), fault or _fault(cells, header))


def _rows(text: str, mapping: LabMapping) -> Iterator[tuple[str, list[str], str]]:
    """(where, cells, fault) of every row; one that breaks the rules of CSV does not end the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells, fault = next(reader), ""
        except StopIteration:
            return
        except csv.Error as error:
            cells, fault = [], f"not a row of CSV: {error}."
        last = reader.line_num
        yield (f"line {first}" if first == last else f"lines {first}-{last}"), cells, fault


def _header(row: tuple[str, list[str], str], mapping: LabMapping) -> Sequence[str]:
    _, names, fault = row
    header = [name.strip() for name in names]
    wanted = set(mapping.columns.values())
    if fault or (missing := wanted - set(header)):
        raise RecordError(fault or f"the header lacks columns that the mapping names: {', '.join(sorted(missing))}.")
    if twice := {name for name in header if header.count(name) > 1} & wanted:
        raise RecordError(f"columns stand twice in the header: {', '.join(sorted(twice))}.")
    return header


def _fault(cells: Sequence[str], header: Sequence[str]) -> str:
    if len(cells) != len(header):
        return f"{len(cells)} cells where the header has {len(header)}."
    if any("\0" in cell for cell in cells):
        return "a NUL character stands in it."
    if any(cell.lstrip().startswith(("=", "@")) for cell in cells):
        return "a cell begins like a spreadsheet formula."
    return ""
