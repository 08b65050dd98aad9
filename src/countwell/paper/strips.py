"""Under the panels: the dose in steps, when blood was drawn, what happened, the months and the weeks since the start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from countwell.paper import marks
from countwell.paper.course import Happening, Step, step_words
from countwell.paper.frame import Frame
from countwell.paper.labels import Box, Labels
from countwell.paper.markup import Child, Safe, el, join
from countwell.paper.plain import dose
from countwell.paper.scale import Across, Up, months, width_of
from countwell.paper.words import STATES, shown

IN_THE_DOSE = frozenset({"raise", "reduce"})


@dataclass(frozen=True, slots=True)
class Room:
    """Where a strip may draw: the frame, the days, and the y of its upper edge."""

    frame: Frame
    across: Across
    top: float

    def name(self, words: str, y: float, class_: str = "name") -> Safe:
        """The name of a strip, in the gutter or above it."""
        size = self.frame.size if class_ == "name" else self.frame.small
        return el("text", words, class_=class_, x=0, y=y, font_size=size)


def dose_strip(room: Room, steps: Sequence[Step], as_of: date, target: tuple[Decimal, Decimal] | None) -> Safe:
    """The dose as filled steps, mg a day written on each; a hold is hatched, a stop ends in a bar."""
    bottom = room.top + room.frame.dose
    doses = [float(step.mg) for step in steps if step.mg is not None and step.halt is None]
    top = max([50.0, *doses, *map(float, target or ())]) * 1.25
    up = Up(0, top, bottom, room.top)
    left, right = room.frame.plot
    base = el("path", class_="base", d=marks.path((left, bottom), (right, bottom)))
    ends = [*(step.day for step in steps[1:]), as_of]
    spans = [
        _Span(step, room, up, *_clipped(room.across, step.day, end)) for step, end in zip(steps, ends, strict=False)
    ]
    drawn = [span.draw() for span in spans if span.right > span.left or span.step.halt]
    return el("g", base, drawn, _target(room, up, target), _dose_name(room, steps), class_="dose")


def _clipped(across: Across, first: date, last: date) -> tuple[float, float]:
    return max(across.at(first), across.left), max(min(across.at(last), across.right), across.left)


@dataclass(frozen=True, slots=True)
class _Span:
    step: Step
    room: Room
    up: Up
    left: float
    right: float

    def draw(self) -> Safe:
        if self.step.halt is not None or self.step.mg is None:
            return self._halted()
        y = self.up.at(float(self.step.mg))
        corners = (self.left, self.up.bottom), (self.left, y), (self.right, y), (self.right, self.up.bottom)
        area = el("path", class_="dose-area", d=marks.path(*corners))
        return join([area, el("path", class_="dose-line", d=marks.path(*corners[:3])), self._words(y)])

    def _words(self, y: float) -> Safe | None:
        assert self.step.mg is not None
        size, room = self.room.frame.small, self.right - self.left
        words = next(
            (w for w in (f"{dose(self.step.mg)} mg", dose(self.step.mg)) if width_of(w, size) + 6 < room), None
        )
        if words is None:
            return None
        return el("text", words, class_="dose-words", x=self.left + 4, y=self._base(y, size), font_size=size)

    def _base(self, y: float, size: float) -> float:
        """Under the line if there is room, else above it."""
        return y + size + 2 if y + size + 5 < self.up.bottom else y - 4

    def _halted(self) -> Safe:
        height = (self.up.bottom - self.up.top) * 0.8
        box = {"x": self.left, "y": self.up.bottom - height, "width": self.right - self.left, "height": height}
        fill = f"url(#{self.room.frame.prefix}-held)"
        bar = marks.path((self.left, self.up.bottom), (self.left, self.up.bottom - height - 6))
        words, size = shown(STATES, self.step.halt or "not known").lower(), self.room.frame.small
        fits = width_of(words, size) + 8 < self.right - self.left
        text = el("text", words, class_="label held", x=(self.left + self.right) / 2, y=self.up.bottom - height / 2 + 4,
                  text_anchor="middle", font_size=size) if fits else None  # fmt: skip
        ended = self.step.halt != "held"
        return join(
            [el("rect", class_="held", fill=fill, **box), el("path", class_="bar", d=bar) if ended else None, text]
        )


def _target(room: Room, up: Up, target: tuple[Decimal, Decimal] | None) -> Child:
    left, right = room.frame.plot
    lines = [
        el("path", class_="target", d=marks.path((left, y), (right, y))) for y in map(up.at, map(float, target or ()))
    ]
    if target is None or not room.frame.wide:
        return lines
    words = f"target {dose(target[0])} to {dose(target[1])} mg"
    return [
        lines,
        el(
            "text", words, class_="limit-words", x=right + 16, y=up.at(float(target[1])) + 4, font_size=room.frame.small
        ),
    ]


def _dose_name(room: Room, steps: Sequence[Step]) -> list[Safe]:
    if not room.frame.wide:
        return [room.name("Dose, mg a day", room.top - 11)]
    last = steps[-1] if steps else None
    lines = [room.name("Dose", room.top + 10)]
    if last is not None:
        lines.append(el("text", step_words(last), class_="now", x=0, y=room.top + 28, font_size=15))
    return lines


def drawn_strip(room: Room, days: Sequence[date], window: tuple[date, date] | None) -> Safe:
    """A tick for every draw; the next window outlined."""
    y, marks_ = room.top, [room.name("Blood drawn", room.top + 10, "name-small")]
    left = room.frame.plot[0]
    if not room.frame.wide:
        y += 16
    for x in (room.across.at(day) for day in days if room.across.holds(day)):
        marks_.append(el("path", class_="draw", d=marks.path((x, y), (x, y + 13))))
    if window is not None and room.across.holds(window[1]):
        first, last = (min(max(room.across.at(day), left), room.across.right) for day in window)
        marks_.append(el("rect", class_="window", x=first, y=y + 2, width=max(last - first, 5), height=9))
    return el("g", marks_, class_="drawn")


def event_strip(room: Room, events: Sequence[Happening]) -> Safe:
    """Flags with words, in two rows; a flag whose words have no room keeps its flag, and stands in the table."""
    top = room.top + (0 if room.frame.wide else 16)
    labels = Labels(Box(room.frame.left - 2, top - 4, room.frame.width, top + 34), room.frame.small)
    drawn = [room.name("Events", room.top + 10, "name-small")]
    inside = [e for e in events if room.across.holds(e.day) and e.kind not in IN_THE_DOSE]
    for x in (room.across.at(event.day) for event in inside):
        drawn.append(
            el("path", class_="flag", d=marks.path((x, top + 13), (x, top + 1), (x + 7, top + 4), (x, top + 7)))
        )
        labels.taken.append(Box(x - 1, top, x + 8, top + 14))
    for event in sorted(inside, key=lambda event: (event.kind == "start", event.day)):
        _flagged(labels, room.across.at(event.day), top, event.words)
    return el("g", drawn, labels.texts, class_="events")


def _flagged(labels: Labels, x: float, top: float, words: str) -> None:
    words = words if len(words) < 28 else f"{words[:26].rstrip()}…"
    wide = width_of(words, labels.size)
    places = ((x + 9, top + 11), (x - wide - 3, top + 11), (x + 9, top + 26), (x - wide - 3, top + 26))
    for left, base in places:
        box = Box(left, base - 10, left + wide, base + 3)
        if (
            labels.inside.left <= left
            and box.right <= labels.inside.right
            and not any(box.meets(b) for b in labels.taken)
        ):
            labels.taken.append(box)
            labels.texts.append(el("text", words, class_="label event", x=left, y=base, font_size=labels.size))
            return


def axis(room: Room, since: date | None) -> Safe:
    """Months, and weeks since the start; a name that would be cut is left out."""
    size, right = room.frame.small, room.frame.width
    named = []
    for day, words in months(room.across, width_of("Mmm 0000", size) + 4):
        x = room.across.at(day)
        if x + width_of(words, size) < right:
            named.append(el("text", words, class_="month", x=x + 3, y=room.top + 11, font_size=size))
    return el("g", named, _weeks(room, since) if since is not None else None, class_="axis")


def _weeks(room: Room, since: date) -> list[Safe]:
    if not room.frame.wide:
        return []
    y, size = room.top + 26, room.frame.small
    span = (room.across.last - since).days // 7
    step = next((s for s in (4, 8, 13, 26, 52, 104) if span / s <= 14), 208)
    texts = [room.name("Weeks since start", y, "soft")]
    for week in range(0, span + 1, step):
        day = since + timedelta(weeks=week)
        if room.across.holds(day):
            x = room.across.at(day)
            texts.append(el("text", str(week), class_="soft", x=x, y=y, text_anchor="middle", font_size=size))
    return texts


def month_lines(room: Room, bottom: float) -> Iterator[Safe]:
    """A thin line at the first of each named month, through all panels."""
    for day, _ in months(room.across, width_of("Mmm 0000", room.frame.small) + 4):
        x = room.across.at(day)
        yield el("path", class_="month-line", d=marks.path((x, room.top), (x, bottom)))
