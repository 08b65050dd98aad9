"""`countwell offline`: the list and every patient's plan as files that can be read without the service."""

from __future__ import annotations

from pathlib import Path

import click

from countwell.base.clock import now
from countwell.cli.serve import DATA


@click.command()
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), help="The folder (default: offline in the data)."
)
@DATA
def offline(into: Path | None, data: Path | None) -> None:
    """Write each clinic's list and every patient's plan as one page that any browser shows and prints, without Countwell."""
    from countwell.clinic import serving

    serving.begin(data)
    from countwell.clinic.store.offline import write_all

    for made in write_all(now(), into):
        click.echo(f"List and plans: {made}")
    click.echo(
        "Bring it to where it can be reached when this machine cannot. It names patients: keep it as you keep a chart."
    )
