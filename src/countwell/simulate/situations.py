"""About forty invented patients, each showing one situation, as `countwell.record/1`, with what the answer must say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import yaml

from countwell.base.dates import Moment, zone
from countwell.simulate import pasts
from countwell.simulate.data import text_of
from countwell.simulate.dates import Calendar, is_offset
from countwell.simulate.laboratory import NOT_SENT, Event, draw, result
from countwell.simulate.pasts import Person, Told

ZONES = ("Europe/London", "America/New_York", "Europe/Berlin", "Australia/Sydney", "America/Chicago")
COUNTRIES = {"Europe/London": "GB", "America/New_York": "US", "Europe/Berlin": "DE", "Australia/Sydney": "AU",
             "America/Chicago": "US", "Asia/Tokyo": "JP"}  # fmt: skip
NORMAL_GENES = {"TPMT": "*1/*1", "NUDT15": "*1/*1"}
PASTS = {"treated": pasts.treated, "proposed": pasts.proposed, "moved-in": pasts.moved_in}
PLAIN = {"true": True, "false": False, "null": None}
TABLETS = [{"strength_mg": "50", "scored": True}, {"strength_mg": "25", "scored": False}]
NOT_MOVED = ("values", "details", "identity_on_report")


@dataclass(frozen=True, slots=True)
class Expected:
    """Action words that an answer must have, and must not have."""

    words: tuple[str, ...]
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """One patient: what there is to see, how the record is written, and what each question must answer."""

    id: str
    shows: str
    protocol: str
    written: str
    record: Mapping[str, Any]
    questions: Mapping[str, Expected]


def situations(as_of: Moment) -> list[Situation]:
    """Every situation as it stands at an instant."""
    return [_situation(told, as_of) for told in _told()]


@cache
def _told() -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = yaml.load(text_of("situations.yaml"), yaml.BaseLoader)
    return told


def _situation(told: Mapping[str, Any], as_of: Moment) -> Situation:
    return Situation(
        id=f"demo-{told['id']}",
        shows=told["shows"],
        protocol=told["protocol"],
        written=told.get("written", "fhir"),
        record=_record(told, as_of),
        questions={"review": _expected(told)} | {name: _expected(also) for name, also in told.get("also", {}).items()},
    )


def _expected(told: Mapping[str, Any]) -> Expected:
    return Expected(tuple(told["expect"]), tuple(told.get("never", ())))


def _record(told: Mapping[str, Any], as_of: Moment) -> dict[str, Any]:
    chance = Random(f"countwell demo {told['id']}")
    patient = _patient(told, as_of, chance)
    home = zone(patient["time_zone"])
    calendar = Calendar(as_of.at.astimezone(home).date(), home)
    course = {"condition": told["protocol"], "protocol": told["protocol"], "layers": None, "products": TABLETS}
    return {
        "schema": "countwell.record/1",
        "patient": patient,
        "course": {**course, "may_halve": True},
        "events": list(_events(told, calendar, chance)),
    }


def _patient(told: Mapping[str, Any], as_of: Moment, chance: Random) -> dict[str, Any]:
    said, number = told.get("person", {}), int(told["id"])
    years = int(said.get("age", chance.randint(27, 78)))
    time_zone = said.get("zone", ZONES[number % len(ZONES)])
    return {
        "id": f"demo-{told['id']}",
        "names": [f"Test Patient {told['id']}"],
        "born": (as_of.day - timedelta(days=years * 365 + chance.randint(1, 300))).isoformat(),
        "sex": said.get("sex", ("female", "male")[number % 2]),
        "time_zone": time_zone,
        "country": COUNTRIES[time_zone],
    }


def _events(told: Mapping[str, Any], calendar: Calendar, chance: Random) -> Iterator[Event]:
    weight = told.get("person", {}).get("kg", str(chance.randint(58, 86)))
    person = Person(told["protocol"], weight, told.get("genes", NORMAL_GENES))
    for name, tell in PASTS.items():
        if name in told:
            yield from tell(Told(calendar, person, chance, told[name]))
    for further in told.get("draws", ()):
        yield from _drawn(further, calendar, person, chance)
    for event in told.get("events", ()):
        yield _dated(event, calendar)


def _drawn(told: Mapping[str, Any], calendar: Calendar, person: Person, chance: Random) -> Iterator[Event]:
    day, panel = calendar.day(told["at"]), told.get("panel", person.protocol)
    values = {test: _dated(sent, calendar) for test, sent in told.items() if test not in ("at", "panel")}
    if panel != NOT_SENT:
        yield from draw(calendar, day, panel, values, chance)
        return
    for test, sent in values.items():
        yield result(calendar, day, test, sent)


def _dated(told: Any, calendar: Calendar) -> Any:
    """The same with every offset told as a date, and every plain word as what it means."""
    if isinstance(told, Mapping):
        return {name: _dated(value, calendar) for name, value in told.items()}
    if is_offset(told):
        return calendar.text(told)
    return PLAIN.get(told, told) if isinstance(told, str) else told
