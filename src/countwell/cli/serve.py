"""`countwell serve`: the clinic, by itself on SQLite in one folder, or on PostgreSQL by COUNTWELL_DATABASE."""

from __future__ import annotations

import os
from pathlib import Path

import click

from countwell.base.clock import now
from countwell.base.errors import UsageError

LOCAL = ("127.0.0.1", "localhost", "::1")
NOT_WHEN_SERVED = (
    "COUNTWELL_DATABASE_OWNER is for `countwell upgrade` and `move`. Take it out of what the service is given."
)
USUAL_PORT = 8000
DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder with database, key and backups (default: COUNTWELL_DATA, else countwell-data).",
)


@click.command()
@click.option("--host", default=LOCAL[0], show_default=True, help="The address to listen at.")
@click.option("--port", default=USUAL_PORT, show_default=True, type=click.IntRange(1), help="The port to listen at.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1), help="How many processes answer.")
@DATA
def serve(host: str, port: int, workers: int, data: Path | None) -> None:
    """Serve the clinic; a process beside it runs the rules, sends what waits and watches the canaries."""
    if host not in LOCAL and not os.environ.get("COUNTWELL_HOSTS"):
        raise UsageError("Listening beyond this machine: say by COUNTWELL_HOSTS under which names people reach it.")
    if os.environ.get("COUNTWELL_DATABASE_OWNER"):
        raise UsageError(NOT_WHEN_SERVED)
    from countwell.clinic import serving

    folder = serving.begin(data)
    serving.migrate()
    _warn_of_role()
    _refuse_rules()
    click.echo(f"Data: {folder}\nThe clinic: http://{host}:{port}/")
    if not _has_clinic():
        click.echo("There is no clinic yet: countwell open-clinic NAME --admin-name NAME --admin-email ADDRESS")
    if why := _why_read_only():
        click.echo(f"Read only. {why}")
    serving.serve(host, port, workers)


def _warn_of_role() -> None:
    from countwell.clinic.store import roles

    if wrong := list(roles.faults()):
        click.echo(f"Warning: the role of COUNTWELL_DATABASE could change the audit: {'; '.join(wrong)}. {roles.DO}")


def _refuse_rules() -> None:
    from countwell.clinic.store import canaries, vouched

    if wrong := [says for pack in canaries.packs() for says in vouched.unfit(pack)]:
        raise UsageError(f"The clinic does not start with these rules. {' '.join(wrong)}")


def _has_clinic() -> bool:
    from countwell.clinic.models import Clinic

    return bool(Clinic.objects.exists())


def _why_read_only() -> str:
    from countwell.clinic.store.backup import notice_put_back
    from countwell.clinic.store.clock import why_read_only

    notice_put_back()
    return why_read_only(now())


@click.command("open-clinic")
@click.argument("name")
@click.option("--zone", default="UTC", show_default=True, help="Its time zone, such as Europe/London.")
@click.option("--admin-name", required=True, help="Who makes the other accounts.")
@click.option("--admin-email", required=True, help="The address with which they sign in.")
@DATA
def open_clinic(name: str, zone: str, admin_name: str, admin_email: str, data: Path | None) -> None:
    """Open a clinic with its first account, an admin; prints the first password once."""
    from countwell.clinic import serving

    serving.begin(data)
    serving.migrate()
    from countwell.clinic.store.opening import open_clinic as make

    password = make(name, zone, admin_name, admin_email)
    click.echo(f"{name} is open. {admin_email} signs in with this password, shown once, and sets up the second step:")
    click.echo(password)


@click.command("new-password")
@click.argument("email")
@click.option("--by", required=True, help="Who has made sure that it is they who ask.")
@click.option("--second-step", is_flag=True, help="They set up the second step again too: a lost telephone.")
@DATA
def new_password(email: str, by: str, second_step: bool, data: Path | None) -> None:
    """Let somebody in again who has forgotten their password; prints a first password once, and ends their sessions."""
    from countwell.clinic import serving

    serving.begin(data)
    from countwell.clinic.store.opening import new_password as make

    password = make(email, by, second_step, now())
    click.echo(f"{email} signs in with this password, shown once, and chooses their own at once:")
    click.echo(password)
