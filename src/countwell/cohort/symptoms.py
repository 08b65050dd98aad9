"""Facts about symptoms: yes, no, not known, not asked (silent); how much; at their worst since an event of the course."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.columns import NEVER, NO_VALUE, SCALE, SYMPTOM
from countwell.cohort.events_of_facts import decision_of
from countwell.cohort.kinds import of_kind
from countwell.cohort.shape import compiled
from countwell.cohort.spans import EVERYTHING, INFINITY, dated, is_exact, put, scaled, yes_or_no

NO, YES, NOT_KNOWN, NOT_ASKED = range(4)
ABSENT, PRESENT, UNSURE = range(3)
NOTHING_THERE = (-INFINITY, -INFINITY, False, False)


@of_kind
def symptom(p, s, f):
    """A symptom, or any of several: yes beats not known beats not asked beats no; or how much of it."""
    if p.fact[f, at.WHICH] >= 0:
        _how_much(p, s, f, p.member[p.fact[f, at.FROM]])
        return
    positive, unknown, negative, silent = at.NONE, at.NONE, at.NONE, False
    for m in range(p.fact[f, at.FROM], p.fact[f, at.FROM] + p.fact[f, at.MANY]):
        truth, k = one_symptom(p, s, f, p.member[m])
        if truth == YES and (positive < 0 or p.event[k, at.AT] > p.event[positive, at.AT]):
            positive = k
        elif truth == NOT_KNOWN and unknown < 0:
            unknown = k
        elif truth == NO and negative < 0:
            negative = k
        silent = silent or truth == NOT_ASKED
    if positive >= 0:
        _said(p, s, f, YES, positive)
    elif unknown >= 0:
        _said(p, s, f, NOT_KNOWN, unknown)
    elif silent:
        yes_or_no(p, s, f, NOT_KNOWN, True)
    else:
        _said(p, s, f, NO, negative)


@compiled
def _said(p, s, f, truth, k):
    yes_or_no(p, s, f, truth, False)
    dated_by_event(p, s, f, k)


@compiled
def dated_by_event(p, s, f, k):
    """The date of a fact from an event; one of unknown date leaves it undated."""
    row = p.event[k]
    if row[at.AT] != -(2**63):
        dated(p, s, f, row[at.AT], row[at.AT_DAY], (row[at.MARKS] & 1) != 0)


@compiled
def one_symptom(p, s, f, code):
    """(truth, event it is dated by) of one symptom, with one of the details asked for in any of what was said of it."""
    k = _newest_that_counts(p, s, f, code, p.event_from[SYMPTOM + 1])
    if k < 0:
        return NOT_ASKED, at.NONE
    if not is_there(p, s, f, k):
        return (NOT_KNOWN if p.event[k, at.MORE] == UNSURE else NO), k
    wanted = p.fact[f, at.DETAILS]
    if wanted == 0:
        return YES, k
    truth, other = NO, k
    while other >= 0:
        bits = p.event[other, at.BITS]
        if bits & wanted:
            return YES, k
        if (bits | (bits >> 1)) & wanted != wanted:
            truth = NOT_KNOWN
        other = _newest_present(p, s, f, code, other)
    return truth, k


@compiled
def _newest_that_counts(p, s, f, code, end):
    """The newest that is present; else what else was said and counts; NONE if nothing was."""
    k = _newest_present(p, s, f, code, end)
    if k >= 0:
        return k
    return _last_said(p, s, code, end) if p.fact[f, at.EVENT] < 0 else _denied_since(p, s, f, code, end)


@compiled
def is_of(p, s, code, k):
    """Whether an event speaks of a symptom, by now."""
    return p.event[k, at.CODE] == code and p.event[k, at.AT] <= p.slot[s, at.INSTANT]


@compiled
def _newest_present(p, s, f, code, end):
    """The newest event before place `end` that says it is there; NONE if there is none."""
    for k in range(end - 1, p.event_from[SYMPTOM] - 1, -1):
        if is_of(p, s, code, k) and is_there(p, s, f, k):
            return k
    return at.NONE


@compiled
def is_there(p, s, f, k):
    """Whether an event says present, and it is not over: by now, or (`since`) by that event of the course."""
    if p.event[k, at.MORE] != PRESENT:
        return False
    over = _over(p, s, k)
    if p.fact[f, at.EVENT] < 0:
        return over > p.slot[s, at.INSTANT]
    begin = decision_of(p, s, p.fact[f, at.EVENT])
    return begin >= 0 and (over == NEVER or over >= p.course[begin, at.C_AT])


@compiled
def _over(p, s, k):
    """When what was said was over: by its own end or a later denial; NEVER while it is open."""
    row = p.event[k]
    end = row[at.END]
    for other in range(k + 1, p.event_from[SYMPTOM + 1]):
        denied = is_of(p, s, row[at.CODE], other) and p.event[other, at.MORE] == ABSENT
        if denied and p.event[other, at.AT] > row[at.AT]:
            return min(end, p.event[other, at.AT])
    return end


@compiled
def _last_said(p, s, code, end):
    """The last that was said of it; of one instant, not known comes last."""
    found = at.NONE
    for k in range(p.event_from[SYMPTOM], end):
        if not is_of(p, s, code, k):
            continue
        row = p.event[k]
        if (
            found < 0
            or row[at.AT] > p.event[found, at.AT]
            or row[at.MORE] == UNSURE
            or p.event[found, at.MORE] != UNSURE
        ):
            found = k
    return found


@compiled
def _denied_since(p, s, f, code, end):
    """Since an event of the course: the newest that nobody knew and that is open yet, else the newest denial."""
    begin = decision_of(p, s, p.fact[f, at.EVENT])
    denied = at.NONE
    if begin < 0:
        return at.NONE
    for k in range(end - 1, p.event_from[SYMPTOM] - 1, -1):
        row = p.event[k]
        if not is_of(p, s, code, k) or row[at.AT] < p.course[begin, at.C_AT]:
            continue
        if row[at.MORE] == UNSURE and _over(p, s, k) == NEVER:
            return k
        if row[at.MORE] == ABSENT and denied < 0:
            denied = k
    return denied


@compiled
def _how_much(p, s, f, code):
    """How much: of the newest, of one moment the highest; since an event the highest of all."""
    k = _newest_that_counts(p, s, f, code, p.event_from[SYMPTOM + 1])
    if k < 0:
        put(p, s, f, EVERYTHING, at.OTHER_REASON, True, 0)
        return
    if not is_there(p, s, f, k):
        unsure = p.event[k, at.MORE] == UNSURE
        put(p, s, f, EVERYTHING if unsure else NOTHING_THERE, at.OTHER_REASON, False, 0)
        dated_by_event(p, s, f, k)
        return
    instant, chosen = p.event[k, at.AT], k
    best = _value(p, f, k)
    other = _newest_present(p, s, f, code, k)
    while other >= 0 and (p.fact[f, at.EVENT] >= 0 or p.event[other, at.AT] == instant):
        span = _value(p, f, other)
        if span[0] > best[0] or (span[0] == best[0] and span[1] > best[1]):
            best, chosen = span, other
        other = _newest_present(p, s, f, code, other)
    put(p, s, f, best, at.NO_REASON if is_exact(best) else at.OTHER_REASON, False, 0)
    dated_by_event(p, s, f, chosen)


@compiled
def _value(p, f, k):
    """The value that was said; without one, or with one that cannot be read, the least that the symptom means."""
    row = p.event[k]
    if row[at.VALUE] == NO_VALUE and row[at.OTHER] == NO_VALUE:
        return p.fact[f, at.WHICH] / SCALE, INFINITY, False, True
    return scaled(row[at.VALUE], row[at.OTHER], row[at.MARKS])
