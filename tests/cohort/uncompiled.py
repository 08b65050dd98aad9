"""Modules of the pass with nothing compiled, beside the compiled ones: their functions can be called with plain arrays."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from types import SimpleNamespace

import numba

PARTS = ("shape", "days", "apart", "atoms", "came_to", "unchanged", "holding")


@cache
def uncompiled() -> SimpleNamespace:
    """These modules by name."""
    names = [f"countwell.cohort.{part}" for part in PARTS]
    before, was_off = {name: sys.modules.pop(name, None) for name in names}, numba.config.DISABLE_JIT
    numba.config.DISABLE_JIT = True
    try:
        return SimpleNamespace(**{part: import_module(name) for part, name in zip(PARTS, names, strict=True)})
    finally:
        numba.config.DISABLE_JIT = was_off
        sys.modules.update({name: module for name, module in before.items() if module is not None})
