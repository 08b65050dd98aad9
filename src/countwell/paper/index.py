"""The first page of a demonstration: every patient, worst first, with the reason and the way to the page."""

from __future__ import annotations

from collections.abc import Sequence

from countwell.paper import levels
from countwell.paper.findings import scrolling, zone_of
from countwell.paper.markup import Child, Safe, el
from countwell.paper.page import document
from countwell.paper.plain import moment
from countwell.paper.words import SUPPORTS
from countwell.paper.worklist import CALMLY, Row, grouped, total


def index_page(rows: Sequence[Row], title: str = "Demonstration: every person is invented") -> str:
    """The list as a page; each row links to `row.link`."""
    groups = [_group(group, members) for group, members in grouped(rows)]
    head = [
        el("p", title, class_="notice"),
        el("h1", "Work, worst first"),
        el("p", el("b", total(rows)), ". The numbers add up." if rows else "", class_="sum"),
    ]
    header = el("header", el("div", el("p", "Countwell", class_="who"), class_="wrap"), class_="banner")
    body = (
        scrolling("Patients", el("table", _columns(), groups, class_="work"))
        if rows
        else el("p", "There is nobody on this list.")
    )
    return document("Work", header, [head, el("section", body, class_="panel")], _footer(rows))


def _columns() -> Safe:
    names = ("Advice", "Patient", "Reason", "Course")
    return el("thead", el("tr", [el("th", name, scope="col") for name in names]))


def _group(group: str, members: Sequence[Row]) -> Safe:
    head = el(
        "tr",
        el("th", f"{group} ", el("span", len(members), class_="count"), colspan=4, scope="rowgroup", class_="group"),
    )
    return el("tbody", head, [_row(row) for row in members])


def _row(row: Row) -> Safe:
    calm = row.group == CALMLY and row.halted
    sign = levels.sign("note") if calm else levels.sign_of(row.answer.advice, known=row.group != levels.OPEN)
    name: Child = el("bdi", row.name)
    return el(
        "tr",
        el("td", sign, " ", el("b", row.words), class_=f"word {levels.tone(row.answer)}"),
        el(
            "th",
            el("a", name, href=row.link) if row.link else name,
            el("span", row.record.patient.id, class_="meta block"),
            scope="row",
        ),
        el("td", row.reason, _late(row)),
        el("td", el("b", row.state) if row.halted else row.state),
    )


def _late(row: Row) -> Child:
    return el("span", f"A test is {row.late} days late.", class_="meta block") if row.late else None


def _footer(rows: Sequence[Row]) -> Safe:
    newest = max(rows, key=lambda row: row.answer.as_of.at, default=None)
    made = f"As of {moment(newest.answer.as_of, zone_of(newest.record))}." if newest else ""
    return el("footer", el("div", el("p", el("b", SUPPORTS)), el("p", made), class_="wrap"))
