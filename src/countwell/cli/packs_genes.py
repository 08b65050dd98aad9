"""`countwell packs genes`: the doses of layers by TPMT and NUDT15, every pair, side by side."""

from __future__ import annotations

from decimal import Decimal

import click

from countwell.base.clock import now
from countwell.base.dates import of_instant, zone
from countwell.base.errors import Unreadable, UsageError
from countwell.pack.load import find
from countwell.pack.read import read_pack
from countwell.vocabulary.quantities import read_weight


@click.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--kg", "kilograms", multiple=True, required=True, help="A body weight; several may be given.")
@click.option("--markdown", "as_markdown", is_flag=True, help="As Markdown.")
def genes(names: tuple[str, ...], kilograms: tuple[str, ...], as_markdown: bool) -> None:
    """Lay the doses of layers side by side: packs genes cpic dpwg --kg 70."""
    from countwell.paper import gene_table
    from countwell.paper.terminal import console_for
    from countwell.questions.by_genes import by_genes

    layers = [read_pack(find(name)) for name in names]
    weights = [_weight(text) for text in kilograms]
    laid = {pack.name: by_genes(pack, weights, of_instant(now(), zone("UTC"))) for pack in layers}
    if as_markdown:
        click.echo(gene_table.markdown(layers, laid), nl=False)
    else:
        console_for().print(gene_table.table(layers, laid))


def _weight(text: str) -> Decimal:
    try:
        return read_weight(text, "kg", None, now().date()).low
    except Unreadable as error:
        raise UsageError(f"{text!r} is no weight in kg.") from error
