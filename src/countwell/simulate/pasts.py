"""The usual past of a hand-made patient: started in steps, tested as the protocol asks, everything in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from countwell.simulate.dates import Calendar, days
from countwell.simulate.laboratory import Event, draw, laboratory

NO_LIMITS = {"normal_low": None, "normal_high": None}
STEP_MG = 50
STEP_EVERY = timedelta(weeks=4)
EARLY = timedelta(weeks=12)
EARLY_EVERY = timedelta(weeks=2)
BEFORE_START = timedelta(days=6)
RECENTLY = timedelta(weeks=6)
EVERY = {"cidp": "4w", "mg": "4w", "aih": "8w"}


@dataclass(frozen=True, slots=True)
class Person:
    """What a past needs to know of a patient. kg: the weight as written, in kg unless it names its unit."""

    protocol: str
    kg: str
    genes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A past as a situation tells it, read with the calendar and the chance of its patient."""

    calendar: Calendar
    person: Person
    chance: Random
    past: Mapping[str, Any]

    def day(self, name: str) -> date:
        """The day of one of its offsets."""
        return self.calendar.day(self.past[name])

    def draws(self, when: Sequence[date], values: Mapping[str, Any]) -> Iterator[Event]:
        """Draws on several days with the same values; from some laboratories without limits."""
        for day in when:
            for event in draw(self.calendar, day, self.person.protocol, values, self.chance):
                yield event | NO_LIMITS if "no-limits" in self.past else event


def treated(told: Told) -> Iterator[Event]:
    """From the baseline to the last usual draw."""
    start, until = told.day("since"), told.day("until")
    baseline = numbers(told.past.get("baseline", {}))
    yield from about(told, start - BEFORE_START)
    yield from told.draws([start - BEFORE_START], baseline)
    yield from steps(start, int(told.past["mg"]), told.calendar.today)
    drift = Drift(start, until, baseline, numbers(told.past.get("towards", {})))
    every = timedelta(days=days(told.past.get("every", EVERY[told.person.protocol])))
    for day in days_of_draws(start, until, every):
        yield from told.draws([day], drift.values(day, told.chance))


def proposed(told: Told) -> Iterator[Event]:
    """Nothing but the preparations."""
    yield from about(told, told.calendar.today - BEFORE_START)
    if "baseline" in told.past:
        yield from told.draws([told.day("baseline")], {})


def moved_in(told: Told) -> Iterator[Event]:
    """Taken over from elsewhere on a dose reached long ago."""
    at = told.day("at").isoformat()
    yield {"kind": "decision", "do": "transfer-in", "at": at, "since": told.past["since"], "mg_per_day": told.past["mg"],
           "frequency": "once daily", "by": "dr-demo"}  # fmt: skip
    yield from about(told, told.calendar.today - RECENTLY)
    yield from told.draws([told.calendar.day(offset) for offset in told.past["draws"]], numbers(told.past["values"]))


def about(told: Told, before: date) -> Iterator[Event]:
    """Weight, genes and lists: before the start, and again lately."""
    recently = max(before, told.calendar.today - RECENTLY)
    for day in sorted({before, recently}):
        yield {"kind": "weight", "at": day.isoformat(), **weight(told.person.kg)}
    yield {"kind": "list-confirmed", "list": "medicines", "at": recently.isoformat()}
    yield {"kind": "list-confirmed", "list": "history", "at": recently.isoformat()}
    for gene, said in told.person.genes.items():
        yield from gene_events(gene, said, before)


def weight(text: str) -> dict[str, str]:
    """A weight as written: `70`, or `154 lb`."""
    value, _, unit = text.partition(" ")
    return {"value": value, "unit": unit or "kg"}


def gene_events(gene: str, said: str, day: date) -> Iterator[Event]:
    """A gene result, or that it was ordered and is not back."""
    if said == "pending":
        yield {"kind": "test-ordered", "test": gene.lower(), "at": day.isoformat(), "status": "pending"}
    elif said != "not ordered":
        yield {"kind": "genotype", "gene": gene, "result": said, "at": day.isoformat()}


def steps(start: date, mg: int, today: date) -> Iterator[Event]:
    """The start and each raise, up to a dose or to today."""
    day, dose = start, min(STEP_MG, mg)
    yield _decided("start", day, dose)
    while dose < mg and day + STEP_EVERY < today:
        day, dose = day + STEP_EVERY, min(dose + STEP_MG, mg)
        yield _decided("raise", day, dose)


def _decided(do: str, day: date, mg: int) -> Event:
    dose = {"mg_per_day": str(mg), "frequency": "once daily", "by": "dr-demo"}
    return {"kind": "decision", "do": do, "at": day.isoformat(), **dose}


def days_of_draws(start: date, until: date, every: timedelta) -> list[date]:
    """Every two weeks at first, then as the protocol asks, the last one exactly at `until`."""
    found, day = [], until
    while day > start:
        found.append(day)
        day -= EARLY_EVERY if day - start <= EARLY else every
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Drift:
    """Values that move evenly from those before the start to those at `until`."""

    start: date
    until: date
    baseline: Mapping[str, Decimal]
    towards: Mapping[str, Decimal]

    def values(self, day: date, chance: Random) -> dict[str, Decimal]:
        """The values of one day."""
        share = Decimal((day - self.start).days) / max((self.until - self.start).days, 1)
        return {
            test: self._value(test, share) * Decimal(str(1 + chance.uniform(-0.02, 0.02))) for test in self._tests()
        }

    def _tests(self) -> list[str]:
        return list({**self.baseline, **self.towards})

    def _value(self, test: str, share: Decimal) -> Decimal:
        first = self.baseline.get(test, laboratory().assays[test].usual)
        return first + (self.towards.get(test, first) - first) * share


def numbers(values: Mapping[str, str]) -> dict[str, Decimal]:
    """Values that will still move."""
    return {test: Decimal(value) for test, value in values.items()}
