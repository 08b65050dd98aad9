"""Values over time: median, middle half and middle four fifths of all patients, with the limits at which packs begin to act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from countwell.cohort.pictures.axes import Plot, area, axes, line, picture
from countwell.paper.limits import Limit
from countwell.paper.marks import patterns, tier_class
from countwell.paper.markup import Child, Safe, el

Spread = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Month:
    """One month of treatment: how many patients; their 10th, 25th, 50th, 75th and 90th percentile (None: too few to show)."""

    number: int
    people: int
    spread: Spread | None


def deciles(name: str, title: str, unit: str, months: Sequence[Month], limits: Sequence[Limit]) -> Safe:
    """The picture. months: in order; those too few to show leave a gap. limits: of the packs, from mild to grave."""
    shown = [month for month in months if month.spread is not None]
    lows, highs = zip(*((m.spread[0], m.spread[-1]) for m in shown if m.spread is not None), strict=True)
    near = [float(limit.value) for limit in limits if float(limit.value) <= 2 * max(highs)]
    ends = (0.0 if min(lows) < max(highs) / 2 else min(lows) * 0.9), max([max(highs), *near]) * 1.08
    plot = Plot(shown[0].number, max(shown[-1].number, shown[0].number + 1), min([ends[0], *near]), ends[1], right=210)
    parts = [
        patterns(name),
        [list(_band(plot, name, limits, place)) for place in range(len(limits))],
        axes(plot, "month of treatment", unit),
        [list(_run(plot, run)) for run in runs(months)],
        [_words(plot, limit) for limit in limits if plot.y_low <= float(limit.value) <= plot.y_high],
    ]
    describe = (
        f"Months {shown[0].number} to {shown[-1].number}, {shown[0].people:,} to {shown[-1].people:,} patients. "
        + "; ".join(f"{limit.rank.words} {limit.words}" for limit in limits)
    )
    return picture(plot, name, title, describe, parts)


def runs(months: Sequence[Month]) -> list[list[Month]]:
    """Months that follow each other without a gap."""
    found: list[list[Month]] = []
    for month in months:
        if month.spread is None:
            continue
        if found and found[-1][-1].number + 1 == month.number:
            found[-1].append(month)
        else:
            found.append([month])
    return found


def _run(plot: Plot, run: Sequence[Month]) -> Iterator[Child]:
    lines = [[(plot.x(m.number), plot.y(m.spread[n])) for m in run if m.spread] for n in range(5)]
    yield area(lines[0], lines[4], "outer")
    yield area(lines[1], lines[3], "inner")
    yield line(lines[0], "edge-line dotted")
    yield line(lines[4], "edge-line dotted")
    yield line(lines[2], "series")
    if len(run) == 1:
        yield el("circle", class_="dot", cx=lines[2][0][0], cy=lines[2][0][1], r=3.4)


def _band(plot: Plot, name: str, limits: Sequence[Limit], place: int) -> Iterator[Child]:
    """The hatched band from one limit up to the next graver one, or to the edge."""
    limit = limits[place]
    far = plot.y_low if limit.below else plot.y_high
    until = (
        float(limits[place + 1].value) if place + 1 < len(limits) and limits[place + 1].below == limit.below else far
    )
    top, bottom = sorted((plot.y(float(limit.value)), plot.y(until)))
    if bottom - top > 1 / 2:
        fill = f"url(#{name}-{tier_class(limit.rank)})"
        yield el("rect", x=plot.left, y=top, width=plot.width - plot.left - plot.right, height=bottom - top, fill=fill)


def _words(plot: Plot, limit: Limit) -> Safe:
    y = plot.y(float(limit.value))
    across = f"M{plot.left:.1f} {y:.1f}H{plot.width - plot.right:.1f}"
    words = f"{limit.rank.words} {limit.words}"
    text = el(
        "text",
        words,
        class_=f"limit-words {tier_class(limit.rank)}",
        x=plot.width - plot.right + 6,
        y=y + 4,
        font_size=11,
    )
    return el("g", el("path", class_=f"edge {tier_class(limit.rank)}", d=across), text)
