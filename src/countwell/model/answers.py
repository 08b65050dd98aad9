"""An answer: advice at least and at most, what was found and why, what is not known, what was not used.

Field names are those of `countwell.answer/1`. Nothing after an answer decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from countwell.base.dates import Moment
from countwell.base.spans import Span
from countwell.model.advice import Advice

SCHEMA = "countwell.answer/1"

ACTIONS = (
    "emergency seen-today stop hold reduce-dose do-not-start do-not-combine do-not-vaccinate refuse-dose cannot-use-input "
    "do-not-raise contact-prescriber caution closer-monitoring infection-precautions cannot-say test-overdue test-due "
    "test-not-due restart-with-special-caution withhold-supply take-later-today skip-dose split-dose dose-options "
    "avoid-pregnancy waiting-period-complete avoid-alcohol ask-before-vaccination continue"
).split()

WORDS = (
    "take-later-today skip-dose split-dose avoid-pregnancy waiting-period-complete avoid-alcohol ask-before-vaccination "
    "do-not-vaccinate do-not-combine restart-with-special-caution caution"
).split()

QUESTIONS = (
    "review symptoms response metabolites start dose check-dose split restart schedule supply travel missed-dose medicine "
    "vaccine pregnancy lifestyle"
).split()


@dataclass(frozen=True, slots=True)
class Because:
    """One evaluated condition of a rule: the fact as it stood, and the number it was compared with."""

    fact: str
    op: str | None
    holds: bool | None
    span: Span | None = None
    words: tuple[str, ...] | None = None
    unit: str = ""
    at: Moment | None = None
    events: tuple[str, ...] = ()
    as_sent: str | None = None
    number: str | None = None
    number_value: str | None = None
    why: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The shape of the answer's `because`."""
        span = None if self.span is None else [_end(self.span.low), _end(self.span.high)]
        return {
            "fact": self.fact,
            "op": self.op,
            "holds": self.holds,
            "span": span,
            "open": None if self.span is None else [self.span.low_open, self.span.high_open],
            "words": list(self.words) if self.words is not None else None,
            "unit": self.unit,
            "at": str(self.at) if self.at else None,
            "events": list(self.events),
            "as_sent": self.as_sent,
            "number": self.number,
            "number_value": self.number_value,
            "why": self.why,
        }


def _end(value: Decimal) -> str | None:
    return format(value, "f") if value.is_finite() else None


@dataclass(frozen=True, slots=True)
class Cited:
    """A source and the place in it."""

    id: str
    at: str
    reading: str | None
    verified: bool
    title: str = ""

    def to_json(self) -> dict[str, Any]:
        """The shape of the answer's `sources`."""
        return {"id": self.id, "at": self.at, "reading": self.reading, "verified": self.verified, "title": self.title}


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that holds, or cannot be ruled out. advice carries the dates; accepted: the event that silenced it."""

    table: str
    rule: str
    holds: str
    layer: str
    advice: Advice
    because: tuple[Because, ...] = ()
    sources: tuple[Cited, ...] = ()
    tell: Mapping[str, str] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    episode: str | None = None
    calendar: bool = False
    gate: str | None = None
    accepted: str | None = None
    newest: Moment | None = None

    def to_json(self) -> dict[str, Any]:
        """The shape of the answer's `findings`."""
        return {
            "table": self.table,
            "rule": self.rule,
            "holds": self.holds,
            "advice": self.advice.to_json(),
            "layer": self.layer,
            "episode": self.episode,
            "words": sorted(self.words),
            "gate": self.gate,
            "accepted": self.accepted,
            "because": [because.to_json() for because in self.because],
            "sources": [source.to_json() for source in self.sources],
            "tell": dict(self.tell),
        }


@dataclass(frozen=True, slots=True)
class Graded:
    """How large a change a value is, in one version of the CTCAE: from grade[0] to grade[1]. It decides nothing."""

    event: str
    test: str
    term: str
    version: str
    grade: tuple[int, int]

    def to_json(self) -> dict[str, Any]:
        """The shape of the answer's `grades`."""
        return asdict(self) | {"grade": list(self.grade)}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that keeps the advice open, why, and the one thing that would settle it."""

    fact: str
    why: str
    settle: str
    widens: str

    def to_json(self) -> dict[str, Any]:
        """The shape of the answer's `unknown`."""
        return {"fact": self.fact, "why": self.why, "settle": self.settle, "widens": self.widens}


@dataclass(frozen=True, slots=True)
class NotUsed:
    """An input that was not used, for the answer."""

    event: str | None
    field: str
    as_sent: str
    why: str
    says: str
    critical: bool
    do: str
    tell: str
    held: bool = False
    test: str | None = None
    kind: str | None = None
    kept: bool = False

    def to_json(self) -> dict[str, Any]:
        """The shape of the answer's `refused`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Superseded:
    """A result that a later one replaced, and the decisions that rested on it."""

    event: str
    as_sent: str
    by: str
    status: str
    decisions: tuple[str, ...]
    do: str = "tell those who acted on it"

    def to_json(self) -> dict[str, Any]:
        """The shape of the answer's `superseded`."""
        return asdict(self) | {"decisions": list(self.decisions)}


@dataclass(frozen=True, slots=True)
class DueGroup:
    """One group of tests in the schedule. state: overdue, due, not-due or never-done."""

    group: str
    last: date | None
    due_from: date | None
    due_by: date | None
    overdue_days: int
    state: str
    missing: tuple[str, ...]
    rule: str | None

    def to_json(self) -> dict[str, Any]:
        """The shape of `details.tests`."""
        return {
            "group": self.group,
            "last": self.last.isoformat() if self.last else None,
            "due_from": self.due_from.isoformat() if self.due_from else None,
            "due_by": self.due_by.isoformat() if self.due_by else None,
            "overdue_days": self.overdue_days,
            "state": self.state,
            "missing": list(self.missing),
            "rule": self.rule,
        }


@dataclass(frozen=True, slots=True)
class CourseNow:
    """The course as of the instant: proposed active held stopped ended died."""

    state: str
    since: date | None = None
    mg_per_day: Decimal | None = None
    frequency: str | None = None
    reason: str | None = None
    decide_by: date | None = None

    def to_json(self) -> dict[str, Any]:
        """The shape of the answer's `course`."""
        return {
            "state": self.state,
            "since": self.since.isoformat() if self.since else None,
            "mg_per_day": format(self.mg_per_day, "f") if self.mg_per_day is not None else None,
            "frequency": self.frequency,
            "reason": self.reason,
            "decide_by": self.decide_by.isoformat() if self.decide_by else None,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one question about one patient. beside: what other protocols answer; it changes nothing here."""

    question: str
    protocol: Mapping[str, Any]
    as_of: Moment
    known_at: Moment
    course: CourseNow
    actions: tuple[str, ...]
    advice: Advice
    advice_at_most: Advice
    headline: str
    findings: tuple[Finding, ...]
    unknown: tuple[Unknown, ...]
    refused: tuple[NotUsed, ...]
    superseded: tuple[Superseded, ...]
    not_looked_at: tuple[str, ...]
    views: tuple[Mapping[str, str], ...]
    details: Mapping[str, Any]
    notices: tuple[str, ...] = ()
    beside: tuple[Answer, ...] = ()
    grades: tuple[Graded, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The whole answer as `countwell.answer/1`."""
        return {
            "schema": SCHEMA,
            "question": self.question,
            "protocol": dict(self.protocol),
            "as_of": str(self.as_of),
            "known_at": str(self.known_at),
            "course": self.course.to_json(),
            "actions": list(self.actions),
            "advice": self.advice.to_json(),
            "advice_at_most": self.advice_at_most.to_json(),
            "headline": self.headline,
            "notices": list(self.notices),
            "findings": [finding.to_json() for finding in self.findings],
            "unknown": [unknown.to_json() for unknown in self.unknown],
            "refused": [item.to_json() for item in self.refused],
            "superseded": [item.to_json() for item in self.superseded],
            "not_looked_at": list(self.not_looked_at),
            "views": [dict(view) for view in self.views],
            "details": dict(self.details),
            "beside": [answer.to_json() for answer in self.beside],
            "grades": [grade.to_json() for grade in self.grades],
        }
