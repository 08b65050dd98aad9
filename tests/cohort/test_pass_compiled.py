"""Compiled code is kept: a second process reads it, another text or helper never meets it, and it is its owner's alone."""

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numba
import pytest

from countwell.cohort import kept
from countwell.cohort.compiled import module_of
from countwell.cohort.kept import folder_of, kept_in
from countwell.cohort.plan import plan_of

TESTS = Path(__file__).parents[1]
ONCE = """
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from cohort.patients_at_random import as_of, records
from countwell.cohort.compiled import module_of
from countwell.cohort.of_record import write_records
from countwell.cohort.passes import status_of
from countwell.cohort.plan import plan
from countwell.exchange.record_json import read_record
laid_out = plan("cidp")
with TemporaryDirectory() as folder:
    made = [read_record(each) for each in records("cidp", 2, 0, as_of(0))]
    for group in write_records(made, Path(folder) / "store").row_groups():
        status_of(group, laid_out, as_of(0))
stats = module_of(laid_out).status.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(kept.FOLDER, str(tmp_path))
    return tmp_path


def test_the_folder_is_the_owners_alone(folder):
    found = folder_of("some text")
    assert found.is_relative_to(folder)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (found, found.parent)} == {0o700}


def test_another_text_is_kept_apart(folder):
    assert folder_of("some text") == folder_of("some text") != folder_of("another text")


def test_another_helper_is_kept_apart(folder, monkeypatch):
    before = folder_of("some text")
    monkeypatch.setattr(kept, "hash_of_helpers", lambda: "another")
    assert folder_of("some text") != before


def test_where_numba_keeps_other_code_is_left_as_it_was(folder):
    before = numba.config.CACHE_DIR
    with pytest.raises(KeyError), kept_in(folder):
        raise KeyError
    assert before == numba.config.CACHE_DIR


def test_a_module_is_written_whole_under_its_own_name(folder):
    from countwell.pack.load import load

    packs = load("cidp", cases=False).packs
    found = Path(module_of(plan_of([replace(packs[0], version="9.9.9"), *packs[1:]])).__file__)
    assert found.is_relative_to(folder)
    assert "9.9.9" in found.read_text(encoding="utf-8")
    assert [each.name for each in found.parent.iterdir() if each.name.startswith(".")] == []


@pytest.mark.slow
def test_a_second_process_does_not_compile_again():
    run = [
        subprocess.run([sys.executable, "-c", ONCE], cwd=TESTS, env={**os.environ}, capture_output=True, text=True)
        for _ in range(2)
    ]
    assert run[1].stdout.split() == ["1", "0"], run[1].stderr
