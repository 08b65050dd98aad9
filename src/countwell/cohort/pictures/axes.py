"""The frame of a picture: a plot with its axes, ticks and names. Layout only; all figures are pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from countwell.paper.markup import Child, Safe, el

STEPS = (1, 2, 5)
APART, SIZE, TICK = 46, 12, 4


@dataclass(frozen=True, slots=True)
class Plot:
    """From (x_low, y_low) in the lower left corner to (x_high, y_high) in the upper right one."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    width: float = 700
    height: float = 340
    left: float = 64
    right: float = 24
    top: float = 16
    foot: float = 46

    def x(self, value: float) -> float:
        """Where a value stands from the left; held inside the plot."""
        share = (min(max(value, self.x_low), self.x_high) - self.x_low) / (self.x_high - self.x_low or 1)
        return self.left + share * (self.width - self.left - self.right)

    def y(self, value: float) -> float:
        """Where a value stands from above; held inside the plot."""
        share = (min(max(value, self.y_low), self.y_high) - self.y_low) / (self.y_high - self.y_low or 1)
        return self.height - self.foot - share * (self.height - self.foot - self.top)

    @property
    def bottom(self) -> float:
        """Where the lower axis lies."""
        return self.height - self.foot


def whole(value: float) -> str:
    """A number on an axis, thousands apart."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def percent(value: float) -> str:
    """A share on an axis."""
    return f"{100 * value:.0f} %"


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from low to high, no more than `most`."""
    if high <= low:
        return [low]
    size = (high - low) / max(most, 1)
    power = 10.0 ** len(f"{int(size)}") / 10 if size >= 1 else 1 / 10
    while (step := next((s * power for s in STEPS if s * power >= size), None)) is None:
        power *= 10
    first = -(-low // step)
    return [round((first + n) * step, 2) for n in range(int(high / step - first) + 1)]


Words = Callable[[float], str]


def axes(plot: Plot, across: str, up: str, across_words: Words = whole, up_words: Words = whole) -> Safe:
    """Both axes with ticks and names."""
    return el(
        "g",
        _up(plot, up_words),
        _across(plot, across_words),
        el("path", class_="base", d=f"M{plot.left:.1f} {plot.top:.1f}V{plot.bottom:.1f}H{plot.width - plot.right:.1f}"),
        _name(across, f"translate({(plot.left + plot.width - plot.right) / 2:.1f} {plot.height - 6:.1f})"),
        _name(up, f"translate(14 {(plot.top + plot.bottom) / 2:.1f}) rotate(-90)"),
    )


def _name(words: str, place: str) -> Safe:
    return el("text", words, transform=place, text_anchor="middle", class_="soft", font_size=SIZE)


def _up(plot: Plot, words: Words) -> Iterator[Child]:
    for value in ticks(plot.y_low, plot.y_high, int((plot.bottom - plot.top) / APART) + 1):
        y = plot.y(value)
        yield el("path", class_="month-line", d=f"M{plot.left:.1f} {y:.1f}H{plot.width - plot.right:.1f}")
        yield el("text", words(value), x=plot.left - 6, y=y + TICK, text_anchor="end", class_="tick", font_size=SIZE)


def _across(plot: Plot, words: Words) -> Iterator[Child]:
    for value in ticks(plot.x_low, plot.x_high, int((plot.width - plot.left) / (2 * APART))):
        x = plot.x(value)
        yield el("path", class_="tick", d=f"M{x:.1f} {plot.bottom:.1f}v{TICK}")
        yield el("text", words(value), x=x, y=plot.bottom + 18, text_anchor="middle", class_="tick", font_size=SIZE)


def line(points: Sequence[tuple[float, float]], class_: str) -> Safe:
    """A line through points in pixels."""
    return el(
        "path", class_=class_, d="".join(f"{'L' if n else 'M'}{x:.1f} {y:.1f}" for n, (x, y) in enumerate(points))
    )


def area(low: Sequence[tuple[float, float]], high: Sequence[tuple[float, float]], class_: str) -> Safe:
    """The area between two lines of pixels, both from left to right."""
    around = [*high, *reversed(low)]
    return el(
        "path", class_=class_, d="".join(f"{'L' if n else 'M'}{x:.1f} {y:.1f}" for n, (x, y) in enumerate(around)) + "Z"
    )


def picture(plot: Plot, name: str, title: str, describe: str, parts: Child) -> Safe:
    """A whole SVG element with its title and description. name: unique on its page."""
    return el(
        "svg",
        el("title", title, id=f"{name}-title"),
        el("desc", describe, id=f"{name}-desc"),
        parts,
        class_="trend population",
        viewbox=f"0 0 {plot.width:g} {plot.height:g}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        xmlns="http://www.w3.org/2000/svg",
    )
