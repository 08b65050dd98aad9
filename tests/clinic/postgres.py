"""A PostgreSQL of one's own: made in a folder that is thrown away, started, and stopped at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

NOT_ROOT = ("postgres", "nobody")  # PostgreSQL does not run as root


@cache
def programs() -> Path | None:
    """Where `initdb` and `pg_ctl` are; None if there is no PostgreSQL here."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database on a server of its own, as `COUNTWELL_DATABASE` wants it."""
    bin_, port = programs(), _free_port()
    assert bin_ is not None, "there is no PostgreSQL here"
    with tempfile.TemporaryDirectory(prefix="countwell-pg-") as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        _give(data)
        _run(str(bin_ / "initdb"), "-D", str(data), "-A", "trust", "-U", "clinic", "--no-sync")
        options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c max_connections=150"
        _run(str(bin_ / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(data / "log"), "-w", "start")
        try:
            yield f"postgresql://clinic@127.0.0.1:{port}/postgres"
        finally:
            _run(str(bin_ / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")


@contextmanager
def server() -> Iterator[str]:
    """The server of these tests, if they run on PostgreSQL, else one of one's own. Without a PostgreSQL the test is skipped."""
    if given := os.environ.get("COUNTWELL_DATABASE"):
        yield given
    elif programs() is None:
        pytest.skip("there is no PostgreSQL on this machine")
    else:
        with postgresql() as own:
            yield own


@contextmanager
def new_database(on: str, name: str, template: str = "template1") -> Iterator[str]:
    """The address of a database of this name on a server; it is gone afterwards."""
    made = [sql.Identifier(name), sql.Identifier(template)]
    with psycopg.connect(on, autocommit=True) as one:
        one.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(made[0]))
        one.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*made))
        try:
            yield urlsplit(on)._replace(path=f"/{name}").geturl()
        finally:
            one.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(made[0]))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _other_user() -> str | None:
    return next((name for name in NOT_ROOT if _is_user(name)), None) if os.geteuid() == 0 else None


def _is_user(name: str) -> bool:
    return subprocess.run(("id", name), capture_output=True).returncode == 0


def _give(folder: Path) -> None:
    if (user := _other_user()) is not None:
        shutil.chown(folder, user)


def _run(*command: str) -> None:
    user = _other_user()
    whole: Sequence[str] = ("runuser", "-u", user, "--", *command) if user else command
    subprocess.run(whole, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
