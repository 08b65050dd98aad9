"""Advice: three ladders, what follows from them, and the one table that ranks it for people.

The join of two pieces of advice is the worst of each part. Nothing else in Countwell encodes severity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

DRUG = ("continue", "do-not-raise", "reduce", "hold", "stop")
PATIENT = ("none", "tell", "phone", "seen-today", "emergency")
PRESCRIBER = ("none", "this-week", "today", "now")
LADDERS: dict[str, tuple[str, ...]] = {"drug": DRUG, "patient": PATIENT, "prescriber": PRESCRIBER}
PRECAUTIONS = ("infection", "bleeding")

LADDER_OF: dict[str, str] = {
    word: part for part, ladder in LADDERS.items() for word in ladder if word not in ("none", "continue")
}
RANK: dict[str, int] = {word: ladder.index(word) for ladder in LADDERS.values() for word in ladder}

SUPPLY = ("release", "short", "withhold")
SUPPLY_OF_DRUG = {
    "continue": "release",
    "do-not-raise": "short",
    "reduce": "short",
    "hold": "withhold",
    "stop": "withhold",
}


@dataclass(frozen=True, slots=True)
class Advice:
    """What is called for. `until` names the test group that ends a hold, `decide_by` the day a person decides by.

    paused: the course is not active, so nothing may be released whatever the drug part says. withheld: nor may it be while
    it is not known whether somebody has stopped it, or how much is taken.
    """

    drug: str = "continue"
    patient: str = "none"
    prescriber: str = "none"
    until: str | None = None
    decide_by: date | None = None
    tests: Mapping[str, date] = field(default_factory=dict)
    precautions: frozenset[str] = frozenset()
    paused: bool = False
    withheld: bool = False

    @property
    def supply(self) -> str:
        """Whether the repeat may be released: `release`, `short` or `withhold`; never while the course is not active."""
        return "withhold" if self.paused or self.withheld else SUPPLY_OF_DRUG[self.drug]

    def at_least(self, word: str) -> bool:
        """Whether the part that `word` belongs to is at that rung or above."""
        return RANK[getattr(self, LADDER_OF[word])] >= RANK[word]

    def to_json(self) -> dict[str, Any]:
        """The shape of the answer's `advice`."""
        return {
            "drug": self.drug,
            "until": self.until,
            "decide_by": self.decide_by.isoformat() if self.decide_by else None,
            "patient": self.patient,
            "prescriber": self.prescriber,
            "tests": {group: day.isoformat() for group, day in sorted(self.tests.items())},
            "supply": self.supply,
            "precautions": sorted(self.precautions),
        }


NOTHING = Advice()


def worse_of(one: str, other: str) -> str:
    """The higher rung of two words of one ladder."""
    return one if RANK[one] >= RANK[other] else other


def join(pieces: Iterable[Advice]) -> Advice:
    """The worst of each part; of dates the earliest; of nothing, nothing to do."""
    joined = NOTHING
    for piece in pieces:
        if piece is not NOTHING:
            joined = piece if joined is NOTHING else _join_two(joined, piece)
    return joined


def _join_two(one: Advice, other: Advice) -> Advice:
    return Advice(
        drug=worse_of(one.drug, other.drug),
        patient=worse_of(one.patient, other.patient),
        prescriber=worse_of(one.prescriber, other.prescriber),
        until=one.until or other.until,
        decide_by=_earliest(one.decide_by, other.decide_by),
        tests=earliest_tests(one.tests, other.tests),
        precautions=one.precautions | other.precautions,
        paused=one.paused or other.paused,
        withheld=one.withheld or other.withheld,
    )


def _earliest(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def earliest_tests(one: Mapping[str, date], other: Mapping[str, date]) -> dict[str, date]:
    """Two sets of due dates as one: per test group the earlier day."""
    if not one:
        return dict(other)
    joined = dict(one)
    for group, day in other.items():
        joined[group] = min(day, joined.get(group, day))
    return joined


def with_tests(advice: Advice, tests: Mapping[str, date]) -> Advice:
    """The same advice with these due dates joined in."""
    return replace(advice, tests=earliest_tests(advice.tests, tests)) if tests else advice


def without_dates(advice: Advice) -> Advice:
    """The same advice without the days by which something is wanted."""
    return replace(advice, tests={}, decide_by=None) if advice.tests or advice.decide_by is not None else advice


@dataclass(frozen=True, slots=True)
class Rank:
    """How advice is shown: alert tier (1 interrupts, 2 is a task, 3 sits in the page), list place, CDS indicator, words."""

    tier: int
    place: int
    indicator: str
    words: str


RANKS: tuple[tuple[str, Rank], ...] = (
    ("emergency", Rank(1, 0, "critical", "Emergency")),
    ("stop", Rank(1, 1, "critical", "Stop")),
    ("now", Rank(1, 2, "critical", "Prescriber now")),
    ("seen-today", Rank(2, 3, "warning", "To be seen today")),
    ("hold", Rank(2, 4, "warning", "Hold")),
    ("today", Rank(2, 5, "warning", "Prescriber today")),
    ("reduce", Rank(2, 6, "warning", "Reduce")),
    ("phone", Rank(2, 7, "warning", "Phone the patient")),
    ("do-not-raise", Rank(3, 8, "info", "Do not raise")),
    ("this-week", Rank(3, 9, "info", "Prescriber this week")),
    ("tell", Rank(3, 10, "info", "Tell the patient")),
)
CALM = Rank(3, 11, "info", "Nothing called for")


def rank(advice: Advice) -> Rank:
    """Where this advice stands among all: the first row of the table that it reaches."""
    return _rank(advice.drug, advice.patient, advice.prescriber)


@lru_cache
def _rank(drug: str, patient: str, prescriber: str) -> Rank:
    advice = Advice(drug, patient, prescriber)
    return next((row for word, row in RANKS if advice.at_least(word)), CALM)
