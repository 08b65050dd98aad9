"""Facts about tests as acts: whether a group was done since an event, whether an order waits, whether what rose is back."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.columns import FINAL, GENOTYPE, ORDER, UPPER_OPEN
from countwell.cohort.days import add
from countwell.cohort.events_of_facts import moment_of
from countwell.cohort.kinds import of_kind
from countwell.cohort.shape import compiled
from countwell.cohort.spans import dated, dated_by, yes_or_no
from countwell.cohort.specimens import earlier_settled, has_span, is_before, is_whole_day, newest_settled

NO, YES, NOT_KNOWN = range(3)


@of_kind
def done(p, s, f):
    """Whether a group was collected at or after an event: no while the event has not come."""
    has_after = p.fact[f, at.EVENT] >= 0 or p.fact[f, at.HANGS_ON] >= 0
    come, instant, day, whole_day = moment_of(p, s, f) if has_after else (True, 0, 0, False)
    if not come:
        yes_or_no(p, s, f, NO, False)
        return
    begin = p.fact[f, at.FROM]
    must, one_of = p.member[begin], p.member[begin + 1]
    oldest, behind, any_of = at.NONE, 0, at.NONE
    for test in range(len(p.worse)):
        wanted = ((must | one_of) >> test) & 1
        i = newest_settled(p, s, test) if wanted else at.NONE
        if i >= 0 and has_after and is_collected_before(p, i, instant, day, whole_day):
            i = at.NONE
        if (must >> test) & 1:
            if i < 0:
                behind = at.NONE
                break
            behind |= 1 << test
            oldest = _older(p, oldest, i)
        if (one_of >> test) & 1 and i >= 0 and (any_of < 0 or is_before(p, any_of, i)):
            any_of = i
    if behind == at.NONE or (one_of != 0 and any_of < 0):
        yes_or_no(p, s, f, NO, False)
        if has_after:
            dated(p, s, f, instant, day, whole_day)
        return
    if any_of >= 0:
        oldest = _older(p, oldest, any_of)
        behind |= 1 << p.labs[any_of, at.TEST]
    yes_or_no(p, s, f, YES, False)
    dated_by(p, s, f, oldest)
    p.value[s, f, at.BEHIND] = behind


@compiled
def _older(p, one, other):
    return other if one < 0 or is_before(p, other, one) else one


@compiled
def is_collected_before(p, i, instant, day, whole_day):
    """Whether row `i` was collected before a moment; whole days are compared as days."""
    if is_whole_day(p, i) or whole_day:
        return p.labs[i, at.COLLECTED_DAY] < day
    return p.labs[i, at.COLLECTED] < instant


@of_kind
def pending(p, s, f):
    """Whether a test was ordered and has no result yet."""
    begin = p.fact[f, at.FROM]
    test, code, gene = p.member[begin], p.member[begin + 1], p.member[begin + 2]
    waiting = at.NONE
    for k in range(p.event_from[ORDER], p.event_from[ORDER + 1]):
        order = p.event[k]
        waits = order[at.CODE] == code and order[at.MORE] == 1 and order[at.AT] <= p.slot[s, at.INSTANT]
        if waits and not _is_answered(p, s, test, gene, order[at.AT_DAY]):
            waiting = k
    yes_or_no(p, s, f, YES if waiting >= 0 else NO, False)
    if waiting >= 0:
        order = p.event[waiting]
        dated(p, s, f, order[at.AT], order[at.AT_DAY], (order[at.MARKS] & 1) != 0)


@compiled
def _is_answered(p, s, test, gene, day):
    i = newest_settled(p, s, test)
    if i >= 0 and p.labs[i, at.COLLECTED_DAY] >= day:
        return True
    for k in range(p.event_from[GENOTYPE], p.event_from[GENOTYPE + 1]):
        typed = p.event[k]
        is_typing = typed[at.CODE] == gene and typed[at.MORE] == 0 and typed[at.AT_DAY] >= day
        if is_typing and typed[at.AT] <= p.slot[s, at.INSTANT]:
            return True
    return False


@of_kind
def recovered(p, s, f):
    """Whether each test that was above its limit in this run has been within it several times in a row since the last stop."""
    course = p.course[p.slot[s, at.COURSE]]
    halt, run = course[at.HALT], course[at.RUN]
    if halt < 0 or run < 0:
        yes_or_no(p, s, f, NO, False)
        return
    truth, raised = YES, False
    for m in range(p.fact[f, at.FROM], p.fact[f, at.FROM] + p.fact[f, at.MANY]):
        test = p.member[m]
        seen = _seen_above(p, s, test, p.course[run, at.C_DAY])
        if seen == NO:
            continue
        raised = raised or seen == YES
        back = _is_back(p, s, f, test, p.course[halt, at.C_DAY])
        if seen == NOT_KNOWN and back == NO:
            back = NOT_KNOWN
        truth = back if back == NO or truth == YES else truth
    yes_or_no(p, s, f, truth if raised else NOT_KNOWN, False)
    dated(p, s, f, p.course[halt, at.C_AT], p.course[halt, at.C_DAY], p.course[halt, at.C_WHOLE] != 0)


@compiled
def _above(p, i):
    """Whether a value is above the upper limit of its own report; not known without one."""
    row = p.labs[i]
    if not has_span(p, i) or row[at.UPPER] <= 0:
        return NOT_KNOWN
    upper = row[at.UPPER] + (1 if row[at.FLAGS] & UPPER_OPEN else 0)
    if row[at.LOW] > upper or (row[at.LOW] == upper and upper != row[at.UPPER]):
        return YES
    return NO if row[at.HIGH] <= row[at.UPPER] else NOT_KNOWN


@compiled
def _seen_above(p, s, test, since):
    """Whether a value of this run was above its limit; not known if one of them has none."""
    seen = NO
    i = newest_settled(p, s, test)
    while i >= 0 and p.labs[i, at.COLLECTED_DAY] >= since:
        above = _above(p, i)
        if above == YES:
            return YES
        seen = NOT_KNOWN if above == NOT_KNOWN else seen
        i = earlier_settled(p, s, i)
    return seen


@compiled
def _is_back(p, s, f, test, halted):
    first = newest_settled(p, s, test)
    i, normal, newest_day, oldest_day = first, 0, 0, 0
    while i >= 0 and p.labs[i, at.COLLECTED_DAY] > halted:
        above = _above(p, i)
        if above == NOT_KNOWN and i == first:
            return NOT_KNOWN
        if above != NO or p.labs[i, at.STATUS] != FINAL:
            break
        newest_day = p.labs[i, at.COLLECTED_DAY] if normal == 0 else newest_day
        oldest_day = p.labs[i, at.COLLECTED_DAY]
        normal += 1
        i = earlier_settled(p, s, i)
    if normal < p.fact[f, at.TIMES]:
        return NO
    return YES if newest_day >= add(oldest_day, p.fact[f, at.WITHIN], p.fact[f, at.WITHIN_UNIT], 1) else NO
