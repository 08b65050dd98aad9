"""A clinic moved from SQLite to PostgreSQL: every row as it is, into the same tables; wholly or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from countwell.base.errors import StoreError, UsageError
from countwell.clinic.store.backup import read_only_of, wrong_with
from countwell.clinic.store.upgrade import without_wal

AT_ONCE = 100  # rows
NOT_COPIED = {"django_migrations", "sqlite_sequence"}  # both are made by making the tables
NO_POSTGRESQL = "Say by COUNTWELL_DATABASE into which PostgreSQL the clinic is to be moved."
NOT_EMPTY = "The PostgreSQL holds tables already. A clinic is moved into an empty database: make a new one."
NEWER = "This clinic was written by a newer release than this one. Move it with that release."


def move(source: Path, at: datetime) -> tuple[int, Path]:
    """Copies every table of an SQLite clinic into an empty PostgreSQL; the number of rows, and where the file is kept now.

    The tables are those of the release that wrote it: `upgrade` brings them to this one. Nobody may serve it meanwhile.
    Raises UsageError if the PostgreSQL is not empty or the clinic of a newer release, StoreError if the file is not sound or
    PostgreSQL refuses a row; nothing is changed then.
    """
    if connection.vendor != "postgresql":
        raise UsageError(NO_POSTGRESQL)
    if connection.introspection.table_names():
        raise UsageError(NOT_EMPTY)
    if wrong := list(wrong_with(source)):
        raise StoreError(f"{source} cannot be moved: {' '.join(wrong)}")
    without_wal(source)
    with closing(sqlite3.connect(read_only_of(source), uri=True)) as old, transaction.atomic():
        _same_tables(old)
        _named_later()
        rows = sum(_copy(old, table) for table in _tables(old))
        _same_numbers(old)
        _complete()
    return rows, source.rename(source.with_name(f"moved-{at:%Y%m%dT%H%M%S}Z.sqlite3"))


def _same_tables(old: sqlite3.Connection) -> None:
    """Makes the changes of the tables that the old database has seen, and no others."""
    executor = MigrationExecutor(connection)
    made = set(old.execute("SELECT app, name FROM django_migrations"))
    graph = executor.loader.graph.node_map
    if not made <= set(graph):
        raise UsageError(NEWER)
    last = [
        one for one in made if not any(next_.key in made and next_.key[0] == one[0] for next_ in graph[one].children)
    ]
    executor.migrate(sorted(last))


def _named_later() -> None:
    """Rows may name others that come after them."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _tables(old: sqlite3.Connection) -> list[str]:
    found = old.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in found if name not in NOT_COPIED]


def _copy(old: sqlite3.Connection, table: str) -> int:
    """Every row of a table, each value read by PostgreSQL as its column wants it; how many there were."""
    kinds = _kinds(table)
    columns = [row[1] for row in old.execute(f'PRAGMA table_info("{table}")')]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(f"CAST(%s AS {kinds[name]})" for name in columns)
    found, count = old.execute(f'SELECT {names} FROM "{table}"'), 0
    while rows := found.fetchmany(AT_ONCE):
        try:
            with connection.cursor() as cursor:
                cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({values})', rows)
        except DatabaseError as error:  # its own words hold the row, and so a patient
            raise StoreError(
                f"PostgreSQL refuses a row of {table} ({type(error).__name__}). Nothing was moved."
            ) from None
        count += len(rows)
    return count


def _kinds(table: str) -> dict[str, str]:
    """The columns of a table of PostgreSQL, and what each holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [f'"{table}"'],
        )
        return dict(cursor.fetchall())


def _same_numbers(old: sqlite3.Connection) -> None:
    """The next row gets the number that it would have got: none is given twice, not even one of a row that is gone."""
    with connection.cursor() as cursor:
        for table, last in old.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0").fetchall():
            if table not in NOT_COPIED:
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [f'"{table}"', last])


def _complete() -> None:
    """Each row names only rows that are there."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError as error:
        raise StoreError(
            f"A row names another that is not there ({type(error).__name__}). Nothing was moved."
        ) from None
