"""Two or three curves of shares against days, told apart by their dashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from countwell.cohort.pictures.axes import Plot, axes, line, percent, picture
from countwell.paper.markup import Child, Safe, el

DASHES = ("curve solid", "curve dashed", "curve dotted")
Points = Sequence[tuple[float, float]]


def curves(name: str, title: str, across: str, up: str, named: Mapping[str, Points], describe: str) -> Safe:
    """Steps from left to right; each curve is flat until its next point. Points: (days, share from 0 to 1)."""
    plot = Plot(0, max(x for points in named.values() for x, _ in points), 0, 1)
    drawn = [_curve(plot, points, class_) for points, class_ in zip(named.values(), DASHES, strict=False)]
    names = [_name(plot, words, class_, n) for n, (words, class_) in enumerate(zip(named, DASHES, strict=False))]
    return picture(plot, name, title, describe, [axes(plot, across, up, up_words=percent), drawn, names])


def _curve(plot: Plot, points: Points, class_: str) -> Child:
    steps = [(plot.x(0), plot.y(0))]
    for x, y in points:
        steps += [(plot.x(x), steps[-1][1]), (plot.x(x), plot.y(y))]
    steps.append((plot.x(plot.x_high), steps[-1][1]))
    return line(steps, class_)


def _name(plot: Plot, words: str, class_: str, place: int) -> Child:
    """A piece of the line with its name, in the lower right of the plot, where no curve that rises comes."""
    x, y = plot.width - plot.right - 200, plot.bottom - 22 - 22 * place
    return [line([(x, y), (x + 36, y)], class_), el("text", words, class_="name", x=x + 44, y=y + 4, font_size=12)]
