"""Puts one target under atheris: countwell is instrumented, so that inputs which reach new code are kept and changed further."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(name: str) -> None:
    """Fuzz one target until libFuzzer's own options say stop."""
    import atheris

    sys.path += [str(ROOT / "src"), str(ROOT)]  # behind PYTHONPATH, so that another source can be fuzzed
    with atheris.instrument_imports(include=["countwell"]):
        from tests.fuzz.targets import TARGETS

    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()
