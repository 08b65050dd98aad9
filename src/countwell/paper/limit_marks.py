"""How the limits of a panel are written: dots at the edges of bands, words beside them or above."""

from __future__ import annotations

from collections.abc import Sequence

from countwell.paper import marks
from countwell.paper.frame import Frame
from countwell.paper.limits import Limit
from countwell.paper.markup import Safe, el
from countwell.paper.scale import Up, width_of
from countwell.paper.series import Series


def caption_rows(series: Series, frame: Frame) -> list[list[Limit]]:
    """The limits in rows that fit above a narrow panel; a wide one has them in its gutter."""
    rows: list[list[Limit]] = []
    used = frame.width
    for limit in () if frame.wide else series.limits:
        wide = 1.2 * width_of(_limit(limit), frame.small) + 14
        if used + wide > frame.width:
            rows.append([])
            used = 0
        rows[-1].append(limit)
        used += wide
    return rows


def caption(row: Sequence[Limit], y: float, size: float) -> Safe:
    """One row of limits above a narrow panel."""
    words = [el("tspan", _limit(limit), class_=f"limit-words {marks.tier_class(limit.rank)}") for limit in row]
    parts = [part for word in words for part in (" · ", word)][1:]
    return el("text", parts, class_="soft", x=0, y=y, font_size=size)


def leader(x: float, y: float, at: float) -> Safe:
    """From the edge of a band to its words."""
    return el("path", class_="leader", d=marks.path((x + 4, y), (x + 8, at), (x + 13, at)))


def limit_text(x: float, y: float, limit: Limit, on: bool, size: float) -> Safe:
    """The words of a limit in the right gutter; an arrow where it lies off the scale."""
    words = _limit(limit) if on else f"{_limit(limit)} {'↓' if limit.below else '↑'}"
    return el("text", words, class_=f"limit-words {marks.tier_class(limit.rank)}", x=x, y=y, font_size=size)


def _limit(limit: Limit) -> str:
    return f"{limit.rank.words} {limit.words}"


def limit_dot(limit: Limit, x: float, y: float) -> Safe:
    """At the edge of a band: filled where the limit itself belongs to it."""
    side = "closed" if limit.closed else "open"
    return el("circle", class_=f"limit {marks.tier_class(limit.rank)} {side}", cx=x, cy=y, r=3)


def on_scale(up: Up, limit: Limit) -> bool:
    """Whether a limit lies on the scale."""
    return up.low <= limit.value <= up.high
