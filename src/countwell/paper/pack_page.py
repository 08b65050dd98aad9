"""A pack as a page to read and sign: each rule as a sentence with source and place, numbers, readings, cases, and the proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from countwell.engine.sentences import number_in_words, table_in_words
from countwell.model.advice import Advice
from countwell.model.pack import Case, Number, Pack, Statement
from countwell.model.rules import Table
from countwell.pack.versions import changed
from countwell.paper.evidence import VERIFIED
from countwell.paper.findings import scrolling
from countwell.paper.markup import Child, Safe, el, join
from countwell.paper.page import IN_USE, document
from countwell.paper.plain import listing, said
from countwell.paper.words import SUPPORTS

Proofs = Mapping[str, Sequence[str]]
NOT_PROVEN = "Not proven here. Run: countwell packs prove"
NOT_FOR_USE = "not for clinical use: no clinical safety officer has signed it"


def pack_page(pack: Pack, proofs: Proofs | None = None) -> str:
    """One pack as a page. proofs: sentences by table, as the prover said them now; None: not proven here."""
    header = el("header", el("div", el("p", "Countwell", class_="who"), class_="wrap"), class_="banner")
    footer = el("footer", el("div", el("p", el("b", SUPPORTS)), class_="wrap"))
    sheet = f"{pack.name} {pack.version}, {pack.status}"
    return document(pack.title, header, pack_sections(pack, proofs), footer, sheet)


def pack_sections(pack: Pack, proofs: Proofs | None = None) -> Safe:
    """What the page of a pack says, from its heading on, for whoever puts a frame of their own around it."""
    return join(_sections(pack, proofs))


def _sections(pack: Pack, proofs: Proofs | None) -> list[Child]:
    return [
        el("h1", pack.title),
        el("p", " · ".join(_head(pack)), class_="meta"),
        None if pack.status == IN_USE else el("p", f"{pack.status.capitalize()}, {NOT_FOR_USE}.", class_="notice"),
        _extends(pack),
        [_table(pack, table, proofs) for table in pack.tables],
        _numbers(pack),
        _readings(pack),
        _statements("What the source says besides", pack, pack.statements),
        _statements("What the source leaves blank", pack, pack.gaps),
        _sources(pack),
    ]


def _head(pack: Pack) -> Iterator[str]:
    yield f"{pack.kind} {pack.name} {pack.version}, {pack.status}"
    if pack.conditions:
        yield f"for {listing([said(name) for name in pack.conditions])}"
    if pack.layers:
        yield f"goes with {listing(pack.layers)}"


def _extends(pack: Pack) -> Safe | None:
    """The numbers that differ from the pack whose rules it takes over, and who agreed to them."""
    if pack.extends is None:
        return None
    rows = [
        el(
            "tr",
            el("th", said(now.name.replace("_", " ")), scope="row"),
            [el("td", cell) for cell in _change(before, now)],
        )
        for before, now in changed(pack)
    ]
    title = f"The rules of {pack.extends.pack} {pack.extends.version}, with other numbers"
    body = _as_table(title, ("Number", "There", "Here", "Source and place", "Agreed by"), rows)
    return el("section", el("h2", title), body, class_="panel")


def _change(before: Number, now: Number) -> tuple[str, ...]:
    return number_in_words(before), number_in_words(now), f"{now.source}: {now.at}", listing(now.agreed)


def _table(pack: Pack, table: Table, proofs: Proofs | None) -> Safe:
    asked = f"Read for the questions {listing(table.asks)}." if table.asks else None
    silent = "Joins only where the protocol has no table of this name." if table.joins == "where-silent" else None
    rows = [
        el("tr", el("th", rule, scope="row"), el("td", sentence, _told(table, rule)), el("td", places))
        for rule, sentence, places in table_in_words(pack, table)
    ]
    cases = [case for case in pack.cases if case.table == table.name]
    return el(
        "section",
        el("h2", said(table.name).capitalize()),
        [el("p", words, class_="meta") for words in (asked, silent) if words],
        _as_table(f"Rules of {table.name}", ("Rule", "Says", "Source and place"), rows),
        _proof(table, proofs),
        _cases(table, cases),
        class_="panel",
    )


def _told(table: Table, name: str) -> list[Child]:
    rule = next((rule for rule in table.rules if rule.name == name), None)
    return [el("p", el("b", f"To the {reader}: "), text) for reader, text in (rule.tell if rule else {}).items()]


def _proof(table: Table, proofs: Proofs | None) -> Safe:
    found = [NOT_PROVEN] if proofs is None else proofs.get(table.name, [NOT_PROVEN])
    return el("details", el("summary", "Proof"), el("ul", [el("li", line) for line in found]))


def _cases(table: Table, cases: Sequence[Case]) -> Safe | None:
    if not cases:
        return None
    rows = [
        el("tr", el("th", case.name, scope="row"), el("td", _given(case)), el("td", _expected(case))) for case in cases
    ]
    body = _as_table(f"Cases of {table.name}", ("Case", "Given", "Must hold"), rows)
    return el("details", el("summary", f"{len(cases)} worked cases"), body)


def _given(case: Case) -> str:
    return ", ".join(f"{said(name.replace('_', ' '))} {value}" for name, value in case.given.items()) or "nothing"


def _expected(case: Case) -> str:
    return "; ".join(f"{said(key)}: {_words(value)}" for key, value in case.expected.items())


def _words(value: object) -> str:
    match value:
        case Mapping():
            return ", ".join(f"{said(str(key))} {_words(part)}" for key, part in value.items())
        case Advice() | str():
            return said(str(value))
        case tuple() | list() | frozenset():
            return listing([said(str(part)) for part in sorted(value, key=str)]) or "none"
        case _:
            return str(value)


def _numbers(pack: Pack) -> Safe | None:
    rows = [_number(pack, number) for number in pack.numbers.values()]
    if not rows:
        return None
    body = _as_table("Numbers", ("Name", "Is", "Source and place", "Read", "Verified"), rows)
    return el("section", el("h2", "Numbers"), body, class_="panel")


def _number(pack: Pack, number: Number) -> Safe:
    cells = (
        number_in_words(number),
        f"{pack.sources[number.source].title}, {number.at}",
        pack.readings[number.reading].read if number.reading else "",
        VERIFIED[number.verified],
    )
    return el("tr", el("th", said(number.name.replace("_", " ")), scope="row"), [el("td", cell) for cell in cells])


def _readings(pack: Pack) -> Safe | None:
    blocks = [
        [
            el("dt", f"{reading.id}: {reading.says}"),
            el("dd", f"Read as: {reading.read} Because: {reading.because} Rejected: {listing(reading.rejected)}."),
        ]
        for reading in pack.readings.values()
    ]
    return el("section", el("h2", "How it was read"), el("dl", blocks), class_="panel") if blocks else None


def _statements(title: str, pack: Pack, statements: Sequence[Statement]) -> Safe | None:
    if not statements:
        return None
    items = [
        el("li", statement.says, el("span", f" {pack.sources[statement.source].title}, {statement.at}", class_="meta"))
        for statement in statements
    ]
    return el("section", el("h2", title), el("ul", items), class_="panel")


def _sources(pack: Pack) -> Safe:
    rows = [
        el(
            "tr",
            el("th", source.id, scope="row"),
            [
                el("td", cell)
                for cell in (source.title, source.kind, source.cite or source.url or "", VERIFIED[source.verified])
            ],
        )
        for source in pack.sources.values()
    ]
    body = _as_table("Sources", ("Name", "Title", "Kind", "Where", "Verified"), rows)
    return el("section", el("h2", "Sources"), body, class_="panel")


def _as_table(name: str, columns: Sequence[str], rows: Sequence[Safe]) -> Safe:
    head = el("tr", [el("th", words, scope="col") for words in columns])
    return scrolling(name, el("table", el("thead", head), el("tbody", rows)))
