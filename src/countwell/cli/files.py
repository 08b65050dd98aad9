"""Writing what was asked for to a file, or saying plainly why not."""

from __future__ import annotations

from pathlib import Path

from countwell.base.errors import UsageError


def write_text(path: Path, text: str) -> None:
    """Write a text. Raises UsageError if the file cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}.") from error
