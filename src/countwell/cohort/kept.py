"""Where compiled code is kept: a folder of the user's own, named by a hash of every text and version that goes into it, so that
a changed line never meets old code."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba import njit

from countwell.cohort.shape import OPTIONS
from countwell.model import advice
from countwell.vocabulary.tests import measures

HERE = Path(__file__).parent
OWN_ALONE = 0o700
FOLDER = "COUNTWELL_CACHE"
MARKS = (b"@compiled", b"@apart", b"@of_kind")
SAY_WHERE = ("shape.py", "columns.py", "pointer.py", "apart.py", "kinds.py", "kept.py")


@cache
def hash_of_helpers() -> str:
    """A hash of every module that is compiled or whose numbers are compiled in, and of the versions that compile it."""
    found = hashlib.sha256()
    for path in sorted(HERE.glob("*.py")):
        text = path.read_bytes()
        if path.name in SAY_WHERE or any(mark in text for mark in MARKS):
            found.update(path.name.encode() + text)
    found.update(Path(advice.__file__).read_bytes())
    found.update(str(measures()["weight"].likely).encode())
    for version in (numba.__version__, np.__version__, sys.version, platform.machine()):
        found.update(version.encode())
    return found.hexdigest()


def folder() -> Path:
    """The folder for compiled code, made if it is not there. Raises PermissionError if it is another user's."""
    given = os.environ.get(FOLDER)
    base = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "countwell"
    own = base / "pass" / hash_of_helpers()
    for each in (base / "pass", own):
        each.mkdir(parents=True, exist_ok=True, mode=OWN_ALONE)
        each.chmod(OWN_ALONE)
        if each.stat().st_uid != os.getuid():
            raise PermissionError(f"{each}: belongs to another user. Set {FOLDER} to a folder of your own.")
    return own


@contextmanager
def kept() -> Iterator[None]:
    """What is marked to be kept while this lasts is kept in that folder."""
    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder())
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def compiled_and_kept(function: Callable[..., Any]) -> Any:
    """Compiled when first called; the machine code is kept for other processes."""
    if numba.config.DISABLE_JIT:
        return function
    with kept():
        return njit(cache=True, **OPTIONS)(function)
