"""What became of a source: one patient's record, and whether each entry was filed, held for a person, or refused.

The counts add up by construction: each entry has exactly one outcome, and the outcome is read off the record itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from countwell.base.dates import moment
from countwell.base.errors import RecordError
from countwell.exchange.fields import FieldFault
from countwell.exchange.record_json import read_record
from countwell.exchange.refusals import compact
from countwell.exchange.repeats import id_of
from countwell.exchange.strict_json import Node
from countwell.model.records import SCHEMA, Record, Refused

UTC = ZoneInfo("UTC")
Outcome: TypeAlias = Literal["filed", "held", "refused"]
Event: TypeAlias = dict[str, Node]


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of a source (a resource, a row): where it stands, the events made of it, and what to say if there are none."""

    where: str
    events: tuple[Node, ...] = ()
    says: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one entry of a source. ids: of those of its events that were sent with one."""

    where: str
    outcome: Outcome
    says: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """One patient out of a source. document: the record as `countwell.record/1`; record: the same, read."""

    document: Mapping[str, Node]
    record: Record
    entries: tuple[Entry, ...]

    @property
    def received(self) -> int:
        """How many entries came."""
        return len(self.entries)

    @property
    def filed(self) -> tuple[Entry, ...]:
        """Entries that stand in the record, or say nothing that Countwell reads."""
        return self._with("filed")

    @property
    def held(self) -> tuple[Entry, ...]:
        """Entries at which a person must look."""
        return self._with("held")

    @property
    def refused(self) -> tuple[Entry, ...]:
        """Entries that cannot be used as they came."""
        return self._with("refused")

    def _with(self, outcome: Outcome) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.outcome == outcome)


def take_in(head: Mapping[str, Node], parts: Iterable[Part]) -> Intake:
    """The record made of a head (patient, course) and the events of all parts, with the outcome of each part.

    Raises RecordError if the head cannot be used.
    """
    kept = list(parts)
    events: list[Node] = [event for part in kept for event in part.events]
    document: dict[str, Node] = {"schema": SCHEMA, **head, "events": events}
    record = read_record(document)
    return Intake(document, record, tuple(entries_of(kept, record)))


def entries_of(parts: Sequence[Part], record: Record) -> Iterable[Entry]:
    """The outcome of each part: held if one of its events is, else refused if one is, else filed."""
    refused: dict[str | None, dict[tuple[str, str, bool], Refused]] = {}
    for item in record.refused:
        refused.setdefault(item.event, {}).setdefault((item.field, item.says, item.held), item)
    place = 0
    for part in parts:
        refs = [id_of(event) or f"#{place + offset}" for offset, event in enumerate(part.events)]
        place += len(part.events)
        made = entry_of(part, [item for ref in dict.fromkeys(refs) for item in refused.get(ref, {}).values()])
        yield replace(made, ids=tuple(filter(None, map(id_of, part.events))))


def entry_of(part: Part, refused: Sequence[Refused]) -> Entry:
    """The one outcome of a part."""
    if not refused:
        return Entry(part.where, "filed", part.says)
    outcome: Outcome = "held" if any(item.held for item in refused) else "refused"
    return Entry(part.where, outcome, " ".join(dict.fromkeys(map(_reason, refused))))


def _reason(item: Refused) -> str:
    return f"{item.field}: {item.says}" if item.field else item.says


def beside(intake: Intake, chart: Record) -> Intake:
    """The same beside the chart that it was filed into: what bears an id that says something else there is held."""
    clash = {item.event: _reason(item) for item in chart.refused if item.held}

    def looked(entry: Entry) -> Entry:
        says = next((clash[ref] for ref in entry.ids if ref in clash), "")
        return replace(entry, outcome="held", says=says) if says and entry.outcome == "filed" else entry

    return replace(intake, entries=tuple(map(looked, intake.entries)))


def mark(
    field: str, says: str, why: str = "unreadable", do: str = "Ask which it is.", held: bool = True
) -> dict[str, Node]:
    """The marking of an event that is taken in so that it is not lost, and must not be used."""
    return {"field": field, "why": why, "says": says, "do": do, "held": held}


def marking(fault: FieldFault) -> dict[str, Node]:
    """The fault of one field as the marking of the event."""
    return mark(fault.field, fault.says, fault.why, fault.do)


def when(sent: Node) -> dict[str, Node]:
    """The date of something that is kept and not read: one that cannot be read does not matter, and is kept beside."""
    try:
        moment(str(sent), UTC, partial=True)
    except RecordError:
        return {"at": None, "at_as_sent": sent}
    return {"at": sent}


def unusable(content: Node, says: str, where: str) -> Part:
    """An entry of which nothing can be made."""
    note: Event = {"kind": "note", "text": compact(content), "not_used": mark("", says, held=False)}
    return Part(where, (note,))
