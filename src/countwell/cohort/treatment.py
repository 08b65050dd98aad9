"""Facts about the course: how long since an event, the dose, its state and reasons, what a named person accepted."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.columns import NEVER_DAY, NO_DAY, NO_VALUE, SCALE
from countwell.cohort.days import add
from countwell.cohort.events_of_facts import decision_of, moment_of_fact
from countwell.cohort.kinds import of_kind
from countwell.cohort.shape import compiled
from countwell.cohort.spans import EVERYTHING, INFINITY, dated, put, yes_or_no
from countwell.cohort.weights import weight_at

NO, YES = 0, 1


@of_kind
def since(p, s, f):
    """The time since an event of the course: its ends hold the first and last day it can have begun. Silent if there was none,
    or its clock (`after`) has not begun."""
    column = p.fact[f, at.EVENT]
    k = decision_of(p, s, column)
    if k < 0:
        no_origin(p, s, f, True)
        return
    first, last = _began(p, k, column)
    if p.fact[f, at.WITHIN] >= 0:
        last = add(last, p.fact[f, at.WITHIN], p.fact[f, at.WITHIN_UNIT], 1)
        if first != NO_DAY:
            first = add(first, p.fact[f, at.WITHIN], p.fact[f, at.WITHIN_UNIT], 1)
        if p.slot[s, at.TODAY] < last:
            no_origin(p, s, f, True)
            return
    origin(p, s, f, first, last)
    dated(p, s, f, p.course[k, at.C_AT], p.course[k, at.C_DAY], p.course[k, at.C_WHOLE] != 0)


@compiled
def no_origin(p, s, f, silent):
    """A time of which no beginning is known."""
    put(p, s, f, EVERYTHING, at.OTHER_REASON, silent, 0)
    p.value[s, f, at.WORDS] = at.NO_ORIGIN if silent else at.UNKNOWN_ORIGIN


@compiled
def origin(p, s, f, first, last):
    """A time that began between two days; NO_DAY: long ago."""
    low = -INFINITY if first == NO_DAY else float(first)
    put(p, s, f, (low, float(last), False, False), at.NO_REASON if first == last else at.OTHER_REASON, False, 0)
    p.value[s, f, at.WORDS] = at.WITH_ORIGIN


@compiled
def _began(p, k, column):
    """The earliest and latest day it can have begun: a patient taken over may have started long before."""
    row = p.course[k]
    if row[at.DO] != at.TRANSFER_IN or column == at.HALT or column == at.REDUCE:
        return row[at.C_DAY], row[at.C_DAY]
    if row[at.BEGAN] != NO_DAY:
        return row[at.BEGAN], row[at.BEGAN]
    return NO_DAY, row[at.C_DAY]


@of_kind
def dose(p, s, f):
    """The daily dose now, or before the event of a fact, in mg or in mg per kg of body weight."""
    course = p.course[p.slot[s, at.COURSE]]
    if p.fact[f, at.HANGS_ON] >= 0:
        come, instant, day, whole_day = moment_of_fact(p, s, p.fact[f, at.HANGS_ON])
        mg = _mg_before(p, s, instant, day, whole_day) if come else NO_VALUE
    elif course[at.STATE] == at.PROPOSED:
        put(p, s, f, EVERYTHING, at.OTHER_REASON, True, 0)
        return
    else:
        mg = course[at.MG]
    if mg == NO_VALUE:
        put(p, s, f, EVERYTHING, at.OTHER_REASON, False, 0)
    elif p.fact[f, at.WHICH]:
        _per_kg(p, s, f, mg)
    else:
        put(p, s, f, (mg / SCALE, mg / SCALE, False, False), at.NO_REASON, False, 0)
        _dated_by_change(p, s, f)


@compiled
def _dated_by_change(p, s, f):
    k = decision_of(p, s, at.CHANGE)
    if k >= 0:
        dated(p, s, f, p.course[k, at.C_AT], p.course[k, at.C_DAY], p.course[k, at.C_WHOLE] != 0)


@compiled
def _mg_before(p, s, instant, day, whole_day):
    """The dose in force just before a moment, in thousandths of mg; NO_VALUE if there was none or it is not known."""
    mg = NO_VALUE
    for k in range(1, p.slot[s, at.COURSE] + 1):
        row = p.course[k]
        if row[at.DO] > at.REDUCED or not _is_before(row, instant, day, whole_day):
            continue
        if row[at.OWN_MG] != NO_VALUE or row[at.DO] != at.RESTART:
            mg = row[at.OWN_MG]
    return mg


@compiled
def _is_before(row, instant, day, whole_day):
    if row[at.C_AT] != instant:
        return row[at.C_AT] < instant
    return row[at.C_DAY] < day or (row[at.C_DAY] == day and (row[at.C_WHOLE] != 0) < whole_day)


@compiled
def _per_kg(p, s, f, mg):
    k = weight_at(p, p.slot[s, at.INSTANT])
    within = p.fact[f, at.WITHIN]
    if k < 0 or (
        within >= 0 and p.slot[s, at.TODAY] > add(p.event[k, at.AT_DAY], within, p.fact[f, at.WITHIN_UNIT], 1)
    ):
        put(p, s, f, EVERYTHING, at.OTHER_REASON if k < 0 else at.LAPSED, False, 0)
        return
    weight = p.event[k]
    span = (mg / weight[at.OTHER], mg / weight[at.VALUE], (weight[at.MARKS] & 4) != 0, (weight[at.MARKS] & 2) != 0)
    put(p, s, f, span, at.NO_REASON, False, 0)
    dated(p, s, f, weight[at.AT], weight[at.AT_DAY], (weight[at.MARKS] & 1) != 0)


@compiled
def word(p, s, f, bits):
    """A word fact: the bits of the words still possible; 0: not known."""
    put(p, s, f, EVERYTHING, at.NO_REASON if bits else at.OTHER_REASON, False, 0)
    p.value[s, f, at.WORDS] = bits


@of_kind
def state(p, s, f):
    """The state of the course."""
    course = p.course[p.slot[s, at.COURSE]]
    word(p, s, f, 1 << p.member[p.fact[f, at.FROM] + course[at.STATE]])
    if course[at.IN_STATE] >= 0:
        row = p.course[course[at.IN_STATE]]
        dated(p, s, f, row[at.C_AT], row[at.C_DAY], row[at.C_WHOLE] != 0)


@of_kind
def reason(p, s, f):
    """Why it was last held or stopped, or every reason there ever was."""
    course = p.course[p.slot[s, at.COURSE]]
    if p.fact[f, at.WHICH]:
        word(p, s, f, course[at.EVER])
    elif course[at.LAST_REASON] < 0:
        word(p, s, f, 1 << p.member[p.fact[f, at.FROM]])
    else:
        word(p, s, f, 1 << course[at.LAST_REASON])
    if course[at.HALT] >= 0:
        row = p.course[course[at.HALT]]
        dated(p, s, f, row[at.C_AT], row[at.C_DAY], row[at.C_WHOLE] != 0)


@of_kind
def condition(p, s, f):
    """What is treated."""
    place = p.person[at.CONDITION]
    word(p, s, f, 0 if place == 0 else 1 << p.member[p.fact[f, at.FROM] + place])


@of_kind
def accepted(p, s, f):
    """Whether a named person has accepted a finding and the acceptance has not run out."""
    k = acceptance(p, s, p.member[p.fact[f, at.FROM]])
    yes_or_no(p, s, f, YES if k >= 0 else NO, False)
    if k >= 0:
        dated(p, s, f, p.course[k, at.C_AT], p.course[k, at.C_DAY], p.course[k, at.C_WHOLE] != 0)


@compiled
def acceptance(p, s, finding):
    """The row of the newest acceptance of a finding (its place in the store's list), if still in force; else NONE."""
    if finding < 0:
        return at.NONE
    for k in range(p.slot[s, at.COURSE], 0, -1):
        row = p.course[k]
        if row[at.DO] == at.ACCEPT and row[at.SAID] == finding:
            in_force = row[at.OWN_UNTIL] == NEVER_DAY or p.slot[s, at.TODAY] <= row[at.OWN_UNTIL]
            return k if in_force else at.NONE
    return at.NONE
