"""Compiled code is kept: a second process and another protocol read it, another helper never meets it, and it is its owner's alone."""

import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numba
import numpy as np
import pytest

from countwell.cohort import apart, kept

TESTS = Path(__file__).parents[1]
ONCE = """
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from numba.core import event
from cohort.patients_at_random import as_of, records
from countwell.cohort.of_record import write_records
from countwell.cohort.passes import replay_of, status_of
from countwell.cohort.plan import plan
from countwell.exchange.record_json import read_record
compiled = event.RecordingListener()
event.register("numba:compile", compiled)
for protocol in sys.argv[1:]:
    with TemporaryDirectory() as folder:
        made = [read_record(each) for each in records(protocol, 2, 0, as_of(0))]
        for group in write_records(made, Path(folder) / "store").row_groups():
            status_of(group, plan(protocol), as_of(0))
            replay_of(group, plan(protocol), as_of(0))
    print(len(compiled.buffer))
"""


class Walk(NamedTuple):
    labs: np.ndarray


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(kept.FOLDER, str(tmp_path))
    return tmp_path


def test_the_folder_is_the_owners_alone(folder):
    found = kept.folder()
    assert found.is_relative_to(folder)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (found, found.parent)} == {0o700}


def test_another_helper_is_kept_apart(folder, monkeypatch):
    before = kept.folder()
    assert kept.folder() == before
    monkeypatch.setattr(kept, "hash_of_helpers", lambda: "another")
    assert kept.folder() != before


def test_where_numba_keeps_other_code_is_left_as_it_was(folder):
    before = numba.config.CACHE_DIR
    with kept.kept():
        assert str(kept.folder()) == numba.config.CACHE_DIR
    assert before == numba.config.CACHE_DIR


def test_two_threads_that_ask_at_once_compile_once(monkeypatch):
    asked = []

    def address(self, kinds):
        asked.append(self.name)
        time.sleep(0.01)
        return 1

    monkeypatch.setattr(apart, "_ADDRESSES", {})
    monkeypatch.setattr(apart, "_APART", {name: SimpleNamespace(name=name) for name in ("one", "other")})
    for each in apart._APART.values():
        each.address = partial(address, each)
    walk = Walk(np.zeros(1))
    with ThreadPoolExecutor(2) as pool:
        found = [each.result() for each in [pool.submit(apart.pointers_to, walk) for _ in range(2)]]
    assert sorted(asked) == ["one", "other"]
    assert [list(pointer.words[-2:]) for (pointer,) in found] == [[1, 1], [1, 1]]


@pytest.mark.slow
def test_neither_another_protocol_nor_a_second_process_compiles_again():
    run = [
        subprocess.run(
            [sys.executable, "-c", ONCE, *protocols], cwd=TESTS, env={**os.environ}, capture_output=True, text=True
        )
        for protocols in (["cidp", "mg"], ["aih"])
    ]
    first, another = run[0].stdout.split()
    assert first == another, run[0].stderr
    assert run[1].stdout.split() == ["0"], run[1].stderr
