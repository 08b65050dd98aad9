"""How a draw comes to the clinic: printed, sometimes late, preliminary, corrected, withdrawn, without limits, or never."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from countwell.simulate.dates import Calendar
from countwell.simulate.laboratory import Event, laboratory, result
from countwell.simulate.parameters import BY_LABORATORY, Chance, Parameters
from countwell.simulate.people import Person

DIFFERENTIAL = ("neutrophils", "lymphocytes")
ENZYMES = ("alt", "ast")
NEXT_DAY = 1


@dataclass(frozen=True, slots=True)
class Report:
    """One draw as the clinic gets it. seen: the day its final values are there; None if they never come."""

    events: tuple[Event, ...]
    seen: int | None
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Lacks:
    """What a report comes without."""

    neutrophils: bool
    limits: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """The laboratory's desk for one patient. begins: the date of day 0. gaps: chance of its own for what a panel lacks, so that
    everything else stays as it is whether gaps come by laboratory or by panel."""

    person: Person
    given: Parameters
    calendar: Calendar
    begins: date
    chance: Chance
    gaps: Chance

    def report(self, day: int, values: Mapping[str, float], also: Collection[str] = ()) -> Report:
        """What comes of a draw. also: tests that were asked for beside the usual ones."""
        shares = self.given.shares
        if self.chance.happens(shares["lost"]):
            return Report((), None, {})
        late = self.chance.days(self.given["visits"]["late_by"]) if self.chance.happens(shares["late"]) else 0
        lacks = self._lacks()
        panel = {test: value for test, value in values.items() if test in (*self._panel(lacks), *also)}
        if self.chance.happens(shares["haemolysed"]):
            panel = {test: value for test, value in panel.items() if test not in ENZYMES}
        events = [self._result(day, test, value, late, lacks) for test, value in panel.items()]
        return Report(tuple(self._flawed(day, events)), day + late, panel)

    def _lacks(self) -> Lacks:
        if self.given.gaps == BY_LABORATORY:
            return Lacks(self.person.no_neutrophils, self.person.no_limits)
        shares = self.given.shares
        return Lacks(self.gaps.happens(shares["no_neutrophils"]), self.gaps.happens(shares["no_upper_limit"]))

    def _panel(self, lacks: Lacks) -> tuple[str, ...]:
        tests = laboratory().panels[self.person.condition]
        return tuple(test for test in tests if not (lacks.neutrophils and test in DIFFERENTIAL))

    def _result(self, day: int, test: str, value: float, late: int, lacks: Lacks) -> Event:
        event = result(self.calendar, self.date(day), test, self._printed(test, value))
        if lacks.limits:
            event |= {"normal_low": None, "normal_high": None}
        return event | {"received": self.calendar.drawn(self.date(day + late))[1]} if late else event

    def _printed(self, test: str, value: float) -> str:
        least = self.given["reported_below"].get(test)
        return (
            f"<{least}" if least is not None and value < least else laboratory().assays[test].printed(round(value, 4))
        )

    def _flawed(self, day: int, events: list[Event]) -> Iterator[Event]:
        shares = self.given.shares
        if self.chance.happens(shares["preliminary"]):
            yield from (event | {"id": f"{event['id']}-p", "status": "preliminary"} for event in events)
            final = self.calendar.drawn(self.date(day + NEXT_DAY))[1]
            events = [event | {"received": max(final, event["received"])} for event in events]
        yield from events
        if self.chance.happens(shares["corrected"]):
            yield self._corrected(day, self.chance.random.choice(events))
        if self.chance.happens(shares["withdrawn"]):
            gone = self.chance.random.choice(events)
            again = {"id": f"{gone['id']}-w", "status": "entered-in-error", "replaces": gone["id"]}
            yield gone | again | {"received": self._days_later(day)}

    def _corrected(self, day: int, wrong: Event) -> Event:
        """The same result again, a little different, days later."""
        value = str(wrong["value"])
        assay = laboratory().assays[wrong["test"]]
        right = (
            value if value.startswith("<") else assay.printed(round(float(value) * self.chance.between((0.9, 1.15)), 4))
        )
        again = {"id": f"{wrong['id']}-c", "status": "corrected", "replaces": wrong["id"], "value": right}
        return wrong | again | {"received": self._days_later(day)}

    def _days_later(self, day: int) -> str:
        return self.calendar.drawn(self.date(day + self.chance.days(self.given["visits"]["late_by"])))[1]

    def date(self, day: int) -> date:
        """The date of a day of the register."""
        return self.begins + timedelta(days=day)


def dated(desk: Desk, kind: str, day: int, when: str = "at", **fields: Any) -> Event:
    """An event of a whole day. when: the name of its date."""
    return {"kind": kind, when: desk.date(day).isoformat(), **fields}
