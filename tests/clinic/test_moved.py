"""An older clinic of SQLite moved into PostgreSQL, and upgraded there: nothing lost, every decision the same byte for byte."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from clinic.postgres import new_database, programs, server
from clinic.test_upgrade import (
    AUDITED,
    KILLED_AFTER_ONE,
    KILLED_WITHIN_ONE,
    REVIEWS,
    UPGRADED_AND_LOOKED_AT,
    hashed,
    run,
    tables,
    written,
)  # fmt: skip

__all__ = ["written"]  # a fixture of that file
JSON_COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND data_type = 'jsonb'"
ONE_DECISION_CHANGED = """
ALTER TABLE clinic_review DISABLE TRIGGER ALL;
UPDATE clinic_review SET answer = answer || ' ' WHERE id = (SELECT min(id) FROM clinic_review);
ALTER TABLE clinic_review ENABLE TRIGGER ALL;
"""
Content = dict[str, tuple[int, str]]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A server."""
    with server() as address:
        yield address


@pytest.fixture(scope="module")
def moved(postgres: str, written: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of the older clinic, which stands in the database `older` as `countwell move` brought it there."""
    folder = tmp_path_factory.mktemp("moved")
    shutil.copy(written, folder / "clinic.sqlite3")
    with new_database(postgres, "older") as address:
        told = run(folder, "-m", "countwell", "move", database=address)
        assert told.returncode == 0, told.stderr
        yield folder


@pytest.fixture
def older(postgres: str, moved: Path) -> Iterator[str]:
    """The address of a copy of that database; its data folder is `moved`."""
    with new_database(postgres, "one", template="older") as address:
        yield address


def content(database: str, of: dict[str, list[str]]) -> Content:
    """For each table the number of its rows, and one hash of these columns of all of them."""
    with psycopg.connect(database) as one:
        return {name: hashed(read(one, name, columns)) for name, columns in of.items()}


def read(one: psycopg.Connection[Any], name: str, columns: list[str]) -> Iterator[tuple[object, ...]]:
    """The rows of a table of PostgreSQL."""
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    yield from one.execute(sql.SQL("SELECT {} FROM {}").format(listed, sql.Identifier(name)))


def held(one: psycopg.Connection[Any], name: str, columns: list[str]) -> list[str]:
    """The rows of a table of PostgreSQL, in order."""
    return sorted(repr([as_sqlite_has_it(value) for value in row]) for row in read(one, name, columns))


def as_sqlite_has_it(value: Any) -> object:
    """A value of PostgreSQL: truth as a number, an instant without its zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return int(value) if isinstance(value, bool) else in_order(value)


def in_order(value: object) -> object:
    """JSON by the order of its keys, which is nobody's business; anything else as it is."""
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def wanted(old: sqlite3.Connection, name: str, columns: list[str], kinds: dict[str, str]) -> list[str]:
    """The rows of a table of SQLite, in order, each value read as its column says."""
    quoted = ", ".join(f'"{column}"' for column in columns)
    found = old.execute(f"SELECT {quoted} FROM {name}")
    return sorted(repr([as_kind(kinds[at], value) for at, value in zip(columns, row, strict=True)]) for row in found)


def as_kind(kind: str, value: Any) -> object:
    """A value of SQLite by the declared kind of its column: what is stored as text and is none."""
    reading: dict[str, Callable[[Any], object]] = {
        "datetime": datetime.fromisoformat, "date": date.fromisoformat, "time": time.fromisoformat,
        "json": lambda text: in_order(json.loads(text)),
    }  # fmt: skip
    if value is None or kind not in reading:
        return value
    return reading[kind](value)


def test_every_row_of_every_table_is_moved_as_it_was(moved: Path, older: str) -> None:
    [kept] = moved.glob("moved-*.sqlite3")
    assert not (moved / "clinic.sqlite3").exists()
    there = tables(kept)
    assert len(there) > 25
    with closing(sqlite3.connect(kept)) as old, psycopg.connect(older) as new:
        for name, columns in there.items():
            kinds = {row[1]: row[2] for row in old.execute(f"PRAGMA table_info({name})")}
            kinds |= {column: "json" for (column,) in new.execute(JSON_COLUMNS, [name])}
            assert held(new, name, columns) == wanted(old, name, columns, kinds), name


def test_no_number_is_given_a_second_time(moved: Path, older: str) -> None:
    [kept] = moved.glob("moved-*.sqlite3")
    with closing(sqlite3.connect(kept)) as old, psycopg.connect(older) as new:
        last = dict(old.execute("SELECT name, seq FROM sqlite_sequence WHERE name LIKE 'clinic%' AND seq > 0"))
        assert last["clinic_review"] >= REVIEWS
        for table, number in last.items():
            (given,) = new.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table]).fetchone() or (0,)
            assert given == number + 1, table


def test_moved_and_upgraded_every_row_every_decision_and_every_trigger_is_there(
    postgres: str, moved: Path, older: str
) -> None:
    [kept] = moved.glob("moved-*.sqlite3")
    before = content(older, tables(kept))
    assert before["clinic_review"][0] == REVIEWS

    told = run(moved, "-c", UPGRADED_AND_LOOKED_AT, database=older)

    assert f"{REVIEWS} decisions made again: {REVIEWS} the same, byte for byte;" in told.stdout, told.stderr
    assert content(older, tables(kept)) == before
    assert f"well All {AUDITED} rows follow each other." in told.stdout
    assert told.stdout.count("\nwell ") == 5
    assert "WRONG" not in told.stdout
    dump = told.stdout.partition("Backup of before: ")[2].partition("\n")[0]
    with new_database(postgres, "back") as back:
        subprocess.run([str((programs() or Path()) / "pg_restore"), "--dbname", back, dump], check=True)
        assert content(back, tables(kept)) == before


def test_one_decision_that_was_changed_by_a_letter_is_counted_after_the_upgrade(moved: Path, older: str) -> None:
    with psycopg.connect(older) as one:
        one.execute(ONE_DECISION_CHANGED)
    told = run(moved, "-m", "countwell", "upgrade", database=older)
    assert f"{REVIEWS - 1} the same, byte for byte; 0 under rules that have changed since; 1 differ" in told.stdout
    assert told.returncode == 5


@pytest.mark.parametrize("killed", [KILLED_AFTER_ONE, KILLED_WITHIN_ONE])
def test_an_upgrade_on_postgresql_that_is_killed_has_changed_nothing(moved: Path, older: str, killed: str) -> None:
    [kept] = moved.glob("moved-*.sqlite3")
    there = {**tables(kept), "django_migrations": ["app", "name"]}
    before = content(older, there)
    assert run(moved, "-c", killed, database=older).returncode == -signal.SIGKILL
    assert content(older, there) == before


def test_a_clinic_is_moved_into_an_empty_database_alone(written: Path, tmp_path: Path, older: str) -> None:
    shutil.copy(written, tmp_path / "clinic.sqlite3")
    told = run(tmp_path, "-m", "countwell", "move", database=older)
    assert "holds tables already" in told.stderr
    assert (tmp_path / "clinic.sqlite3").exists()


def test_a_row_that_postgresql_refuses_keeps_the_clinic_where_it_was_and_is_not_printed(
    postgres: str, written: Path, tmp_path: Path
) -> None:
    database = tmp_path / "clinic.sqlite3"
    shutil.copy(written, database)
    with closing(sqlite3.connect(database)) as one:
        one.execute("UPDATE clinic_patient SET born = 'In the spring' WHERE id = 1")
        one.commit()
    with new_database(postgres, "empty") as empty:
        told = run(tmp_path, "-m", "countwell", "move", database=empty)
        with psycopg.connect(empty) as new:
            assert new.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    assert "refuses a row of clinic_patient" in told.stderr
    assert "spring" not in told.stdout + told.stderr
    assert database.exists()
