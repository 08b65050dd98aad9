"""Everything that was measured, told in order."""

from __future__ import annotations

from collections.abc import Iterator

from countwell.cohort.measured import DRAWN, Measured
from countwell.cohort.measures.schedules import Target
from countwell.cohort.report import alarms, spread, timeliness, treatment
from countwell.cohort.report.told import Told
from countwell.model.pack import Pack
from countwell.paper.plain import dose


def told(found: Measured) -> list[Told]:
    """Every measure, in the order in which a service lead asks."""
    rules, by = found.rules, found.by
    return [
        timeliness.tell(found.on_time, by, rules),
        alarms.tell_acted(found.acted, by, rules),
        alarms.tell_burden(found.burden, by, found.tiers, rules),
        treatment.tell_openness(found.openness, by, rules),
        treatment.tell_persistence(found.persistence, by, rules),
        *_doses(found),
        spread.tell(found.values, DRAWN, _packs(found), rules),
    ]


def _doses(found: Measured) -> Iterator[Told]:
    for target, tally in found.doses.items():
        yield treatment.tell_doses(tally, found.by, target_words(target), found.rules)


def target_words(target: Target) -> str:
    """`2 to 3 mg per kg a day, cidp 1.0.0`."""
    low, high = (dose(str(float(end))) for end in (target.low, target.high))
    return f"{low} to {high} mg{' per kg' if target.per_kg else ''} a day, {target.of}"


def _packs(found: Measured) -> tuple[Pack, ...]:
    return tuple({pack.name: pack for one in found.plans.values() for pack in one.packs}.values())


def without_target(found: Measured) -> list[str]:
    """The protocols whose packs name no target dose, so that none can be said to be reached."""
    return [name for name, one in found.plans.items() if not any(r.rule.dose and r.rule.dose.target for r in one.rules)]
