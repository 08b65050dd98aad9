"""`countwell backup`, `restore`, `reconcile`: copies of the clinic's database, and the way back from one."""

from __future__ import annotations

from pathlib import Path

import click

from countwell.base.clock import now
from countwell.base.errors import UsageError
from countwell.cli.serve import DATA

SERVED = "Stop the service first: what is served meanwhile would still write into the old database."


@click.command()
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), help="The folder (default: backups in the data)."
)
@DATA
def backup(into: Path | None, data: Path | None) -> None:
    """Copy the clinic's database while it is in use, and check the copy; then write list and plans as `offline` does.

    The key beside the database is copied by you, elsewhere.
    """
    from countwell.clinic import serving

    folder = serving.begin(data)
    from countwell.clinic.store.backup import backup as make
    from countwell.clinic.store.offline import write_all

    click.echo(f"Backup: {make(now(), into)}")
    for made in write_all(now()):
        click.echo(f"List and plans: {made}")
    click.echo(f"The key of this clinic is not in it ({folder / 'secret'}): keep a copy of it elsewhere.")


@click.command()
@click.argument("source", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--opened", is_flag=True, help="It was restored already, by PostgreSQL's own means: look at it.")
@click.option("--stopped", is_flag=True, help="The service is stopped.")
@DATA
def restore(source: Path | None, opened: bool, stopped: bool, data: Path | None) -> None:
    """Put a backup in the place of the database. It can be read and not written until `countwell reconcile`."""
    if not stopped:
        raise UsageError(f"{SERVED} Then say --stopped.")
    if (source is None) is not opened:
        raise UsageError("Name the backup, or say --opened.")
    from countwell.clinic import serving

    serving.begin(data)
    from countwell.clinic.store import backup as store

    with serving.alone():
        if source is not None:
            click.echo(f"The database of before is kept as {store.restore(source, now())}")
        else:
            store.opened()
    serving.migrate()
    from countwell.clinic.read_only import read_only

    click.echo(f"{read_only()}\nServe it, compare it with paper, laboratory and letters, then: countwell reconcile")


@click.command()
@click.option(
    "--by", required=True, help="Who has seen to what came after the backup, or was written by a wrong clock."
)
@click.option("--note", required=True, help="How: what was entered again, who was told.")
@DATA
def reconcile(by: str, note: str, data: Path | None) -> None:
    """Let a clinic be written again that was restored, or had a wrong clock; the audit keeps by whom and how."""
    from countwell.clinic import serving

    serving.begin(data)
    from countwell.clinic.store.backup import reconcile as settle

    settle(by, note, now())
    click.echo("The clinic can be written again.")
