"""An older clinic under this release: nothing lost, every decision the same byte for byte; whatever interrupts it.

`older/clinic-9a8e646.sql.xz` was written by the release of that commit; `older/made.py` says how.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from countwell.base.errors import UsageError
from countwell.clinic import serving

PATH = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH"))))
OLDER = Path(__file__).parent / "older" / "clinic-9a8e646.sql.xz"
REVIEWS, AUDITED = 22, 240
# What upgrading adds to by itself: what Django keeps of tables and rights.
GROWING = {"django_migrations", "django_content_type", "auth_permission", "sqlite_sequence"}
KILLED_AFTER_ONE = """
import os, signal, sys
from countwell.clinic import serving
serving.begin()
from django.db.migrations.executor import MigrationExecutor as Executor
real, done = Executor.apply_migration, []
def one_and_killed(self, *given, **more):
    if done:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(real(self, *given, **more))
    return done[0]
Executor.apply_migration = one_and_killed
serving.migrate()
"""
KILLED_WITHIN_ONE = """
import os, signal
from countwell.clinic import serving
serving.begin()
from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder.record_applied = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
serving.migrate()
"""

UPGRADED_AND_LOOKED_AT = """
from countwell.base.clock import now
from countwell.cli import countwell
try:
    countwell(["upgrade"])
except SystemExit as ended:
    assert ended.code == 0
from countwell.clinic.store import health
for look in (health.migrated, health.guarded, health.lasting, health.chained, health.kept):
    found = look(now())
    print("well" if found.well else "WRONG", found.says)
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The older database as a file."""
    place = tmp_path_factory.mktemp("older") / "clinic.sqlite3"
    with closing(sqlite3.connect(place)) as made:
        made.executescript(lzma.decompress(OLDER.read_bytes()).decode())
    return place


@pytest.fixture
def data(written: Path, tmp_path: Path) -> Path:
    """A data folder with a copy of it."""
    (tmp_path / "clinic.sqlite3").write_bytes(written.read_bytes())
    return tmp_path


def run(data: Path, *command: str, database: str = "", owner: str = "") -> subprocess.CompletedProcess[str]:
    """A command of this release on a data folder, in a process of its own. database, owner: a PostgreSQL instead of SQLite."""
    of_database = {"COUNTWELL_DATABASE": database, "COUNTWELL_DATABASE_OWNER": owner}
    environment = {**os.environ, "COUNTWELL_DATA": str(data), "PYTHONPATH": PATH, **of_database}
    return subprocess.run((sys.executable, *command), env=environment, capture_output=True, text=True)


def tables(database: Path) -> dict[str, list[str]]:
    """Every table that keeps anything of the clinic, with its columns."""
    with closing(sqlite3.connect(database)) as one:
        names = [name for (name,) in one.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [row[1] for row in one.execute(f"PRAGMA table_info({name})")]
            for name in names
            if name not in GROWING
        }  # fmt: skip


def content(database: Path, of: dict[str, list[str]]) -> dict[str, tuple[int, str]]:
    """For each table the number of its rows, and one hash of these columns of all of them."""
    with closing(sqlite3.connect(database)) as one:
        quoted = {name: ", ".join(f'"{column}"' for column in columns) for name, columns in of.items()}
        return {name: hashed(one.execute(f"SELECT {columns} FROM {name}")) for name, columns in quoted.items()}


def hashed(rows: Iterable[tuple[object, ...]]) -> tuple[int, str]:
    lines = sorted(map(repr, rows))
    return len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_an_older_clinic_is_upgraded_with_every_row_every_decision_and_every_trigger(data: Path) -> None:
    database = data / "clinic.sqlite3"
    there = tables(database)
    before = content(database, there)
    assert before["clinic_review"][0] == REVIEWS

    told = run(data, "-c", UPGRADED_AND_LOOKED_AT)

    assert f"{REVIEWS} decisions made again: {REVIEWS} the same, byte for byte;" in told.stdout, told.stderr
    assert content(database, there) == before
    assert f"well All {AUDITED} rows follow each other." in told.stdout
    assert told.stdout.count("\nwell ") == 5
    assert "WRONG" not in told.stdout


@pytest.mark.parametrize("killed", [KILLED_AFTER_ONE, KILLED_WITHIN_ONE])
def test_an_upgrade_that_is_killed_has_changed_nothing_and_keeps_a_backup(data: Path, killed: str) -> None:
    database = data / "clinic.sqlite3"
    before = content(database, tables(database))

    assert run(data, "-c", killed).returncode == -signal.SIGKILL

    [kept] = (data / "backups").glob("clinic-*.sqlite3")
    for one in (database, kept):
        assert content(one, tables(one)) == before


def test_after_one_that_was_killed_the_next_upgrade_comes_to_its_end(data: Path) -> None:
    for name in ("clinic.sqlite3-new", "clinic.sqlite3-new-wal"):  # what a killed one leaves beside it
        (data / name).write_text("half of a database")
    assert run(data, "-m", "countwell", "upgrade").returncode == 0
    assert [one.name for one in data.glob("clinic.sqlite3*")] == ["clinic.sqlite3"]


@pytest.mark.usefixtures("db", "by_owner")
def test_a_clinic_that_is_served_is_not_upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.DATA", tmp_path)
    monkeypatch.setattr("countwell.clinic.store.health.waiting_migrations", lambda: ["clinic 0099"])
    monkeypatch.setattr("countwell.clinic.store.upgrade.upgrade", lambda _: pytest.fail("it was upgraded"))
    with serving._marked(alone=False), pytest.raises(UsageError, match="is being served"):
        serving.migrate()
