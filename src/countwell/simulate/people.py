"""Who is in the register: condition, age, weight, usual blood values, and what the laboratory leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from countwell.simulate.parameters import DAYS_PER_MONTH, Chance, Parameters

NORMAL, INTERMEDIATE = "*1/*1", "*1/*3"
CHANGED = {"TPMT": "*1/*3A", "NUDT15": INTERMEDIATE}
STARTED_WITHIN = 0.75


@dataclass(frozen=True, slots=True)
class Person:
    """One patient. started: first tablet, in days from the beginning of the register; levels: how far from the mean."""

    id: str
    condition: str
    sex: str
    age: int
    kg: float
    kg_per_year: float
    started: int
    moved_in: bool
    steroid: bool
    levels: Mapping[str, float]
    genes: Mapping[str, str]
    no_neutrophils: bool
    no_limits: bool
    first_day: int

    @property
    def target_mg_per_kg_share(self) -> float:
        """Half the usual dose for those who break it down slowly."""
        return 0.5 if any(result != NORMAL for result in self.genes.values()) else 1.0


def person(name: str, months: int, chance: Chance, given: Parameters) -> Person:
    """An invented person."""
    condition = chance.pick({name: row["share"] for name, row in given["conditions"].items()})
    sex = chance.pick({"female": 0.6 if condition != "cidp" else 0.35, "male": 0.4 if condition != "cidp" else 0.65})
    mean, spread = given["person"]["kg"][sex]
    drift, drift_spread = given["person"]["drift_kg_per_year"]
    started, moved_in = _beginning(months, chance, given)
    looked_back = -int(given["person"]["looked_back_days"])
    return Person(
        id=name,
        condition=condition,
        sex=sex,
        age=chance.days(given["conditions"][condition]["age"]),
        kg=max(45.0, mean + spread * chance.spread()),
        kg_per_year=drift + drift_spread * chance.spread(),
        started=started,
        moved_in=moved_in,
        steroid=chance.happens(given["conditions"][condition]["steroid"]),
        levels={test: chance.spread() for test in given["analytes"]},
        genes=_genes(chance, given),
        no_neutrophils=chance.happens(given.shares["no_neutrophils"]),
        no_limits=chance.happens(given.shares["no_upper_limit"]),
        first_day=max(started, looked_back),
    )


def _beginning(months: int, chance: Chance, given: Parameters) -> tuple[int, bool]:
    """When azathioprine was started, and whether the patient was taken over from elsewhere."""
    if chance.happens(given.shares["starters"]):
        return chance.days([5, max(6, int(months * DAYS_PER_MONTH * STARTED_WITHIN))]), False
    return -chance.days(given["person"]["treated_for_days"]), chance.happens(given.shares["moved_in"])


def _genes(chance: Chance, given: Parameters) -> dict[str, str]:
    tested = [gene for gene in CHANGED if chance.happens(given.shares[gene.lower()])]
    share = {"TPMT": given.shares["intermediate"], "NUDT15": given.shares["intermediate"] / len(CHANGED)}
    return {gene: CHANGED[gene] if chance.happens(share[gene]) else NORMAL for gene in tested}
