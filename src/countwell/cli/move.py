"""`countwell move`: a clinic that began on SQLite goes on on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import click

from countwell.base.clock import now
from countwell.base.errors import UsageError
from countwell.cli.serve import DATA

NOTHING = "There is no SQLite clinic in {folder}. Say by --data where it is."
NEXT = "Next: countwell upgrade, which makes every decision again; countwell doctor; then serve it."


@click.command()
@DATA
def move(data: Path | None) -> None:
    """Move the clinic of the data folder from SQLite into the empty PostgreSQL that COUNTWELL_DATABASE names."""
    from countwell.clinic import serving

    folder = serving.begin(data)
    source = folder / "clinic.sqlite3"
    if not source.exists():
        raise UsageError(NOTHING.format(folder=folder))
    from countwell.clinic.store import roles
    from countwell.clinic.store.move import move as moved

    with serving.alone(), roles.as_owner():
        rows, kept = moved(source, now())
    click.echo(f"{rows} rows were moved. The SQLite database is kept as {kept}, and no longer used.\n{NEXT}")
