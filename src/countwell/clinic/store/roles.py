"""Two roles of PostgreSQL: one owns the tables and changes them, the other serves the pages, and only appends. ADR 0018.

COUNTWELL_DATABASE names the role that serves; COUNTWELL_DATABASE_OWNER the owner, for `countwell upgrade` and `move` alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction

from countwell.base.errors import UsageError
from countwell.clinic.store.appended import APPENDED

NOT_GIVEN = "The role of COUNTWELL_DATABASE may not read the tables, or not change them to this release."
UPGRADE = "Stop the service, and run `countwell upgrade` with COUNTWELL_DATABASE_OWNER: running a clinic, two roles."
ONE_ROLE = "COUNTWELL_DATABASE_OWNER must name the same database as COUNTWELL_DATABASE, and another role."
NOT_OWNER = "COUNTWELL_DATABASE_OWNER does not own the tables. Name the role that made them."
NO_SUCH_ROLE = "There is no role {role} in this PostgreSQL. Make it: running a clinic, two roles."
DO = "Give the tables to one role and let another one serve: running a clinic, two roles."
OWNS = "SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = to_regclass('django_migrations')"
LETS_GO = "SELECT to_regprocedure('clinic_let_go(bigint)') IS NOT NULL"
READ_ALONE = {"django_migrations"}
OVER_ALL = """
SELECT rolsuper, rolcreaterole, pg_has_role(nspowner, 'MEMBER'), pg_has_role(datdba, 'MEMBER'),
    has_schema_privilege(pg_namespace.oid, 'CREATE')
FROM pg_roles, pg_namespace, pg_database
WHERE rolname = current_user AND nspname = current_schema() AND datname = current_database()
"""
OVER_TABLES = """
SELECT relname, pg_has_role(relowner, 'MEMBER'), has_any_column_privilege(pg_class.oid, 'UPDATE'),
    has_table_privilege(pg_class.oid, 'DELETE'), has_table_privilege(pg_class.oid, 'TRUNCATE'),
    has_table_privilege(pg_class.oid, 'TRIGGER')
FROM pg_class WHERE oid IN (SELECT to_regclass(name) FROM unnest(%s::text[]) AS name) ORDER BY relname
"""
ABOVE = ("it is a superuser", "it may make roles", "it owns the schema", "it owns the database", "it may make tables")
WHAT = ("it owns {}", "it may update {}", "it may delete from {}", "it may truncate {}", "it may put triggers on {}")


def postgresql() -> bool:
    """Whether there are roles at all: SQLite has none, whoever can write its file can write everything."""
    return connection.vendor == "postgresql"


@contextmanager
def as_owner() -> Iterator[None]:
    """While this lasts the database is reached as its owner, if COUNTWELL_DATABASE_OWNER says who that is.

    At the end the role that serves is given what it needs, and keeps nothing else.
    """
    owner, serving = settings.DATABASE_OWNER, dict(connection.settings_dict)
    if owner is None:
        yield
        return
    if owner["USER"] == serving["USER"] or any(owner[part] != serving[part] for part in ("NAME", "HOST", "PORT")):
        raise UsageError(ONE_ROLE)
    connection.close()
    connection.settings_dict.update(owner)
    try:
        yield
        grant(str(serving["USER"]))
    finally:
        connection.close()
        connection.settings_dict.update(serving)


def refuse_shut_out() -> None:
    """Raises UsageError if this role may not even read which changes of the tables were made."""
    if postgresql() and _ask("SELECT has_table_privilege(to_regclass('django_migrations'), 'SELECT')") is False:
        raise UsageError(f"{NOT_GIVEN} {UPGRADE}")


def refuse_change() -> None:
    """Raises UsageError if this role may not change the tables; in an empty database, if it may make none."""
    if postgresql() and not _ask(f"SELECT coalesce(({OWNS}), has_schema_privilege(current_schema(), 'CREATE'))"):
        raise UsageError(f"{NOT_GIVEN} {UPGRADE}")


def _ask(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return row[0] if row else None


def grant(role: str) -> None:
    """Gives a role what it needs to serve, and takes all else; only the owner can.

    What is counted by itself in a table needs no right; a backup reads how far the counting came.
    """
    if role not in _roles():
        raise UsageError(NO_SUCH_ROLE.format(role=role))
    if not _ask(OWNS):  # PostgreSQL only warns of it
        raise UsageError(NOT_OWNER)
    quoted = connection.ops.quote_name
    schema = quoted(str(_ask("SELECT current_schema()")))
    with transaction.atomic(), connection.cursor() as cursor:
        for command in _commands(connection.introspection.table_names(cursor)):
            cursor.execute(command.format(role=quoted(role), schema=schema))


def _roles() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles")
        return {name for (name,) in cursor.fetchall()}


def _commands(tables: list[str]) -> Iterator[str]:
    yield "GRANT USAGE ON SCHEMA {schema} TO {role}"
    yield "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}"
    yield "GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}"
    yield "GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"
    for table in set(tables) - READ_ALONE:
        may = "INSERT" if table in APPENDED else "INSERT, UPDATE, DELETE"
        yield f'GRANT {may} ON {{schema}}."{table}" TO {{role}}'
    if _ask(LETS_GO):  # not yet, while an older clinic is moved here
        yield "GRANT EXECUTE ON FUNCTION {schema}.clinic_let_go(bigint) TO {role}"


def faults() -> Iterator[str]:
    """All by which the role that is used could change what is only ever appended; nothing on SQLite."""
    if not postgresql():
        return
    with connection.cursor() as cursor:
        cursor.execute(OVER_ALL)
        above = cursor.fetchone()
        cursor.execute(OVER_TABLES, [list(APPENDED)])
        over = cursor.fetchall()
    yield from (says for says, so in zip(ABOVE, above, strict=True) if so)
    for table, *rights in over:
        found = [says.format(table) for says, so in zip(WHAT, rights, strict=True) if so]
        yield from found[:1]  # who owns it may all the rest
