"""A record made ready to be asked: events sorted by kind and laboratory results read once.

A past is never changed; supposing an event makes another one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from countwell.base.dates import Moment, zone
from countwell.base.errors import Unreadable
from countwell.base.spans import Span
from countwell.facts.course import PROPOSED, Course, courses
from countwell.facts.parts import parts_checked
from countwell.facts.readings import Reading, read_result, span_of
from countwell.facts.specimens import Replaced, Specimen, resolve
from countwell.model.records import (
    Circumstance,
    Decision,
    Died,
    Event,
    Medicine,
    Record,
    Refused,
    Result,
    Symptom,
    Weight,
)
from countwell.vocabulary.medicines import medicines
from countwell.vocabulary.quantities import read_weight
from countwell.vocabulary.tests import test

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A weight in kg as a span, with its date."""

    ref: str
    at: Moment
    kg: Span


@dataclass(frozen=True)
class Timeline:
    """Every test's specimens in order of collection, as known at one instant; what was put aside, and what cannot be used."""

    specimens: dict[str, list[Specimen]]
    instants: dict[str, list[datetime]]
    put_aside: tuple[Replaced, ...]
    problems: tuple[Reading, ...]

    def upto(self, name: str, as_of: Moment) -> list[Specimen]:
        """The specimens of a test collected by that instant, oldest first."""
        row = self.specimens.get(name)
        if row is None:
            return []
        return row[: bisect_right(self.instants[name], as_of.at)]

    def mere_reports(self, as_of: Moment) -> list[datetime]:
        """When the specimens of which there are only preliminary reports were collected."""
        found = {s.collected.at for row in self.specimens.values() for s in row if s.mere_report}
        return sorted(instant for instant in found if instant <= as_of.at)

    def without_reports(self, begin: datetime) -> Timeline:
        """The same without the merely reported specimens collected from `begin` on."""
        kept = {
            name: [s for s in row if not (s.mere_report and s.collected.at >= begin)]
            for name, row in self.specimens.items()
        }
        return _laid_out(kept, self.put_aside, self.problems)


@dataclass
class Past:
    """One patient's record, sorted and read. Build it with `past_of`. readings: each by itself, not held to its whole."""

    record: Record
    readings: dict[str, list[Reading]]
    _timelines: dict[object, Timeline] = field(default_factory=dict)

    @property
    def time_zone(self) -> ZoneInfo:
        """The patient's own calendar."""
        return zone(self.record.patient.time_zone)

    @cached_property
    def by_kind(self) -> dict[type[object], list[Event]]:
        """The events by their class, in the order of the record."""
        kinds: dict[type[object], list[Event]] = defaultdict(list)
        for event in self.record.events:
            kinds[type(event)].append(event)
        return kinds

    def of(self, kind: type[E]) -> list[E]:
        """All events of one class."""
        return self.by_kind.get(kind, [])  # type: ignore[return-value]

    def collected_after(self, instant: datetime) -> list[Reading]:
        """The results that were collected later, as they read beside all others, whenever these came."""
        if self.last_collected is None or self.last_collected <= instant:
            return []
        rows = (parts_checked(name, row, self.readings) for name, row in self.readings.items())
        return [reading for row in rows for reading in row if reading.collected.at > instant]

    @cached_property
    def doubted(self) -> list[Reading]:
        """The results whose receipt is not believed."""
        return [reading for row in self.readings.values() for reading in row if reading.doubted is not None]

    @cached_property
    def doubted_limits(self) -> list[Reading]:
        """The results that are used without the upper limit that was sent with them."""
        rows = self.readings.values()
        return [one for row in rows for one in row if one.limit_problem is not None and one.span is not None]

    @cached_property
    def medicines(self) -> list[tuple[Medicine, frozenset[str]]]:
        """Each medicine with its name and all its classes."""
        return [(m, _names_of(m.name)) for m in self.of(Medicine)]

    @cached_property
    def symptoms(self) -> dict[str, list[Symptom]]:
        """All that was said of each symptom, newest first."""
        said: dict[str, list[Symptom]] = defaultdict(list)
        for symptom in sorted(self.of(Symptom), key=lambda s: (s.since.at, s.ref), reverse=True):
            said[symptom.symptom].append(symptom)
        return dict(said)

    @cached_property
    def spoken(self) -> frozenset[str]:
        """The symptoms and circumstances of which anything was said."""
        return frozenset(self.symptoms) | {c.what for c in self.of(Circumstance)}

    @cached_property
    def begun(self) -> dict[str, Moment]:
        """When each medicine, symptom and circumstance began, by the ref of its event, where that is known."""
        medicines = {m.ref: m.start for m in self.of(Medicine) if m.start is not None}
        circumstances = {c.ref: c.start for c in self.of(Circumstance) if c.start is not None}
        return medicines | circumstances | {s.ref: s.since for s in self.of(Symptom)}

    @cached_property
    def last_collected(self) -> datetime | None:
        """When the newest of all results was collected."""
        return max((reading.collected.at for row in self.readings.values() for reading in row), default=None)

    @cached_property
    def weights(self) -> list[Weighed]:
        """The weights that can be read, oldest first."""
        read = [_weighed(weight, self.record.patient.born) for weight in self.of(Weight)]
        by_instant: dict[datetime, list[Weighed]] = defaultdict(list)
        for weighed in read:
            if isinstance(weighed, Weighed):
                by_instant[weighed.at.at].append(weighed)
        return [_joined(by_instant[instant]) for instant in sorted(by_instant)]

    @cached_property
    def unreadable_weights(self) -> list[Refused]:
        """The weights that cannot be read."""
        born = self.record.patient.born
        return [read for weight in self.of(Weight) if isinstance(read := _weighed(weight, born), Refused)]

    def weight(self, as_of: Moment) -> Weighed | None:
        """The newest weight by that instant; None also while the newest one cannot be read."""
        newest = next((w for w in reversed(self.weights) if w.at.at <= as_of.at), None)
        later = (r.at for r in self.unreadable_weights if r.at is not None and r.at.at <= as_of.at)
        return None if any(newest is None or at.at >= newest.at.at for at in later) else newest

    @cached_property
    def _courses(self) -> list[tuple[datetime, Course]]:
        return courses([*self.of(Decision), *self.of(Died)])

    def course(self, as_of: Moment) -> Course:
        """The course at that instant."""
        place = bisect_right(self._courses, as_of.at, key=lambda step: step[0])
        return self._courses[place - 1][1] if place else PROPOSED

    def timeline(self, known_at: Moment, reports_before: datetime | None = None) -> Timeline:
        """All specimens as they were known at that instant; of mere reports, if it is given, only those collected before."""
        key = known_at.at, reports_before
        if key not in self._timelines:
            self._timelines[key] = (
                _timeline(self.readings, known_at)
                if reports_before is None
                else self.timeline(known_at).without_reports(reports_before)
            )
        return self._timelines[key]

    def supposing(self, *events: Event) -> Past:
        """This past with further events; results are read again only if a result is supposed."""
        record = replace(self.record, events=(*self.record.events, *events))
        if any(isinstance(event, Result) for event in events):
            return past_of(record)
        return Past(record, self.readings, self._timelines)


def past_of(record: Record) -> Past:
    """Make a record ready to be asked."""
    readings: dict[str, list[Reading]] = defaultdict(list)
    for event in record.events:
        if isinstance(event, Result) and event.test is not None and event.collected is not None:
            readings[event.test].append(read_result(event))
    return Past(record, {name: _without_doubles(row) for name, row in readings.items()})


def _without_doubles(row: list[Reading]) -> list[Reading]:
    """The same test, collection, value, unit and status without an id counts once."""
    seen: dict[object, Reading] = {}
    for reading in row:
        seen.setdefault(reading.ref if reading.id else _content(reading), reading)
    return list(seen.values())


def _content(reading: Reading) -> object:
    return (
        reading.collected.at,
        reading.as_sent,
        reading.status,
        reading.replaces,
        reading.upper,
        reading.known.at,
    )


def _names_of(name: str) -> frozenset[str]:
    """A medicine's own name, what it contains and its classes."""
    listed = medicines().get(name)
    return frozenset({name, *listed.contains, *listed.classes}) if listed is not None else frozenset({name})


def _joined(weights: Sequence[Weighed]) -> Weighed:
    """Several weights of one instant: all that lies between them is possible."""
    low, high = min(w.kg.low for w in weights), max(w.kg.high for w in weights)
    return Weighed(weights[0].ref, weights[0].at, Span(low, high)) if len(weights) > 1 else weights[0]


def _weighed(weight: Weight, born: date | None) -> Weighed | Refused:
    try:
        read = read_weight(weight.value, weight.unit, born, weight.at.day)
    except Unreadable as unreadable:
        return refused_weight(weight, unreadable)
    return Weighed(weight.ref, weight.at, span_of(read))


def refused_weight(weight: Weight, unreadable: Unreadable) -> Refused:
    """A weight that cannot be used, and why."""
    return Refused(
        event=weight.ref,
        field="unit" if unreadable.why in ("no-unit", "ambiguous-unit") else "value",
        as_sent=f"{weight.value} {weight.unit or ''}".strip(),
        why=unreadable.why,
        says=unreadable.says,
        do="Weigh the patient again.",
        tell="nurse",
        at=weight.at,
        kind="weight",
    )


def _timeline(readings: dict[str, list[Reading]], known_at: Moment) -> Timeline:
    known = {name: [reading for reading in row if reading.known.at <= known_at.at] for name, row in readings.items()}
    checked = {name: parts_checked(name, row, known) for name, row in known.items() if row}
    specimens: dict[str, list[Specimen]] = {}
    put_aside: list[Replaced] = []
    for name, row in checked.items():
        specimens[name], replaced = resolve(row, test(name).worse)
        put_aside += replaced
    problems = (reading for row in checked.values() for reading in row if reading.problem is not None)
    return _laid_out(specimens, tuple(put_aside), tuple(problems))


def _laid_out(
    specimens: dict[str, list[Specimen]], put_aside: tuple[Replaced, ...], problems: tuple[Reading, ...]
) -> Timeline:
    instants = {name: [s.collected.at for s in row] for name, row in specimens.items()}
    return Timeline(specimens, instants, put_aside, problems)


def settled(specimens: Sequence[Specimen]) -> list[Specimen]:
    """Those that were done: with a final value."""
    return [specimen for specimen in specimens if specimen.settled]
