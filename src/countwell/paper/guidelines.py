"""Packs side by side, without a patient: what each says of a subject, with source and place. What several say stands once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from countwell.engine.features import BLANK, Feature, features, in_order
from countwell.model.pack import Pack
from countwell.paper.beside import cited
from countwell.paper.findings import scrolling
from countwell.paper.markup import Safe, el
from countwell.paper.page import document
from countwell.paper.plain import clean
from countwell.paper.words import SUPPORTS

ALL = "all"
NOTHING = "nothing said"
COLUMNS = ("Says", "Pack", "Source and place")
TITLE = "Guidelines side by side"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is said of a subject. packs: who says so, `all` where all do; places: source and place."""

    says: str
    packs: str
    places: str


def side_by_side(packs: Sequence[Pack]) -> list[tuple[str, list[Line]]]:
    """Each subject with what is said of it, and by whom; the last line names those that say nothing."""
    said = {pack.name: list(features(pack)) for pack in packs}
    subjects = in_order([feature.subject for found in said.values() for feature in found])
    return [(subject, list(_lines(subject, said))) for subject in subjects]


def _lines(subject: str, said: dict[str, list[Feature]]) -> Iterator[Line]:
    by_words: dict[str, dict[str, str]] = {}
    for name, found in said.items():
        for feature in (one for one in found if one.subject == subject):
            by_words.setdefault(feature.says, {})[name] = "; ".join(map(cited, feature.sources))
    for words, places in by_words.items():
        yield Line(words, _names(places, said), _places(places))
    silent = [name for name in said if not any(name in places for places in by_words.values())]
    if silent and subject != BLANK:
        yield Line(NOTHING, _names(silent, said), "")


def _names(some: Sequence[str] | dict[str, str], said: dict[str, list[Feature]]) -> str:
    return ALL if len(some) == len(said) > 1 else ", ".join(some)


def _places(places: dict[str, str]) -> str:
    """The places once where they are the same, else each pack's own."""
    if len(set(places.values())) == 1:
        return next(iter(places.values()))
    return " · ".join(f"{name}: {text}" for name, text in places.items())


def table(packs: Sequence[Pack]) -> Table:
    """The whole as one table for a terminal."""
    shown = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name, ratio in zip(COLUMNS, (5, 2, 4), strict=True):
        shown.add_column(name, ratio=ratio, overflow="fold")
    for subject, lines in side_by_side(packs):
        shown.add_row(Text(clean(subject), style="bold underline"))
        for line in lines:
            shown.add_row(*(Text(clean(part)) for part in (line.says, line.packs, line.places)))
    return shown


def page(packs: Sequence[Pack]) -> str:
    """The whole as a page."""
    names = ", ".join(pack.name for pack in packs)
    header = el("header", el("div", el("p", "Countwell", class_="who"), class_="wrap"), class_="banner")
    sections = [_section(subject, lines) for subject, lines in side_by_side(packs)]
    footer = el("footer", el("div", el("p", el("b", SUPPORTS)), class_="wrap"))
    return document(TITLE, header, [el("h1", TITLE), el("p", names, class_="meta"), sections], footer)


def _section(subject: str, lines: Sequence[Line]) -> Safe:
    head = el("tr", [el("th", name, scope="col") for name in COLUMNS])
    rows = [el("tr", [el("td", part) for part in (line.says, line.packs, line.places)]) for line in lines]
    body = scrolling(subject, el("table", el("thead", head), el("tbody", rows)))
    return el("section", el("h2", subject), body, class_="panel")


def markdown(packs: Sequence[Pack]) -> str:
    """The whole as Markdown: how many things each pack says of each subject, then what."""
    laid = side_by_side(packs)
    sections = [_as_markdown(subject, lines) for subject, lines in laid]
    head = f"# {TITLE}\n\nMade from the packs by `countwell packs compare --markdown`; not to be edited by hand."
    return "\n\n".join([head, _matrix(packs), *sections]) + "\n"


def _matrix(packs: Sequence[Pack]) -> str:
    """Subjects by packs: the number of things said, nothing where nothing is."""
    said = {pack.name: [feature.subject for feature in features(pack)] for pack in packs}
    subjects = in_order([subject for found in said.values() for subject in found])
    rows = [[subject, *(str(found.count(subject) or "") for found in said.values())] for subject in subjects]
    return "## How much each pack says of what\n\n" + rows_in_markdown(["Subject", *said], rows)


def _as_markdown(subject: str, lines: Sequence[Line]) -> str:
    return f"## {subject}\n\n" + rows_in_markdown(COLUMNS, [(line.says, line.packs, line.places) for line in lines])


def rows_in_markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    listed = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in listed)


def _cell(text: str) -> str:
    return clean(text).replace("|", "\\|")
