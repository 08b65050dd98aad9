"""Reassurance lapses: a good result stops vouching when its own next test is past due. The rules in force at an instant in the
past are bits, worked out once per instant; here they are only looked up."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.apart import apart_for_a_number
from countwell.cohort.days import add, is_over
from countwell.cohort.shape import compiled

NOT_YET, NO, YES = range(3)


@compiled
def is_required(p, s, test):
    """Whether a calendar rule in force at slot `s` requires this test."""
    return (p.slot[s, at.REQUIRED] >> test) & 1 != 0


@compiled
def in_force(p, s, ends):
    """Bits of the recurring rules in force at an instant; not before that of slot `s`: those of the slot itself."""
    if ends >= p.slot[s, at.INSTANT]:
        return p.slot[s, at.IN_FORCE]
    held = p.held[p.slot[s, at.LAYER]]
    low, high = 0, p.tally[at.N_INSTANTS + p.slot[s, at.LAYER] * 2]
    while low < high:
        middle = (low + high) // 2
        if held[middle, at.H_ENDS] < ends:
            low = middle + 1
        else:
            high = middle
    return held[low, at.H_MASK]


@compiled
def next_day(p, e, day):
    """The last day of the interval of recurring rule `e` that begins on `day`."""
    return add(day, p.every[e, at.BY], p.every[e, at.BY_UNIT], 0)


@compiled
def is_past(p, e, day, today):
    """Whether that interval is over."""
    return is_over(day, p.every[e, at.BY], p.every[e, at.BY_UNIT], 0, today) > 0


@compiled
def asks_for(p, e, test):
    """Whether recurring rule `e` asks for a test."""
    return (p.every[e, at.ITS_TESTS] >> test) & 1 != 0


@compiled
def is_later(p, k, instant, day):
    """Whether decision `k` sets the dose anew after an instant of that day."""
    row = p.course[k]
    return row[at.DO] <= at.REDUCED and (row[at.C_DAY] > day or row[at.C_AT] > instant)


@compiled
def has_lapsed(p, s, test, i):
    """Whether the result of row `i`, the last settled one of its test, no longer vouches."""
    if p.lapse[s, test] == NOT_YET:
        p.lapse[s, test] = YES if _has_lapsed(p, s, test, i) else NO
    return p.lapse[s, test] == YES


@apart_for_a_number
def _has_lapsed(p, s, test, i):
    day, today = p.labs[i, at.COLLECTED_DAY], p.slot[s, at.TODAY]
    if day == today or not _may_have_passed(p, test, day, today):
        return False
    instant = p.labs[i, at.COLLECTED]
    then = in_force(p, s, p.labs[i, at.ENDS])
    own = False
    for e in range(len(p.every)):
        if asks_for(p, e, test) and (then >> e) & 1:
            own = True
            if is_past(p, e, day, today):
                return True
    restarted = own
    for k in range(1, p.slot[s, at.COURSE] + 1):
        if not is_later(p, k, instant, day):
            continue
        row = p.course[k]
        rules = in_force(p, s, row[at.C_ENDS])
        if not restarted and row[at.DO] == at.RESTART:
            restarted = True
            if _passed_since(p, test, rules, day, today, row[at.C_DAY] < today):
                return True
        if _passed_since(p, test, rules, row[at.C_DAY], today, True):
            return True
    return False


@compiled
def _may_have_passed(p, test, day, today):
    for e in range(len(p.every)):  # noqa: SIM110 - compiled
        if asks_for(p, e, test) and is_past(p, e, day, today):
            return True
    return False


@compiled
def _passed_since(p, test, rules, day, today, findings_too):
    """Whether the interval of one of these rules, begun on `day`, is over."""
    for e in range(len(p.every)):
        counts = asks_for(p, e, test) and (rules >> e) & 1 and (findings_too or p.every[e, at.CALENDAR])
        if counts and is_past(p, e, day, today):
            return True
    return False
