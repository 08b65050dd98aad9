"""What a named person does with a finding that has an explanation: accepts it, once (an intended fall under steroids)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from countwell.model.answers import Finding
from countwell.model.records import Medicine, Record, Result
from countwell.simulate.judging import judged
from countwell.simulate.laboratory import Event
from countwell.simulate.parameters import Chance, Parameters

FINE = "fine"
CENSORED = "<"


@dataclass(frozen=True, slots=True)
class Team:
    """Who looks after one patient. accepts: whether this team accepts explained findings at all."""

    given: Parameters
    accepts: bool

    def decisions(self, found: Sequence[Finding], record: Record, at: datetime) -> Iterator[Event]:
        """The acceptances that follow a review at `at`. found: what surely holds and nobody has accepted."""
        table = self.given["accepting"]
        names = {name_of(finding) for finding in found} & set(table["findings"])
        if not (names and self.accepts and self._explains(record, at)):
            return
        decided = (at + timedelta(hours=table["hours_after"])).isoformat()
        for name in sorted(names):
            yield {"kind": "decision", "do": "accept", "finding": name, "at": decided, "by": "dr-simulated"}

    def _explains(self, record: Record, at: datetime) -> bool:
        """Whether steroids are taken and the counts themselves are fine by the staff's own table."""
        counts = self.given["staff"]["watch"]
        values = {test: value for test, value in newest_values(record, at).items() if test in counts}
        taken = {event.name for event in record.events if isinstance(event, Medicine) and event.end is None}
        says = judged(values, record.course.condition or "", self.given).says
        return self.given["accepting"]["explained_by"] in taken and says == FINE


def team(number: int, seed: int, given: Parameters) -> Team:
    """The team of one patient of a register."""
    chance = Chance(Random(f"countwell team {seed} {number}"))
    return Team(given, chance.happens(given["accepting"]["share"]))


def name_of(finding: Finding) -> str:
    """A rule by its full name."""
    return f"{finding.layer}/{finding.table}/{finding.rule}"


def newest_values(record: Record, at: datetime) -> Mapping[str, float]:
    """The newest final value of each test that had come by then."""
    results = [event for event in record.events if isinstance(event, Result) and _had_come(event, at)]
    in_order = sorted(results, key=lambda event: event.collected.at if event.collected else at)
    return {str(event.test): float(str(event.value)) for event in in_order}


def _had_come(result: Result, at: datetime) -> bool:
    if result.received is None or result.status != "final" or str(result.value).startswith(CENSORED):
        return False
    return result.received.at <= at
