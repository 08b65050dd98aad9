"""What happens to a patient: episodes of the blood, symptoms that are told, other medicines, life."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from countwell.simulate.body import Episode
from countwell.simulate.laboratory import laboratory
from countwell.simulate.parameters import Chance, Parameters
from countwell.simulate.people import Person

TOLD_WITH_FEVER = "temperature"


@dataclass(frozen=True, slots=True)
class Symptom:
    """A symptom as it is told to the clinic."""

    day: int
    name: str
    days: int
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A medicine; first None: taken already when the register began."""

    name: str
    first: int | None
    last: int | None = None


def episodes(person: Person, last: int, chance: Chance, given: Parameters) -> list[Episode]:
    """All that befalls the blood of a person until the last day."""
    found = [
        _episode(name, onset, row, chance)
        for name, row in given["episodes"].items()
        for onset in _onsets(person, row, last, chance, given.often)
    ]
    return sorted(found, key=lambda episode: episode.onset)


def _onsets(person: Person, row: Mapping[str, Any], last: int, chance: Chance, often: float) -> Iterator[int]:
    first, until = person.first_day, last
    if "first" in row:
        first, until = max(first, person.started + row["first"][0]), min(last, person.started + row["first"][1])
    yield from chance.times(row["at"] * often, first, until) if until > first else ()


def _episode(name: str, onset: int, row: Mapping[str, Any], chance: Chance) -> Episode:
    to = {test: chance.between(ends) for test, ends in row.get("to", {}).items()}
    for test, ends in row.get("times", {}).items():
        to[test] = chance.between(ends) * float(laboratory().assays[test].high or 1)
    by = {test: chance.between(ends) for test, ends in row.get("also", {}).items()}
    lengths = {part: max(1, chance.days(row[part])) for part in ("fall", "low", "rise")}
    return Episode(name, onset, to=to, by=by, told=row.get("told", {}), **lengths)


def symptoms(person: Person, found: list[Episode], last: int, chance: Chance, given: Parameters) -> list[Symptom]:
    """What the patient tells: with an episode, and without any."""
    told = [*_with_episodes(found, last, chance, given), *_by_themselves(person, last, chance, given)]
    return sorted(told, key=lambda symptom: (symptom.day, symptom.name))


def _with_episodes(found: list[Episode], last: int, chance: Chance, given: Parameters) -> Iterator[Symptom]:
    for episode in found:
        day = episode.onset + episode.fall
        for name, share in episode.told.items():
            if day <= last and chance.happens(share):
                yield _symptom(name, day, given["symptoms"].get(name, {"days": [2, 6]}), chance)


def _by_themselves(person: Person, last: int, chance: Chance, given: Parameters) -> Iterator[Symptom]:
    for name, row in given["symptoms"].items():
        for day in chance.times(row["at"] * given.often, max(person.first_day, 0), last):
            yield _symptom(name, day, row, chance)


def _symptom(name: str, day: int, row: Mapping[str, Any], chance: Chance) -> Symptom:
    temperature = chance.between(row[TOLD_WITH_FEVER]) if TOLD_WITH_FEVER in row else None
    return Symptom(day, name, chance.days(row["days"]), temperature)


def medicines(person: Person, last: int, chance: Chance, given: Parameters) -> Iterator[Taken]:
    """Other medicines, from before or begun on the way."""
    for name, row in given["medicines"].items():
        if row.get("only", person.condition) != person.condition:
            continue
        if person.steroid if "steroid" in row else chance.happens(row.get("share", 0.0)):
            yield Taken(name, None)
        for day in chance.times(row.get("at", 0.0) * given.often, max(person.first_day, 0), last):
            yield Taken(name, day, day + chance.days(row["days"]))


def death(person: Person, last: int, chance: Chance, given: Parameters) -> int | None:
    """The day of death, for the few who die."""
    return next(chance.times(given["life"]["died"], max(person.first_day, 0), last), None)


def pregnancy(person: Person, last: int, chance: Chance, given: Parameters) -> int | None:
    """The day on which a pregnancy became known."""
    low, high = given["life"]["pregnant_ages"]
    if person.sex != "female" or not low <= person.age <= high:
        return None
    return next(chance.times(given["life"]["pregnant"], max(person.first_day, 0), last), None)
