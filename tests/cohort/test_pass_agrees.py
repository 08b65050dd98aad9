"""The pass says what the reference says: STATUS of patients at random, and REPLAY at every decision point.

Run uncompiled, in a process of its own: the same functions, without waiting for the compiler. That compiled code says the same is
the business of the slow test. More patients: `cd tests; python -m cohort.agree --patients 100000`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def told(module, *arguments, compiled=False, cache=None):
    """What a module of the tests prints when it is run, and whether all agreed."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": str(int(not compiled))}
    if cache is not None:
        environment["COUNTWELL_CACHE"] = str(cache)
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)], cwd=TESTS, env=environment, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
def test_status_is_what_the_reference_decides(protocol, tmp_path):
    code, said = told(
        "cohort.agree", "--patients", 25, "--seed", 11, "--processes", 1, "--protocol", protocol, cache=tmp_path
    )
    assert code == 0, said
    assert " 0 differ" in said


@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
def test_replay_is_what_the_reference_decides_at_each_decision_point(protocol, tmp_path):
    code, said = told("cohort.replay_agrees", protocol, 3, 12, cache=tmp_path)
    assert code == 0, said
    assert " 0 fields differ" in said


@pytest.mark.slow
def test_compiled_code_says_the_same():
    run = ("--patients", 60, "--seed", 13, "--processes", 1, "--protocol", "cidp")
    code, said = told("cohort.agree", *run, compiled=True)
    assert code == 0, said
