"""All that was found, joined into one answer: worst advice, earliest dates, at least and at most. Somebody is always told."""

from __future__ import annotations

from typing import NamedTuple

from countwell.cohort import shape as at
from countwell.cohort.apart import apart
from countwell.cohort.columns import NEVER_DAY, NO_DAY
from countwell.cohort.days import add
from countwell.cohort.dose_limits import ABOVE, dose_limits
from countwell.cohort.due_dates import (
    NEVER_DONE,
    NOT_SCHEDULED,
    OVERDUE,
    event_day,
    lower_to_dates,
    schedule,
)
from countwell.cohort.inputs import A_NAME, A_SYMPTOM, CRITICAL, MISSES, UNFOUNDED_DECISION, inputs
from countwell.cohort.shape import NOW, Ints, compiled
from countwell.model.advice import DRUG, PATIENT, PRESCRIBER

HOLD, STOP = DRUG.index("hold"), DRUG.index("stop")
TELL, PHONE = PATIENT.index("tell"), PATIENT.index("phone")
THIS_WEEK, TODAY = PRESCRIBER.index("this-week"), PRESCRIBER.index("today")
WORD = 64


class Out(NamedTuple):
    """The columns of an answer, one row for each patient or decision point; see `columns.STATUS_COLUMNS`."""

    state: Ints
    drug: Ints
    drug_at_most: Ints
    contact: Ints
    contact_at_most: Ints
    prescriber: Ints
    prescriber_at_most: Ints
    precautions: Ints
    decide_by: Ints
    surely: Ints
    possibly: Ints
    accepted: Ints
    last: Ints
    due_by: Ints
    due_state: Ints
    tests: Ints
    dose: Ints  # first, low, high, ceiling, no dose, above every ceiling


@apart
def joined(p, out, n):
    """Writes row `n` of the answer."""
    course = p.course[p.slot[NOW, at.COURSE]]
    out.state[n] = course[at.STATE]
    schedule(p)
    dose_limits(p, out.dose[n])
    if course[at.STATE] == at.DIED:
        of_the_dead(p, out, n)
        return
    p.tests[:] = NEVER_DAY
    of_findings(p, out, n)
    wanting = of_schedule(p, out, n)
    too_much = out.dose[n, ABOVE] and course[at.STATE] == at.ACTIVE
    found = inputs(p) | (CRITICAL | MISSES if too_much else 0)
    of_inputs(p, out, n, found)
    open_end = (wanting and course[at.STATE] == at.ACTIVE) or found & MISSES != 0
    if course[at.STATE] == at.ACTIVE and out.drug[n] < HOLD and (open_end or out.drug_at_most[n] >= HOLD):
        raise_contact(out, n, TELL, THIS_WEEK)
    if open_end:
        out.drug_at_most[n] = STOP
    at_most_is_at_least(out, n)


@compiled
def of_the_dead(p, out, n):
    """Nothing is asked for any more, and nothing may be given."""
    nothing(out, n)
    out.drug[n], out.drug_at_most[n] = STOP, STOP
    for g in range(len(p.group)):
        out.last[n, g], out.due_by[n, g], out.due_state[n, g], out.tests[n, g] = NO_DAY, NO_DAY, NOT_SCHEDULED, NO_DAY


@compiled
def nothing(out, n):
    """The answer that calls for nothing."""
    out.drug[n], out.contact[n], out.prescriber[n], out.precautions[n] = 0, 0, 0, 0
    out.drug_at_most[n], out.contact_at_most[n], out.prescriber_at_most[n] = 0, 0, 0
    out.decide_by[n] = NO_DAY
    out.surely[n, :] = 0
    out.possibly[n, :] = 0
    out.accepted[n, :] = 0


@compiled
def of_findings(p, out, n):
    """What rules call for: surely, and what is not ruled out; what was accepted calls for nothing."""
    nothing(out, n)
    decide_by = NEVER_DAY
    for r in range(len(p.rule)):
        state = p.state[NOW, r]
        if state == 0:
            continue
        one = 1 << (r % WORD)
        out.possibly[n, r // WORD] |= one
        if state == at.HOLDS:
            out.surely[n, r // WORD] |= one
        if p.accepted[r]:
            out.accepted[n, r // WORD] |= one
            continue
        if p.rule[r, at.ADVISES]:
            advise(p.rule[r], state, out, n)
        if state == at.HOLDS and p.rule[r, at.DECIDE_IN] >= 0 and event_day(p, r) != NEVER_DAY:
            by = add(event_day(p, r), p.rule[r, at.DECIDE_IN], p.rule[r, at.DECIDE_UNIT], 0)
            decide_by = min(decide_by, by)
        lower_to_dates(p, r, p.tests)
    if decide_by != NEVER_DAY:
        out.decide_by[n] = decide_by


@compiled
def advise(rule, state, out, n):
    """Raises the answer to what one rule advises."""
    if state == at.HOLDS:
        out.drug[n] = max(out.drug[n], rule[at.DRUG])
        out.precautions[n] |= rule[at.PRECAUTIONS]
        raise_contact(out, n, rule[at.PATIENT], rule[at.PRESCRIBER])
    out.drug_at_most[n] = max(out.drug_at_most[n], rule[at.DRUG])
    out.contact_at_most[n] = max(out.contact_at_most[n], rule[at.PATIENT])
    out.prescriber_at_most[n] = max(out.prescriber_at_most[n], rule[at.PRESCRIBER])


@compiled
def raise_contact(out, n, patient, prescriber):
    """Raises who is to be told, at least."""
    out.contact[n] = max(out.contact[n], patient)
    out.prescriber[n] = max(out.prescriber[n], prescriber)


@compiled
def of_schedule(p, out, n):
    """The dates of the schedule; whether a test that it wants is late or was never complete."""
    wanting = False
    for g in range(len(p.group)):
        last, by, state = p.rows[g, 0], p.rows[g, 1], p.rows[g, 2]
        out.last[n, g], out.due_by[n, g], out.due_state[n, g] = last, by, state
        wanting = wanting or state in (OVERDUE, NEVER_DONE)
        if by != NO_DAY:
            p.tests[g] = min(p.tests[g], by)
        out.tests[n, g] = NO_DAY if p.tests[g] == NEVER_DAY else p.tests[g]
    return wanting


@compiled
def of_inputs(p, out, n, found):
    """What inputs that were not used call for, and a hold that is past its date or has none."""
    course = p.course[p.slot[NOW, at.COURSE]]
    is_held = course[at.STATE] == at.HELD
    is_late = is_held and course[at.DECIDE_BY] != NO_DAY and p.slot[NOW, at.TODAY] > course[at.DECIDE_BY]
    if found & (CRITICAL | MISSES) or is_late:
        raise_contact(out, n, 0, TODAY)
    elif found & A_SYMPTOM:
        raise_contact(out, n, PHONE, TODAY)
    elif found & (A_NAME | UNFOUNDED_DECISION) or (is_held and course[at.DECIDE_BY] == NO_DAY):
        raise_contact(out, n, 0, THIS_WEEK)


@compiled
def at_most_is_at_least(out, n):
    """At most is never less than at least."""
    out.drug_at_most[n] = max(out.drug_at_most[n], out.drug[n])
    out.contact_at_most[n] = max(out.contact_at_most[n], out.contact[n])
    out.prescriber_at_most[n] = max(out.prescriber_at_most[n], out.prescriber[n])
