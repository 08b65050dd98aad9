"""PostgreSQL with two roles: who serves the pages appends, and the database itself refuses that role everything else."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from click.testing import CliRunner
from pytest_django import Settings

from clinic.postgres import new_database, server
from clinic.test_upgrade import run
from countwell.base.errors import UsageError
from countwell.cli.serve import serve
from countwell.clinic.store import roles
from countwell.clinic.store.appended import APPENDED, ERASABLE

LOOKED_AT = """
from countwell.base.clock import now
from countwell.clinic import serving
serving.begin()
from countwell.clinic.store import health
found = health.apart(now())
print("well" if found.well else "WRONG", found.says)
"""
REFUSED = (
    "UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE", "DROP TABLE {} CASCADE", "ALTER TABLE {} DISABLE TRIGGER ALL",
    "ALTER TABLE {} ADD COLUMN more text", "DROP TRIGGER {}_append_only ON {}", "ALTER TABLE {} OWNER TO CURRENT_USER",
    "CREATE TRIGGER silent BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE silent AS ON INSERT TO {} DO INSTEAD NOTHING", "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
)  # fmt: skip
REFUSED_AT_ALL = (
    "CREATE OR REPLACE FUNCTION clinic_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "DROP FUNCTION clinic_only_erased() CASCADE", "SET session_replication_role = replica", "SET ROLE own_owner",
    "CREATE TABLE clinic_shadow (id int)", "DROP SCHEMA public CASCADE", "UPDATE django_migrations SET name = 'x'",
)  # fmt: skip


@dataclass(frozen=True)
class Two:
    """A clinic in PostgreSQL. owner, serving: its address by each role."""

    data: Path
    owner: str
    serving: str


def by(role: str, address: str) -> str:
    """The same address, with another role."""
    parts = urlsplit(address)
    return parts._replace(netloc=f"{role}@{parts.hostname}:{parts.port}").geturl()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """A clinic whose tables `countwell upgrade` made as one role, and that another one serves."""
    with server() as given:
        with new_database(given, "own") as superuser:
            with psycopg.connect(superuser) as one:
                for role in ("own_owner", "own_serving"):
                    one.execute(f"DROP ROLE IF EXISTS {role}")
                    one.execute(f"CREATE ROLE {role} LOGIN")
                one.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
                one.execute("ALTER DATABASE own OWNER TO own_owner")
            two = Two(tmp_path_factory.mktemp("two"), by("own_owner", superuser), by("own_serving", superuser))
            told = upgraded(two)
            assert told.returncode == 0, told.stderr
            yield two
        with psycopg.connect(given) as one:
            one.execute("DROP ROLE own_owner, own_serving")


def upgraded(two: Two) -> subprocess.CompletedProcess[str]:
    """`countwell upgrade` by the owner."""
    return run(two.data, "-m", "countwell", "upgrade", database=two.serving, owner=two.owner)


@pytest.fixture(scope="module")
def worked(made: Two) -> dict[str, Any]:
    """What came of a morning at which only the role that serves was used."""
    told = run(made.data, "-m", "clinic.morning", database=made.serving)
    assert told.returncode == 0, told.stderr[-3000:]
    said: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return said


def test_by_the_role_that_serves_a_morning_can_be_worked(worked: dict[str, Any]) -> None:
    assert worked["sign-in"] == 302
    assert worked["not shown"] == []
    assert set(worked["done"].values()) == {302}
    assert worked["round"] == 0
    assert worked["audit"] == []
    assert worked["backup"] == ".dump"


def test_by_the_role_that_serves_three_people_can_still_erase_a_record(worked: dict[str, Any]) -> None:
    assert (worked["erased"], worked["left"]) == (302, 0)


@pytest.mark.usefixtures("worked")
@pytest.mark.parametrize("table", APPENDED)
def test_the_database_refuses_the_role_that_serves_all_but_appending(made: Two, table: str) -> None:
    with psycopg.connect(made.serving, autocommit=True) as one:
        for command in REFUSED:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), one.transaction():
                one.execute(command.replace("{}", table))


def test_the_database_refuses_the_role_that_serves_every_way_around(made: Two) -> None:
    with psycopg.connect(made.serving, autocommit=True) as one:
        for command in REFUSED_AT_ALL:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), one.transaction():
                one.execute(command)


@pytest.mark.usefixtures("worked")
def test_a_table_of_the_callers_opens_no_way_to_delete(made: Two) -> None:
    """The triggers ask `clinic_erasure` whether a patient was erased: one that the caller has made is not asked."""
    with psycopg.connect(made.serving, autocommit=True) as one:
        (events,) = one.execute("SELECT count(*) FROM clinic_event").fetchone()
        one.execute("CREATE TEMPORARY TABLE clinic_erasure (patient bigint)")
        one.execute("INSERT INTO clinic_erasure SELECT patient_id FROM public.clinic_event")
        with pytest.raises(psycopg.errors.IntegrityError, match="only ever appended"):
            one.execute("SELECT clinic_let_go(patient_id) FROM (SELECT DISTINCT patient_id FROM clinic_event) AS every")
        assert one.execute("SELECT count(*) FROM clinic_event").fetchone() == (events,) != (0,)


def test_what_lets_go_knows_every_table_whose_rows_may_go(made: Two) -> None:
    with psycopg.connect(made.owner) as one:
        (text,) = one.execute("SELECT prosrc FROM pg_proc WHERE proname = 'clinic_let_go'").fetchone()
    assert sorted(re.findall(r"clinic_\w+", text)) == sorted(ERASABLE)


@pytest.mark.parametrize(
    ("role", "says"),
    [
        ("own_serving", ["well"]),
        (
            "own_owner",
            ["WRONG", "it owns the database", "it may make tables", *(f"it owns {table}" for table in APPENDED)],
        ),
    ],
)
def test_the_doctor_says_whether_the_role_could_change_what_is_appended(made: Two, role: str, says: list[str]) -> None:
    told = run(made.data, "-c", LOOKED_AT, database=by(role, made.owner)).stdout
    for word in says:
        assert word in told


def test_each_right_too_many_is_named_and_taken_away_by_the_next_upgrade(made: Two) -> None:
    rights = {
        "UPDATE": "update clinic_act", "UPDATE (outcome)": "update clinic_audit", "DELETE": "delete from clinic_erasure",
        "TRUNCATE": "truncate clinic_event", "TRIGGER": "put triggers on clinic_keptpack",
    }  # fmt: skip
    with psycopg.connect(made.owner) as one:
        for right, may in rights.items():
            one.execute(f"GRANT {right} ON {may.split()[-1]} TO own_serving")
    told = run(made.data, "-c", LOOKED_AT, database=made.serving).stdout
    assert f"{'; '.join(f'it may {may}' for may in rights.values())}." in told
    assert upgraded(made).returncode == 0
    assert run(made.data, "-c", LOOKED_AT, database=made.serving).stdout.startswith("well")


def test_the_owner_is_not_for_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTWELL_DATABASE_OWNER", "postgresql://owner@localhost/clinic")
    with pytest.raises(UsageError, match="Take it out of what the service is given"):
        CliRunner().invoke(serve, [], catch_exceptions=False)


def test_without_the_owner_tables_of_another_release_are_left_and_it_is_said_what_to_do(made: Two) -> None:
    with psycopg.connect(made.owner) as one:
        newest = "(SELECT max(id) FROM django_migrations WHERE app = 'clinic')"
        taken = one.execute(
            f"DELETE FROM django_migrations WHERE id = {newest} RETURNING app, name, applied"
        ).fetchone()
    told = run(made.data, "-m", "countwell", "upgrade", database=made.serving)
    with psycopg.connect(made.owner) as one:
        one.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", taken)
    assert "with COUNTWELL_DATABASE_OWNER" in told.stderr
    assert told.returncode == 2


def test_tables_that_the_role_may_not_even_read_are_said_with_what_to_do(made: Two) -> None:
    with psycopg.connect(made.owner) as one:
        one.execute("REVOKE ALL ON django_migrations FROM own_serving")
    told = run(made.data, "-m", "countwell", "serve", database=made.serving)
    assert "with COUNTWELL_DATABASE_OWNER" in told.stderr
    assert upgraded(made).returncode == 0


@pytest.mark.parametrize("other", [{"USER": "serving"}, {"NAME": "another"}, {"HOST": "elsewhere"}, {"PORT": "1"}])
def test_an_owner_that_is_none_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, other: dict[str, str]
) -> None:
    given = {"NAME": "clinic", "HOST": "here", "PORT": "5432"}
    settings.DATABASE_OWNER = {**given, "USER": "owner", **other}
    monkeypatch.setattr(roles, "connection", SimpleNamespace(settings_dict={**given, "USER": "serving"}))
    with pytest.raises(UsageError, match="the same database as COUNTWELL_DATABASE, and another role"), roles.as_owner():
        pytest.fail("it was taken for the owner")


def test_a_role_that_is_not_there_and_an_owner_that_owns_nothing_are_said(made: Two) -> None:
    nobody = by("nobody_here", made.serving)
    told = run(made.data, "-m", "countwell", "upgrade", database=nobody, owner=made.owner)
    assert "no role nobody_here" in told.stderr
    told = run(made.data, "-m", "countwell", "upgrade", database=made.owner, owner=made.serving)
    assert "does not own the tables" in told.stderr
