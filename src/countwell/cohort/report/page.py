"""The measures as one HTML file: no script, nothing fetched, printable. Hidden counts are not in it anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.resources import files

from countwell.cohort.report.told import HIDDEN, Table, Told, small_counts
from countwell.paper.findings import scrolling
from countwell.paper.markup import Safe, el
from countwell.paper.page import document
from countwell.paper.plain import day
from countwell.paper.words import SUPPORTS

NOT_CLINICAL = (
    "Not for clinical use. These figures describe a register under rules that may be drafts; they advise nobody."
)


def report_page(
    title: str,
    about: Mapping[str, str],
    measures: Sequence[Told],
    as_of: date,
    remarks: Sequence[str] = (),
    imported: Sequence[Table] = (),
) -> str:
    """A whole file. about: what was measured on what, term by term; imported: the import report of the store, if it has one."""
    head = [
        el("p", NOT_CLINICAL, class_="notice", role="note"),
        _about(about, remarks),
        _contents(measures, bool(imported)),
    ]
    body = [head, [_measure(told) for told in measures], _imported(imported)]
    header = el(
        "header",
        el("div", el("p", title, class_="who"), el("p", f"As of {day(as_of)}", class_="meta"), class_="wrap"),
        class_="banner",
    )
    footer = el("footer", el("div", el("p", el("b", SUPPORTS)), el("p", NOT_CLINICAL), class_="wrap"))
    return document(title, header, body, footer, f"{title} · not for clinical use", pictures_css())


def pictures_css() -> str:
    """What the pictures and tables need beside the style of every page."""
    return files("countwell.cohort.pictures").joinpath("pictures.css").read_text(encoding="utf-8")


def _about(about: Mapping[str, str], remarks: Sequence[str]) -> Safe:
    return el(
        "section",
        el("h1", "What was measured on what"),
        _defined(about.items()),
        [el("p", remark, class_="quiet") for remark in (small_counts(), *remarks)],
        class_="panel",
    )


def _defined(terms: Iterable[tuple[str, str]]) -> Safe:
    return el("dl", [[el("dt", term), el("dd", words)] for term, words in terms], class_="defined")


def _contents(measures: Sequence[Told], imported: bool) -> Safe:
    links = [el("li", el("a", told.title, href=f"#{told.slug}")) for told in measures]
    if imported:
        links.append(el("li", el("a", "Import", href="#import")))
    return el("nav", el("ul", links), class_="panel", aria_label="Measures")


def _measure(told: Told) -> Safe:
    terms = (
        ("Counted", told.numerator),
        ("Out of", told.denominator),
        ("Left out", told.left_out),
        ("Rules", told.rules),
    )
    return el(
        "section",
        el("h2", told.title),
        _defined(terms),
        [el("p", remark, class_="quiet") for remark in told.remarks],
        [el("figure", picture, class_="chart") for picture in told.pictures],
        [_table(table) for table in told.tables],
        el("p", "Nothing to show.", class_="quiet") if not (told.tables or told.pictures) else None,
        id=told.slug,
        class_="panel measure",
    )


def _table(table: Table) -> Safe:
    head = el("tr", [el("th", name, scope="col") for name in table.head])
    rows = [
        el(
            "tr",
            el("th", row[0], scope="row"),
            [el("td", cell, class_="hidden-count" if cell == HIDDEN else None) for cell in row[1:]],
        )
        for row in table.rows
    ]
    drawn = el("table", el("caption", table.title), el("thead", head), el("tbody", rows), class_="numbers")
    return scrolling(table.title, drawn)


def _imported(tables: Sequence[Table]) -> Safe | None:
    if not tables:
        return None
    return el("section", el("h2", "Import"), [_table(table) for table in tables], id="import", class_="panel measure")
