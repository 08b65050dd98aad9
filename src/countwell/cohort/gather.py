"""One patient's rows made ready for a walk: results linked test by test, events by kind, the course after each decision."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.apart import apart
from countwell.cohort.columns import DECISION, DIED, LONG_AGO, NEVER_DAY, NO_DAY, NO_VALUE, WHOLE_DAY
from countwell.cohort.shape import compiled, copied


@apart
def gather(p, labs, first_lab, last_lab, events, first_event, last_event):
    """Fills the tables of the patient at hand from rows of the store; `p.person` is filled before.

    labs, events: the columns of the row group, in the order of the schema without `patient`.
    """
    gather_labs(p, labs, first_lab, last_lab)
    gather_events(p, events, first_event, last_event)
    gather_course(p)


@compiled
def end_of(p, instant, day, whole_day):
    """The instant itself; of a whole day its last second."""
    return p.day_end[p.person[at.ZONE], day - p.first_day[0]] if whole_day else instant


@compiled
def begin_of(p, day):
    """The first instant of a patient-local day."""
    return p.midnight[p.person[at.ZONE], day - p.first_day[0]]


@compiled
def gather_labs(p, labs, first, last):
    """Rows of tests that the plan reads, in order of collection."""
    n = 0
    for i in range(first, last):
        test = p.test_of[labs.test[i]]
        if test == at.NONE:
            continue
        row = p.labs[n]
        row[at.COLLECTED], row[at.COLLECTED_DAY] = labs.collected[i], labs.collected_day[i]
        row[at.TEST], row[at.KNOWN], row[at.UNTIL] = test, labs.known[i], labs.until[i]
        row[at.KNOWN_DAY] = labs.known_day[i]
        row[at.LOW], row[at.HIGH], row[at.UPPER] = labs.low[i], labs.high[i], labs.upper[i]
        row[at.STATUS], row[at.FLAGS], row[at.LAB] = labs.status[i], labs.flags[i], labs.lab[i]
        row[at.REF] = labs.ref[i]
        row[at.ENDS] = row[at.COLLECTED]
        if row[at.FLAGS] & WHOLE_DAY:
            row[at.ENDS] = end_of(p, row[at.COLLECTED], row[at.COLLECTED_DAY], True)
        n += 1
    p.tally[at.N_LABS] = n
    p.tally[at.N_SEEN] = 0
    p.last[:] = at.NONE


@apart
def see(p, instant):
    """Links the results collected by that instant: after it `p.last` holds the newest row of each test.

    Of one instant of collection the row with the lower reference comes first.
    """
    i = p.tally[at.N_SEEN]
    while i < p.tally[at.N_LABS] and p.labs[i, at.COLLECTED] <= instant:
        test = p.labs[i, at.TEST]
        before = p.last[test]
        after = at.NONE
        while (
            before >= 0
            and p.labs[before, at.COLLECTED] == p.labs[i, at.COLLECTED]
            and p.labs[before, at.REF] > p.labs[i, at.REF]
        ):
            after, before = before, p.labs[before, at.EARLIER]
        p.labs[i, at.EARLIER] = before
        if after >= 0:
            p.labs[after, at.EARLIER] = i
        else:
            p.last[test] = i
        i += 1
    p.tally[at.N_SEEN] = i


@compiled
def gather_events(p, events, first, last):
    """Events sorted by kind; within a kind they stay in order of time."""
    p.event_from[:] = 0
    for i in range(first, last):
        p.event_from[events.kind[i] + 1] += 1
    for kind in range(at.KINDS_OF_EVENT):
        p.event_from[kind + 1] += p.event_from[kind]
    for i in range(last - 1, first - 1, -1):
        kind = events.kind[i]
        p.event_from[kind + 1] -= 1
        _copy(p.event[p.event_from[kind + 1]], events, i)
    for kind in range(at.KINDS_OF_EVENT):
        p.event_from[kind] = p.event_from[kind + 1]
    p.event_from[at.KINDS_OF_EVENT] = last - first
    p.codes[:] = 0
    for i in range(first, last):
        p.codes[events.kind[i]] |= 1 << int(events.code[i]) % at.BITS_IN_A_WORD
    p.tally[at.N_EVENTS] = last - first


@compiled
def _copy(row, events, i):
    row[at.AT], row[at.AT_DAY], row[at.CODE] = events.at[i], events.at_day[i], events.code[i]
    row[at.VALUE], row[at.OTHER], row[at.MORE] = events.value[i], events.other[i], events.more[i]
    row[at.BITS], row[at.END], row[at.END_DAY] = events.bits[i], events.end[i], events.end_day[i]
    row[at.MARKS], row[at.EVENT_REF], row[at.UPPER_BESIDE] = events.flags[i], events.ref[i], events.upper[i]


@compiled
def gather_course(p):
    """The course: row 0 before any decision, then one row after each decision or death, in order of time."""
    row = p.course[0]
    row[:] = at.NONE
    row[at.C_AT], row[at.C_DAY], row[at.C_ENDS], row[at.DO] = LONG_AGO, NO_DAY, LONG_AGO, at.NO_DECISION
    row[at.STATE], row[at.MG], row[at.FREQUENCY] = at.PROPOSED, NO_VALUE, 0
    row[at.DECIDE_BY], row[at.LAST_REASON], row[at.EVER] = NO_DAY, at.NONE, 0
    n = 0
    for kind in (DECISION, DIED):
        for i in range(p.event_from[kind], p.event_from[kind + 1]):
            n += 1
            _put_in_order(p, n, i, kind == DIED)
    for k in range(1, n + 1):
        _after(p, k)
    p.tally[at.N_COURSE] = n + 1


@compiled
def _put_in_order(p, n, i, died):
    """Row n is the decision (or death) of event i; it moves up before those that come later, or of one instant are safer."""
    event = p.event[i]
    k = n
    do = at.DEATH if died else p.do_of[event[at.CODE]]
    while k > 1 and _comes_before(event, do, p.course[k - 1]):
        copied(p.course[k - 1], p.course[k], 0, at.STATE)
        k -= 1
    row = p.course[k]
    row[at.C_AT], row[at.C_DAY] = event[at.AT], event[at.AT_DAY]
    row[at.C_WHOLE] = event[at.MARKS] & WHOLE_DAY
    row[at.C_ENDS] = end_of(p, event[at.AT], event[at.AT_DAY], row[at.C_WHOLE])
    row[at.DO], row[at.OWN_MG], row[at.OWN_FREQUENCY] = do, event[at.VALUE], event[at.OTHER]
    row[at.SAID], row[at.BEGAN], row[at.OWN_UNTIL] = event[at.MORE], event[at.BITS], event[at.END_DAY]
    if died:
        row[at.OWN_MG], row[at.OWN_FREQUENCY] = NO_VALUE, 0


@compiled
def _comes_before(event, do, row):
    if event[at.AT] != row[at.C_AT]:
        return event[at.AT] < row[at.C_AT]
    if do != row[at.DO]:
        return do < row[at.DO]
    return max(event[at.VALUE], 0) > max(row[at.OWN_MG], 0)


@compiled
def _after(p, k):
    """The course after decision k: nothing changes it after death."""
    row, earlier = p.course[k], p.course[k - 1]
    copied(earlier, row, at.STATE, at.COURSE_COLUMNS)
    do = row[at.DO]
    if earlier[at.STATE] == at.DIED and do != at.DEATH:
        row[at.DO] = at.NO_DECISION
        return
    if do == at.DEATH:
        row[at.STATE], row[at.DECIDE_BY] = at.DIED, NO_DAY
        return
    state = _new_state(do)
    if state != at.NONE:
        row[at.STATE], row[at.DECIDE_BY] = state, NO_DAY
        if state != earlier[at.STATE]:
            row[at.IN_STATE] = k
    if do <= at.TRANSFER_IN:
        row[at.RUN], row[at.HALT] = k, at.NONE
        if row[at.FIRST] == at.NONE:
            row[at.FIRST] = k
    if do <= at.REDUCED:
        _dosed(row, k, do)
    if do in (at.HOLD, at.STOP):
        _halted(p, row, k)


@compiled
def _new_state(do):
    if do <= at.TRANSFER_IN:
        return at.ACTIVE
    if do == at.HOLD:
        return at.HELD
    if do == at.STOP:
        return at.STOPPED
    return at.ENDED if do == at.TRANSFER_OUT else at.NONE


@compiled
def _dosed(row, k, do):
    """A restart without a dose goes on with the old one; any other decision without a dose leaves it not known."""
    if row[at.OWN_MG] != NO_VALUE or do != at.RESTART:
        row[at.MG] = row[at.OWN_MG]
    if row[at.OWN_FREQUENCY] != 0:
        row[at.FREQUENCY] = row[at.OWN_FREQUENCY]
    row[at.CHANGE] = k
    if do == at.REDUCED:
        row[at.REDUCE] = k


@compiled
def _halted(p, row, k):
    row[at.HALT] = k
    row[at.LAST_REASON] = p.reason_bit[row[at.SAID]]
    row[at.EVER] |= 1 << row[at.LAST_REASON]
    row[at.DECIDE_BY] = row[at.OWN_UNTIL] if row[at.OWN_UNTIL] != NEVER_DAY else NO_DAY


@compiled
def course_at(p, instant):
    """The row of the course at an instant."""
    k = p.tally[at.N_COURSE] - 1
    while p.course[k, at.C_AT] > instant:
        k -= 1
    return k
