"""`countwell measures`: each clinic's register measured for the month that is over."""

from __future__ import annotations

from pathlib import Path

import click

from countwell.base.clock import now
from countwell.base.dates import zone
from countwell.cli.cohort import needed
from countwell.cli.serve import DATA


@click.command()
@DATA
def measures(data: Path | None) -> None:
    """Measure each clinic's register for the month that is over; the page stands under Measures. Small numbers are hidden."""
    needed()
    from countwell.clinic import serving

    serving.begin(data)
    from countwell.clinic.models import Clinic
    from countwell.clinic.store.measured import measure, month_before

    for clinic in Clinic.objects.order_by("pk"):
        first = month_before(now().astimezone(zone(clinic.zone)).date())
        click.echo(f"{clinic.name}, {first:%Y-%m}: {measure(clinic, first)}")
