"""What a person's blood does: usual level, the drug's effect, steroids, episodes, and noise from draw to draw."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from countwell.simulate.laboratory import laboratory
from countwell.simulate.parameters import Chance, Parameters, log
from countwell.simulate.people import Person

MOST_OF_IT = 0.95


@dataclass(slots=True)
class Episode:
    """Something that happens to a patient. to: the values it leads to; by: what other levels are multiplied with."""

    kind: str
    onset: int
    fall: int
    low: int
    rise: int
    to: Mapping[str, float]
    by: Mapping[str, float] = field(default_factory=dict)
    told: Mapping[str, float] = field(default_factory=dict)

    @property
    def recovers(self) -> int:
        """The day on which recovery begins."""
        return self.onset + self.fall + self.low

    @property
    def over(self) -> int:
        """The day on which nothing of it is left."""
        return self.recovers + self.rise

    def strength(self, day: int) -> float:
        """Between 0 and 1."""
        if day <= self.onset or day >= self.over:
            return 0.0
        if day < self.recovers:
            return min(1.0, (day - self.onset) / self.fall)
        return (self.over - day) / self.rise

    def shorten(self, day: int) -> None:
        """Let recovery begin by a day, because the drug was withheld."""
        if day < self.recovers:
            self.fall = max(1, min(self.fall, day - self.onset))
            self.low = max(0, day - self.onset - self.fall)


@dataclass(slots=True)
class Body:
    """The state from which each draw is taken. exposure: how much of the drug's effect is there, 0 to 1."""

    person: Person
    given: Parameters
    episodes: list[Episode]
    exposure: float = 0.0
    day: int = 0

    def live(self, day: int, on_drug: bool) -> None:
        """Let time pass until a day."""
        share = 1 - math.exp(-(day - self.day) / self.given["effect_days"])
        self.exposure += ((1.0 if on_drug else 0.0) - self.exposure) * share
        self.day = day

    def draw(self, chance: Chance) -> dict[str, float]:
        """The values in the blood today."""
        noise = {test: row["within"] * chance.spread() for test, row in self.given["analytes"].items()}
        typical = {test: self._typical(test) for test in self.given["analytes"]}
        shifts = {test: self._shift(test, typical[test]) for test in typical}
        values = {test: math.exp(self._level(test, typical, shifts, noise)) for test in typical}
        return _possible(values)

    def _typical(self, test: str) -> float:
        """The level without episodes and noise, as a logarithm."""
        row = self.given["analytes"][test]
        level = log(row["mean"]) + row["between"] * self.person.levels[test] + self.exposure * log(row["treated"])
        return level + self._steroid(test) + self._hepatitis(test)

    def _steroid(self, test: str) -> float:
        table = self.given["steroid"]
        if not self.person.steroid or test not in table:
            return 0.0
        left = 1 - (self.day - self.person.started) / table["taper_days"]
        return max(0.0, min(1.0, left)) * log(table[test])

    def _hepatitis(self, test: str) -> float:
        """The enzymes of autoimmune hepatitis, which settle under treatment."""
        table = self.given["hepatitis"]
        if self.person.condition != "aih" or test not in table:
            return 0.0
        low, high = (log(times * _upper(test) / self.given["analytes"][test]["mean"]) for times in table[test])
        share = (self.person.levels["ggt"] + 3) / 6
        left = math.exp(-max(0, self.day - self.person.started) / table["settles_days"])
        return (low + (high - low) * share) * left

    def _shift(self, test: str, typical: float) -> float:
        """What the episodes add."""
        return sum(_pull(episode, test, typical, self.day) for episode in self.episodes)

    def _level(self, test: str, typical: dict[str, float], shifts: dict[str, float], noise: dict[str, float]) -> float:
        own = typical[test] + shifts[test] + noise[test]
        leader, power = self._leader(test)
        if leader is None:
            return own
        moved = shifts[leader]
        if test in self.given["with"]:
            moved += typical[leader] - log(self.given["analytes"][leader]["mean"]) + noise[leader]
        return own + power * moved

    def _leader(self, test: str) -> tuple[str | None, float]:
        power = self.given["follow"].get(test, 1.0)
        leader = self.given["with"].get(test)
        return (leader, power) if leader else ("wbc", power) if test == "lymphocytes" else (None, power)


def _pull(episode: Episode, test: str, typical: float, day: int) -> float:
    """How far an episode has moved a level; it never mends one that is worse already."""
    strength = episode.strength(day)
    if test in episode.by:
        return strength * log(episode.by[test])
    if test not in episode.to:
        return 0.0
    wanted = log(episode.to[test]) - typical
    return strength * (min(0.0, wanted) if episode.to[test] < _middle(test) else max(0.0, wanted))


def _middle(test: str) -> float:
    return float(laboratory().assays[test].usual)


def _upper(test: str) -> float:
    return float(laboratory().assays[test].high or 1)


def _possible(values: dict[str, float]) -> dict[str, float]:
    """Parts of the white cells are never more than the whole."""
    whole = values["wbc"]
    values["lymphocytes"] = min(values["lymphocytes"], whole * (1 - MOST_OF_IT) + whole / 2)
    values["neutrophils"] = min(values["neutrophils"], whole * MOST_OF_IT - values["lymphocytes"])
    return values
