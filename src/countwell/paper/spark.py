"""A sparkline: one test's last values beside a row of a list, with the hatched side of its limits. The chart has the rest."""

from __future__ import annotations

from datetime import date

from countwell.paper import marks
from countwell.paper.frame import AXES, AXIS
from countwell.paper.limits import Band, bands
from countwell.paper.markup import Safe, el
from countwell.paper.scale import Across, Up, widened
from countwell.paper.series import Point, Series

WIDTH, HEIGHT, EDGE, DOT, LAST = 104, 34, 5, 1.8, 3.6
VALUES = 8


def sparkline(series: Series) -> Safe | None:
    """The last eight values that can be drawn; None if the newest cannot: a word stands there instead."""
    points = [point for point in series.points if point.joined and point.low is not None][-VALUES:]
    if not points or points[-1] is not series.latest:
        return None
    low, high, _ = AXES.get(series.test, AXIS)
    values = [float(point.low) for point in points if point.low is not None]
    low, high, _ = widened(low, high, high - low, values)
    up = Up(low, high, HEIGHT - EDGE, EDGE)
    first = min(points[0].day, date.fromordinal(points[-1].day.toordinal() - 1))
    across = Across(first, points[-1].day, EDGE, WIDTH - EDGE)
    places = [(across.at(point.day), up.at(value)) for point, value in zip(points, values, strict=True)]
    drawn = [_band(band, up) for band in bands(series.limits) if low < float(band.limit.value) < high]
    line = el("path", class_="series", d=marks.path(*places)) if len(places) > 1 else None
    dots = [el("circle", class_="dot", cx=x, cy=y, r=DOT) for x, y in places[:-1]]
    newest = el("circle", class_="dot", cx=places[-1][0], cy=places[-1][1], r=LAST)
    return el(
        "svg", el("title", _words(series, points)), drawn, line, dots, newest,
        class_="trend spark", viewbox=f"0 0 {WIDTH} {HEIGHT}", width=WIDTH, height=HEIGHT, role="img",
    )  # fmt: skip


def _band(band: Band, up: Up) -> Safe:
    """The worse side of a limit, up to the next; its pattern stands once on the page, under the prefix `spark`."""
    begin, name = up.at(float(band.limit.value)), marks.tier_class(band.limit.rank)
    edge = up.bottom if band.limit.below else up.top
    end = up.at(float(band.until)) if band.until is not None else edge
    area = el("rect", class_=f"band {name}", x=0, y=min(begin, end), width=WIDTH, height=abs(end - begin),
              fill=f"url(#spark-{name})")  # fmt: skip
    return el("g", area, el("path", class_=f"edge {name}", d=marks.path((0, begin), (WIDTH, begin))))


def _words(series: Series, points: list[Point]) -> str:
    return f"{series.display}: {', '.join(point.text for point in points)}, the newest last"


def spark_patterns() -> Safe:
    """The hatches for all sparklines of a page."""
    return el("svg", marks.patterns("spark"), class_="spark-patterns", width=0, height=0, aria_hidden="true")
