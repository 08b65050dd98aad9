"""Sixty-four writers on one patient, through the real pages, on both databases: no change lost, no stop lost, none refused
that should have counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clinic.postgres import postgresql, programs

WRITERS, ROUNDS = 64, 2
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What became of all tries."""
    folder = tmp_path_factory.mktemp("writers")
    if request.param == "sqlite":
        yield _write(folder)
        return
    if programs() is None:
        pytest.skip("there is no PostgreSQL on this machine")
    with postgresql() as address:
        yield _write(folder, COUNTWELL_DATABASE=address)


def _write(folder: Path, **more: str) -> dict[str, Any]:
    settings = {"COUNTWELL_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "countwell.clinic.settings"}
    environment = {**os.environ, **settings, "PYTHONPATH": str(TESTS), **more}
    command = (sys.executable, "-m", "clinic.writers", str(WRITERS), str(ROUNDS))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=TESTS)
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_of_acts_off_one_version_one_wins_and_every_stop_and_result_is_kept(written: dict[str, Any]) -> None:
    quarter = WRITERS * ROUNDS // 4
    tries = written["tries"]
    assert tries["stop 302"] == quarter
    assert tries["result kept"] == quarter
    assert (tries["act 302"], tries["act 409"]) == (ROUNDS, 2 * quarter - ROUNDS)
    assert set(tries) <= {"stop 302", "result kept", "act 302", "act 409"}


def test_each_change_that_counted_saw_the_one_before_it(written: dict[str, Any]) -> None:
    assert written["acts"] == written["tries"].get("act 302", 0)
    assert written["stop acts"] == written["tries"]["stop 302"]
    assert written["version"] == written["acts"] + written["stops"] + written["stop acts"] + written["results"]


def test_no_stop_is_lost(written: dict[str, Any]) -> None:
    assert written["stops"] >= 1
    assert written["state"] == "stopped"


def test_positions_have_no_gaps_and_the_audit_holds(written: dict[str, Any]) -> None:
    assert not written["gaps"]
    assert written["audit"] == []
