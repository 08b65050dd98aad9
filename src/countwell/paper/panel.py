"""One panel of the chart: bands with their limits, the line, a mark for every value, and the labels that matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from countwell.paper import marks
from countwell.paper.frame import AXES, AXIS, Frame
from countwell.paper.labels import Box, Labels, spread
from countwell.paper.limit_marks import caption, caption_rows, leader, limit_dot, limit_text, on_scale
from countwell.paper.limits import Band, Limit, band_of, bands
from countwell.paper.markup import Child, Safe, el, join
from countwell.paper.plain import day, unit
from countwell.paper.scale import Across, Up, ticks, widened, width_of
from countwell.paper.series import Point, Series
from countwell.paper.words import POINTS, WHY, shown


@dataclass(frozen=True)
class Panel:
    """A test's place in the chart. top: y of its upper edge."""

    series: Series
    frame: Frame
    across: Across
    top: float

    @property
    def bottom(self) -> float:
        """y of its base line."""
        return self.top + self.frame.panel

    @property
    def shown(self) -> list[Point]:
        """The points inside the period."""
        return [point for point in self.series.points if self.across.holds(point.day)]

    def draw(self) -> Safe:
        """The whole panel."""
        low, high, tick = self._axis()
        up = Up(low, high, self.bottom, self.top)
        labels = Labels(
            Box(self.frame.left + 1, self.top - 10, self.frame.width - 4, self.bottom + 12), self.frame.small
        )
        marked = [self._mark(point, up, labels) for point in self.shown]
        self._label(up, labels)
        head = self._gutter() if self.frame.wide else self._heading()
        return el(
            "g",
            self._bands(up),
            self._grid(up, tick),
            self._line(up),
            marked,
            self._limits(up),
            labels.texts,
            head,
            class_=f"panel {self.series.test}",
        )

    def _axis(self) -> tuple[float, float, float]:
        low, high, tick = AXES.get(self.series.test, AXIS)
        ends = [point.span for point in self.shown]
        values = [float(e) for span in ends if span for e in (span.low, span.high) if e.is_finite()]
        return widened(low, high, tick, values)

    def _bands(self, up: Up) -> list[Safe]:
        left, right = self.frame.plot
        return [self._band(band, up, left, right) for band in bands(self.series.limits) if on_scale(up, band.limit)]

    def _band(self, band: Band, up: Up, left: float, right: float) -> Safe:
        begin, name = up.at(float(band.limit.value)), marks.tier_class(band.limit.rank)
        edge = self.bottom if band.limit.below else self.top
        end = up.at(float(band.until)) if band.until is not None else edge
        top, height = min(begin, end), abs(end - begin)
        fill = f"url(#{self.frame.prefix}-{name})"
        area = el("rect", class_=f"band {name}", x=left, y=top, width=right - left, height=height, fill=fill)
        return join([area, el("path", class_=f"edge {name}", d=marks.path((left, begin), (right, begin)))])

    def _grid(self, up: Up, tick: float) -> list[Child]:
        left, right = self.frame.plot
        base = el("path", class_="base", d=marks.path((left, self.bottom), (right, self.bottom)))
        steps = [v for v in ticks(up.low, up.high, tick) if v != up.low or up.low != 0 or self.frame.wide]
        return [base, [self._tick(value, up.at(value)) for value in steps]]

    def _tick(self, value: float, y: float) -> Safe:
        left = self.frame.left
        words = el(
            "text", f"{value:g}", class_="tick", x=left - 7, y=y + 4, text_anchor="end", font_size=self.frame.small
        )
        return join([el("path", class_="tick", d=marks.path((left - 4, y), (left, y))), words])

    def _line(self, up: Up) -> Safe:
        places: list[list[tuple[float, float]]] = [[]]
        before = None
        for point in (p for p in self.series.points if p.joined and p.low is not None):
            if before is not None and self.series.gap and (point.day - before).days > self.series.gap:
                places.append([])
            before = point.day
            if self.across.holds(point.day):
                places[-1].append((self.across.at(point.day), up.at(_value(point))))
        return join([el("path", class_="series", d=marks.path(*row)) for row in places if len(row) > 1])

    def _mark(self, point: Point, up: Up, labels: Labels) -> Safe:
        x = self.across.at(point.day)
        if point.low is None or point.high is None or point.kind in ("disputed", "unreadable", "withdrawn"):
            labels.keep_free(x, self.bottom, 7)
            return marks.cross(x, self.bottom) if point.kind == "withdrawn" else marks.unknown(x, self.bottom)
        y = up.at(_value(point))
        labels.keep_free(x, y)
        match point.kind:
            case "below" | "above":
                return marks.arrow(x, y, self.bottom if point.kind == "below" else self.top)
            case "span":
                return marks.reach(x, up.at(float(point.low)), up.at(float(point.high)))
            case "preliminary":
                return marks.ring(x, y)
        return self._struck(point, x, y, up) if point.struck else self._settled(point, x, y)

    def _struck(self, point: Point, x: float, y: float, up: Up) -> Safe:
        """The old value, tied to the one that replaced it."""
        new = next((p for p in self.shown if p.day == point.day and p.joined), None)
        tie = el("path", class_="whisker", d=marks.path((x, y), (x, up.at(_value(new))))) if new else None
        return join([tie, marks.struck(x, y)])

    def _settled(self, point: Point, x: float, y: float) -> Safe:
        found = band_of(point.span, self.series.limits)
        if point is self.series.latest and found is not None:
            name = marks.tier_class(found.rank)
            return join([el("circle", class_=f"ringed {name}", cx=x, cy=y, r=6), marks.dot(x, y)])
        return marks.dot(x, y)

    def _label(self, up: Up, labels: Labels) -> None:
        for point, always in self._worth_saying():
            y = self.bottom if point.span is None else up.at(_value(point))
            x = self.across.at(point.day)
            if point.was is not None and not point.struck:
                labels.put(x, y, f"{point.was} corrected to {point.text}", "", *_corrected(point), always=always)
            else:
                labels.put(x, y, _words(point), self._class(point), always=always)

    def _class(self, point: Point) -> str:
        if point.span is None:
            return "not-known"
        found = band_of(point.span, self.series.limits)
        return marks.tier_class(found.rank) if found else "plain"

    def _worth_saying(self) -> Iterator[tuple[Point, bool]]:
        """The latest in a band, the worst, every one that is corrected, censored or not known; must it be said?"""
        stand = [point for point in self.shown if not point.struck and point.kind != "withdrawn"]
        latest = self.series.latest
        if latest in stand and latest is not None:
            yield latest, self._class(latest) != "plain"
        unusual = [p for p in stand if p is not latest and (p.was is not None or not p.joined)]
        yield from ((point, False) for point in reversed(unusual))
        worst = self._worst(stand)
        if worst is not None and worst is not latest and worst not in unusual:
            yield worst, False

    def _worst(self, points: Sequence[Point]) -> Point | None:
        known = [point for point in points if point.joined and point.low is not None]
        if not self.series.limits:
            return None
        sign = 1 if self.series.limits[0].below else -1
        return min(known, key=lambda point: sign * _value(point), default=None)

    def _gutter(self) -> Safe:
        """Left: name, latest value, the one before, unit."""
        latest, size = self.series.latest, self.frame.small
        lines = [el("text", self.series.display, class_="name", x=0, y=self.top + 10, font_size=self.frame.size)]
        if latest is not None:
            lines.append(self._now(latest, 0, self.top + 28))
        small = [_state(latest), self._before(), unit(self.series.unit)]
        kept = [words for words in small if words]
        lines += [_meta(words, self.top + 43 + 13 * row, size) for row, words in enumerate(kept)]
        return join(lines)

    def _now(self, latest: Point, x: float, y: float) -> Safe:
        found = band_of(latest.span, self.series.limits)
        words = latest.text if latest.span is not None and latest.kind != "span" else "not known"
        if found is None and words == latest.text:
            return el("text", words, class_="now", x=x, y=y, font_size=15)
        name = marks.tier_class(found.rank) if found else "unknown"
        shape = marks.sign(found.rank, x, y - 12) if found else _sign_unknown(x, y - 12)
        return join([shape, el("text", words, class_=f"now {name}", x=x + 19, y=y, font_size=15)])

    def _before(self) -> str:
        stand = [point for point in self.series.points if point.joined]
        earlier = [point for point in stand if point is not self.series.latest]
        return f"{earlier[-1].text} on {day(earlier[-1].day)}" if earlier else ""

    def _heading(self) -> Safe:
        """Above a narrow panel: name and unit, the latest value at the right, the limits in words."""
        rows = caption_rows(self.series, self.frame)
        y, latest = self.top - 11 - 15 * len(rows), self.series.latest
        words = f"{self.series.display}, {unit(self.series.unit)}"
        name = el("text", words, class_="name", x=0, y=y, font_size=self.frame.size)
        captions = [caption(row, y + 16 + 15 * place, self.frame.small) for place, row in enumerate(rows)]
        if latest is None:
            return join([name, captions])
        text = latest.text if latest.span is not None and latest.kind != "span" else "not known"
        return join([name, captions, self._now(latest, self.frame.width - 22 - 1.15 * width_of(text, 15), y)])

    def _limits(self, up: Up) -> Safe:
        """The dot of each limit, filled where the limit belongs to the worse side, and its words."""
        rows = sorted(self.series.limits, key=lambda limit: -limit.value)
        on = [limit for limit in rows if on_scale(up, limit)]
        dots = [limit_dot(limit, self.frame.plot[1], up.at(float(limit.value))) for limit in on]
        return join([dots, self._beside(rows, up) if self.frame.wide else None])

    def _beside(self, rows: Sequence[Limit], up: Up) -> list[Child]:
        """The words of the limits in the right gutter, those off the scale too, and who owns them."""
        x = self.frame.plot[1]
        wanted = [up.at(float(limit.value)) for limit in rows]
        placed = spread(wanted, 13, self.bottom - 8)
        words: list[Child] = []
        for limit, y, at in zip(rows, wanted, placed, strict=True):
            words.append(leader(x, y, at) if on_scale(up, limit) else None)
            words.append(limit_text(x + 16, at + 4, limit, on_scale(up, limit), self.frame.small))
        return [*words, self._owners(x + 16, placed)]

    def _owners(self, x: float, placed: Sequence[float]) -> Safe | None:
        layers = list(dict.fromkeys(limit.layer for limit in self.series.limits))
        if not layers:
            return el("text", "no limit in these rules", class_="soft", x=x, y=self.bottom, font_size=self.frame.small)
        return el("text", ", ".join(layers), class_="soft", x=x, y=placed[-1] + 17, font_size=self.frame.small)


def _value(point: Point) -> float:
    """Where a mark stands: a value, the known end of an open interval, the lower end of a span."""
    assert point.low is not None and point.high is not None
    return float(point.high if point.kind == "below" else point.low)


def _words(point: Point) -> str:
    return point.text if point.span is not None and point.kind != "span" else point.as_sent or "?"


def _corrected(point: Point) -> tuple[Child, ...]:
    old = el("tspan", point.was, class_="was")
    return (old, f" corrected to {point.text}")


def _meta(words: str, y: float, size: float) -> Safe:
    return el("text", words, class_="soft", x=0, y=y, font_size=size)


def _state(latest: Point | None) -> str:
    if latest is None or latest.kind == "exact":
        return ""
    return shown(WHY, latest.why) if latest.why else shown(POINTS, latest.kind)


def _sign_unknown(x: float, y: float) -> Safe:
    return el("g", marks.SIGNS["unknown"], class_="sign unknown", transform=f"translate({x:g} {y:g}) scale(.875)")
