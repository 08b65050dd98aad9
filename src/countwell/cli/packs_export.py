"""`countwell packs export`: a pack for other systems, as libraries of CQL."""

from __future__ import annotations

from pathlib import Path

import click

from countwell.base.errors import UsageError
from countwell.cli.files import write_text
from countwell.pack.load import find
from countwell.pack.read import read_pack


@click.command()
@click.argument("name")
@click.option("--cql", is_flag=True, help="As a library of CQL (Clinical Quality Language).")
@click.option("--facts", is_flag=True, help="Not the rules: the second library, which makes plain facts from FHIR.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder to write to: both libraries of the pack and of each of its layers.",
)
def export(name: str, cql: bool, facts: bool, out: Path | None) -> None:
    """Write a pack for other systems: the conditions that Countwell runs, and what the form cannot say."""
    if not cql:
        raise UsageError("packs export: say in which form. There is one: --cql.")
    from countwell.cql import facts_library, library

    pack = read_pack(find(name))
    if out is None:
        click.echo(facts_library(pack) if facts else library(pack), nl=False)
        return
    if facts:
        raise UsageError("packs export: --out writes both libraries. Leave out --facts.")
    _write(out, [name, *pack.layers])


def _write(out: Path, names: list[str]) -> None:
    from countwell.cql import facts_library, facts_library_name, library, library_name

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{out}: cannot be made: {error.strerror}.") from error
    for pack in (read_pack(find(name)) for name in names):
        for called, text in ((library_name, library), (facts_library_name, facts_library)):
            path = out / f"{called(pack)}.cql"
            write_text(path, text(pack))
            click.echo(str(path))
