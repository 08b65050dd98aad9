"""A register of synthetic patients, made from a seed: the same seed gives the same patients, whatever their number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from countwell.simulate import happenings
from countwell.simulate.body import Body
from countwell.simulate.care import Care
from countwell.simulate.dates import Calendar
from countwell.simulate.laboratory import Event
from countwell.simulate.parameters import DAYS_PER_MONTH, Chance, Parameters, parameters
from countwell.simulate.people import Person, person
from countwell.simulate.reporting import Desk, dated

HOME = "Europe/London"
LISTS = ("medicines", "history")
HALF_YEAR = 182
TABLETS = [{"strength_mg": "50", "scored": True}, {"strength_mg": "25", "scored": False}]


def register(n: int, months: int, seed: int, *, gaps: str | None = None, **shares: float) -> Iterator[dict[str, Any]]:
    """`n` patients as `countwell.record/1`, seen for so many months. gaps, shares: as in `parameters.yaml`."""
    given = parameters(gaps=gaps, **shares)
    for number in range(1, n + 1):
        yield patient(number, months, seed, given)


def patient(number: int, months: int, seed: int, given: Parameters) -> dict[str, Any]:
    """One patient of a register."""
    name = f"countwell register {seed} {number}"
    chance, gaps = Chance(Random(name)), Chance(Random(f"{name} gaps"))
    who = person(f"sim-{number:06d}", months, chance, given)
    last = int(months * DAYS_PER_MONTH)
    begins = given.ends - timedelta(days=last)
    calendar = Calendar(given.ends, ZoneInfo(HOME))
    desk = Desk(who, given, calendar, begins, chance, gaps)
    return {
        "schema": "countwell.record/1",
        "patient": _head(who, given.ends),
        "course": {
            "condition": who.condition,
            "protocol": who.condition,
            "layers": None,
            "products": TABLETS,
            "may_halve": True,
        },
        "events": _events(who, desk, last),
    }


def _head(who: Person, ends: date) -> dict[str, Any]:
    born = ends - timedelta(days=who.age * 365 + 90)
    number = who.id.partition("-")[2]
    return {
        "id": who.id,
        "names": [f"Simulated Patient {number}"],
        "born": born.isoformat(),
        "sex": who.sex,
        "time_zone": HOME,
        "country": "GB",
    }


def _events(who: Person, desk: Desk, last: int) -> list[Event]:
    died = happenings.death(who, last, desk.chance, desk.given)
    last = last if died is None else died
    episodes = happenings.episodes(who, last, desk.chance, desk.given)
    told = happenings.symptoms(who, episodes, last, desk.chance, desk.given)
    events = [*_about(who, desk, last), *_medicines(who, desk, last)]
    events += Care(who, desk, Body(who, desk.given, episodes), last, told).follow()
    expecting = happenings.pregnancy(who, last, desk.chance, desk.given)
    if expecting is not None:
        events.append(dated(desk, "circumstance", expecting, "from", what="pregnant"))
    if died is not None:
        events.append(dated(desk, "died", died))
    return sorted(events, key=_when)


def _when(event: Event) -> str:
    """The first date of an event; what was there before comes first."""
    names = ("at", "collected", "since", "from")
    return next((str(event[name]) for name in names if event.get(name)), "")


def _about(who: Person, desk: Desk, last: int) -> Iterator[Event]:
    """Genes, weights, and the lists as they were gone through."""
    begins = (who.first_day if who.moved_in else who.started) - 4
    for gene, result in who.genes.items():
        yield dated(desk, "genotype", begins, gene=gene, result=result)
    for day in [begins, *range(who.first_day, last, desk.given["person"]["weighed_every"])]:
        kg = who.kg + who.kg_per_year * (day - who.started) / 365
        yield dated(desk, "weight", day, value=f"{max(40.0, kg):.1f}", unit="kg")
    for day in [begins, *range(who.first_day, last, HALF_YEAR)]:
        if day == begins or desk.chance.happens(desk.given.shares["list_confirmed"]):
            yield from (dated(desk, "list-confirmed", day, list=name) for name in LISTS)


def _medicines(who: Person, desk: Desk, last: int) -> Iterator[Event]:
    for taken in happenings.medicines(who, last, desk.chance, desk.given):
        if taken.first is None:
            yield {"kind": "medicine", "name": taken.name, "from": None}
        else:
            ends = {"to": desk.date(taken.last).isoformat()} if taken.last and taken.last <= last else {}
            yield dated(desk, "medicine", taken.first, "from", name=taken.name, **ends)
