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
    plot = Plot(0, max(site.total for site in sites) * 1.1, _floor(sites, share), _top(sites, share), top=36, right=64)
    outside = [site.name for site in sites if placed(site, share) == OUTSIDE]
    describe = (
        f"{len(sites)} sites. All together {percent(share)}. Outside the outer limits: {', '.join(outside) or 'none'}."
    )
    parts = [
        axes(plot, of, what, up_words=percent),
        line([(plot.x(plot.x_low), plot.y(share)), (plot.x(plot.x_high), plot.y(share))], "middle"),
        el("text", "all", class_="name", x=plot.width - plot.right + 4, y=plot.y(share) + 4, font_size=12),
        [list(_limit(plot, share, inside, f"limit-{n}")) for n, inside in enumerate(choice("funnel_limits"))],
        [list(_site(plot, site, share)) for site in sites],
        list(_names(plot, [site for site in sites if placed(site, share) == OUTSIDE])),
        _key(plot),
    ]
    return picture(plot, name, title, describe, parts)


def _ends(sites: Sequence[Site], share: float) -> tuple[float, float]:
    """The outer limits of the smallest site."""
    outer: float = choice("funnel_limits")[1]
    return limits(min(site.total for site in sites), share, outer)


def _floor(sites: Sequence[Site], share: float) -> float:
    return max(0.0, min(_ends(sites, share)[0], *(site.share for site in sites)) - 0.05)


def _top(sites: Sequence[Site], share: float) -> float:
    return min(1.0, max(_ends(sites, share)[1], *(site.share for site in sites)) + 0.05)


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


def _names(plot: Plot, sites: Sequence[Site]) -> Iterator[Child]:
    """Names beside the marks, each at least a line below the one before."""
    below = 0.0
    for site in sorted(sites, key=lambda one: -one.share):
        x, y = plot.x(site.total), max(plot.y(site.share), below + 13)
        below = y
        left = x > plot.width / 2
        place = {"x": x + (-10 if left else 10), "y": y + 4, "text_anchor": "end" if left else "start"}
        yield el("text", site.name, class_="label", font_size=12, **place)


def _key(plot: Plot) -> Safe:
    """What lines and marks mean, above the plot."""
    inner, outer = (f"{100 * inside:g} %" for inside in choice("funnel_limits"))
    words = f"dashed: {inner} limits · dotted: {outer} limits · dot: inside · triangle: between · diamond: outside"
    return el("text", words, x=plot.left, y=16, class_="soft", font_size=12)
