"""Puts one target under atheris: the readers are instrumented, so that inputs which reach new code are kept and changed further.

The engine and the pages are run but not watched: watching them makes every execution ten times as slow.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READERS = "base exchange vocabulary pack questions.supposed questions.missed".split()
SLOWEST_WATCHED = 10.0
WATCHED = [f"countwell.{name}" for name in READERS]


def run(name: str) -> None:
    """Fuzz one target until libFuzzer's own options say stop."""
    import atheris

    sys.path += [str(ROOT / "src"), str(ROOT)]  # behind PYTHONPATH, so that another source can be fuzzed
    with atheris.instrument_imports(include=WATCHED):
        from tests.fuzz import laws
        from tests.fuzz.targets import TARGETS, warm_up

    laws.SLOWEST_SECONDS = SLOWEST_WATCHED
    warm_up()
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()
