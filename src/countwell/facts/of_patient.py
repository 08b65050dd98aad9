"""The facts of one patient as of an instant: one value per definition, worked out when first asked for.

This is the reference. It knows no rule; what the schedule requires and when a result lapses it is told by the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Protocol

from countwell.base.dates import Moment
from countwell.facts import dispensed, laboratory, life, listed, movement, orders, recovery, treatment
from countwell.facts.asked import NOTHING_ASKED, Asked
from countwell.facts.course import Course
from countwell.facts.past import Past, Timeline, settled
from countwell.facts.specimens import Specimen
from countwell.model.facts import Value
from countwell.model.pack import FactDefinition, Pack


class Schedule(Protocol):
    """What facts must be told of the rules in force."""

    def requires(self, test: str) -> bool:
        """Whether anything in force requires this test now."""

    def due_by(self, test: str, collected: Moment) -> date | None:
        """The last day on which a result collected then still vouches; None if nothing asks for the test again."""


@dataclass
class Facts:
    """One patient at one instant. asked: what is being asked beside the review; absent: from which lists, how confirmed.

    reports_before: preliminary reports collected from then on do not count.
    """

    past: Past
    as_of: Moment
    known_at: Moment
    schedule: Schedule
    asked: Asked = NOTHING_ASKED
    reports_before: datetime | None = None
    absent: dict[tuple[str, int, str], Value] = field(default_factory=dict)
    _values: dict[tuple[str, str], Value] = field(default_factory=dict)
    _specimens: dict[str, list[Specimen]] = field(default_factory=dict)
    _settled: dict[str, list[Specimen]] = field(default_factory=dict)

    def value(self, pack: Pack, name: str) -> Value:
        """The value of one of the pack's facts."""
        key = (pack.name, name)
        value = self._values.get(key)
        if value is None:
            definition = pack.facts[name]
            value = self._values[key] = KINDS[definition.kind](self, pack, definition)
        return value

    @property
    def spoken(self) -> frozenset[str]:
        """The symptoms and circumstances of which anything was said; all others are silent."""
        return self.past.spoken

    @cached_property
    def course(self) -> Course:
        """The course at this instant."""
        return self.past.course(self.as_of)

    @cached_property
    def _timeline(self) -> Timeline:
        return self.past.timeline(self.known_at, self.reports_before)

    def specimens(self, test: str) -> list[Specimen]:
        """A test's specimens so far, oldest first."""
        row = self._specimens.get(test)
        if row is None:
            row = self._specimens[test] = self._timeline.upto(test, self.as_of)
        return row

    def settled(self, test: str) -> list[Specimen]:
        """Those of a test that were done: with a final value."""
        row = self._settled.get(test)
        if row is None:
            row = self._settled[test] = settled(self.specimens(test))
        return row

    def moment_of(self, pack: Pack, name: str) -> Moment | None:
        """When the event of a fact happened: the newest event behind it, or the beginning of a time."""
        value = self.value(pack, name)
        if value.origin is not None:
            return treatment.beginning(self, value)
        definition = pack.facts[name]
        return self.last_settled(definition.of) if definition.kind in ("latest", "highest") else value.at

    def last_settled(self, names: Sequence[str]) -> Moment | None:
        """When the newest final value of these tests was collected; a preliminary one is not yet an event."""
        rows = [self.settled(name) for name in names]
        return max((row[-1].collected for row in rows if row), default=None)


Kind = Callable[[Facts, Pack, FactDefinition], Value]

KINDS: Mapping[str, Kind] = {
    "latest": laboratory.latest,
    "highest": laboratory.highest,
    "baseline": laboratory.baseline,
    "change": movement.change,
    "streak": movement.streak,
    "done": orders.done,
    "pending": orders.pending,
    "recovered": recovery.recovered,
    "since": treatment.since,
    "dose": treatment.dose,
    "state": treatment.state,
    "reason": treatment.reason,
    "condition": treatment.condition,
    "accepted": treatment.accepted,
    "missed": treatment.missed,
    "asked": treatment.asked,
    "symptom": life.symptom,
    "medicine": listed.medicine,
    "history": listed.history,
    "circumstance": life.circumstance,
    "gene": life.gene,
    "person": life.person,
    "vaccinated": dispensed.vaccinated,
    "label": dispensed.label,
}
