"""The files of a bulk export, read in blocks of whole lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from countwell.base.errors import RecordError

SUFFIXES = (".ndjson", ".jsonl")
PACKED = (".gz", ".zip", ".zst")
BYTES_AT_ONCE = 100 * 100 * 100 * 2 * 10


def files_of(path: Path) -> list[Path]:
    """The files of an export. Raises RecordError if there are none, or packed ones."""
    if path.is_file():
        return [path]
    files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES)
    if packed := [file.name for file in path.rglob("*") if file.suffix in PACKED]:
        raise RecordError(f"packed files: {', '.join(packed)}. Unpack them first.")
    if not files:
        raise RecordError(f"{path.name}: no file that ends in {', '.join(SUFFIXES)}.")
    return files


def blocks(path: Path) -> Iterator[np.ndarray]:
    """A file in blocks of whole lines."""
    rest = b""
    with path.open("rb") as file:
        while read := file.read(BYTES_AT_ONCE):
            whole, end, rest = (rest + read).rpartition(b"\n")
            if end:
                yield np.frombuffer(whole, np.uint8)
    if rest:
        yield np.frombuffer(rest, np.uint8)


def are_utf_8(block: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Whether each line is UTF-8. Nearly always the whole block is."""
    if _is_utf_8(block.tobytes()):
        return np.ones(len(begins), bool)
    places = zip(begins.tolist(), ends.tolist(), strict=True)
    return np.array([_is_utf_8(block[begin:end].tobytes()) for begin, end in places], bool)


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
