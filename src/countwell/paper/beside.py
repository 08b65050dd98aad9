"""Several protocols on one patient, side by side: what all say stands once, what differs in a table, each with its sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from countwell.model.advice import LADDERS, Advice
from countwell.model.answers import Answer, Cited, Finding
from countwell.paper import levels, plan
from countwell.paper.evidence import VERIFIED
from countwell.paper.findings import doing, name_of, scrolling, surely
from countwell.paper.markup import Child, Safe, el
from countwell.paper.plain import as_read, clean, day, fact, listing, lower_first
from countwell.paper.words import LADDERS as WORDS
from countwell.paper.words import PARTS, shown

Lines: TypeAlias = tuple[str, ...]

TITLE = "Side by side"
NOT_JOINED = (
    "Each protocol speaks with its own layers. They do not change the advice above, and no average is made of them."
)


@dataclass(frozen=True, slots=True)
class Reason:
    """A finding that not all protocols make. packs: those that do; says: its sentence; sources: as cited."""

    packs: tuple[str, ...]
    says: str
    sources: tuple[Cited, ...]

    @property
    def places(self) -> str:
        """`board: item 3; choice: a hold (not verified)`."""
        return "; ".join(cited(source) for source in self.sources)


@dataclass(frozen=True, slots=True)
class Comparison:
    """agreed: by part, what all say. parts: those that differ. rows: protocols that say the same, with their words by part."""

    agreed: Mapping[str, Lines]
    parts: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], Mapping[str, Lines]], ...]
    reasons: tuple[Reason, ...]


def compared(answer: Answer) -> Comparison:
    """An answer and those beside it, the asked protocol first."""
    answers = (answer, *answer.beside)
    cells = [dict(_cells(one)) for one in answers]
    parts = list(dict.fromkeys(part for row in cells for part in row))
    agreed = {part: cells[0][part] for part in parts if len({row.get(part) for row in cells}) == 1}
    differ = tuple(part for part in parts if part not in agreed)
    rows = _grouped(
        [
            (name_of_protocol(one), {part: row.get(part, ("–",)) for part in differ})
            for one, row in zip(answers, cells, strict=True)
        ]
    )
    return Comparison(agreed, differ, tuple(rows), tuple(_reasons(answers)))


def name_of_protocol(answer: Answer) -> str:
    """The protocol of an answer, by its name."""
    return str(answer.protocol["id"])


def _grouped(
    rows: Sequence[tuple[str, Mapping[str, Lines]]],
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Lines]]]:
    """Those whose words are all the same in one row, where the first of them stands."""
    for place, (_, words) in enumerate(rows):
        if words not in [earlier for _, earlier in rows[:place]]:
            yield tuple(name for name, its in rows if its == words), words


def _cells(answer: Answer) -> Iterator[tuple[str, Lines]]:
    """Every part of the advice in words, then what the question was about. Supply follows the tablets, and is left to them."""
    least, most = answer.advice, answer.advice_at_most
    for part in LADDERS:
        yield PARTS[part], _ends(*(shown(WORDS[part], getattr(end, part)) for end in (least, most)))
    yield PARTS["precautions"], _ends(levels.precautions_words(least), levels.precautions_words(most))
    yield PARTS["tests"], tuple(_tests(least)) or ("None asked for",)
    yield from _asked(answer)


def _ends(least: str, most: str) -> Lines:
    return (least,) if least == most else (least, f"at most {lower_first(most)}")


def _tests(advice: Advice) -> Iterator[str]:
    for group, when in sorted(advice.tests.items(), key=lambda row: (row[1], row[0])):
        yield f"{fact(group)} by {day(when)}"


def _asked(answer: Answer) -> Iterator[tuple[str, Lines]]:
    details = answer.details
    if words := plan.range_words(details):
        yield "Range", (clean(words),)
    if options := details.get("options"):
        yield "Doses", tuple(plan.option_words(option) for option in options)
    yield from ((name, (words,)) for name, words in plan.further(answer))


def _reasons(answers: Sequence[Answer]) -> Iterator[Reason]:
    """The findings that not all make, in the order of the answers."""
    made: dict[tuple[str, str, str], list[tuple[str, Finding]]] = {}
    for answer in answers:
        for finding in surely(answer):
            made.setdefault((finding.layer, finding.table, finding.rule), []).append(
                (name_of_protocol(answer), finding)
            )
    for found in made.values():
        if len(found) < len(answers):
            finding = found[0][1]
            yield Reason(tuple(name for name, _ in found), _sentence(finding), finding.sources)


def _sentence(finding: Finding) -> str:
    return as_read(finding.tell.get("clinician", "")) or f"{name_of(finding)}. {' '.join(doing(finding))}"


def cited(source: Cited) -> str:
    """A source and its place; one that was not read says so."""
    return clean(f"{source.id}: {source.at}" + ("" if source.verified else " (not verified)"))


def agreed_words(agreed: Mapping[str, Lines]) -> str:
    """`All agree. Patient: phone. Precautions: none.`"""
    said = [f"{part}: {lower_first('; '.join(lines))}" for part, lines in agreed.items()]
    return f"All agree. {'. '.join(said)}."


def beside_section(answer: Answer) -> Safe | None:
    """The table for a page."""
    if not answer.beside:
        return None
    seen = compared(answer)
    head = el("tr", [el("th", words, scope="col") for words in ("Protocol", *seen.parts)])
    body = [
        el(
            "tr",
            el("th", listing(packs), scope="row"),
            [el("td", [el("div", line) for line in words[part]]) for part in seen.parts],
        )
        for packs, words in seen.rows
    ]
    table = scrolling(TITLE, el("table", el("thead", head), el("tbody", body))) if seen.parts else None
    agreed = el("p", agreed_words(seen.agreed)) if seen.agreed else None
    why = el("ul", [el("li", _reason(reason)) for reason in seen.reasons]) if seen.reasons else None
    note = el("p", NOT_JOINED, class_="meta")
    return el("section", el("h2", TITLE), table, agreed, why, note, class_="panel")


def _reason(reason: Reason) -> list[Child]:
    sources = [
        el(
            "span",
            f"{source.title or source.id}, {source.at}: {shown({}, VERIFIED[source.verified])}",
            class_="meta block",
        )
        for source in reason.sources
    ]
    return [el("b", listing(reason.packs)), ": ", reason.says, sources]
