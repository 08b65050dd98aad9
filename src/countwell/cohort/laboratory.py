"""Facts that rest on results: the newest, the highest of several, the baseline before the first start.

Alarm stands, reassurance lapses: a value that is lapsed, preliminary or disputed is a half-line, itself at its good end.
"""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.apart import apart_for_a_number
from countwell.cohort.columns import DISPUTED, FINAL, NO_DAY, PRELIMINARY, UNREADABLE, UPPER_OPEN
from countwell.cohort.days import before
from countwell.cohort.kinds import of_kind
from countwell.cohort.lapse import has_lapsed, is_required
from countwell.cohort.shape import compiled
from countwell.cohort.spans import (
    EVERYTHING,
    INFINITY,
    NOWHERE,
    dated_by,
    highest_of,
    is_exact,
    is_worse,
    put,
    put_was,
    span_of,
    worse_half,
)
from countwell.cohort.specimens import (
    earlier,
    earlier_settled,
    has_span,
    is_before,
    is_settled,
    is_whole_day,
    newest,
    newest_settled,
)


@of_kind
def latest(p, s, f):
    """The newest result of one test."""
    test = p.member[p.fact[f, at.FROM]]
    span, i, why, silent, behind = newest_value(p, s, f, test)
    put(p, s, f, span, why, silent, behind)
    if why == at.LAPSED:
        put_was(p, s, f, measured(p, s, f, i))
    dated_by(p, s, f, i)


@compiled
def newest_value(p, s, f, test):
    """(span, row it is dated by, why, silent, tests behind it) of the newest result, measured as fact `f` wants."""
    newest_row = newest(p, s, test)
    last = newest_row
    while last >= 0 and not is_settled(p, last):
        last = earlier(p, s, last)
    worse = p.worse[test]
    span, why, silent = _standing(p, s, f, test, last, worse)
    later, chosen, worst = False, last, span
    i = newest_row
    while i >= 0 and (last < 0 or p.labs[i, at.COLLECTED_DAY] >= p.labs[last, at.COLLECTED_DAY]):
        status = p.labs[i, at.STATUS]
        if status in (PRELIMINARY, UNREADABLE) and (last < 0 or may_be_later(p, i, last)):
            later = True
            if has_span(p, i):
                one = measured(p, s, f, i)
                if is_worse(one, worst, worse) or (chosen != last and not is_worse(worst, one, worse)):
                    worst, chosen = one, i
        i = earlier(p, s, i)
    behind = 1 << test if last >= 0 or later else 0
    if not later:
        return span, last, why, silent, behind
    half = worse_half(worst, worse)
    if chosen != last and half == worse_half(span, worse):
        chosen = last
    return half, chosen, at.OTHER_REASON, False, behind


@compiled
def may_be_later(p, i, last):
    """Whether row `i` was collected after the last settled one; of one day, a date without a time may be later."""
    if p.labs[i, at.COLLECTED_DAY] == p.labs[last, at.COLLECTED_DAY] and (is_whole_day(p, i) or is_whole_day(p, last)):
        return True
    return p.labs[i, at.COLLECTED] > p.labs[last, at.COLLECTED]


@compiled
def _standing(p, s, f, test, last, worse):
    """(span, why, silent) of the last settled value: exact while it vouches, a half-line when disputed or lapsed."""
    if last < 0:
        return EVERYTHING, at.OTHER_REASON, not is_required(p, s, test)
    span = measured(p, s, f, last)
    why = at.NO_REASON if is_exact(span) else at.CENSORED
    if is_exact(span_of(p, last)) and not is_exact(span):
        why = at.OTHER_REASON
    if p.labs[last, at.STATUS] == DISPUTED:
        return worse_half(span, worse), at.OTHER_REASON, False
    if has_lapsed(p, s, test, last):
        return worse_half(span, worse), at.LAPSED, not is_required(p, s, test)
    return span, why, False


@compiled
def measured(p, s, f, i):
    """The value of a row as fact `f` measures it: in its unit, or in multiples of an upper limit of normal."""
    if not p.fact[f, at.LIMITS]:
        return span_of(p, i)
    lowest, highest, beyond = _upper_limit(p, s, f, i)
    if lowest <= 0:
        return 0.0, INFINITY, False, True
    row = p.labs[i]
    low, high, low_open, high_open = span_of(p, i)
    if low > -INFINITY:
        low = row[at.LOW] / highest
    if high < INFINITY:
        high = row[at.HIGH] / lowest
    return low, high, low_open or beyond, high_open or beyond


@compiled
def _upper_limit(p, s, f, i):
    """(lowest, highest, whether it lies between them): of the report; else the same laboratory's last one in time; else those
    in use. 0 if none is known."""
    row = p.labs[i]
    if row[at.UPPER] > 0:
        return _between(row)
    if p.fact[f, at.AGE] >= 0 and row[at.LAB] > 0:
        first = before(row[at.COLLECTED_DAY], p.fact[f, at.AGE], p.fact[f, at.AGE_UNIT])
        k = newest(p, s, row[at.TEST])
        while k >= 0 and p.labs[k, at.COLLECTED_DAY] >= first:
            known = p.labs[k]
            if known[at.LAB] == row[at.LAB] and known[at.UPPER] > 0 and not is_before(p, i, k):
                return _between(known)
            k = earlier(p, s, k)
    return p.fact[f, at.BETWEEN_LOW], p.fact[f, at.BETWEEN_HIGH], False


@compiled
def _between(row):
    if row[at.FLAGS] & UPPER_OPEN:
        return row[at.UPPER], row[at.UPPER] + 1, True
    return row[at.UPPER], row[at.UPPER], False


@of_kind
def highest(p, s, f):
    """The highest of several tests, as values or as multiples of their upper limits."""
    if p.fact[f, at.WITHIN] >= 0:
        _highest_of_window(p, s, f)
        return
    begin, many = p.fact[f, at.FROM], p.fact[f, at.MANY]
    sent, fresh, silent = 0, 0, True
    for k in range(many):
        span, i, why, quiet, behind = newest_value(p, s, f, p.member[begin + k])
        _keep(p, k, span, i, why, quiet, behind)
        silent = silent and quiet
        sent += behind != 0
        fresh += behind != 0 and why != at.LAPSED
    if sent == 0:
        put(p, s, f, EVERYTHING, at.OTHER_REASON, silent, 0)
        return
    for k in range(many):
        if fresh > 0 and p.part_of[k, P_WHY] == at.LAPSED:
            i = p.part_of[k, P_ROW]
            span = measured(p, s, f, i)
            why = at.NO_REASON if is_exact(span) else at.CENSORED
            if is_exact(span_of(p, i)) and not is_exact(span):
                why = at.OTHER_REASON
            _keep(p, k, span, i, why, False, p.part_of[k, P_BEHIND])
    _join(p, s, f, many)
    if fresh == 0:
        put_was(p, s, f, _as_it_was(p, s, f, many))


P_ROW, P_WHY, P_SILENT, P_BEHIND = range(4)


@compiled
def _keep(p, k, span, i, why, silent, behind):
    ends, of = p.part[k], p.part_of[k]
    ends[0], ends[1], ends[2], ends[3] = span[0], span[1], span[2], span[3]
    of[P_ROW], of[P_WHY], of[P_SILENT], of[P_BEHIND] = i, why, silent, behind


@compiled
def _as_it_was(p, s, f, many):
    """The highest of the parts kept that were sent, each as it was while it vouched."""
    span = NOWHERE
    for k in range(many):
        if p.part_of[k, P_BEHIND] != 0:
            span = highest_of(span, measured(p, s, f, p.part_of[k, P_ROW]))
    return span


@compiled
def _join(p, s, f, many):
    """The highest of the parts kept that were sent: highest low end, highest high end."""
    span = NOWHERE
    top, why = at.NONE, at.NO_REASON
    silent, behind = True, 0
    for k in range(many):
        ends, of = p.part[k], p.part_of[k]
        if of[P_BEHIND] == 0:
            continue
        span = highest_of(span, (ends[0], ends[1], ends[2] != 0, ends[3] != 0))
        if top < 0 or ends[0] > p.part[top, 0] or (ends[0] == p.part[top, 0] and ends[1] > p.part[top, 1]):
            top = k
        if why == at.NO_REASON and of[P_WHY] >= at.LAPSED and ends[0] != ends[1]:
            why = of[P_WHY]
        silent = silent and of[P_SILENT] != 0
        behind |= of[P_BEHIND]
    if is_exact(span):
        why = at.NO_REASON
    elif why == at.NO_REASON:
        why = p.part_of[top, P_WHY]
    put(p, s, f, span, why, silent, behind)
    dated_by(p, s, f, p.part_of[top, P_ROW])


@compiled
def _highest_of_window(p, s, f):
    """The highest of all that was done within a time; nothing: silent."""
    first = before(p.slot[s, at.TODAY], p.fact[f, at.WITHIN], p.fact[f, at.WITHIN_UNIT])
    many = 0
    for m in range(p.fact[f, at.FROM], p.fact[f, at.FROM] + p.fact[f, at.MANY]):
        test = p.member[m]
        i = newest_settled(p, s, test)
        while i >= 0 and p.labs[i, at.COLLECTED_DAY] >= first:
            many = _fold(p, many, measured(p, s, f, i), i, 1 << test)
            i = earlier_settled(p, s, i)
    if many == 0:
        put(p, s, f, EVERYTHING, at.OTHER_REASON, True, 0)
    else:
        _join(p, s, f, 1)


@compiled
def _fold(p, many, span, i, behind):
    """Joins one more value into the first part: a window may hold any number."""
    why = at.NO_REASON if is_exact(span) else at.CENSORED
    ends, of, top = p.part[0], p.part_of[0], p.part[1]
    if many == 0:
        _keep(p, 0, span, i, why, False, behind)
        top[0], top[1] = span[0], span[1]
        return 1
    if span[0] > top[0] or (span[0] == top[0] and span[1] >= top[1]):
        of[P_ROW] = i
        top[0], top[1] = span[0], span[1]
    if span[0] > ends[0] or (span[0] == ends[0] and ends[2] != 0 and not span[2]):
        ends[0], ends[2] = span[0], span[2]
    if span[1] > ends[1] or (span[1] == ends[1] and ends[3] != 0 and not span[3]):
        ends[1], ends[3] = span[1], span[3]
    of[P_BEHIND] |= behind
    return many + 1


@of_kind
def baseline(p, s, f):
    """A fact from the last final results before the first start, if recent enough; else not known."""
    begin, many = p.fact[f, at.FROM], p.fact[f, at.MANY]
    found = 0
    for k in range(many):
        i = baseline_row(p, s, f, p.member[begin + k])
        _keep(p, k, EVERYTHING, at.NONE, at.NO_REASON, True, 0)
        if i >= 0:
            span = measured(p, s, f, i)
            why = at.NO_REASON if is_exact(span) else at.CENSORED
            _keep(p, k, span, i, why, False, 1 << p.member[begin + k])
            found += 1
    if found == 0:
        put(p, s, f, EVERYTHING, at.OTHER_REASON, False, 0)
    else:
        _join(p, s, f, many)


@apart_for_a_number
def baseline_row(p, s, f, test):
    """The last final result of a test on or before the day of the first start, within a time; NONE if there is none."""
    first_start = p.course[p.slot[s, at.COURSE], at.FIRST]
    day = p.slot[s, at.TODAY]
    if first_start >= 0:
        start = p.course[first_start]
        if start[at.DO] == at.TRANSFER_IN and start[at.BEGAN] == NO_DAY:
            return at.NONE
        day = start[at.C_DAY] if start[at.BEGAN] == NO_DAY else start[at.BEGAN]
    i = newest(p, s, test)
    while i >= 0 and (p.labs[i, at.COLLECTED_DAY] > day or p.labs[i, at.STATUS] != FINAL):
        i = earlier(p, s, i)
    if i >= 0 and p.fact[f, at.WITHIN] >= 0:
        oldest = before(day, p.fact[f, at.WITHIN], p.fact[f, at.WITHIN_UNIT])
        if p.labs[i, at.COLLECTED_DAY] < oldest:
            return at.NONE
    return i
