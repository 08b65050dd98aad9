"""What generated conditions call: times by the calendar, words as bits, the newest event behind a rule."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.days import add
from countwell.cohort.shape import compiled, copied

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


@compiled
def newer(p, s, f, r):
    """Makes the event behind fact `f` that of rule `r`, if it is newer."""
    row, moment = p.value[s, f], p.moment[r]
    if row[at.DATED] and (moment[at.M_DATED] == 0 or row[at.V_AT] > moment[at.M_AT]):
        moment[at.M_AT], moment[at.M_DAY], moment[at.M_WHOLE] = row[at.V_AT], row[at.V_DAY], row[at.V_WHOLE]
        moment[at.M_DATED] = 1


@compiled
def newer_of_rule(p, s, other, r):
    """The same from another rule that holds or may hold."""
    moment, beside = p.moment[r], p.moment[other]
    if p.state[s, other] == 0 or beside[at.M_DATED] == 0:
        return
    if moment[at.M_DATED] == 0 or beside[at.M_AT] > moment[at.M_AT]:
        copied(beside, moment, 0, at.M_LAPSED)


@compiled
def lapsed(p, s, f, r):
    """Notes that rule `r` is open because fact `f` has lapsed, if it has."""
    if p.value[s, f, at.WHY] == at.LAPSED:
        p.moment[r, at.M_LAPSED] = 1


@compiled
def since_the_run(p, r):
    """Of a rule that holds without any date: the beginning of the run, which stands in the last row."""
    if p.moment[r, at.M_DATED] == 0:
        copied(p.moment[len(p.moment) - 1], p.moment[r], 0, at.M_LAPSED)
