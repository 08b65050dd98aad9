"""Which tests are due by when: the schedule group by group, and the dates that findings set. No date moves by time alone."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.acts import is_collected_before
from countwell.cohort.apart import apart
from countwell.cohort.columns import NEVER_DAY, NO_DAY
from countwell.cohort.days import add
from countwell.cohort.lapse import in_force, is_later, next_day
from countwell.cohort.shape import NOW, compiled
from countwell.cohort.speaking import begun
from countwell.cohort.specimens import is_before, is_whole_day, newest_settled
from countwell.cohort.ways import may_be_so, moments_of

NOT_SCHEDULED, NOT_DUE, DUE_NOW, OVERDUE, NEVER_DONE = range(5)


@compiled
def last_of_group(p, group):
    """The row at which a group was last complete (its oldest required member); NONE if a required member was never done."""
    must, one_of = p.group[group, at.MUST], p.group[group, at.ONE_OF]
    oldest, any_of = at.NONE, at.NONE
    for test in range(len(p.worse)):
        if not ((must | one_of) >> test) & 1:
            continue
        i = newest_settled(p, NOW, test)
        if (must >> test) & 1:
            if i < 0:
                return at.NONE
            if oldest < 0 or is_before(p, i, oldest):
                oldest = i
        elif i >= 0 and (any_of < 0 or is_before(p, any_of, i)):
            any_of = i
    if one_of != 0:
        if any_of < 0:
            return at.NONE
        if oldest < 0 or is_before(p, any_of, oldest):
            oldest = any_of
    return oldest


@compiled
def begin_of_interval(p, e, day):
    """The day from which recurring rule `e` wants the next test, after an interval begun on `day`."""
    by = next_day(p, e, day)
    if p.every[e, at.FROM_] == at.NONE:
        return by
    return min(add(day, p.every[e, at.FROM_], p.every[e, at.FROM_UNIT], 0), by)


@compiled
def earliest(p, rules, known, instant, day, then):
    """(by, from) of the earliest date by some recurring rules (bits); NEVER_DAY if none runs.

    Each runs from the last test, of which `known` says whether there is one (`then`: bits of the rules in force at it), and
    from every later decision on the dose, if it was in force at that.
    """
    by, begin = NEVER_DAY, NEVER_DAY
    own = False
    if known:
        held = then & rules
        own = held != 0
        by, begin = _earlier(p, held, day, by, begin)
    restarted = own or not known
    for k in range(1, p.slot[NOW, at.COURSE] + 1):
        row = p.course[k]
        if row[at.DO] > at.REDUCED or (known and not is_later(p, k, instant, day)):
            continue
        held = in_force(p, NOW, row[at.C_ENDS]) & rules
        if not restarted and row[at.DO] == at.RESTART:
            restarted = True
            judged = held if row[at.C_DAY] < p.slot[NOW, at.TODAY] else held & calendar_rules_of(p)
            by, begin = _earlier(p, judged, day, by, begin)
        by, begin = _earlier(p, held, row[at.C_DAY], by, begin)
    return by, begin


@compiled
def calendar_rules_of(p):
    """Bits of the recurring rules that hang on the calendar alone."""
    bits = 0
    for e in range(len(p.every)):
        bits |= p.every[e, at.CALENDAR] << e
    return bits


@compiled
def _earlier(p, rules, day, by, begin):
    for e in range(len(p.every)):
        if (rules >> e) & 1:
            one, other = next_day(p, e, day), begin_of_interval(p, e, day)
            if one < by or (one == by and other < begin):
                by, begin = one, other
    return by, begin


@apart
def schedule(p):
    """Fills `p.rows`: (last, by, state) of each group that the schedule in force wants; NOT_SCHEDULED for every other."""
    rows = p.rows
    state = p.course[p.slot[NOW, at.COURSE], at.STATE]
    for g in range(len(p.group)):
        rows[g, 0], rows[g, 1], rows[g, 2] = NO_DAY, NO_DAY, NOT_SCHEDULED
        if p.group[g, at.SCHEDULED] and state != at.DIED and state != at.ENDED:
            _of_group(p, g, rows[g])


@compiled
def _of_group(p, g, row):
    last = last_of_group(p, g)
    rules = 0
    for e in range(len(p.every)):
        wants = (p.every[e, at.ITS_GROUPS] >> g) & 1 and p.every[e, at.OF_SCHEDULE]
        if wants and (last >= 0 or p.every[e, at.CALENDAR]):
            rules |= 1 << e
    if rules & p.slot[NOW, at.IN_FORCE] == 0:
        return
    today = p.slot[NOW, at.TODAY]
    if last < 0:
        by, _ = earliest(p, rules, False, 0, 0, 0)
        row[1], row[2] = (NO_DAY if by == NEVER_DAY else by), NEVER_DONE
        return
    done = p.labs[last]
    by, begin = earliest(p, rules, True, done[at.COLLECTED], done[at.COLLECTED_DAY], in_force(p, NOW, done[at.ENDS]))
    if by == NEVER_DAY:
        return
    row[0], row[1] = done[at.COLLECTED_DAY], by
    row[2] = OVERDUE if today > by else (DUE_NOW if today >= begin else NOT_DUE)


@apart
def dates_of_rule(p, r):
    """Fills `p.by` with the date that rule `r` sets for each group; NEVER_DAY if none."""
    tests = p.by
    tests[:] = NEVER_DAY
    rule, certain = p.rule[r], p.state[NOW, r] == at.HOLDS
    if rule[at.DUE] == at.NO_TESTS or not rule[at.SPEAKS] or p.accepted[r] or (not certain and rule[at.ADVISES]):
        return
    state = p.course[p.slot[NOW, at.COURSE], at.STATE]
    if state == at.DIED or state == at.ENDED:
        return
    if rule[at.DUE] == at.WITHIN_TIME:
        _within(p, r, tests)
    elif certain or not p.moment[r, at.M_LAPSED]:
        for g in range(len(p.group)):
            if (rule[at.DUE_GROUPS] >> g) & 1:
                _recurring(p, r, g, p.rows[g], tests)


@compiled
def note_dates(p, r, before):
    """Notes of a rule that holds or may hold the day of its newest event and its dates, where they are earlier than noted."""
    moment = p.moment[r]
    if moment[at.M_DATED] and p.state[NOW, r] == at.HOLDS:
        before[at.HELD_DAY] = min(before[at.HELD_DAY], moment[at.M_DAY])
    dates_of_rule(p, r)
    for g in range(len(p.group)):
        before[at.BY_GROUP + g] = min(before[at.BY_GROUP + g], p.by[g])


@compiled
def lower_to_dates(p, r, tests):
    """Lowers `tests`, group by group, to the dates that rule `r` sets, and to those that it set before any mere report came."""
    if p.rule[r, at.DUE] == at.NO_TESTS:
        return
    dates_of_rule(p, r)
    for g in range(len(p.group)):
        tests[g] = min(tests[g], p.by[g])
    if p.tally[at.N_BEFORE] and (p.state[NOW, r] == at.HOLDS or not p.rule[r, at.ADVISES]):
        for g in range(len(p.group)):
            tests[g] = min(tests[g], p.before[r, at.BY_GROUP + g])


@compiled
def event_day(p, r):
    """The day of the newest event behind a rule that holds, or of the one before a mere report came; NEVER_DAY if none."""
    day = p.moment[r, at.M_DAY] if p.moment[r, at.M_DATED] else NEVER_DAY
    return min(day, p.before[r, at.HELD_DAY]) if p.tally[at.N_BEFORE] else day


@compiled
def _recurring(p, r, g, row, tests):
    """A recurring rule that hangs on a finding, or stands beside the schedule and asks sooner than it."""
    rule, moment = p.rule[r], p.moment[r]
    last = last_of_group(p, g)
    only = 1 << rule[at.R_EVERY]
    if last >= 0:
        done = p.labs[last]
        by, _ = earliest(p, only, True, done[at.COLLECTED], done[at.COLLECTED_DAY], in_force(p, NOW, done[at.ENDS]))
    else:
        by, _ = earliest(p, only, moment[at.M_DATED] != 0, moment[at.M_AT], moment[at.M_DAY], moment[at.M_FORCE])
    if by == NEVER_DAY:
        return
    if rule[at.FINDING] or row[2] == NOT_SCHEDULED or (row[2] != NEVER_DONE and by < row[1]):
        tests[g] = min(tests[g], by)


@compiled
def _within(p, r, tests):
    """Within a time of each moment at which a way of the rule came about; if there is none and it holds, of when it began."""
    rule, found = p.rule[r], False
    for w in range(rule[at.WAYS_FROM], rule[at.WAYS_FROM] + rule[at.WAYS_MANY]):
        if not may_be_so(p, w):
            continue
        many, all_there = moments_of(p, w)
        for k in range(many):
            moment = p.begun[k]
            if moment[0] >= all_there:
                found = True
                _wanted(p, r, moment[0], moment[1], moment[2] != 0, tests)
    if not found and p.state[NOW, r] == at.HOLDS and begun(p, NOW, r, len(p.rule)):
        moment = p.moment[len(p.rule)]
        _wanted(p, r, moment[at.M_AT], moment[at.M_DAY], moment[at.M_WHOLE] != 0, tests)


@compiled
def _wanted(p, r, instant, day, whole_day, tests):
    """Of each group that the rule wants: by then, if it was not done since; later than it, if the event is such a test."""
    rule = p.rule[r]
    by = add(day, rule[at.DUE_IN], rule[at.DUE_UNIT], 0)
    for g in range(len(p.group)):
        if (rule[at.DUE_GROUPS] >> g) & 1 and by < tests[g]:
            later = False
            for m in range(rule[at.FACTS_FROM], rule[at.FACTS_FROM] + rule[at.FACTS_MANY]):
                later = later or p.value[NOW, p.member[m], at.BEHIND] & p.group[g, at.MEMBERS] != 0
            if not _done_since(p, g, instant, day, whole_day, later):
                tests[g] = by


@compiled
def _done_since(p, g, instant, day, whole_day, later):
    """Whether the group was done at or after an event; later than it, if the event is a result of the same group."""
    must, one_of = p.group[g, at.MUST], p.group[g, at.ONE_OF]
    any_of = one_of == 0
    for test in range(len(p.worse)):
        if not ((must | one_of) >> test) & 1:
            continue
        i = newest_settled(p, NOW, test)
        was = i >= 0 and _was_done(p, i, instant, day, whole_day, later)
        if (must >> test) & 1 and not was:
            return False
        any_of = any_of or ((one_of >> test) & 1 and was)
    return any_of


@compiled
def _was_done(p, i, instant, day, whole_day, later):
    if not later:
        return not is_collected_before(p, i, instant, day, whole_day)
    if is_whole_day(p, i) or whole_day:
        return p.labs[i, at.COLLECTED_DAY] > day
    return p.labs[i, at.COLLECTED] > instant
