"""What happened to a patient, newest first: events of the record, and what people did about what the rules said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from countwell.base.dates import Moment
from countwell.clinic.models import Act, Patient
from countwell.clinic.store.acted import kinds
from countwell.clinic.store.standing import zone_of
from countwell.facts.past import past_of
from countwell.model.records import Record, Result
from countwell.paper.course import happenings
from countwell.paper.plain import clean, fact, listing, said

OF_DECISIONS = ("propose", "sign")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. by: who did it, where it is an act; note: what they wrote."""

    day: date
    words: str
    by: str = ""
    note: str = ""


def timeline(patient: Patient, record: Record, as_of: Moment) -> list[Entry]:
    """Everything by then, newest first; of one day, acts before what came."""
    entries = [*_acts(patient), *_happened(record, as_of), *_results(record, as_of)]
    return sorted(entries, key=lambda entry: entry.day, reverse=True)


def _happened(record: Record, as_of: Moment) -> Iterator[Entry]:
    for one in reversed(happenings(past_of(record), as_of)):
        yield Entry(one.day, one.words[:1].upper() + one.words[1:])


def _results(record: Record, as_of: Moment) -> Iterator[Entry]:
    """The tests of each day in one line."""
    tests: dict[date, list[str]] = defaultdict(list)
    for event in record.events:
        if isinstance(event, Result) and event.collected and event.collected.day <= as_of.day:
            name = fact(event.test) if event.test else "a test that is not listed"
            tests[event.collected.day] += [] if name in tests[event.collected.day] else [name]
    return (Entry(day, f"Blood taken: {listing(names)}") for day, names in tests.items())


def _acts(patient: Patient) -> Iterator[Entry]:
    """Acts in their own words; one that was taken back says so, a decision says which."""
    calendar = zone_of(patient)
    for act in patient.acts.select_related("by", "owner", "undone_by").order_by("-at", "-pk"):
        words = kinds()[act.what].says
        words += f" ({said(act.reason)})" if act.what not in _OWNING and act.reason else ""
        words += ", and took it back" if _is_undone(act) else ""
        yield Entry(
            act.at.astimezone(calendar).date(), words, act.by.name, "" if act.what in OF_DECISIONS else clean(act.note)
        )


_OWNING = frozenset(
    what for what, kind in kinds().items() if kind.owner
)  # their reason is the number of who was before


def _is_undone(act: Act) -> bool:
    return getattr(act, "undone_by", None) is not None
