"""Which tests are wanted by which day: by the calendar of the protocol, or earlier by a finding.

The words `test-not-due`, `test-due` and `test-overdue` of an answer are said of the calendar alone. A repeat that a finding
asks for is late by its own day, as the headline says, whatever the calendar says of the next test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from countwell.model.answers import Answer
from countwell.paper.plain import day, day_of, fact, listing

FINAL = "final report of "  # before a test of which only a preliminary report came


@dataclass(frozen=True, slots=True)
class Wanted:
    """A group of tests and the last day for it. done: day of the last complete test; missing: what that lacked; since: of
    what was ordered, or awaits its final report, since when, in words."""

    group: str
    until: date
    done: str = ""
    missing: Sequence[str] = ()
    since: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return fact(self.group.removeprefix(FINAL))

    @property
    def last(self) -> str:
        """When it was last done, in words; empty if never."""
        return day_of(self.done) if self.done else ""

    @property
    def by(self) -> str:
        """Its last day, in words."""
        return day(self.until)

    @property
    def lacks(self) -> str:
        """What was missing, in words."""
        return listing([fact(name) for name in self.missing])


def wanted(answer: Answer) -> list[Wanted]:
    """Every group that anything wants, each by its earliest day, the earliest first."""
    rows = {row["group"]: row for row in answer.details.get("tests", ())}
    days = {group: date.fromisoformat(row["due_by"]) for group, row in rows.items() if row.get("due_by")}
    for group, until in answer.advice.tests.items():
        days[group] = min(until, days.get(group, until))
    found = [_row(group, until, rows.get(group, {})) for group, until in days.items()]
    return sorted(found, key=lambda one: (one.until, one.group))


def _row(group: str, until: date, row: Mapping[str, Any]) -> Wanted:
    return Wanted(group, until, row.get("last") or "", row.get("missing") or ())
