"""`countwell vocabulary`: the closed lists, with every accepted spelling."""

from __future__ import annotations

import json

import click

from countwell.vocabulary.listing import listing, lists


@click.command()
@click.argument("name", type=click.Choice(sorted(lists())))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def vocabulary(name: str, as_json: bool) -> None:
    """Print one closed list."""
    headings, *rows = listing(name)
    if as_json:
        click.echo(json.dumps([dict(zip(headings, row, strict=False)) for row in rows], ensure_ascii=False, indent=1))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*headings, title=name, title_justify="left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
