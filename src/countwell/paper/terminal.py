"""The same answer for a terminal: state, headline, what to do, why, what is not known, next tests, plan.

Words carry everything; bold and colour only repeat it, and plain text comes out where there is no terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from countwell.base.dates import zone
from countwell.facts.past import past_of
from countwell.model.advice import LADDERS, rank
from countwell.model.answers import Answer, Finding, NotUsed
from countwell.model.records import Record
from countwell.paper import levels, marks, notes, plan
from countwell.paper.banner import born, dose_now, per_kg, protocol, state, state_sentence, status
from countwell.paper.beside import NOT_JOINED, TITLE, Comparison, agreed_words, compared
from countwell.paper.evidence import VERIFIED, found, open_questions
from countwell.paper.findings import doing, name_of, not_ruled_out, surely, tag_of
from countwell.paper.grades import grade_words
from countwell.paper.page import IN_USE, sentences
from countwell.paper.plain import clean, fact, listing, moment, said
from countwell.paper.words import ACTIONS, DUE, PARTS, QUESTIONS, SUPPORTS, WHY, shown
from countwell.paper.worklist import Row, grouped, total

STYLES = {
    "stop": "bold red",
    "watch": "bold yellow",
    "note": "bold blue",
    "calm": "bold green",
    "unknown": "bold magenta",
}
WIDEST = 100
SHOWN_OPEN = 8


def render(answer: Answer, record: Record) -> RenderableType:
    """The answer as something rich can print."""
    return Group(*_parts(answer, record))


def show(answer: Answer, record: Record, file: IO[str] | None = None, width: int | None = None) -> None:
    """Print the answer; as plain text where `file` is no terminal."""
    console = console_for(file, width)
    console.print(render(answer, record))


def console_for(file: IO[str] | None = None, width: int | None = None) -> Console:
    """A console that takes texts as they are: no markup, no emoji, no colouring of numbers."""
    console = Console(file=file, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)
    console.width = width or min(console.width, WIDEST)
    return console


def _parts(answer: Answer, record: Record) -> Iterator[RenderableType]:
    yield from _head(answer)
    yield from _section("Do", _actions(answer))
    yield from _section("Advice", [_advice(answer)])
    yield from _section(TITLE, list(_beside(answer)))
    yield from _section("Patient", list(_patient(answer, record)))
    yield from _section("Found", [part for finding in surely(answer) for part in _finding(answer, finding, record)])
    yield from _section("Not known", list(_unknown(answer)))
    yield from _section("Cannot be ruled out", list(_open(answer)))
    yield from _section("Not used", [part for row in answer.refused for part in _refused(row)])
    yield from _section("Corrected or withdrawn", list(_superseded(answer)))
    yield from _section("Next tests", list(_tests(answer)))
    yield from _section("Dose plan", list(_plan(answer)))
    yield from _section("Details", [_line(f"{name}: ", words) for name, words in plan.further(answer)])
    yield from _section("Other sources", [_line(f"{clean(pack)}: ", says) for pack, says in notes.views(answer)])
    yield from _foot(answer, record)


def _head(answer: Answer) -> Iterator[RenderableType]:
    said_first = state_sentence(answer)
    if said_first:
        yield Text(said_first, style=STYLES["stop"])
    first, rest = sentences(answer.headline)
    yield Text(clean(first), style=STYLES[levels.tone(answer)])
    if rest:
        yield Text(clean(rest))
    if levels.is_open(answer):
        yield Text("At least this. What is not known could make it more.", style="italic")


def _section(title: str, parts: Sequence[RenderableType]) -> Iterator[RenderableType]:
    if parts:
        yield Text()
        yield Text(title, style="bold underline")
        yield from (Padding(part, (0, 0, 0, 2), expand=False) for part in parts)


def _line(*parts: str, bold: bool = True) -> Text:
    """The first part in bold, then the rest."""
    first, *rest = parts
    return Text.assemble((clean(first), "bold" if bold else ""), clean("".join(rest)))


def _actions(answer: Answer) -> list[RenderableType]:
    return [_line(f"{place}. {shown(ACTIONS, word)}") for place, word in enumerate(answer.actions, 1)]


def _advice(answer: Answer) -> Table:
    open_ = levels.is_open(answer)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=open_)
    for name in ("", "At least", *(["At most"] if open_ else [])):
        table.add_column(name, overflow="fold")
    for part, least, most in _levels(answer):
        table.add_row(Text(PARTS[part], style="bold"), Text(least), *([Text(most)] if open_ else []))
    return table


def _levels(answer: Answer) -> Iterator[tuple[str, str, str]]:
    least, most = answer.advice, answer.advice_at_most
    for part in LADDERS:
        yield part, levels.ladder_words(part, least), levels.ladder_words(part, most)
    for part, tell in (
        ("tests", levels.tests_words),
        ("supply", levels.supply_words),
        ("precautions", levels.precautions_words),
    ):
        yield part, tell(least), tell(most)


def _beside(answer: Answer) -> Iterator[RenderableType]:
    if not answer.beside:
        return
    seen = compared(answer)
    if seen.parts:
        yield _side_by_side(seen)
    if seen.agreed:
        yield Text(agreed_words(seen.agreed))
    for reason in seen.reasons:
        yield _line(f"{listing(reason.packs)}: ", f"{reason.says} [{reason.places}]")
    yield Text(NOT_JOINED, style="italic")


def _side_by_side(seen: Comparison) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("Protocol", *seen.parts):
        table.add_column(name, overflow="fold")
    for packs, words in seen.rows:
        table.add_row(
            Text(listing(packs), style="bold"), *(Text("\n".join(map(clean, words[part]))) for part in seen.parts)
        )
    return table


def _patient(answer: Answer, record: Record) -> Iterator[RenderableType]:
    patient = record.patient
    name = patient.names[0] if patient.names else patient.id
    yield _line(name, f"  {born(patient, answer)}, {patient.sex or 'sex not known'}, {patient.id}")
    dose = dose_now(answer)
    kg = per_kg(answer.course.mg_per_day, past_of(record), answer) if answer.course.mg_per_day is not None else ""
    yield _line("Course: ", f"{state(answer)}. Dose now: {dose}" + (f", {kg}." if kg and dose != "none" else "."))
    yield _line(
        "Protocol: ",
        f"{protocol(answer)}, {status(answer)}; layers: {listing(answer.protocol.get('layers') or ['none'])}",
    )


def _finding(answer: Answer, finding: Finding, record: Record) -> Iterator[RenderableType]:
    time_zone = zone(record.patient.time_zone)
    style = STYLES[marks.tier_class(rank(finding.advice))] if tag_of(finding) == rank(finding.advice).words else "bold"
    yield Text.assemble((f"{tag_of(finding)}: ", style), (name_of(finding), "bold"), f"  [{clean(finding.layer)}]")
    inner: list[RenderableType] = [
        _line("found   ", row.words(time_zone), bold=False) for row in found(finding, record)
    ]
    inner += [_line("grade   ", words, bold=False) for words in grade_words(answer, finding)]
    inner += [_line("do      ", words, bold=False) for words in doing(finding)]
    inner += [
        _line("source  ", f"{source.title or source.id}, {source.at} ({VERIFIED[source.verified]})", bold=False)
        for source in finding.sources
    ]
    inner += [_line("unknown ", words, bold=False) for words in open_questions(finding)]
    yield from (Padding(_hanging(part), (0, 0, 0, 2), expand=False) for part in inner)


def _hanging(part: RenderableType) -> RenderableType:
    """A label of eight letters, and its text beside it."""
    assert isinstance(part, Text)
    table = Table(box=None, show_header=False, padding=0, pad_edge=False)
    table.add_column(width=8, no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(part[:8], part[8:])
    return table


def _unknown(answer: Answer) -> Iterator[RenderableType]:
    for row in answer.unknown:
        yield _line(f"? {fact(row.fact)}: ", f"{shown(WHY, row.why)}. {row.settle} (leaves open: {notes.widens(row)})")
    if answer.not_looked_at:
        yield Text(clean(f"Not looked at: {listing([fact(name) for name in answer.not_looked_at])}."))


def _open(answer: Answer) -> Iterator[RenderableType]:
    rows = not_ruled_out(answer)
    for finding in rows[:SHOWN_OPEN]:
        yield _line(f"? {rank(finding.advice).words}: ", f"{name_of(finding)} [{finding.layer}]")
    if len(rows) > SHOWN_OPEN:
        yield Text(f"and {len(rows) - SHOWN_OPEN} more; the page and --json have them all.")


def _refused(row: NotUsed) -> Iterator[RenderableType]:
    critical = "CRITICAL " if row.critical else ""
    yield _line(f"{critical}{row.as_sent}: ", f"{shown(WHY, row.why)} ({said(row.field)}). {row.says}")
    yield Padding(Text(clean(f"Do: {row.do} Tell: {row.tell}.")), (0, 0, 0, 2), expand=False)


def _superseded(answer: Answer) -> Iterator[RenderableType]:
    for row in answer.superseded:
        rested = (
            f"; decisions rested on it: {listing(row.decisions)}. {row.do}"
            if row.decisions
            else "; no decision rested on it"
        )
        yield _line(f"was {row.as_sent}: ", f"{said(row.status)} by {row.by}{rested}.")


def _tests(answer: Answer) -> Iterator[RenderableType]:
    for row in answer.details.get("tests", ()):
        late = f" by {row['overdue_days']} days" if row.get("overdue_days") else ""
        words = f"{notes.due_words(row)}; {notes.last_words(row)}; {shown(DUE, str(row.get('state', '')))}{late}"
        yield _line(f"{fact(str(row.get('group', '')))}: ", words, f"  [{row.get('rule', '')}]")


def _plan(answer: Answer) -> Iterator[RenderableType]:
    details = answer.details
    if words := plan.range_words(details):
        yield Text(words)
    for place, step in enumerate(details.get("plan") or (), 1):
        yield _line(f"{place}. {plan.step_words(step)}: ", plan.from_words(step))
        yield from (
            Padding(Text(plan.gate_words(gate)), (0, 0, 0, 3), expand=False) for gate in step.get("gates") or ()
        )
    for option in details.get("options") or ():
        yield Text(f"- {plan.option_words(option)}")
    for reason in details.get("because") or ():
        yield Text(f"- {clean(reason)}")


def _foot(answer: Answer, record: Record) -> Iterator[RenderableType]:
    time_zone = zone(record.patient.time_zone)
    yield Text()
    yield from (Text(clean(notice), style="bold") for notice in dict.fromkeys(answer.notices))
    if answer.protocol.get("status") != IN_USE and not answer.notices:
        yield Text(f"Protocol {protocol(answer)}: {status(answer)}.", style="bold")
    as_of, known_at = moment(answer.as_of, time_zone), moment(answer.known_at, time_zone)
    yield Text(f"{shown(QUESTIONS, answer.question)}, as of {as_of}, with what was known at {known_at}.")
    yield Text(SUPPORTS)


def worklist(rows: Iterable[Row]) -> RenderableType:
    """Many answers as a table, worst first, with the sum that adds up."""
    listed = list(rows)
    table = Table(box=box.SIMPLE, pad_edge=False, expand=True)
    for name, ratio in (("Advice", 2), ("Patient", 3), ("Reason", 8), ("Course", 2)):
        table.add_column(name, ratio=ratio, overflow="fold")
    for group, members in grouped(listed):
        table.add_row(Text(f"{group}: {len(members)}", style="bold underline"))
        for row in members:
            late = f" A test is {row.late} days late." if row.late else ""
            style = STYLES[levels.tone(row.answer)]
            who = f"{row.name} ({clean(row.record.patient.id)})"
            table.add_row(Text(row.words, style=style), Text(who), Text(row.reason + late), Text(row.course))
    return Group(Text(total(listed), style="bold"), table, Text(SUPPORTS))
