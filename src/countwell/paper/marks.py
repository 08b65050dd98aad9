"""The marks of the chart: one shape per status of a value, one hatch per tier of advice, one sign per tier."""

from __future__ import annotations

from countwell.model.advice import CALM, Rank
from countwell.paper.markup import Safe, el, join

RADIUS = 3.4
TIERS = {1: "stop", 2: "watch", 3: "note"}


def tier_class(rank: Rank) -> str:
    """The class that a rank's tier is drawn and printed with."""
    return "calm" if rank is CALM else TIERS[rank.tier]


def patterns(prefix: str) -> Safe:
    """The hatches: dense and rising, sparse and falling, dots; grey for a hold of the tablets."""
    return el(
        "defs",
        _lines(f"{prefix}-stop", "h-stop", 5, "M0 5L5 0M-1 1L1 -1M4 6L6 4"),
        _lines(f"{prefix}-watch", "h-watch", 9, "M0 0L9 9M-1 8L1 10M8 -1L10 1"),
        _lines(f"{prefix}-held", "h-held", 6, "M0 6L6 0M-1 1L1 -1M5 7L7 5"),
        el(
            "pattern",
            el("rect", width=7, height=7, class_="h-note-ground"),
            el("circle", cx=2, cy=2, r=0.9, class_="h-note"),
            el("circle", cx=5.5, cy=5.5, r=0.9, class_="h-note"),
            **_tile(f"{prefix}-note", 7),
        ),
    )


def _lines(name: str, class_: str, size: int, path: str) -> Safe:
    ground = el("rect", width=size, height=size, class_=f"{class_}-ground")
    return el("pattern", ground, el("path", d=path, class_=class_), **_tile(name, size))


def _tile(name: str, size: int) -> dict[str, object]:
    return {"id": name, "width": size, "height": size, "patternUnits": "userSpaceOnUse"}


def dot(x: float, y: float) -> Safe:
    """A final value."""
    return el("circle", class_="dot", cx=x, cy=y, r=RADIUS)


def ring(x: float, y: float) -> Safe:
    """A preliminary value."""
    return el("circle", class_="open preliminary", cx=x, cy=y, r=RADIUS)


def struck(x: float, y: float) -> Safe:
    """A value that was corrected."""
    line = el("path", class_="strike", d=path((x - 5, y + 5), (x + 5, y - 5)))
    return join([el("circle", class_="open struck", cx=x, cy=y, r=RADIUS), line])


def arrow(x: float, y: float, end: float) -> Safe:
    """A value beyond what was measured: a triangle pointing to the open side, a dotted whisker to the end of the interval."""
    way = 1 if end > y else -1
    tip = y + way * 9
    shape = el("path", class_="open censored", d=f"{path((x - 5, y + way), (x + 5, y + way), (x, tip))}Z")
    return join([el("path", class_="whisker", d=path((x, tip), (x, end))), shape])


def reach(x: float, low: float, high: float) -> Safe:
    """A value known as a span: a dotted whisker between bars."""
    bars = f"{path((x - 4, low), (x + 4, low))}{path((x - 4, high), (x + 4, high))}"
    whisker = el("path", class_="whisker", d=path((x, low), (x, high)))
    return join([whisker, el("path", class_="reach", d=bars)])


def unknown(x: float, y: float) -> Safe:
    """Not known: a dashed square with a question mark."""
    square = el("rect", class_="unknown", x=x - 6, y=y - 6, width=12, height=12, rx=1.5)
    return join([square, el("text", "?", class_="unknown-sign", x=x, y=y + 4, text_anchor="middle")])


def cross(x: float, y: float) -> Safe:
    """Cancelled or withdrawn."""
    return el(
        "path",
        class_="cross",
        d=f"{path((x - 3.5, y - 3.5), (x + 3.5, y + 3.5))}{path((x - 3.5, y + 3.5), (x + 3.5, y - 3.5))}",
    )


def sign(rank: Rank, x: float, y: float, size: float = 14) -> Safe:
    """The sign of a tier: octagon, triangle, circled i, ticked circle. x, y: its upper left corner; it fills 16 by 16."""
    scale = f"translate({x:g} {y:g}) scale({size / 16:g})"
    return el("g", SIGNS[tier_class(rank)], class_=f"sign {tier_class(rank)}", transform=scale)


SIGNS = {
    "stop": join(
        [
            el("path", class_="fill", d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z"),
            el("path", class_="bar", d="M4.2 6.6h7.6v2.8H4.2z"),
        ]
    ),
    "watch": join(
        [
            el("path", class_="fill", d="M8 .8 15.6 15H.4z"),
            el("path", class_="bar", d="M7.1 5.4h1.8v5H7.1zM7.1 11.6h1.8v1.8H7.1z"),
        ]
    ),
    "note": join(
        [
            el("circle", class_="line", cx=8, cy=8, r=6.8),
            el("path", class_="fill", d="M7.1 7h1.8v5H7.1zM7.1 4h1.8v1.8H7.1z"),
        ]
    ),
    "calm": join(
        [el("circle", class_="line", cx=8, cy=8, r=6.8), el("path", class_="line", d="M4.8 8.2 7.2 10.6 11.4 5.8")]
    ),
    "late": join([el("circle", class_="line", cx=8, cy=8, r=6.8), el("path", class_="line", d="M8 3.8V8l3 2")]),
    "unknown": join(
        [
            el("rect", class_="line dashed", x=1.2, y=1.2, width=13.6, height=13.6, rx=2),
            el("path", class_="line", d="M5.8 6.2C5.8 3.4 10.2 3.4 10.2 6.2 10.2 8 8 7.8 8 9.6"),
            el("path", class_="fill", d="M7.1 10.9h1.8v1.7H7.1z"),
        ]
    ),
}


def path(*points: tuple[float, float]) -> str:
    """A line through these points."""
    return "".join(f"{'L' if place else 'M'}{x:.1f} {y:.1f}" for place, (x, y) in enumerate(points))
