"""Facts about the person: medicines, history, circumstances, genes, age and weight, vaccines, the pharmacy's label.

A medicine or a history that is absent is *no* only if its list was gone through recently enough.
"""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.columns import (
    CIRCUMSTANCE,
    GENOTYPE,
    HISTORY,
    LABEL,
    LIST_CONFIRMED,
    MEDICINE,
    NO_DAY,
    NO_VALUE,
    ORDER,
    VACCINATION,
    WEIGHT,
)
from countwell.cohort.days import is_since
from countwell.cohort.events_of_facts import decision_of
from countwell.cohort.kinds import of_kind
from countwell.cohort.shape import compiled
from countwell.cohort.spans import EVERYTHING, put, yes_or_no
from countwell.cohort.symptoms import dated_by_event
from countwell.cohort.treatment import no_origin, origin, word
from countwell.cohort.weights import is_weight, weight_at

NO, YES, NOT_KNOWN = range(3)
ABSENT, PRESENT, UNSURE = range(3)
HUNDRED, DOUBLE = 100, 2
AGE, SEX, COUNTRY, WEIGHT_AGE, WEIGHT_CHANGE = range(5)
GENE, _PLAN_TEST, STORE_TEST, UNTESTED, ANY, PHENOTYPES = range(6)
NOT_LISTED = 1


@compiled
def _events_that_may_be_it(p, f, kind):
    """The events of a kind; none, if the patient has none with a code that is asked for."""
    if p.codes[kind] & p.fact[f, at.OF_CODES] == 0:
        return range(0)
    return range(p.event_from[kind], p.event_from[kind + 1])


@compiled
def is_one_of(p, f, code):
    """Whether a code is one of those that a fact is of."""
    begin = p.fact[f, at.FROM]
    for m in range(begin, begin + p.fact[f, at.MANY]):  # noqa: SIM110 - compiled
        if p.member[m] == code:
            return True
    return False


@of_kind
def medicine(p, s, f):
    """Whether one of these medicines is taken now."""
    instant, newest = p.slot[s, at.INSTANT], at.NONE
    for k in _events_that_may_be_it(p, f, MEDICINE):
        row = p.event[k]
        taken = row[at.AT] <= instant < row[at.END] and is_one_of(p, f, row[at.CODE])
        if taken and (newest < 0 or row[at.AT] > p.event[newest, at.AT]):
            newest = k
    _found_or_absent(p, s, f, newest)


@of_kind
def history(p, s, f):
    """Whether something happened before, through that cause if one is asked for."""
    cause, newest = p.fact[f, at.CAUSE], at.NONE
    for k in _events_that_may_be_it(p, f, HISTORY):
        row = p.event[k]
        happened = row[at.AT] <= p.slot[s, at.INSTANT] and is_one_of(p, f, row[at.CODE])
        if happened and (cause == at.NONE or row[at.MORE] == cause):
            newest = k
    _found_or_absent(p, s, f, newest)


@compiled
def _is_recent(p, s, f, row):
    return is_since(row[at.AT_DAY], p.slot[s, at.TODAY], p.fact[f, at.WITHIN], p.fact[f, at.WITHIN_UNIT])


@compiled
def _found_or_absent(p, s, f, k):
    if k >= 0:
        yes_or_no(p, s, f, YES, False)
        dated_by_event(p, s, f, k)
        return
    last = at.NONE
    for other in range(p.event_from[LIST_CONFIRMED], p.event_from[LIST_CONFIRMED + 1]):
        row = p.event[other]
        if row[at.CODE] == p.fact[f, at.WHICH] and row[at.AT] <= p.slot[s, at.INSTANT]:
            last = other
    if last >= 0 and _is_recent(p, s, f, p.event[last]):
        yes_or_no(p, s, f, NO, False)
        dated_by_event(p, s, f, last)
        return
    yes_or_no(p, s, f, NOT_KNOWN, False)
    if last >= 0:
        p.value[s, f, at.WHY] = at.LAPSED


@of_kind
def circumstance(p, s, f):
    """A state of life: yes while it lasts, no once it ended or was denied, else not asked (silent)."""
    instant = p.slot[s, at.INSTANT]
    positive, unknown, negative = at.NONE, at.NONE, at.NONE
    for k in range(p.event_from[CIRCUMSTANCE], p.event_from[CIRCUMSTANCE + 1]):
        row = p.event[k]
        if row[at.AT] > instant or not is_one_of(p, f, row[at.CODE]):
            continue
        if row[at.END] <= instant or row[at.MORE] == ABSENT:
            negative = k if negative < 0 else negative
        elif row[at.MORE] == PRESENT:
            positive = k
        elif unknown < 0:
            unknown = k
    k = positive if positive >= 0 else (unknown if unknown >= 0 else negative)
    yes_or_no(p, s, f, YES if positive >= 0 else (NOT_KNOWN if k == unknown else NO), k < 0)
    if k >= 0:
        dated_by_event(p, s, f, k)


@of_kind
def gene(p, s, f):
    """The phenotypes still possible; `untested` when never ordered, any when an order waits."""
    begin, instant = p.fact[f, at.FROM], p.slot[s, at.INSTANT]
    bits, newest = 0, at.NONE
    for k in range(p.event_from[GENOTYPE], p.event_from[GENOTYPE + 1]):
        row = p.event[k]
        if row[at.CODE] != p.member[begin + GENE] or row[at.AT] > _heard(p, s, row):
            continue
        for place in range(p.fact[f, at.MANY] - PHENOTYPES):
            if (row[at.BITS] >> place) & 1:
                bits |= 1 << p.member[begin + PHENOTYPES + place]
        if row[at.MORE] == 0:
            newest = k
    if bits == 0:
        newest = _waiting(p, p.member[begin + STORE_TEST], instant)
        bits = p.member[begin + ANY] if newest >= 0 else 1 << p.member[begin + UNTESTED]
    word(p, s, f, bits)
    if newest >= 0:
        dated_by_event(p, s, f, newest)


@compiled
def _heard(p, s, row):
    """By when an event counts: an activity from when it is known."""
    return p.slot[s, at.HEARD] if row[at.MORE] == 1 else p.slot[s, at.INSTANT]


@compiled
def _waiting(p, test, instant):
    found = at.NONE
    for k in range(p.event_from[ORDER], p.event_from[ORDER + 1]):
        row = p.event[k]
        if row[at.CODE] == test and row[at.MORE] == 1 and row[at.AT] <= instant:
            found = k
    return found


@of_kind
def person(p, s, f):
    """Age, sex, country; how old the weight is, and by how much it changed since the dose was last decided."""
    which = p.fact[f, at.WHICH]
    if which == AGE:
        _since_day(p, s, f, p.person[at.BORN])
    elif which == WEIGHT_AGE:
        k = weight_at(p, p.slot[s, at.INSTANT])
        _since_day(p, s, f, p.event[k, at.AT_DAY] if k >= 0 else NO_DAY)
    elif which == WEIGHT_CHANGE:
        _weight_change(p, s, f)
    else:
        place = p.person[at.SEX if which == SEX else at.COUNTRY]
        word(p, s, f, 0 if place == 0 else 1 << p.member[p.fact[f, at.FROM] + place])


@compiled
def _since_day(p, s, f, day):
    if day == NO_DAY:
        no_origin(p, s, f, False)
    else:
        origin(p, s, f, day, day)


@compiled
def _weight_change(p, s, f):
    """In percent of the weight at the last dose decision, else of the one before; too few weights: silent."""
    change = decision_of(p, s, at.CHANGE)
    newest, before_it, then = at.NONE, at.NONE, at.NONE
    for k in range(p.event_from[WEIGHT], p.event_from[WEIGHT + 1]):
        if not is_weight(p, k) or p.event[k, at.AT] > p.slot[s, at.INSTANT]:
            continue
        if newest >= 0 and change >= 0 and p.event[newest, at.AT_DAY] <= p.course[change, at.C_DAY]:
            then = newest
        before_it, newest = newest, k
    if before_it < 0:
        put(p, s, f, EVERYTHING, at.OTHER_REASON, True, 0)
        return
    one, other = p.event[newest], p.event[then if then >= 0 else before_it]
    furthest = max(abs(one[at.OTHER] - other[at.VALUE]), abs(one[at.VALUE] - other[at.OTHER]))
    share = furthest * HUNDRED / other[at.VALUE]
    put(p, s, f, (share, share, False, False), at.NO_REASON, False, 0)
    dated_by_event(p, s, f, newest)


@of_kind
def vaccinated(p, s, f):
    """Whether a live vaccine was given within that time."""
    newest = at.NONE
    for k in range(p.event_from[VACCINATION], p.event_from[VACCINATION + 1]):
        row = p.event[k]
        if row[at.CODE] == 1 and row[at.AT] <= p.slot[s, at.INSTANT] and _is_recent(p, s, f, row):
            newest = k
    yes_or_no(p, s, f, YES if newest >= 0 else NO, False)
    if newest >= 0:
        dated_by_event(p, s, f, newest)


@of_kind
def label(p, s, f):
    """Whether the newest label since the dose was last decided says another dose, or twice as much."""
    change, newest = decision_of(p, s, at.CHANGE), at.NONE
    for k in range(p.event_from[LABEL], p.event_from[LABEL + 1]):
        row = p.event[k]
        if change >= 0 and row[at.AT] <= p.slot[s, at.INSTANT] and row[at.AT_DAY] >= p.course[change, at.C_DAY]:
            newest = k
    if newest < 0:
        yes_or_no(p, s, f, NO, False)
        return
    course = p.course[p.slot[s, at.COURSE]]
    written, decided = p.event[newest, at.VALUE], course[at.MG]
    open_dose = written == NO_VALUE or decided == NO_VALUE
    if p.fact[f, at.WHICH]:
        truth = NOT_KNOWN if open_dose else int(written >= DOUBLE * decided)
    else:
        truth = _any_of(NOT_KNOWN if open_dose else int(written != decided), _frequency(p, newest, course))
    yes_or_no(p, s, f, truth, False)
    dated_by_event(p, s, f, newest)


@compiled
def _frequency(p, k, course):
    """What only one of the two says cannot differ."""
    written, decided = p.event[k, at.OTHER], course[at.FREQUENCY]
    if written <= 0 or decided == 0:
        return NO
    return NOT_KNOWN if written == NOT_LISTED else int(written != decided)


@compiled
def _any_of(one, other):
    if one == YES or other == YES:
        return YES
    return NOT_KNOWN if one == NOT_KNOWN or other == NOT_KNOWN else NO
