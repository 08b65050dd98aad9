"""What is never given beside azathioprine under a protocol: asked of it once, about somebody of whom nothing else is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

from countwell import Record, ask, read_record
from countwell.base.dates import moment, zone
from countwell.model.records import SCHEMA, Course
from countwell.paper.plain import listing
from countwell.vocabulary.medicines import AZATHIOPRINE, classes, in_class, medicines
from countwell.vocabulary.vaccines import vaccines

DAY = "2026-01-01"  # any day: what is not combined does not hang on it


def never_with(course: Course) -> str:
    """The medicines that are not combined with it, and live vaccines if these are not given; empty if it names none."""
    return listing(_never(course.condition, course.protocol, course.layers))


@cache
def _never(condition: str | None, protocol: str | None, layers: tuple[str, ...] | None) -> tuple[str, ...]:
    course = {"condition": condition, "protocol": protocol, "layers": layers}
    start = {"kind": "decision", "do": "start", "at": DAY}
    record = read_record(
        json.dumps({"schema": SCHEMA, "patient": {"id": "nobody"}, "course": course, "events": [start]})
    )
    live = any(_says(record, "vaccine", one.name, "do-not-vaccinate") for one in vaccines().values() if one.live)
    return (*dict.fromkeys(_medicines(record)), *(("live vaccines",) if live else ()))


def _medicines(record: Record) -> Iterator[str]:
    """One medicine of each class is asked about, and all of a class of which that one is not combined."""
    for name in classes():
        members = sorted(one for one in in_class(name) if not medicines()[one].contains and one != AZATHIOPRINE)
        if members and _says(record, "medicine", members[0], "do-not-combine"):
            yield from (one for one in members if _says(record, "medicine", one, "do-not-combine"))


def _says(record: Record, question: str, name: str, action: str) -> bool:
    return action in ask(question, record, as_of=moment(DAY, zone("UTC")), said={"name": [name]}).actions
