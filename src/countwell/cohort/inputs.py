"""Inputs that were not used: which still matter, and which may be critical. What is not known is told, never passed over."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.apart import apart_for_a_number
from countwell.cohort.columns import (
    LONG_AGO,
    NEVER,
    NO_RECEIPT,
    NO_VALUE,
    NOT_USED,
    SCALE,
    UNFOUNDED,
    WHOLE_DAY,
    WITHDRAWN,
)
from countwell.cohort.shape import NOW, compiled
from countwell.cohort.specimens import is_whole_day, newest_settled

# Places in the store's list `not_used`.
RESULT, SYMPTOM, NAME, PATIENT, OTHER = range(1, 6)
CRITICAL, MISSES, A_SYMPTOM, A_NAME, UNFOUNDED_DECISION = 1, 2, 4, 8, 16


@apart_for_a_number
def inputs(p):
    """Bits of what inputs call for: CRITICAL, MISSES (something about the patient), A_SYMPTOM, A_NAME, UNFOUNDED_DECISION."""
    heard, found = p.slot[NOW, at.HEARD], 0
    for k in range(p.event_from[NOT_USED], p.event_from[NOT_USED + 1]):
        row = p.event[k]
        if row[at.END] <= heard < row[at.BITS] and _has_come(p, row) and _matters(p, row):
            found |= _calls_for(row[at.CODE])
            if _is_critical(p, p.test_of[row[at.MORE]], row[at.VALUE], row[at.OTHER], row[at.UPPER_BESIDE]):
                found |= CRITICAL
    for k in range(p.event_from[UNFOUNDED], p.event_from[UNFOUNDED + 1]):
        row = p.event[k]
        if row[at.AT] <= p.slot[NOW, at.INSTANT] and heard < row[at.END]:
            found |= UNFOUNDED_DECISION
    return found | _in_the_future(p) | _odd_frequency(p) | _contrary(p)


@compiled
def _has_come(p, row):
    """REPLAY does not know of what was sent without a time of receipt before it happened."""
    return not (p.tally[at.REPLAYS] and row[at.END] == LONG_AGO and row[at.AT] > p.slot[NOW, at.INSTANT])


@compiled
def _calls_for(code):
    if code == PATIENT:
        return MISSES
    if code == SYMPTOM:
        return A_SYMPTOM
    return A_NAME if code == NAME else 0


@compiled
def _matters(p, row):
    """Whether no newer final result of its test has come."""
    if row[at.MORE] == 0 or row[at.AT] == LONG_AGO:
        return True
    test = p.test_of[row[at.MORE]]
    i = newest_settled(p, NOW, test) if test >= 0 else at.NONE
    if i < 0:
        return True
    if p.labs[i, at.COLLECTED_DAY] == row[at.AT_DAY] and (is_whole_day(p, i) or row[at.MARKS] & WHOLE_DAY):
        return True
    return p.labs[i, at.COLLECTED] <= row[at.AT]


@compiled
def _is_critical(p, test, low, high, upper):
    """Whether a value it may mean is at or past a number at which the packs hold or stop."""
    if test == at.NONE or (low == NO_VALUE and high == NO_VALUE):
        return False
    for c in range(len(p.critical)):
        if p.critical[c, 0] == test and (_is_past(p.critical[c], low, upper) or _is_past(p.critical[c], high, upper)):
            return True
    return False


@compiled
def _is_past(limit, value, upper):
    """One comparison in whole numbers: the value, or the multiple of its limit, against a quotient."""
    _, op, number_up, number_down, in_limits, lowest = limit[0], limit[1], limit[2], limit[3], limit[4], limit[5]
    unit = SCALE
    if in_limits:
        unit = upper if upper > 0 else lowest
    one, other = value * number_down, number_up * unit
    if op == 0:
        return one < other
    if op == 1:
        return one <= other
    return one > other if op == 2 else one >= other


@compiled
def _in_the_future(p):
    """Results collected after the instant that is asked about. REPLAY asks what had come by then: nothing without a receipt."""
    found, without_receipt = 0, NO_RECEIPT * (1 - p.tally[at.REPLAYS])
    for i in range(p.tally[at.N_SEEN], p.tally[at.N_LABS]):
        row = p.labs[i]
        heard = p.slot[NOW, at.HEARD]
        known = row[at.KNOWN] <= heard < row[at.UNTIL] or (row[at.FLAGS] & without_receipt and row[at.UNTIL] == NEVER)
        if row[at.COLLECTED] <= p.slot[NOW, at.INSTANT] or not known or row[at.STATUS] == WITHDRAWN:
            continue
        is_exact = row[at.LOW] == row[at.HIGH] and row[at.LOW] != NO_VALUE
        if is_exact and _is_critical(p, row[at.TEST], row[at.LOW], row[at.LOW], NO_VALUE):
            found |= CRITICAL
    return found


@compiled
def _odd_frequency(p):
    """The running dose is recorded with a frequency that azathioprine never has: how it is taken is not known."""
    course = p.course[p.slot[NOW, at.COURSE]]
    if course[at.STATE] != at.ACTIVE or course[at.CHANGE] < 0:
        return 0
    return CRITICAL | MISSES if p.refused_frequency[p.course[course[at.CHANGE], at.OWN_FREQUENCY]] else 0


@compiled
def _contrary(p):
    """The last change of the dose contradicts its own name, or names no dose."""
    course = p.course[p.slot[NOW, at.COURSE]]
    if course[at.STATE] != at.ACTIVE or course[at.CHANGE] < 0:
        return 0
    change, before = p.course[course[at.CHANGE]], p.course[course[at.CHANGE] - 1, at.MG]
    now, do = change[at.OWN_MG], change[at.DO]
    if do != at.RAISE and do != at.REDUCED:
        return 0
    if now == NO_VALUE:
        return A_NAME
    contrary = before != NO_VALUE and now != before and (now > before) != (do == at.RAISE)
    return A_NAME if contrary else 0
