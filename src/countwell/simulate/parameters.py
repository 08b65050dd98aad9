"""The parameters of the register, and the few ways in which chance is asked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from random import Random
from typing import Any

import yaml

from countwell.base.errors import UsageError
from countwell.simulate.data import text_of

DAYS_PER_MONTH = 30.4375
PER_MONTHS = 100
USUAL_NUMBER, MOST_PATIENTS = 100, 1_000_000
USUAL_MONTHS, MOST_MONTHS = 24, 240
BY_LABORATORY, BY_PANEL = GAPS = ("laboratory", "panel")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The tables of `parameters.yaml`; the others may be overridden by the caller.

    gaps: whether limits and the differential are lacking by laboratory or by panel. often: what happens does so that many times
    as often.
    """

    tables: Mapping[str, Any]
    shares: Mapping[str, float]
    gaps: str
    often: float = 1.0

    def __getitem__(self, name: str) -> Any:
        return self.tables[name]

    @property
    def ends(self) -> date:
        """The last day of the register."""
        ends: date = self.tables["ends"]
        return ends


@cache
def _shipped() -> Parameters:
    tables = yaml.safe_load(text_of("parameters.yaml"))
    return Parameters(tables, tables["shares"], tables["gaps"])


def parameters(*, gaps: str | None = None, often: float = 1.0, **shares: float) -> Parameters:
    """The shipped parameters with some of them changed. Raises UsageError for a share that does not exist, or no such gaps."""
    shipped = _shipped()
    if gaps is not None and gaps not in GAPS:
        raise UsageError(f"no such gaps: {gaps}. Known: {', '.join(GAPS)}.")
    unknown = [name for name in shares if name not in shipped.shares]
    if unknown:
        raise UsageError(f"no such share: {', '.join(unknown)}. Known: {', '.join(shipped.shares)}.")
    return replace(shipped, shares={**shipped.shares, **shares}, gaps=gaps or shipped.gaps, often=often)


@dataclass(frozen=True, slots=True)
class Chance:
    """A seeded source of chance."""

    random: Random

    def happens(self, share: float) -> bool:
        """Whether something of this probability happens."""
        return self.random.random() < share

    def between(self, ends: Sequence[float]) -> float:
        """Anywhere between two ends."""
        return self.random.uniform(ends[0], ends[1])

    def days(self, ends: Sequence[int]) -> int:
        """A whole number of days between two ends, both included."""
        return self.random.randint(ends[0], ends[1])

    def spread(self) -> float:
        """A standard normal number, never further out than 3."""
        return max(-3.0, min(3.0, self.random.gauss(0, 1)))

    def times(self, rate: float, first: int, last: int) -> Iterator[int]:
        """The days between two days on which something of this rate per 100 patient-months happens."""
        if rate <= 0:
            return
        day = float(first)
        while True:
            day += self.random.expovariate(rate / PER_MONTHS / DAYS_PER_MONTH)
            if day > last:
                return
            yield int(day)

    def pick(self, shares: Mapping[str, float]) -> str:
        """One of several names, by their shares."""
        return self.random.choices(list(shares), list(shares.values()))[0]


def log(value: float) -> float:
    """The natural logarithm; levels are moved and mixed on that scale."""
    return math.log(value)
