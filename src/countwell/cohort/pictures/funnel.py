"""Funnel: the share of each site against how much is behind it, with limits within which chance alone would leave it.

A point inside is no proof of anything, and one outside is a question, not an answer: case mix is not taken into account.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from countwell.cohort.measures.choices import choice
from countwell.cohort.pictures.axes import Plot, axes, line, percent, picture
from countwell.cohort.pictures.binomial import limits
from countwell.paper.markup import Child, Safe, el

INSIDE, BETWEEN, OUTSIDE = "inside", "between the limits", "outside"
SMOOTH = 100


@dataclass(frozen=True, slots=True)
class Site:
    """One site: its word, how many of how many."""

    name: str
    number: int
    total: int

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.number / self.total


def placed(site: Site, share: float) -> str:
    """Where a site stands: inside both limits, between them, or outside both. On a limit is inside it."""
    inner, outer = (limits(site.total, share, inside) for inside in choice("funnel_limits"))
    if inner[0] <= site.share <= inner[1]:
        return INSIDE
    return BETWEEN if outer[0] <= site.share <= outer[1] else OUTSIDE


def funnel(name: str, title: str, sites: Sequence[Site], share: float, of: str, what: str) -> Safe:
    """The picture. share: of all together. of, what: names of the two axes."""
    lowest = min([share, *(site.share for site in sites)])
    floor = max(
        0.0, min(lowest - (1 - lowest) / 10, limits(min(s.total for s in sites), share, choice("funnel_limits")[1])[0])
    )
    plot = Plot(0, max(site.total for site in sites) * (1 + 1 / 10), floor, 1)
    outside = [site.name for site in sites if placed(site, share) == OUTSIDE]
    describe = (
        f"{len(sites)} sites. All together {percent(share)}. Outside the outer limits: {', '.join(outside) or 'none'}."
    )
    parts = [
        axes(plot, of, what, up_words=percent),
        line([(plot.x(plot.x_low), plot.y(share)), (plot.x(plot.x_high), plot.y(share))], "middle"),
        [list(_limit(plot, share, inside, f"limit-{n}")) for n, inside in enumerate(choice("funnel_limits"))],
        [list(_site(plot, site, share)) for site in sites],
        _key(plot),
    ]
    return picture(plot, name, title, describe, parts)


def _limit(plot: Plot, share: float, inside: float, class_: str) -> Iterator[Child]:
    totals = sorted({max(1, round(plot.x_high * n * n / SMOOTH / SMOOTH)) for n in range(1, SMOOTH + 1)})
    for end in (0, 1):
        points = [(plot.x(total), limits(total, share, inside)[end]) for total in totals]
        inside_plot = [(x, plot.y(y)) for x, y in points if plot.y_low <= y <= plot.y_high]
        yield line(inside_plot, f"funnel {class_}")


def _site(plot: Plot, site: Site, share: float) -> Iterator[Child]:
    x, y = plot.x(site.total), plot.y(site.share)
    place = placed(site, share)
    if place == INSIDE:
        yield el("circle", class_="dot", cx=x, cy=y, r=3.4)
    elif place == BETWEEN:
        yield el("path", class_="open", d=f"M{x - 5:.1f} {y + 4:.1f}h10L{x:.1f} {y - 5:.1f}Z")
    else:
        yield el(
            "path",
            class_="open heavy",
            d=f"M{x - 6:.1f} {y:.1f}L{x:.1f} {y - 6:.1f}L{x + 6:.1f} {y:.1f}L{x:.1f} {y + 6:.1f}Z",
        )
        end = "end" if x > plot.width / 2 else "start"
        yield el(
            "text",
            site.name,
            class_="label",
            x=x + (9 if end == "start" else -9),
            y=y + 4,
            text_anchor=end,
            font_size=12,
        )


def _key(plot: Plot) -> Safe:
    """Names of the lines, at the right end."""
    inner, outer = (f"{100 * inside:g} %" for inside in choice("funnel_limits"))
    words = f"dashed: {inner} limits, dotted: {outer} limits; triangle: between them, diamond: outside"
    return el(
        "text", words, x=plot.width - plot.right, y=plot.bottom - 8, text_anchor="end", class_="soft", font_size=11
    )
