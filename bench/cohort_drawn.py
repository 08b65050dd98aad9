"""Registers drawn at random, a chunk of whole patients at a time, as NumPy arrays: who they are, and their results.

Nobody's data and no clinical claim: figures only have to be plausible, with a few per cent of alarms.
A chunk depends on the seed and its first patient alone, so any chunk can be drawn again, in any process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

AS_OF_DAY = (date(2026, 6, 30) - date(1970, 1, 1)).days
ZONES = ("Europe/London", "Europe/Berlin", "Asia/Kolkata")
COUNTRIES = ("GB", "DE", "IN")
CONDITIONS = ("cidp", "mg", "aih")
LABS = tuple(f"lab-{number:02d}" for number in range(1, 41))
UNREADABLE_WHY = "unit-missing"

DAY = 86_400_000_000
MINUTE = 60_000_000
LONGEST = 60  # visits

# test: usual value, spread between people and within one (of the logarithm), digits, upper limit, share of visits
TESTS = {
    "wbc": (6.5, 0.14, 0.10, 1, 11.0, 1.0),
    "neutrophils": (0.60, 0.10, 0.06, 2, 7.5, 0.98),  # share of the white cells
    "lymphocytes": (0.24, 0.16, 0.08, 2, 4.0, 0.97),  # share of the white cells
    "hb": (136, 0.08, 0.03, 0, 165, 1.0),
    "mcv": (91, 0.04, 0.01, 0, 100, 0.60),
    "platelets": (262, 0.16, 0.09, 0, 400, 1.0),
    "alt": (24, 0.30, 0.18, 0, 41, 0.95),
    "ast": (23, 0.25, 0.15, 0, 40, 0.65),
    "alp": (72, 0.22, 0.08, 0, 129, 0.50),
    "bilirubin": (9, 0.28, 0.15, 0, 21, 0.45),
    "creatinine": (76, 0.17, 0.07, 0, 104, 0.35),
}
COUNTS = ("wbc", "neutrophils", "lymphocytes", "hb", "mcv", "platelets")


@dataclass(frozen=True, slots=True)
class People:
    """n patients: columns of length n. start: day of the first dose, or beyond AS_OF_DAY if none was given yet."""

    first: int
    born: np.ndarray
    sex: np.ndarray
    zone: np.ndarray
    condition: np.ndarray
    lab: np.ndarray
    kg: np.ndarray
    start: np.ndarray
    end: np.ndarray

    def __len__(self) -> int:
        return len(self.born)


@dataclass(frozen=True, slots=True)
class Results:
    """m results in order of patient, collection, test, knowledge: columns of length m. who: place within the chunk.

    value, upper: thousandths of the canonical unit, upper 0 if none was sent. minute, known_minute: of the local day, -1
    without a time.
    of: how it came (PLAIN and the rest). A corrected or preliminary one is followed by the one that takes its place.
    """

    who: np.ndarray
    test: np.ndarray
    day: np.ndarray
    minute: np.ndarray
    known_day: np.ndarray
    known_minute: np.ndarray
    value: np.ndarray
    upper: np.ndarray
    of: np.ndarray


PLAIN, BELOW, DISPUTED, UNREADABLE, WITHDRAWN, PRELIMINARY, ITS_FINAL, WRONG, ITS_CORRECTION = range(9)


def people(first: int, count: int, draw: np.random.Generator) -> People:
    """The patients first, first + 1 …: half of them treated for more than half a year, one in twenty five not yet."""
    lived = draw.integers(20 * 365, 85 * 365, count)
    weeks = np.minimum(2 + draw.geometric(1 / 17.0, count), LONGEST * 4)
    end = AS_OF_DAY - np.where(draw.random(count) < 0.88, draw.integers(0, 26, count), draw.integers(26, 300, count))
    start = np.where(draw.random(count) < 0.04, AS_OF_DAY + DAY, end - weeks * 7)
    return People(
        first,
        born=(AS_OF_DAY - lived).astype(np.int32),
        sex=draw.integers(0, 2, count),
        zone=np.searchsorted([0.7, 0.9], draw.random(count)),
        condition=np.searchsorted([0.4, 0.75], draw.random(count)),
        lab=draw.integers(0, len(LABS), count),
        kg=np.clip(draw.normal(73, 15, count), 36, 150),
        start=start,
        end=end,
    )


def results(of: People, draw: np.random.Generator) -> Results:
    """Their results: visits at the intervals of a schedule, some late, the last weeks of the register open."""
    who, day, number = _visits(of, draw)
    if not len(who):
        who, day, number = np.zeros(1, int), np.array([AS_OF_DAY - 1]), np.zeros(1, int)
    values, has = _values(of, who, number, draw)
    visit, test = np.nonzero(has)
    minute = _some(draw, len(who), 0.05, -1, draw.integers(7 * 60, 18 * 60, len(who)))
    later = _some(draw, len(who), 0.03, draw.integers(2, 10, len(who)), 0)
    known_minute = np.where(later > 0, 10 * 60, np.maximum(minute, 9 * 60) + draw.integers(30, 240, len(who)))
    plain = Results(
        who=who[visit],
        test=test,
        day=day[visit],
        minute=minute[visit],
        known_day=(day + later)[visit],
        known_minute=known_minute[visit],
        value=values[visit, test],
        upper=_limits(of, who[visit], test),
        of=_ways(len(visit), draw),
    )
    return _with_versions(plain, draw)


def _visits(of: People, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each visit: whose, the day, its number. The first is before the start, then two weeks apart, then four."""
    begun = np.where(of.start > AS_OF_DAY, of.end, of.start)
    often = np.minimum(3 + (of.end - begun) // 27, LONGEST)
    often = np.where(of.start > AS_OF_DAY, 1, often)
    often[draw.random(len(of)) < 0.01] = 0
    who = np.repeat(np.arange(len(of)), often)
    number = np.arange(len(who)) - np.repeat(np.cumsum(often) - often, often)
    usual = np.where(number <= 5, 14, 28) + draw.integers(-3, 3, len(who))
    gap = np.where(number == 0, 0, usual + _some(draw, len(who), 0.12, draw.integers(5, 60, len(who)), 0))
    run = np.cumsum(gap)
    day = begun[who] - 6 + run - run[(np.cumsum(often) - often)[who]]
    kept = day <= AS_OF_DAY
    return who[kept], day[kept], number[kept]


def _values(
    of: People, who: np.ndarray, number: np.ndarray, draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Thousandths by visit and test, and which were measured. One in twelve has low counts for a time, as many a sick liver."""
    usual, between, within, digits, _, share = (np.array(column) for column in zip(*TESTS.values(), strict=True))
    own = usual * np.exp(draw.standard_normal((len(of), len(TESTS)), dtype=np.float32) * between)
    value = own[who] * np.exp(draw.standard_normal((len(who), len(TESTS)), dtype=np.float32) * within)
    ill, since = draw.random(len(of)), draw.integers(0, 9, len(of))
    then = (number >= since[who]) & (number < since[who] + 3)
    low, liver = then & (ill[who] < 0.08), then & (ill[who] > 0.92)
    value[low, 0] *= draw.uniform(0.25, 0.75, low.sum())
    value[low, _at("platelets")] *= draw.uniform(0.3, 0.9, low.sum())
    value[liver, _at("alt")] *= draw.uniform(1.5, 9, liver.sum())
    value[liver, _at("ast")] *= draw.uniform(1.5, 7, liver.sum())
    value[:, 1:3] *= value[:, :1]
    step = np.power(10, 3 - digits.astype(int))
    counted = draw.random(len(who)) < 0.97
    has = draw.random((len(who), len(TESTS)), dtype=np.float32) < share
    has[:, : len(COUNTS)] &= counted[:, None]
    has[:, len(COUNTS) :] &= (draw.random(len(who)) < 0.85)[:, None]
    return np.maximum(np.rint(value * 1000 / step), 1).astype(np.int32) * step.astype(np.int32), has


def _limits(of: People, who: np.ndarray, test: np.ndarray) -> np.ndarray:
    """The laboratory's own upper limit, a few per cent apart; two laboratories in forty send none."""
    usual = np.array([row[4] for row in TESTS.values()])
    lab = of.lab[who]
    sent = np.rint(usual[test] * (1 + (lab % 5 - 2) * 0.03) * 10) * 100
    return np.where(lab >= len(LABS) - 2, 0, sent).astype(np.int32)


def _ways(count: int, draw: np.random.Generator) -> np.ndarray:
    """How each came: nearly all plain."""
    bounds = np.cumsum([0.979, 0.004, 0.001, 0.002, 0.001, 0.006, 0.0, 0.007])
    return np.searchsorted(bounds, draw.random(count)).clip(0, WRONG).astype(np.uint8)


def _with_versions(plain: Results, draw: np.random.Generator) -> Results:
    """Each preliminary or wrong result followed by the final or corrected one, known hours or days later."""
    twice = (plain.of == PRELIMINARY) | (plain.of == WRONG)
    rows = np.repeat(np.arange(len(twice)), 1 + twice)
    second = np.zeros(len(rows), bool)
    second[1:] = rows[1:] == rows[:-1]
    taken = {name: getattr(plain, name)[rows] for name in Results.__slots__}
    taken["of"] = taken["of"] + second
    corrected, final = taken["of"] == ITS_CORRECTION, taken["of"] == ITS_FINAL
    taken["known_day"] = taken["known_day"] + corrected * draw.integers(1, 6, len(rows))
    taken["known_minute"] = taken["known_minute"] + final * 60
    factor = np.where(corrected, draw.uniform(0.85, 1.15, len(rows)), 1)
    step = np.power(10, 3 - np.array([row[3] for row in TESTS.values()]))[taken["test"]]
    taken["value"] = (np.maximum(np.rint(taken["value"] * factor / step), 1) * step).astype(np.int32)
    return Results(**taken)


def _some(draw: np.random.Generator, count: int, share: float, then: object, otherwise: object) -> np.ndarray:
    return np.where(draw.random(count) < share, then, otherwise)


def _at(test: str) -> int:
    return list(TESTS).index(test)


# Instants: local days and minutes as microseconds UTC


def instants(zone: np.ndarray, day: np.ndarray, minute: np.ndarray) -> np.ndarray:
    """Microseconds UTC of a local minute (between 05:00 and midnight) of a local day; minute -1: the day's own midnight."""
    at_noon, at_midnight = _offsets()
    place = np.clip(day - _FIRST_DAY, 0, at_noon.shape[1] - 1)
    offset = np.where(minute < 0, at_midnight[zone, place], at_noon[zone, place])
    return day.astype(np.int64) * DAY + np.maximum(minute, 0).astype(np.int64) * MINUTE - offset * MINUTE


_FIRST_DAY = AS_OF_DAY - 30 * 365


@cache
def _offsets() -> tuple[np.ndarray, np.ndarray]:
    """Minutes ahead of UTC at noon and at midnight, by zone and day since _FIRST_DAY."""
    days = [date(1970, 1, 1) + timedelta(days=day) for day in range(_FIRST_DAY, AS_OF_DAY + 800)]
    noon, midnight = (np.array([[_offset(name, day, hour) for day in days] for name in ZONES]) for hour in (12, 0))
    return noon, midnight


def _offset(name: str, day: date, hour: int) -> int:
    ahead = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(name)).utcoffset()
    assert ahead is not None
    return int(ahead.total_seconds()) // 60


def generator(seed: int, first: int) -> np.random.Generator:
    """The chunk's own source of chance."""
    return np.random.default_rng([seed, first])


def places(words: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """The place of each wanted word in a list of the store. Raises ValueError if one is not listed."""
    return np.array([list(words).index(word) for word in wanted])


Lists = Mapping[str, Sequence[str]]
