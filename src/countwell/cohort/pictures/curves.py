"""Two or three curves of shares against days, told apart by their dashes and by a name at their end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from countwell.cohort.pictures.axes import Plot, axes, line, percent, picture
from countwell.paper.markup import Child, Safe, el

DASHES = ("curve solid", "curve dashed", "curve dotted")
Points = Sequence[tuple[float, float]]


def curves(name: str, title: str, across: str, up: str, named: Mapping[str, Points], describe: str) -> Safe:
    """Steps from left to right; each curve is flat until its next point. Points: (days, share from 0 to 1)."""
    last = max(x for points in named.values() for x, _ in points)
    plot = Plot(0, last, 0, 1, right=170)
    drawn = [
        _curve(plot, words, points, class_) for (words, points), class_ in zip(named.items(), DASHES, strict=False)
    ]
    return picture(plot, name, title, describe, [axes(plot, across, up, up_words=percent), drawn])


def _curve(plot: Plot, words: str, points: Points, class_: str) -> Child:
    steps = [(plot.x(0), plot.y(0))]
    for x, y in points:
        steps += [(plot.x(x), steps[-1][1]), (plot.x(x), plot.y(y))]
    steps.append((plot.x(plot.x_high), steps[-1][1]))
    text = el("text", words, class_="name", x=plot.width - plot.right + 6, y=steps[-1][1] + 4, font_size=12)
    return [line(steps, class_), text]
