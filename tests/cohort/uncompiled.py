"""Modules of the pass with nothing compiled, beside the compiled ones: their functions can be called with plain arrays."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from types import SimpleNamespace

import numba

import countwell.cohort

PARTS = ("shape", "days", "apart", "atoms", "came_to", "unchanged", "holding")


@cache
def uncompiled() -> SimpleNamespace:
    """These modules by name."""
    compiled = {part: import_module(f"countwell.cohort.{part}") for part in PARTS}
    was_off = numba.config.DISABLE_JIT
    for module in compiled.values():
        del sys.modules[module.__name__]
    numba.config.DISABLE_JIT = True
    try:
        return SimpleNamespace(**{part: import_module(module.__name__) for part, module in compiled.items()})
    finally:
        numba.config.DISABLE_JIT = was_off
        for part, module in compiled.items():  # whoever imports them after this gets the compiled ones
            sys.modules[module.__name__] = module
            setattr(countwell.cohort, part, module)
