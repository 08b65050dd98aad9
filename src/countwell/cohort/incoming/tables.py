"""Tables beside the results: one row an event, columns named like the fields of `countwell.record/1`, the file like the kind.

`patients` says who: id, born, sex, country, time_zone, condition, protocol; its further columns are kept for measures.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from countwell.base.errors import RecordError
from countwell.cohort.incoming.sent import as_sent
from countwell.cohort.incoming.table_files import read_or_told

# The name of a file: the kind of its events; None: its rows say the kind themselves.
KINDS: Mapping[str, str | None] = {
    "decisions": "decision",
    "weights": "weight",
    "symptoms": "symptom",
    "medicines": "medicine",
    "lists": "list-confirmed",
    "histories": "history",
    "genotypes": "genotype",
    "circumstances": "circumstance",
    "vaccinations": "vaccination",
    "orders": "test-ordered",
    "labels": "label",
    "deaths": "died",
    "events": None,
}
PATIENTS = "patients"
OF_A_PATIENT = ("born", "sex", "country", "time_zone")
OF_A_COURSE = ("condition", "protocol")
SUFFIXES = (".csv", ".parquet")
DETAILS = "details."
TRUTHS: Mapping[str, bool] = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
LISTED = ("rests_on",)
CODED = "code_system"


def tables_in(folder: Path) -> dict[str, Path]:
    """The tables of a folder by name. Raises RecordError if one stands there twice."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in SUFFIXES and path.stem in (PATIENTS, *KINDS):
            if path.stem in found:
                raise RecordError(
                    f"{path.stem} stands twice in the folder, as {found[path.stem].name} and {path.name}."
                )
            found[path.stem] = path
    return found


def rows_of(path: Path) -> Iterator[pa.RecordBatch]:
    """The rows of a table as texts; null is the empty text. Raises RecordError if it cannot be read or names no patient."""
    with read_or_told(path, "cannot be read"):
        if path.suffix == ".parquet":
            batches: Iterator[pa.RecordBatch] = pq.ParquetFile(path).iter_batches()
        else:
            names = pa_csv.open_csv(path).schema.names
            texts = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
            batches = pa_csv.open_csv(path, convert_options=texts, parse_options=_LINES)
        for batch in batches:
            if "patient" not in batch.schema.names:
                raise RecordError(f"{path.name}: a column `patient` is wanted.")
            yield pa.RecordBatch.from_arrays([as_text(column) for column in batch.columns], batch.schema.names)


_LINES = pa_csv.ParseOptions(newlines_in_values=True)


def as_text(column: pa.Array) -> pa.Array:
    """A column as texts: days and instants as a record writes them."""
    if pa.types.is_timestamp(column.type):
        texts = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.string()).to_pylist()
        return pa.array([(text or "").replace(" ", "T", 1) for text in texts], pa.string())
    plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return plain.cast(pa.string()).fill_null("")


def sent(name: str, path: Path, source: int) -> Iterator[pa.RecordBatch]:
    """A table as rows of `sent`, numbered from `first`: an event each; of `patients` the person."""
    for batch in rows_of(path):
        names = batch.schema.names
        cells = [column.to_pylist() for column in batch.columns]
        read = person if name == PATIENTS else (lambda row: event(row, KINDS[name], path.name))
        told = [json.dumps(read(dict(zip(names, row, strict=True)))) for row in zip(*cells, strict=True)]
        columns = {"patient": batch.column("patient"), "event": pa.array(told, pa.string())}
        yield as_sent(len(told), {**columns, "source": np.full(len(told), source, np.uint8)})


def person(row: Mapping[str, str]) -> dict[str, object]:
    """Who a row of `patients` says it is: patient, course, and the further columns."""
    given = {name: row[name].strip() for name in row if row[name].strip()}
    further = {name: given.get(name, "") for name in row if name not in ("patient", *OF_A_PATIENT, *OF_A_COURSE)}
    return {
        "patient": {name: given[name] for name in OF_A_PATIENT if name in given},
        "course": {name: given[name] for name in OF_A_COURSE if name in given},
        "further": further,
    }


def further_in(path: Path) -> tuple[str, ...]:
    """The columns of a table of patients that are kept beside those of the store. Raises RecordError if it cannot be read."""
    with read_or_told(path, "cannot be read"):
        names = pq.read_schema(path).names if path.suffix == ".parquet" else pa_csv.open_csv(path).schema.names
    return tuple(name for name in names if name not in ("patient", *OF_A_PATIENT, *OF_A_COURSE))


def event(row: Mapping[str, str], kind: str | None, where: str) -> dict[str, object]:
    """A row as an event. Raises RecordError if its table does not say the kind."""
    given: dict[str, object] = {"kind": kind} if kind else {}
    details: dict[str, object] = {}
    for name, cell in row.items():
        text = cell.strip()
        if name.startswith(DETAILS) and text:
            details[name.removeprefix(DETAILS)] = TRUTHS.get(text.casefold())
        elif name == "present" and name in row:
            given[name] = TRUTHS.get(text.casefold(), True if not text else None)
        elif text and name in LISTED:
            given[name] = text.split()
        elif text and name not in ("patient", CODED):
            given[name] = text
    if "code" in given:
        given["code"] = {"system": row.get(CODED, "").strip() or "not given", "code": given["code"]}
    if not given.get("kind"):
        raise RecordError(f"{where}: a column `kind` is wanted, filled in each row.")
    return {**given, **({"details": details} if details else {})}
