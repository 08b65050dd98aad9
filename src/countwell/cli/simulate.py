"""`countwell simulate`: synthetic patients as records, for trying things out."""

from __future__ import annotations

import json
from pathlib import Path

import click

from countwell.base.errors import UsageError
from countwell.simulate.parameters import MOST_MONTHS, MOST_PATIENTS, USUAL_MONTHS, USUAL_NUMBER, parameters
from countwell.simulate.patients import register

NUMBER, MONTHS = click.IntRange(1, MOST_PATIENTS), click.IntRange(1, MOST_MONTHS)


@click.group()
def simulate() -> None:
    """Synthetic patients; none of them is like any person."""


@simulate.command()
@click.option("--number", type=NUMBER, default=USUAL_NUMBER, show_default=True, help="How many patients.")
@click.option("--months", type=MONTHS, default=USUAL_MONTHS, show_default=True, help="How long they are seen.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same patients.")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where the records go.")
@click.option("--share", "shares", multiple=True, help="name=value of a share in parameters.yaml, such as missed=0.2.")
def patients(number: int, months: int, seed: int, into: Path, shares: tuple[str, ...]) -> None:
    """Write one Countwell record (JSON) for each patient."""
    wanted = _shares(shares)
    into.mkdir(parents=True, exist_ok=True)
    events = 0
    for document in register(number, months, seed, gaps=None, **wanted):
        path = into / f"{document['patient']['id']}.json"
        path.write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")
        events += len(document["events"])
    click.echo(f"{number} patients, {events} events, {months} months to {parameters().ends}, seed {seed}: {into}")


def _shares(words: tuple[str, ...]) -> dict[str, float]:
    """`name=value` words. Raises UsageError for a word of another form, or no share."""
    try:
        found = {name: float(value) for name, _, value in (word.partition("=") for word in words)}
    except ValueError as error:
        raise UsageError(f"--share takes name=value, such as missed=0.2: {error}") from error
    if any(not 0 <= value <= 1 for value in found.values()):
        raise UsageError("a share lies between 0 and 1.")
    parameters(gaps=None, **found)
    return found
