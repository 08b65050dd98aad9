"""Everything that was measured, told in order."""

from __future__ import annotations

from collections.abc import Iterator

from countwell.cohort.measured import DRAWN, Measured
from countwell.cohort.measures.choices import fewest
from countwell.cohort.measures.schedules import Target, target
from countwell.cohort.report import alarms, spread, timeliness, treatment
from countwell.cohort.report.told import Told, spelled, without_few
from countwell.model.pack import Pack
from countwell.paper.plain import day, dose, listing


def told(found: Measured, steps: int = 1) -> list[Told]:
    """Every measure, in the order in which a service lead asks. steps: 1, or in what steps counts are rounded down."""
    rules, by = found.rules, found.by
    measures = [
        timeliness.tell(found.on_time, by, rules, steps),
        alarms.tell_acted(found.acted, by, rules, steps),
        alarms.tell_burden(found.burden, by, found.tiers, rules, steps),
        treatment.tell_openness(found.openness, by, rules, steps),
        treatment.tell_persistence(found.persistence, by, rules, steps),
        *_doses(found, steps),
        spread.tell(found.values, DRAWN, _packs(found), rules, steps),
    ]
    return measures if steps == 1 else [without_few(one) for one in measures]


def _doses(found: Measured, steps: int) -> Iterator[Told]:
    for wanted, tally in found.doses.items():
        yield treatment.tell_doses(tally, found.by, target_words(wanted), found.rules, steps)


def target_words(wanted: Target) -> str:
    """`2 to 3 mg per kg a day, cidp 1.0.0`."""
    low, high = (dose(str(float(end))) for end in (wanted.low, wanted.high))
    return f"{low} to {high} mg{' per kg' if wanted.per_kg else ''} a day, {wanted.of}"


def _packs(found: Measured) -> list[tuple[Pack, ...]]:
    """The packs of every protocol that somebody follows."""
    return [one.packs for name, one in found.plans.items() if found.patients.get(name)]


def about(found: Measured, store: str, steps: int = 1) -> dict[str, str]:
    """What was measured on what, for the head of the report. steps: 1, or in what steps counts are rounded down."""
    who = [
        f"{_counted(count, steps)} under {name}" for name, count in found.patients.items() if name and count >= steps
    ]
    left = found.patients.get("", 0)
    return {
        "Register": f"{store}: {', '.join(who) or 'nobody'}"
        + (f"; {_few(left - left % steps)} without a known protocol left out" if left else ""),
        "As of": f"the end of {day(found.as_of)} on each patient's own calendar, with what was known then",
        "Rules": found.rules,
        "Broken down by": spelled(found.by) if found.by else "nothing",
    }


def _counted(count: int, steps: int) -> str:
    return f"{count:,}" if steps == 1 else _few(count - count % steps)


def _few(count: int) -> str:
    return f"{count:,}" if count >= fewest() else f"fewer than {fewest()}"


def remarks(found: Measured) -> list[str]:
    """What must be said beside the measures."""
    silent = [name for name in found.plans if found.patients.get(name) and target(found.plans[name]) is None]
    said = [f"{listing(silent)}: the packs name no target dose, so that none is reached or missed."] if silent else []
    drafts = sorted({pack.name for one in found.plans.values() for pack in one.packs if pack.status != "in-use"})
    return [*said, *([f"Not signed for use: {listing(drafts)}."] if drafts else [])]
