"""A clinic ready to look at: files as they would come, read with the real readers, a page for each patient, and a check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from countwell.base.dates import Moment, of_instant, zone
from countwell.model.answers import Answer
from countwell.model.records import Record
from countwell.pack.load import load
from countwell.paper.figure import figure
from countwell.paper.index import index_page
from countwell.paper.page import page
from countwell.paper.worklist import Row, grouped
from countwell.questions.ask import ask
from countwell.simulate import clinic, written
from countwell.simulate.clinic import Received, Sums
from countwell.simulate.situations import Situation, situations

INPUTS, INDEX = "inputs", "index.html"
LOADED = re.compile(r"<script|<link\b|<iframe|<img|<object|<embed|\bsrc=|@import|url\((?!#)", re.IGNORECASE)
LOCKED = "default-src 'none'"


@dataclass(frozen=True, slots=True)
class Shown:
    """One patient: what there is to see, what came, and the answers."""

    situation: Situation
    received: Received
    answers: Mapping[str, Answer]

    @property
    def record(self) -> Record:
        """The record as it was read."""
        return self.received.record

    @property
    def review(self) -> Answer:
        """The answer to the standing question."""
        return self.answers["review"]

    @property
    def page(self) -> str:
        """The name of the patient's page."""
        return f"{self.situation.id}.html"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What was made in a folder."""

    folder: Path
    shown: tuple[Shown, ...]
    sums: Sums

    @property
    def rows(self) -> list[Row]:
        """The worklist; each row links to its page."""
        return [Row(one.review, one.record, one.page) for one in self.shown]


def make(folder: Path, as_of: Moment) -> Demonstration:
    """Writes the files, reads them back, asks about each patient, and writes the pages."""
    told = situations(as_of)
    written.write(told, folder / INPUTS)
    patients = clinic.read(folder / INPUTS)
    shown = tuple(_shown(situation, patients[situation.id], as_of) for situation in told)
    made = Demonstration(folder, shown, clinic.sums(patients))
    for one in shown:
        (folder / one.page).write_text(_page(one), encoding="utf-8")
    (folder / INDEX).write_text(index_page(made.rows), encoding="utf-8")
    return made


def _shown(situation: Situation, received: Received, as_of: Moment) -> Shown:
    own = of_instant(as_of.at, zone(received.record.patient.time_zone))
    answers = {question: ask(question, received.record, as_of=own) for question in situation.questions}
    return Shown(situation, received, answers)


def _page(one: Shown) -> str:
    packs = load(one.situation.protocol, one.record.course.layers).packs
    return page(one.review, one.record, figure(one.review, one.record, packs), packs)


def faults(made: Demonstration) -> list[str]:
    """Everything that is not as it should be."""
    return [*_wrong_answers(made), *_wrong_sums(made), *_wrong_pages(made)]


def _wrong_answers(made: Demonstration) -> Iterator[str]:
    for one in made.shown:
        for question, expected in one.situation.questions.items():
            said = one.answers[question].actions
            missing = [word for word in expected.words if word not in said]
            forbidden = [word for word in expected.never if word in said]
            if missing or forbidden:
                yield f"{one.situation.id} {question}: missing {missing}, not wanted {forbidden}, said {list(said)}."


def _wrong_sums(made: Demonstration) -> Iterator[str]:
    if not made.sums.add_up:
        yield f"received is not filed + held + refused: {made.sums}."
    if len(made.rows) != sum(len(members) for _, members in grouped(made.rows)):
        yield "the groups of the list do not hold every patient once."
    for one in made.shown:
        read = {event.ref for event in one.record.events} | {item.event for item in one.record.refused}
        lost = [event["id"] for event in one.situation.record["events"] if "id" in event and event["id"] not in read]
        if lost:
            yield f"{one.situation.id}: sent and neither read nor refused: {lost}."


def _wrong_pages(made: Demonstration) -> Iterator[str]:
    for name in (INDEX, *(one.page for one in made.shown)):
        path = made.folder / name
        if not path.exists():
            yield f"{name} was not written."
            continue
        text = unescape(path.read_text(encoding="utf-8"))
        if loads := LOADED.findall(text):
            yield f"{name} loads something: {sorted(set(loads))}."
        if LOCKED not in text:
            yield f"{name} has no policy that forbids loading."
    index = (made.folder / INDEX).read_text(encoding="utf-8")
    yield from (f"{INDEX} does not link to {one.page}." for one in made.shown if f'"{one.page}"' not in index)
