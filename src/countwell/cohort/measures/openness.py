"""Reviews that unknowns leave open: what is called for at least is not what may be called for at most."""

from __future__ import annotations

from collections.abc import Mapping

from countwell.cohort.columns import STATES
from countwell.cohort.measures.seen import Coded, Mask, Seen
from countwell.cohort.measures.tally import By, Tally, counted

REVIEWS, OPEN, SETTLED = "reviews", "reviews open", "reviews settled"
PARTS = ("drug", "contact", "prescriber")
OVER = ("ended", "died")


def openness(seen: Seen, by: Mapping[str, Coded], tables: tuple[By, ...]) -> Tally:
    """One review of every patient as of the day: open if any part of the advice differs between at least and at most.

    Left out: patients passed on to another clinic and those who died.
    """
    assert seen.status is not None
    rows = seen.of(seen.status, ("state", *PARTS, *(f"{part}_at_most" for part in PARTS)))
    patient, gone = rows["patient"], is_over(rows["state"])
    unsettled = rows["drug"] != rows["drug_at_most"]
    for part in PARTS:
        unsettled = unsettled | (rows[part] != rows[f"{part}_at_most"])
    found = Tally()
    for what, mask in ((REVIEWS, ~gone), (OPEN, unsettled & ~gone), (SETTLED, ~unsettled & ~gone)):
        columns = {name: column.of(patient[mask]) for name, column in by.items()}
        found.add(counted(what, patient[mask], columns, tables))
    return found


def is_over(state: Mask) -> Mask:
    """Whether the course is over, so that nothing is called for."""
    over = [STATES.index(name) for name in OVER]
    mask: Mask = (state == over[0]) | (state == over[1])
    return mask
