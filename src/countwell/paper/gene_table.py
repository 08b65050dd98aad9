"""Doses by TPMT and NUDT15 as a table: each guideline beside the other, dated by its source, in mg and tablets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from rich.table import Table
from rich.text import Text

from countwell.engine.words import number_in_words
from countwell.model.pack import Pack
from countwell.paper.guidelines import rows_in_markdown
from countwell.paper.plain import said
from countwell.questions.by_genes import Cell, Pair
from countwell.questions.tablets import Tablets

Laid = Mapping[str, Sequence[Pair]]
TITLE = "Dose by TPMT and NUDT15"
ABOUT = """Immunosuppression, not malignant disease. Each guideline alone, in mg a day, with the lowest and highest dose that
whole tablets make in its range; under a protocol the tighter limit of the two counts. Pending is not normal: as long as a
result may be poor there is no dose."""

BESIDES = "What the guidelines say besides, and what they leave open:"


def table(packs: Sequence[Pack], laid: Laid) -> Table:
    """For a terminal."""
    head, *rows = _rows(laid)
    shown = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, caption_justify="left")
    for name in head:
        shown.add_column(name, overflow="fold")
    for row in rows:
        shown.add_row(*map(Text, row))
    shown.caption = Text("\n".join([*_dated(packs), *_besides(packs)]))
    return shown


def markdown(packs: Sequence[Pack], laid: Laid) -> str:
    """For a folder of documents."""
    head, *rows = _rows(laid)
    made = "Made from the packs by `countwell packs genes --markdown`; not to be edited by hand."
    dates = "\n".join(f"- {line}" for line in _dated(packs))
    besides = "\n".join(f"- {line}" for line in _besides(packs))
    parts = [f"# {TITLE}", made, ABOUT, dates, rows_in_markdown(head, rows), BESIDES, besides]
    return "\n\n".join(parts) + "\n"


def _dated(packs: Sequence[Pack]) -> list[str]:
    """Each guideline with the sources that carry it."""
    return [
        f"{pack.name} {pack.version}: {source.title} ({source.cite or source.url})."
        for pack in packs
        for source in pack.sources.values()
        if source.verified
    ]


def _besides(packs: Sequence[Pack]) -> list[str]:
    """What each guideline says without a figure for the table, and what it leaves open."""
    return [
        f"{pack.name}{what}: {one.says} ({one.source}: {one.at})"
        for pack in packs
        for what, stated in (("", pack.statements), (" leaves open", pack.gaps))
        for one in stated
    ]


def _rows(laid: Laid) -> list[list[str]]:
    first = next(iter(laid.values()))
    kilograms = [cell.kg for cell in first[0].cells]
    head = ["TPMT", "NUDT15", *(f"{name}, {_plain(kg)} kg" for kg in kilograms for name in laid)]
    body = [
        [
            said(pair.tpmt),
            said(pair.nudt15),
            *(_cell(pairs[at].cells[n]) for n in range(len(kilograms)) for pairs in laid.values()),
        ]
        for at, pair in enumerate(first)
    ]
    return [head, *body]


def _cell(cell: Cell) -> str:
    """`42 to 168 mg: 50 mg (1 × 50) to 150 mg (1 × 100 + 1 × 50)`."""
    if cell.range_mg is None:
        return cell.says
    low, high = cell.range_mg
    made = "no tablets make one" if cell.lowest is None else _made(cell.lowest, cell.highest or cell.lowest)
    return f"{low} to {high} mg: {made}"


def _made(lowest: Tablets, highest: Tablets) -> str:
    ends = [_tablets(lowest)] if lowest.mg == highest.mg else [_tablets(lowest), _tablets(highest)]
    return " to ".join(ends)


def _tablets(tablets: Tablets) -> str:
    pieces = " + ".join(f"{row['count']} × {row['strength_mg']}" for row in tablets.to_json())
    return f"{_plain(tablets.mg)} ({pieces})"


def _plain(value: Decimal) -> str:
    return number_in_words(value)
