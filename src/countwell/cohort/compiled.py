"""The generated module of a plan, its functions `status` and `replay`: compiled once and kept for every other process."""

from __future__ import annotations

import importlib.util
import os
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from countwell.cohort.generate import generate
from countwell.cohort.kept import folder_of, kept_in
from countwell.cohort.plan import Plan

PLANS = 64
TOLD_APART_BY = 16


@lru_cache(maxsize=PLANS)
def module_of(plan: Plan) -> ModuleType:
    """The module of a plan. Compiled when first called, or read from what an earlier process kept."""
    return _module(generate(plan))


@lru_cache(maxsize=PLANS)
def _module(text: str) -> ModuleType:
    folder = folder_of(text)
    path = folder / f"rules_{folder.name[:TOLD_APART_BY]}.py"
    _write(path, text)
    with kept_in(folder):
        return _imported(path)


def _write(path: Path, text: str) -> None:
    """Written aside and renamed: it is there whole or not at all, and its date stays that of its first writing."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
