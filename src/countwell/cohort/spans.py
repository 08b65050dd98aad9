"""Spans as a walk reckons with them: (low, high, open at low, open at high), in the units of the rules."""

from __future__ import annotations

import numpy as np

from countwell.cohort import shape as at
from countwell.cohort.columns import ABOVE_ALL, HIGH_OPEN, LOW_OPEN, NO_VALUE, SCALE
from countwell.cohort.shape import compiled

INFINITY = np.inf
NOWHERE = (-INFINITY, -INFINITY, True, True)
LOWER, HIGHER = 1, 2
EVERYTHING = (-INFINITY, INFINITY, True, True)


@compiled
def span_of(p, i):
    """The value of a row in its own unit: one correctly rounded quotient of whole numbers at each end."""
    return scaled(p.labs[i, at.LOW], p.labs[i, at.HIGH], p.labs[i, at.FLAGS])


@compiled
def scaled(low, high, flags):
    """A span of thousandths in units."""
    return (
        -INFINITY if low == NO_VALUE else low / SCALE,
        INFINITY if high == ABOVE_ALL else high / SCALE,
        low == NO_VALUE or (flags & LOW_OPEN) != 0,
        high == ABOVE_ALL or (flags & HIGH_OPEN) != 0,
    )


@compiled
def worse_half(span, worse):
    """Itself at the good end, nothing known towards the bad."""
    low, high, low_open, high_open = span
    if worse == LOWER:
        return -INFINITY, high, True, high_open
    if worse == HIGHER:
        return low, INFINITY, low_open, True
    return -INFINITY, INFINITY, True, True


@compiled
def is_worse(span, than, worse):
    """Whether a span is worse than another at its good end."""
    if worse == LOWER:
        return span[1] < than[1] or (span[1] == than[1] and span[0] < than[0])
    return span[0] > than[0] or (span[0] == than[0] and span[1] > than[1])


@compiled
def is_exact(span):
    """Whether only one value is possible."""
    return span[0] == span[1]


@compiled
def within_ends(span):
    """The ends of a span, an open one moved to its neighbour."""
    low, high, low_open, high_open = span
    if low_open and low > -INFINITY:
        low = np.nextafter(low, INFINITY)
    if high_open and high < INFINITY:
        high = np.nextafter(high, -INFINITY)
    return low, high


@compiled
def put_was(p, s, f, span):
    """What a value that lapsed was while it vouched."""
    ends = p.span[s, f]
    ends[at.WAS_LOW], ends[at.WAS_HIGH] = within_ends(span)


@compiled
def put(p, s, f, span, why, silent, behind):
    """Writes the value of fact `f` at slot `s`; its date is written by `dated`."""
    low, high = within_ends(span)
    ends = p.span[s, f]
    ends[at.ENDS_LOW], ends[at.ENDS_HIGH] = low, high
    ends[at.MAYBE_LOW], ends[at.MAYBE_HIGH] = (high, low) if silent else (low, high)
    ends[at.WAS_LOW], ends[at.WAS_HIGH] = INFINITY, -INFINITY
    value = p.value[s, f]
    value[at.WHY], value[at.SILENT], value[at.BEHIND], value[at.DATED] = why, silent, behind, 0


@compiled
def dated(p, s, f, instant, day, whole_day):
    """The date of the newest event behind a fact."""
    value = p.value[s, f]
    value[at.V_AT], value[at.V_DAY], value[at.V_WHOLE], value[at.DATED] = instant, day, whole_day, 1


@compiled
def dated_by(p, s, f, i):
    """The same from a laboratory row; NONE leaves it undated."""
    if i >= 0:
        row = p.labs[i]
        dated(p, s, f, row[at.COLLECTED], row[at.COLLECTED_DAY], (row[at.FLAGS] & 1) != 0)


@compiled
def highest_of(one, other):
    """The highest of two spans: the higher low end, the higher high end; of equal ends the one that is not open."""
    low, high, low_open, high_open = one
    if other[0] > low or (other[0] == low and low_open and not other[2]):
        low, low_open = other[0], other[2]
    if other[1] > high or (other[1] == high and high_open and not other[3]):
        high, high_open = other[1], other[3]
    return low, high, low_open, high_open


@compiled
def yes_or_no(p, s, f, truth, silent):
    """A yes/no fact: truth 1 yes, 0 no, 2 not known."""
    low, high = (0.0, 1.0) if truth == 2 else (float(truth), float(truth))
    put(p, s, f, (low, high, False, False), at.OTHER_REASON if truth == 2 else at.NO_REASON, silent, 0)


@compiled
def is_past_good_end(now, then, worse):
    """Whether a fact is worse now than it was: its good end, open or not, lies beyond what it was."""
    if worse == LOWER:
        return (
            now[at.ENDS_HIGH] < then[at.ENDS_HIGH] and np.nextafter(now[at.ENDS_HIGH], INFINITY) != then[at.ENDS_HIGH]
        )
    if worse == HIGHER:
        return now[at.ENDS_LOW] > then[at.ENDS_LOW] and np.nextafter(now[at.ENDS_LOW], -INFINITY) != then[at.ENDS_LOW]
    return False
