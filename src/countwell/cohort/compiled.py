"""The generated module of a plan, compiled once and kept: a second process reads machine code.

Kept in the user's cache folder under a hash of every text and version that went into it; written aside and renamed, so that it is
there whole or not at all.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import numba
import numpy as np

from countwell.cohort.generate import generate
from countwell.cohort.plan import Plan

HERE = Path(__file__).parent
OWN_ALONE = 0o700
FOLDER = "COUNTWELL_CACHE"


def module_of(plan: Plan) -> ModuleType:
    """The module of a plan: its function `status`. Compiled when first called, or read from what an earlier process kept."""
    return _module(generate(plan))


@cache
def _module(text: str) -> ModuleType:
    key = _key(text)
    folder = _folder() / key
    path = folder / f"rules_{key[:16]}.py"
    _write(folder, path, text)
    kept, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder)
    try:
        return _imported(path)
    finally:
        numba.config.CACHE_DIR = kept


def _key(text: str) -> str:
    """A hash of the generated text, of every helper it calls, and of the versions that compile it."""
    found = hashlib.sha256(text.encode())
    for path in sorted(HERE.glob("*.py")):
        found.update(path.name.encode() + path.read_bytes())
    for version in (numba.__version__, np.__version__, sys.version, platform.machine()):
        found.update(version.encode())
    return found.hexdigest()


def _folder() -> Path:
    """Where compiled code is kept. Raises PermissionError if the folder is another user's."""
    given = os.environ.get(FOLDER)
    base = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "countwell"
    folder = base / "rules"
    folder.mkdir(parents=True, exist_ok=True, mode=OWN_ALONE)
    folder.chmod(OWN_ALONE)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder}: belongs to another user. Set {FOLDER} to a folder of your own.")
    return folder


def _write(folder: Path, path: Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    folder.mkdir(exist_ok=True, mode=OWN_ALONE)
    aside = folder / f".{path.name}.{os.getpid()}"
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
