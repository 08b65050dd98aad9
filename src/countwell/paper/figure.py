"""The chart as a figure for the page, wide and narrow, with the table of every value below it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from countwell.facts.past import Past, past_of
from countwell.model.answers import Answer
from countwell.model.pack import Pack
from countwell.model.records import Record
from countwell.paper import marks
from countwell.paper.chart import Chart, chart_of, chart_svg
from countwell.paper.course import dose_on
from countwell.paper.findings import scrolling
from countwell.paper.frame import FRAMES
from countwell.paper.limits import band_of
from countwell.paper.marks import tier_class
from countwell.paper.markup import Child, Safe, el
from countwell.paper.plain import day, unit
from countwell.paper.series import Point, Series
from countwell.paper.words import POINTS, WHY, shown


def _key() -> Safe:
    """What each mark and hatch means."""
    shapes = (
        (marks.dot(9, 8), "final"),
        (marks.ring(9, 8), "preliminary"),
        (marks.arrow(9, 3, 14), "beyond what was measured"),
        (marks.struck(9, 8), "replaced"),
        (marks.cross(9, 8), "withdrawn"),
        (marks.unknown(9, 8), "not known"),
        (marks.reach(9, 13, 3), "limit not sent: somewhere in this span"),
        (el("circle", class_="limit stop closed", cx=9, cy=8, r=3), "the limit itself belongs to it"),
        (el("circle", class_="limit stop open", cx=9, cy=8, r=3), "only beyond the limit"),
    )
    items = [el("li", _swatch(shape), words) for shape, words in shapes]
    return el("figcaption", el("ul", items, class_="key"))


def _swatch(shape: Child) -> Safe:
    return el(
        "svg",
        shape,
        class_="trend swatch",
        viewbox="0 0 18 16",
        width=18,
        height=16,
        aria_hidden="true",
        focusable="false",
    )


KEY = _key()


def chart_for(answer: Answer, past: Past | Record, packs: Sequence[Pack]) -> Chart:
    """The chart of an answer: as known then, with the window of its next test and its target."""
    return chart_of(past, packs, answer.as_of, answer.known_at, _window(answer), _target(answer))


def _window(answer: Answer) -> tuple[date, date] | None:
    rows = [row for row in answer.details.get("tests", ()) if row.get("due_by")]
    if not rows:
        return None
    row = min(rows, key=lambda row: str(row["due_by"]))
    return date.fromisoformat(str(row.get("due_from") or row["due_by"])), date.fromisoformat(str(row["due_by"]))


def _target(answer: Answer) -> tuple[Decimal, Decimal] | None:
    found = answer.details.get("range_mg_per_day")
    return (Decimal(found[0]), Decimal(found[1])) if found else None


def figure(answer: Answer, record: Record, packs: Sequence[Pack]) -> str:
    """The section `charts` of a page."""
    chart = chart_for(answer, past_of(record), packs)
    period = f"{day(chart.first)} to {day(chart.as_of)}"
    head = el("div", el("h2", "Blood tests and dose"), el("span", period, class_="meta"), class_="head")
    if not chart.series:
        return el("section", head, el("p", "No blood test on record."), _happened(chart), class_="panel")
    drawings = [el("div", Safe(chart_svg(chart, shape, alone=False)), class_=f"only-{shape}") for shape in FRAMES]
    picture = el("figure", drawings, KEY, class_="chart")
    return el("section", head, picture, table_of(chart), _happened(chart), class_="panel")


def table_of(chart: Chart) -> Safe:
    """Every value of the chart, newest first, as read and as sent; nothing is in the picture that is not here."""
    days = sorted({point.day for one in chart.series for point in one.points}, reverse=True)
    columns = [
        el("th", one.display, el("span", unit(one.unit), class_="meta block"), scope="col") for one in chart.series
    ]
    head = el(
        "tr",
        el("th", "Taken", scope="col"),
        columns,
        el("th", "Dose", el("span", "mg a day", class_="meta block"), scope="col"),
    )
    body = [
        el(
            "tr",
            el("th", day(when), scope="row"),
            [_cell(one, when) for one in chart.series],
            el("td", dose_on(when, chart.steps)),
        )
        for when in days
    ]
    table = el("table", el("thead", head), el("tbody", body), class_="results")
    summary = el(
        "summary",
        el("h3", "The same as a table"),
        el("span", f"{len(days)} days, newest first, as the laboratory sent them", class_="meta"),
    )
    return el("details", summary, scrolling("Results", table))


def _cell(one: Series, when: date) -> Safe:
    points = [point for point in one.points if point.day == when]
    return el("td", [_value(point, one) for point in points] or "–")


def _value(point: Point, one: Series) -> Child:
    if point.struck:
        return el("div", el("del", point.as_sent), el("span", " replaced", class_="meta"))
    found = band_of(point.span, one.limits)
    tag = el("span", found.rank.words, class_=f"tag {tier_class(found.rank)}") if found else None
    return el(
        "div",
        _state(point),
        tag,
        el("b", point.text) if _is_read(point) else None,
        el("span", point.as_sent, class_="meta block"),
    )


def _is_read(point: Point) -> bool:
    return point.span is not None and point.kind != "span"


def _state(point: Point) -> Child:
    if point.kind == "exact":
        return None
    words = shown(WHY, point.why) if point.why and point.kind not in ("below", "above") else shown(POINTS, point.kind)
    return el("span", words, class_="tag" if point.joined else "tag unknown")


def _happened(chart: Chart) -> Safe | None:
    """What happened, newest first."""
    rows = [el("li", el("b", day(event.day)), " ", event.words) for event in reversed(chart.events)]
    if not rows:
        return None
    summary = el("summary", el("h3", "What happened"), el("span", f"{len(rows)} entries, newest first", class_="meta"))
    return el("details", summary, el("ul", rows, class_="happened"))
