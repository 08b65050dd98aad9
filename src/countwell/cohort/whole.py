"""A file of answers that is there whole or not at all: written aside, put on the disk, then renamed."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(file: Path) -> Iterator[Path]:
    """Gives the path to write to; when the block ends well it becomes `file`, replacing one that is there.

    An error, an interruption or a kill leaves `file` as it was; only a kill leaves the hidden half beside it. Several writers
    of the same file each write their own half; the last one that ends stays. Raises OSError if it cannot be written.
    """
    aside = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        yield aside
        _on_disk(aside)
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


def _on_disk(file: Path) -> None:
    number = os.open(file, os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)
