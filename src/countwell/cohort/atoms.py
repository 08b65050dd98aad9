"""What generated conditions call: times by the calendar, words as bits."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.days import add
from countwell.cohort.shape import compiled

LESS, AT_MOST, MORE, AT_LEAST = range(4)


@compiled
def elapsed(p, s, f, op, count, unit):
    """Whether the time since a fact's beginning stands so to a duration: 0 no, HOLDS for both ends, MAY_HOLD for one."""
    origin, today = p.value[s, f, at.WORDS], p.slot[s, at.TODAY]
    if origin == at.NO_ORIGIN:
        return 0
    if origin == at.UNKNOWN_ORIGIN:
        return at.MAY_HOLD
    first, last = p.span[s, f, at.ENDS_LOW], p.span[s, f, at.ENDS_HIGH]
    one = _elapsed(first, today, op, count, unit)
    other = one if first == last else _elapsed(last, today, op, count, unit)
    if one and other:
        return at.HOLDS
    return at.MAY_HOLD if one or other else 0


@compiled
def _elapsed(begin, today, op, count, unit):
    if begin < -1e15:
        return op >= MORE
    over = add(int(begin), count, unit, 1)
    if op == LESS:
        return today < over
    if op == AT_MOST:
        return today <= over
    return today > over if op == MORE else today >= over


@compiled
def is_in(possible, wanted):
    """Whether every word still possible is one of those wanted; 0 possible: not known."""
    return possible != 0 and possible & ~wanted == 0


@compiled
def may_be_in(possible, wanted):
    """Whether one of the words wanted is possible."""
    return possible == 0 or possible & wanted != 0


@compiled
def is_not_in(possible, wanted):
    """Whether none of the words wanted is possible."""
    return possible != 0 and possible & wanted == 0


@compiled
def may_not_be_in(possible, wanted):
    """Whether another word than those wanted is possible."""
    return possible == 0 or possible & ~wanted != 0
