"""`countwell doctor` and `countwell upgrade`: is the clinic sound, and does a new release decide as the old one did."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from countwell.base.clock import now
from countwell.base.errors import StoreError, exit_code
from countwell.cli.serve import DATA

NOT_SOUND = exit_code(StoreError())


@click.command()
@DATA
def doctor(data: Path | None) -> None:
    """Look at everything that the clinic rests on, and say what to do. Ends with 0 if all is well, else with 5."""
    from countwell.clinic import serving

    folder = serving.begin(data)
    from countwell.clinic.store.health import checks

    click.echo(f"Data: {folder}")
    wrong = 0
    for check in checks(now()):
        click.echo(f"{'well ' if check.well else 'WRONG'} {check.name}: {check.says}")
        if not check.well:
            wrong += 1
            click.echo(f"      {check.do}")
    click.echo(f"{wrong} things to see to." if wrong else "All is well.")
    sys.exit(NOT_SOUND if wrong else 0)


@click.command()
@DATA
def upgrade(data: Path | None) -> None:
    """Bring the database to this release, after a backup; then make every stored decision again. Ends with 5 if any differs."""
    from countwell.clinic import serving

    serving.begin(data)
    kept = serving.migrate()
    click.echo(f"Backup of before: {kept}" if kept else "Nothing of before had to be changed.")
    from countwell.clinic.store.reviews import compared

    told = compared()
    click.echo(
        f"{told.same + told.changed + told.differ} decisions made again: {told.same} the same, byte for byte; "
        f"{told.changed} under rules that have changed since; {told.differ} differ under the same rules."
    )
    if told.differ:
        click.echo("Do not use this release: restore the backup of before under the old one, and report it.")
    sys.exit(NOT_SOUND if told.differ else 0)
