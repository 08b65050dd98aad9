"""The trend chart as SVG made by hand: small multiples on one time axis, dose, draws and events below.

Hatch, shape and word carry every meaning; colour only repeats it. Everything that is drawn also stands in `table`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files

from countwell.base.dates import Duration, Moment, before
from countwell.facts.past import Past, past_of
from countwell.model.pack import Pack
from countwell.model.records import Record
from countwell.paper import marks
from countwell.paper.course import Happening, Step, happenings, steps
from countwell.paper.frame import FRAMES, Frame, Shape
from countwell.paper.limit_marks import caption_rows
from countwell.paper.markup import Child, Safe, el
from countwell.paper.panel import Panel
from countwell.paper.plain import day, moment
from countwell.paper.scale import Across, width_of
from countwell.paper.series import Series, draws, series_of
from countwell.paper.strips import Room, axis, dose_strip, drawn_strip, event_strip, month_lines
from countwell.paper.tell import description, title

AHEAD = timedelta(weeks=6)
LEAST = timedelta(weeks=8)


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is drawn. known: the as-of instant in words. window: when the next draw is wanted. target: mg a day."""

    series: tuple[Series, ...]
    steps: tuple[Step, ...]
    events: tuple[Happening, ...]
    state: str
    since: date | None
    as_of: date
    known: str
    window: tuple[date, date] | None = None
    target: tuple[Decimal, Decimal] | None = None

    @property
    def draws(self) -> list[date]:
        """Every day on which blood was drawn."""
        return list(draws(self.series))

    @property
    def first(self) -> date:
        """The first day in the picture: the first draw or dose."""
        days = [*self.draws, *(step.day for step in self.steps)]
        return min([self.as_of - LEAST, *days])


def chart_of(
    past: Past | Record,
    packs: Sequence[Pack],
    as_of: Moment,
    known_at: Moment,
    window: tuple[date, date] | None = None,
    target: tuple[Decimal, Decimal] | None = None,
) -> Chart:
    """The chart of one patient under these packs, as known at an instant."""
    past = past_of(past) if isinstance(past, Record) else past
    course = past.course(as_of)
    return Chart(
        series=tuple(series_of(past, packs, as_of, known_at)),
        steps=steps(course),
        events=happenings(past, as_of),
        state=course.state,
        since=course.first_start.at.day if course.first_start else None,
        as_of=as_of.day,
        known=moment(as_of, past.time_zone),
        window=window,
        target=target,
    )


def chart_svg(chart: Chart, shape: Shape = "wide", alone: bool = True) -> str:
    """The chart as one SVG element. alone: with its own style, to be a file; else the page's style serves it."""
    frame = FRAMES[shape]
    drawing = _Drawing(chart, frame)
    parts = list(drawing.parts())
    height = round(drawing.y + 8)
    return el(
        "svg",
        el("title", title(chart.series, chart.as_of), id=f"{frame.prefix}-title"),
        el("desc", description(chart.series, chart.steps, chart.events, chart.known), id=f"{frame.prefix}-desc"),
        el("style", Safe(chart_css())) if alone else None,
        marks.patterns(frame.prefix),
        el("rect", class_="ground", x=0, y=0, width=frame.width, height=height) if alone else None,
        parts,
        **_svg(frame, height),
    )


def _svg(frame: Frame, height: int) -> dict[str, object]:
    return {
        "xmlns": "http://www.w3.org/2000/svg",
        "class_": f"trend {frame.shape}",
        "viewbox": f"0 0 {frame.width:g} {height}",
        "width": f"{frame.width:g}",
        "height": height,
        "role": "img",
        "aria_labelledby": f"{frame.prefix}-title",
        "aria_describedby": f"{frame.prefix}-desc",
    }


@cache
def chart_css() -> str:
    """The style of the chart: plain colours by class, dark, print and forced colours in turn."""
    return files("countwell.paper").joinpath("chart.css").read_text(encoding="utf-8")


class _Drawing:
    """Lays the parts one under another. y: how far down it has come."""

    def __init__(self, chart: Chart, frame: Frame) -> None:
        self.chart, self.frame = chart, frame
        self.y = frame.head
        self.plots: list[tuple[float, float]] = []
        last = chart.as_of + AHEAD
        self.across = Across(self._first(), last, *frame.plot)

    def _first(self) -> date:
        if not self.frame.months:
            return self.chart.first
        return max(self.chart.first, before(self.chart.as_of, Duration(self.frame.months, "months")))

    def parts(self) -> Iterator[Child]:
        """Everything, from the ground up: what lies behind is known only after all has been laid out."""
        drawn: list[Child] = []
        for series in self.chart.series:
            self.y += 0 if self.frame.wide else self.frame.gap + 15 * len(caption_rows(series, self.frame))
            drawn.append(Panel(series, self.frame, self.across, self.y).draw())
            self.plots.append((self.y, self.y + self.frame.panel))
            self.y += self.frame.panel + (self.frame.gap if self.frame.wide else 0)
        drawn += list(self._strips())
        yield list(self._behind())
        yield drawn
        yield from self._as_of()

    def _strips(self) -> Iterator[Child]:
        extra = 0 if self.frame.wide else 18
        self.y += 4 if self.frame.wide else self.frame.gap
        yield dose_strip(self._room(), self.chart.steps, self.chart.as_of, self.chart.target)
        self.plots.append((self.y, self.y + self.frame.dose))
        self.y += self.frame.dose + 12
        yield drawn_strip(self._room(), self.chart.draws, self.chart.window)
        self.y += 20 + extra
        yield event_strip(self._room(), self.chart.events)
        self.y += 36 + extra
        self.plots.append((self.y - 36, self.y))
        yield axis(self._room(), self.chart.since)
        self.y += 30 if self.frame.wide else 14

    def _room(self) -> Room:
        return Room(self.frame, self.across, self.y)

    def _stretches(self) -> list[tuple[float, float]]:
        """From where to where the lines of time run: through all when wide, plot by plot when narrow."""
        return [(self.frame.head - 4, self.plots[-1][1])] if self.frame.wide else self.plots

    def _behind(self) -> Iterator[Child]:
        now, end = self.across.at(self.chart.as_of), self.across.right
        for top, bottom in self._stretches():
            yield el("rect", class_="future", x=now, y=top, width=end - now, height=bottom - top)
            yield list(month_lines(Room(self.frame, self.across, top), bottom))

    def _as_of(self) -> Iterator[Safe]:
        x, size = self.across.at(self.chart.as_of), self.frame.small
        words = f"As of {self.chart.known}" if self.frame.wide else f"as of {day(self.chart.as_of)}"
        left = min(x - width_of(words, size) / 2, self.frame.width - width_of(words, size))
        for top, bottom in self._stretches():
            yield el("path", class_="as-of", d=marks.path((x, top), (x, bottom)))
        yield el("text", words, class_="label as-of-words", x=left, y=self.frame.head - 11, font_size=size)
