"""The results of one test as they were known at an instant: newest first, by the links that `gather.see` has laid."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.columns import DISPUTED, MERE_REPORT, NO_VALUE, WHOLE_DAY
from countwell.cohort.shape import compiled


@compiled
def newest(p, s, test):
    """The row of the newest result of a test collected and known by the instant of slot `s`; NONE if there is none."""
    return _known(p, s, p.last[test])


@compiled
def earlier(p, s, i):
    """The one before row `i`."""
    return _known(p, s, p.labs[i, at.EARLIER])


@compiled
def _known(p, s, i):
    slot = p.slot[s]
    instant, heard, reports_before = slot[at.INSTANT], slot[at.HEARD], slot[at.REPORTS_BEFORE]
    while i >= 0:
        row = p.labs[i]
        counts = row[at.COLLECTED] < reports_before or row[at.FLAGS] & MERE_REPORT == 0
        if counts and row[at.COLLECTED] <= instant and row[at.KNOWN] <= heard < row[at.UNTIL]:
            return i
        i = row[at.EARLIER]
    return at.NONE


@compiled
def is_settled(p, i):
    """Whether the test was done: with a final value, also a disputed one."""
    return p.labs[i, at.STATUS] <= DISPUTED


@compiled
def has_span(p, i):
    """Whether it has a value."""
    return p.labs[i, at.LOW] != NO_VALUE or p.labs[i, at.HIGH] != NO_VALUE


@compiled
def newest_settled(p, s, test):
    """The row of the newest result that was done; NONE if there is none."""
    return settled_from(p, s, newest(p, s, test))


@compiled
def earlier_settled(p, s, i):
    """The one before row `i` that was done."""
    return settled_from(p, s, earlier(p, s, i))


@compiled
def settled_from(p, s, i):
    """Row `i` or the next one before it that was done."""
    while i >= 0 and not is_settled(p, i):
        i = earlier(p, s, i)
    return i


@compiled
def is_whole_day(p, i):
    """Whether the collection is a date without a time."""
    return (p.labs[i, at.FLAGS] & WHOLE_DAY) != 0


@compiled
def is_before(p, i, k):
    """Whether row `i` was collected before row `k`; of one instant, a date without a time comes last."""
    one, other = p.labs[i, at.COLLECTED], p.labs[k, at.COLLECTED]
    if one != other:
        return one < other
    return p.labs[i, at.COLLECTED_DAY] == p.labs[k, at.COLLECTED_DAY] and is_whole_day(p, i) < is_whole_day(p, k)
