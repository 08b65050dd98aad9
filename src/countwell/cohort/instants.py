"""Instants that matter: those at which rules in the past are asked for, and the points at which REPLAY decides."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.columns import NEVER, NO_DAY
from countwell.cohort.gather import end_of
from countwell.cohort.shape import PAST, compiled, copied
from countwell.cohort.specimens import newest_settled


@compiled
def put_earlier(p, held, n, heard):
    """Puts in what rules of findings ask for at those instants: the last result before each of every test that they read."""
    if p.finding_tests[0] == 0:
        return n
    slot = p.slot[PAST]
    slot[at.HEARD] = heard
    k = n - 1
    while k >= 0:
        slot[at.INSTANT] = held[k, at.H_ENDS]
        before = n
        for test in range(len(p.worse)):
            if (p.finding_tests[0] >> test) & 1:
                n = put_row(p, held, n, newest_settled(p, PAST, test), slot[at.INSTANT])
        k += n - before - 1
    return n


@compiled
def put_row(p, held, n, i, instant):
    """Puts in the instant of a result, if it is before another; how many they are then."""
    if i < 0 or p.labs[i, at.ENDS] >= instant:
        return n
    return put_instant(held, n, p.labs[i, at.ENDS], p.labs[i, at.COLLECTED_DAY])


@compiled
def first_news(p, before, heard):
    """When the first of the results was collected that came, or were replaced, since what was known `before`."""
    changed = NEVER
    for i in range(p.tally[at.N_SEEN]):
        if is_news(p.labs[i], before, heard):
            changed = min(changed, p.labs[i, at.COLLECTED])
    return changed


@compiled
def is_news(row, before, heard):
    """Whether a result came, or was replaced, after what was known `before`."""
    return before < row[at.KNOWN] <= heard or before < row[at.UNTIL] <= heard


@compiled
def put_instant(held, n, ends, day):
    """Puts an instant in its place among the first `n`, once; how many they are then."""
    k = n
    while k > 0 and held[k - 1, at.H_ENDS] > ends:
        k -= 1
    if k > 0 and held[k - 1, at.H_ENDS] == ends:
        return n
    for later in range(n, k, -1):
        copied(held[later - 1], held[later], 0, at.HELD_COLUMNS)
    held[k, at.H_ENDS], held[k, at.H_DAY], held[k, at.H_MASK], held[k, at.H_DONE] = ends, day, 0, 0
    return n + 1


@compiled
def gather_points(p, until):
    """The instants at which a result came or a decision was taken, in order, each once; how many they are.

    A result dated by the day alone counts at its end, as does such a decision.
    """
    n = 0
    for i in range(p.tally[at.N_LABS]):
        row = p.labs[i]
        if row[at.KNOWN] >= row[at.ENDS]:
            n = put_point(p, n, row[at.KNOWN], row[at.KNOWN_DAY], at.A_RESULT, until)
        else:
            n = put_point(p, n, row[at.ENDS], row[at.COLLECTED_DAY], at.A_RESULT, until)
    for k in range(1, p.tally[at.N_COURSE]):
        row = p.course[k]
        n = put_point(p, n, row[at.C_ENDS], row[at.C_DAY], at.A_DECISION, until)
    return n


@compiled
def put_point(p, n, instant, day, why, until):
    """Puts a point in its place among the first `n`, unless it is there or comes too late; how many they are then."""
    k = n
    while k > 0 and p.point[k - 1, at.P_INSTANT] > instant:
        k -= 1
    if instant > until or (k > 0 and p.point[k - 1, at.P_INSTANT] == instant):
        return n
    for later in range(n, k, -1):
        copied(p.point[later - 1], p.point[later], 0, at.POINT_COLUMNS)
    row = p.point[k]
    row[at.P_INSTANT], row[at.P_DAY], row[at.P_BECAUSE] = instant, day, why
    return n + 1


@compiled
def next_due(p, instant):
    """When the next due date of the schedule has passed: the end of the day after it, and that day; NEVER if none is set."""
    ends, day = NEVER, 0
    for g in range(len(p.group)):
        by = p.rows[g, 1]
        if by != NO_DAY:
            end = end_of(p, 0, by + 1, True)
            if instant < end < ends:
                ends, day = end, by + 1
    return ends, day


@compiled
def copied_point(point, row):
    """Writes a decision point after the patient's number."""
    row[1], row[2], row[3] = point[at.P_INSTANT], point[at.P_DAY], point[at.P_BECAUSE]
