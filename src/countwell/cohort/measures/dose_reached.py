"""Dose reached: mg per kg against the target of the packs, so many months after the start, of those still on treatment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from countwell.base.dates import Duration
from countwell.cohort.columns import NO_VALUE, SCALE, WEIGHT
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.courses import ON_TREATMENT, Decisions, decisions_of, doses, spells_of, state_on
from countwell.cohort.measures.nearest import ByDay
from countwell.cohort.measures.persistence import starters
from countwell.cohort.measures.schedules import Target, after
from countwell.cohort.measures.seen import Coded, Ints, Mask, Seen
from countwell.cohort.measures.tally import By, Tally, counted, spread

TREATED, KNOWN, NOT_KNOWN = "starters on treatment", "with dose and weight known", "dose or weight not known"
REACHED, BELOW, PER_KG = "dose at the target or above", "dose below the target", "dose in hundredths of mg per kg"
MOST = SCALE  # 10 mg per kg: more is counted as this


def dose_reached(seen: Seen, target: Target, by: Mapping[str, Coded], tables: tuple[By, ...]) -> Tally:
    """Starters still on treatment (holds included) after each of `dose_months`, and how many take the target's low end.

    tables: crossed from `by` and "month". The newest weight by that day counts; one that is a span at its upper end.
    Left out: who had stopped, died or left by then, and who started too late for that month.
    """
    found = Tally()
    decisions = decisions_of(seen)
    months = choice("dose_months")
    names = tuple(f"month {month}" for month in months)
    for number, month in enumerate(months):
        patient, mg, kg = _at_month(seen, decisions, month)
        known = (mg != NO_VALUE) & ((kg > 0) | (not target.per_kg))
        reached = known & reaches(mg, kg, target)
        columns = {name: column.of(patient) for name, column in by.items()}
        columns["month"] = Coded(np.full(len(patient), number), names)
        parts = (
            (TREATED, known | True),
            (KNOWN, known),
            (NOT_KNOWN, ~known),
            (REACHED, reached),
            (BELOW, known & ~reached),
        )
        for what, mask in parts:
            found.add(counted(what, patient[mask], {n: c.of(mask) for n, c in columns.items()}, tables))
        weighed = known & (kg > 0)
        hundredths = mg[weighed] * 100 // np.maximum(kg[weighed], 1)
        found.add(spread(PER_KG, hundredths, MOST, {n: c.of(weighed) for n, c in columns.items()}, tables))
    return found


def _at_month(seen: Seen, decisions: Decisions, month: int) -> tuple[Ints, Ints, Ints]:
    """(patient, mg a day, kg) of the starters on treatment that many months after their start; kg 0 if not known."""
    patient, start = starters(decisions)
    day = after(start, Duration(month, "months"))
    spells = spells_of(decisions, seen.as_of)
    state = state_on(spells, patient, day)
    there = np.isin(state, [spells.states.index(name) for name in ON_TREATMENT]) & (day <= seen.as_of)
    patient, day = patient[there], day[there]
    change, mg = doses(decisions)
    row = change.last(patient, day)
    taken = np.where(row >= 0, mg[row], NO_VALUE) if len(mg) else np.full(len(patient), NO_VALUE)
    return patient, taken, weights(seen, patient, day)


def weights(seen: Seen, patient: Ints, day: Ints) -> Ints:
    """Kg times SCALE by the newest weight on or before these days, its upper end; 0 if there is none that can be read."""
    rows = seen.events(WEIGHT, ("at_day", "value", "other"))
    read = rows["value"] != NO_VALUE
    weighed = ByDay(rows["patient"][read], rows["at_day"][read])
    row = weighed.last(patient, day)
    kg = rows["other"][read].astype(np.int64)
    return np.where(row >= 0, kg[row], 0) if len(kg) else np.zeros(len(row), dtype=np.int64)


def reaches(mg: Ints, kg: Ints, target: Target) -> Mask:
    """Whether a dose is at the target's lower end or above it; exact, in whole numbers."""
    low = target.low
    wanted = low.numerator * kg.astype(np.int64) if target.per_kg else np.full(len(mg), low.numerator * SCALE)
    mask: Mask = mg.astype(np.int64) * low.denominator >= wanted
    return mask
