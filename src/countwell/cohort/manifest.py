"""The manifest of a store: its word lists, and of each file how many rows it holds and by which bytes it is known again.

Written last: a folder without it is no store. Read first: what it does not vouch for is not read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from countwell.base.errors import CohortError, StoreError
from countwell.cohort.columns import EVENTS, LABS, PATIENTS, SCHEMA
from countwell.cohort.vocabularies import FIXED, GROWING, Words, details, refuse_others, upper_limits

NAME = "manifest.json"
TABLES: Mapping[str, pa.Schema] = {"patients": PATIENTS, "labs": LABS, "events": EVENTS}
AGAIN = "Import it again."
FOOTER_END = 8  # the last bytes of a Parquet file: the length of its footer, and a mark
CHUNK = 1 << 20


def schema_of(table: str, further: tuple[str, ...]) -> pa.Schema:
    """The columns of a table as they are written: none of them empty. further: text columns of the patients."""
    extra = [pa.field(name, pa.string()) for name in further] if table == "patients" else []
    return pa.schema([field.with_nullable(False) for field in (*TABLES[table], *extra)])


def made(
    words: Words, further: tuple[str, ...], patients_per_row_group: int, parts: list[dict[str, Any]]
) -> dict[str, Any]:
    """The manifest of a store that has been written."""
    rows = {table: sum(group[table] for part in parts for group in part["row_groups"]) for table in TABLES}
    return {
        "schema": SCHEMA,
        "patients_per_row_group": patients_per_row_group,
        "rows": rows,
        "further": list(further),
        "parts": parts,
        "details": {name: list(said) for name, said in details().items()},
        "upper_limits": dict(upper_limits()),
        **words.lists,
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a store, checked against this Countwell.

    Raises StoreError if there is no folder, CohortError if it is no store or one that this Countwell cannot read.
    """
    if not folder.is_dir():
        raise StoreError(f"{folder.name}: there is no such folder.")
    if not (folder / NAME).is_file():
        raise CohortError(f"{folder.name}: has no {NAME}. It is no store, or its import was interrupted. {AGAIN}")
    try:
        manifest = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreError(f"{folder.name}/{NAME}: cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CohortError(f"{folder.name}/{NAME}: is broken. {AGAIN}") from error
    _refuse_other_schema(folder, manifest)
    words = {name: manifest.get(name, ()) for name in (*FIXED, *GROWING)}
    refuse_others(f"{folder.name}/{NAME}", words, manifest["details"], manifest.get("upper_limits", {}))
    return dict(manifest)


def _refuse_other_schema(folder: Path, manifest: Any) -> None:
    said = manifest.get("schema") if isinstance(manifest, dict) else None
    if said != SCHEMA:
        raise CohortError(f"{folder.name}/{NAME}: its schema is {said!r}, this Countwell reads {SCHEMA!r}. {AGAIN}")
    if not _is_whole(manifest):
        raise CohortError(f"{folder.name}/{NAME}: is broken. {AGAIN}")


def _is_whole(manifest: Mapping[str, Any]) -> bool:
    """Whether everything stands in a manifest that reading relies on; the word lists are compared apart."""
    lists, mappings = ("further", "parts"), ("rows", "details")
    if not all(isinstance(manifest.get(name), list) for name in lists):
        return False
    if not all(isinstance(manifest.get(name), dict) for name in mappings):
        return False
    return set(manifest["rows"]) == set(TABLES) and all(_is_whole_part(part) for part in manifest["parts"])


def _is_whole_part(part: Any) -> bool:
    if not isinstance(part, dict) or not isinstance(part.get("name"), str):
        return False
    groups, files = part.get("row_groups"), part.get("files")
    if not isinstance(groups, list) or not isinstance(files, dict) or set(files) != set(TABLES):
        return False
    counted = all(isinstance(rows, dict) and set(rows) == set(TABLES) for rows in groups)
    return counted and all({"bytes", "footer", "sha256"} <= set(marks) for marks in files.values())


def file_marks(path: Path) -> dict[str, Any]:
    """By what a file is known again: its size, a hash of its footer (read at each opening), and one of the whole."""
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            whole.update(chunk)
    return {"bytes": path.stat().st_size, "footer": footer_mark(path), "sha256": whole.hexdigest()}


def footer_mark(path: Path) -> str:
    """A hash of the footer of a Parquet file, which names place and size of every piece of it.

    Raises CohortError if the file is cut off.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - FOOTER_END, 0))
        length = int.from_bytes(file.read(FOOTER_END)[:4], "little")
        if length + FOOTER_END > size:
            raise CohortError(f"{path.parent.name}/{path.name}: is cut off. {AGAIN}")
        file.seek(size - length - FOOTER_END)
        return hashlib.sha256(file.read()).hexdigest()
