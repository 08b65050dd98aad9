"""Bars with their numbers: how late late tests were, and the like."""

from __future__ import annotations

from collections.abc import Sequence

from countwell.cohort.pictures.axes import Plot, axes, picture
from countwell.paper.markup import Child, Safe, el

HIDDEN = "hidden"


def bars(name: str, title: str, rows: Sequence[tuple[str, int | None]], unit: str, across: str) -> Safe:
    """One bar per row (word, count); None: hidden, drawn as an empty dashed frame that says so."""
    highest = max([1, *(count for _, count in rows if count is not None)])
    plot = Plot(0, len(rows), 0, highest * 1.1)
    wide = (plot.x(1) - plot.x(0)) * 0.7
    drawn = [_bar(plot, place, words, count, wide) for place, (words, count) in enumerate(rows)]
    told = "; ".join(f"{words}: {HIDDEN if count is None else f'{count:,}'}" for words, count in rows)
    return picture(plot, name, title, f"{told}.", [axes(plot, across, unit, lambda _: ""), drawn])


def _bar(plot: Plot, place: int, words: str, count: int | None, wide: float) -> Safe:
    middle = plot.x(place + 0.5)
    high = plot.y(count if count is not None else plot.y_high / 10)
    frame: dict[str, object] = {
        "x": middle - wide / 2,
        "y": high,
        "width": wide,
        "height": max(plot.bottom - high, 0.5),
    }
    text = HIDDEN if count is None else f"{count:,}"
    parts: list[Child] = [
        el("rect", class_="unknown" if count is None else "count-bar", **frame),
        el("text", text, x=middle, y=high - 5, text_anchor="middle", class_="name", font_size=12),
        el("text", words, x=middle, y=plot.bottom + 18, text_anchor="middle", class_="tick", font_size=12),
    ]
    return el("g", parts)
