"""Passwords that were found in breaches: a file of hashes on this machine, if the hospital has named one. No net is asked.

Each line is `HASH:COUNT`: SHA-1 in capitals, sorted, as the downloader of Have I Been Pwned writes it in one file.
"""

from __future__ import annotations

import hashlib
import os
import re
from bisect import bisect_left
from pathlib import Path
from typing import BinaryIO

from countwell.base.errors import UsageError

HEX = 40  # digits of a SHA-1
LINE = re.compile(rb"[0-9A-F]{40}:[0-9]+\s*")
AFTER_ALL = b"~"
UNREADABLE = "COUNTWELL_BREACHED: the file cannot be read. Name another, or leave the setting out."
WRONG = "COUNTWELL_BREACHED: each line must be HASH:COUNT, the SHA-1 in capitals, sorted. This file begins otherwise."


def breached(path: str) -> Path | None:
    """The file of the setting; `None` if none is named. Raises UsageError if it cannot be asked: nobody shall believe it is."""
    if not path:
        return None
    try:
        with Path(path).open("rb") as file:
            first = file.readline()
    except OSError as error:
        raise UsageError(UNREADABLE) from error
    if not LINE.fullmatch(first):
        raise UsageError(WRONG)
    return Path(path)


def is_breached(path: Path, password: str) -> bool:
    """Whether the file has this password. Found by halving, so a file of any size is asked in a few reads."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        at = bisect_left(range(size), wanted, key=lambda place: _hash_from(file, place))
        return _hash_from(file, at) == wanted


def _hash_from(file: BinaryIO, place: int) -> bytes:
    """The hash of the first line that begins here or later; after the last line what sorts behind every hash."""
    file.seek(max(place - 1, 0))
    if place:
        file.readline()
    return file.readline()[:HEX] or AFTER_ALL
