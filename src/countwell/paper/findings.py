"""Findings as blocks: found, source says, do, not known; those not ruled out as a table; every condition as a trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from countwell.base.dates import zone
from countwell.model.advice import CALM, NOTHING, rank
from countwell.model.answers import Answer, Cited, Finding
from countwell.model.pack import Pack
from countwell.model.records import Record
from countwell.paper import levels
from countwell.paper.evidence import VERIFIED, condition, found, holds, open_questions, reading_of, stood
from countwell.paper.grades import grade_words
from countwell.paper.markup import Child, Safe, el
from countwell.paper.plain import as_read, clean, listing, lower_first, rule_words
from countwell.paper.words import ACTIONS, LADDERS, PARTS, shown


def surely(answer: Answer) -> list[Finding]:
    """The findings that hold and say something, not the calendar's."""
    return [f for f in answer.findings if f.holds == "yes" and _speaks(f)]


def _speaks(finding: Finding) -> bool:
    return finding.advice != NOTHING or bool(finding.words or finding.tell) or finding.gate is not None


def not_ruled_out(answer: Answer) -> list[Finding]:
    """The findings that cannot be ruled out."""
    return [f for f in answer.findings if f.holds != "yes"]


def sure_section(answer: Answer, record: Record, packs: Sequence[Pack]) -> Safe:
    """What was found, worst first."""
    blocks = [_block(answer, finding, record, packs) for finding in surely(answer)]
    nothing = el("p", "No rule in force finds anything in what is known.", class_="quiet")
    return el("section", el("h2", "What was found"), blocks or nothing, class_="panel findings")


def _block(answer: Answer, finding: Finding, record: Record, packs: Sequence[Pack]) -> Safe:
    columns = [
        _column(
            "Found",
            [*_found(finding, record), *(el("p", line, class_="meta") for line in grade_words(answer, finding))],
        ),
        _column("Source says", _sources(finding, packs)),
        _column("Do", [el("p", line) for line in doing(finding)] or el("p", "Nothing beside the advice above.")),
        _column(
            "Not known", [el("p", words) for words in open_questions(finding)] or el("p", "Nothing in this finding.")
        ),
    ]
    return el("article", _head(finding), el("div", columns, class_="basis"), class_="finding")


def _head(finding: Finding) -> Safe:
    ranked = rank(finding.advice)
    sign = levels.sign("note") if ranked is CALM else levels.sign_of(finding.advice)
    return el("h3", sign, el("span", name_of(finding)), el("span", tag_of(finding), class_="tag"))


def tag_of(finding: Finding) -> str:
    """The advice word of a finding; one without advice is a test date or a remark."""
    ranked = rank(finding.advice)
    if ranked is not CALM:
        return ranked.words
    return "Test date" if finding.advice.tests else "Remark"


def name_of(finding: Finding) -> str:
    """A table and rule, for people."""
    return rule_words(finding.table, finding.rule)


def _column(title: str, content: Child) -> Safe:
    return el("div", el("h4", title), content, class_="column")


def _found(finding: Finding, record: Record) -> list[Child]:
    time_zone = zone(record.patient.time_zone)
    rows: list[Child] = [
        el("p", el("b", row.name), " ", row.value, _when(row.words(time_zone), row.name, row.value))
        for row in found(finding, record)
    ]
    rows = rows or [el("p", f"{condition(because)}") for because in finding.because[:2]]
    if finding.accepted:
        rows.append(el("p", f"Accepted by a named person ({clean(finding.accepted)}); it does not count."))
    return [*rows, el("p", f"Rule {clean(finding.layer)}/{clean(finding.table)}/{clean(finding.rule)}", class_="meta")]


def _when(words: str, name: str, value: str) -> Child:
    rest = words.removeprefix(f"{name} {value}".strip()).removeprefix(", ")
    return el("span", rest, class_="meta block") if rest else None


def _sources(finding: Finding, packs: Sequence[Pack]) -> list[Child]:
    """The first source in its own words with how they were read; the others by their places."""
    if not finding.sources:
        return [el("p", "No source is given.")]
    first, *others = finding.sources
    reading = reading_of(first, finding.layer, packs)
    quote = el("blockquote", el("p", reading.says)) if reading else None
    read = el("p", "Read as: ", as_read(reading.read), class_="meta") if reading else None
    return [quote, el("p", _cited(first)), read, *(el("p", "Also: ", _cited(other), class_="meta") for other in others)]


def _cited(source: Cited) -> list[Child]:
    place = f", {source.at}" if source.at else ""
    verified = el("span", VERIFIED[source.verified], class_="verified" if source.verified else "recalled")
    return [source.title or source.id, place, ": ", verified]


def doing(finding: Finding) -> Iterator[str]:
    """What the finding asks for: its sentence for clinicians, then its parts with dates."""
    if told := finding.tell.get("clinician"):
        yield as_read(told)
    parts = [
        f"{PARTS[part]}: {lower_first(levels.ladder_words(part, finding.advice))}"
        for part in LADDERS
        if _says(part, finding)
    ]
    if finding.advice.tests:
        parts.append(levels.tests_words(finding.advice))
    if finding.advice.precautions:
        parts.append(f"{levels.precautions_words(finding.advice)} precautions")
    parts += [shown(ACTIONS, word) for word in sorted(finding.words)]
    if parts:
        yield ". ".join(parts) + "."


def _says(part: str, finding: Finding) -> bool:
    return getattr(finding.advice, part) != getattr(NOTHING, part)


def open_section(answer: Answer) -> Safe | None:
    """What cannot be ruled out, and what is missing."""
    rows = not_ruled_out(answer)
    if not rows:
        return None
    body = [
        el(
            "tr",
            el("th", levels.sign("unknown"), el("span", name_of(row)), scope="row"),
            el("td", rank(row.advice).words),
            el("td", listing(open_questions(row)) or "–"),
            el("td", clean(row.layer)),
        )
        for row in rows
    ]
    head = el("tr", [el("th", words, scope="col") for words in ("Rule", "Would say", "Not known", "Whose")])
    summary = el("summary", el("h2", "Cannot be ruled out"), el("span", f"{len(rows)} rules", class_="meta"))
    table = scrolling("Rules that cannot be ruled out", el("table", el("thead", head), el("tbody", body)))
    return el("section", el("details", summary, table, open=len(rows) < 7), class_="panel")


def scrolling(name: str, table: Safe) -> Safe:
    """A table that scrolls within itself."""
    return el("div", table, class_="scroll", role="region", aria_label=name, tabindex="0")


def trace(answer: Answer) -> Safe:
    """Every condition that was evaluated for a finding, with its outcome."""
    blocks = [_traced(finding) for finding in answer.findings]
    summary = el(
        "summary", el("h2", "Why"), el("span", f"every condition of {len(blocks)} rules, and its answer", class_="meta")
    )
    return el("section", el("details", summary, blocks), class_="panel trace")


def _traced(finding: Finding) -> Safe:
    rows = [
        el(
            "tr",
            el("td", holds(because), class_=f"holds {holds(because).replace(' ', '-')}"),
            el("td", condition(because)),
            el("td", stood(because)),
            el("td", clean(because.number or "")),
        )
        for because in finding.because
    ]
    head = el("tr", [el("th", words, scope="col") for words in ("Is", "Condition", "Stood at", "Number")])
    outcome = "holds" if finding.holds == "yes" else "not ruled out"
    caption = el("caption", f"{name_of(finding)}: {outcome} ({clean(finding.layer)})")
    table = el("table", caption, el("thead", head), el("tbody", rows))
    return scrolling(f"Conditions of {name_of(finding)}", table)


def zone_of(record: Record) -> ZoneInfo:
    """The patient's calendar."""
    return zone(record.patient.time_zone)
