"""From when the dates of a rule count: in each way in which it holds or may hold, the newest event. One more puts off no test.

A way is some atoms of its condition that must all hold: `a and (b or c)` has two. Each medicine, symptom and circumstance that
lies behind a fact counts by itself, so one way can have come about at several moments: at each that is not before what else it
takes.
"""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.atoms import NO, truth
from countwell.cohort.columns import CIRCUMSTANCE, LONG_AGO, MEDICINE, SYMPTOM, WHOLE_DAY
from countwell.cohort.events_of_facts import last_settled
from countwell.cohort.life import PRESENT, is_one_of
from countwell.cohort.parts import moments_of_parts
from countwell.cohort.shape import KINDS, NOW, compiled
from countwell.cohort.symptoms import NO as NOT
from countwell.cohort.symptoms import NOT_KNOWN, YES, is_of, is_there, one_symptom

A_CIRCUMSTANCE, A_MEDICINE, A_SYMPTOM = (KINDS.index(name) for name in ("circumstance", "medicine", "symptom"))
DONE, LATEST, HIGHEST, CHANGE, STREAK = (KINDS.index(n) for n in ("done", "latest", "highest", "change", "streak"))


@compiled
def may_be_so(p, w):
    """Whether no atom of way `w` is ruled out, and none is open because a value has lapsed."""
    for m in range(p.way[w, 0], p.way[w, 0] + p.way[w, 1]):
        found = truth(p, NOW, p.way_atom[m])
        if found == NO or (found == at.MAY_HOLD and has_lapsed_fact(p, NOW, p.way_atom[m])):
            return False
    return True


@compiled
def has_lapsed_fact(p, s, a):
    """Whether a fact of atom `a` has lapsed."""
    atom = p.atom[a]
    if atom[at.A_KIND] == at.A_TABLE:
        return False
    other = atom[at.A_OTHER] if atom[at.A_KIND] == at.A_TWO_FACTS else atom[at.A_FACT]
    return p.value[s, atom[at.A_FACT], at.WHY] == at.LAPSED or p.value[s, other, at.WHY] == at.LAPSED


@compiled
def moments_of(p, w):
    """Fills `p.begun` with the moments at which what way `w` takes came about. How many, and the first when all was there."""
    context, sure = True, True
    for m in range(p.way[w, 0], p.way[w, 0] + p.way[w, 1]):
        a = p.way_atom[m]
        context = context and p.atom[a, at.A_CONTEXT] != 0
        sure = sure and truth(p, NOW, a) == at.HOLDS
    n, all_there = 0, LONG_AGO
    for m in range(p.way[w, 0], p.way[w, 0] + p.way[w, 1]):
        atom = p.atom[p.way_atom[m]]
        if atom[at.A_CONTEXT] and not context:
            continue
        if atom[at.A_KIND] == at.A_TABLE:
            n, all_there = _of_tables(p, atom[at.A_FACT], n, all_there)
            continue
        a = p.way_atom[m]
        n, all_there = _of_fact(p, a, atom[at.A_FACT], sure, n, all_there)
        if atom[at.A_KIND] == at.A_TWO_FACTS:
            n, all_there = _of_fact(p, a, atom[at.A_OTHER], sure, n, all_there)
    return n, all_there


@compiled
def _put(p, n, instant, day, whole_day):
    row = p.begun[n]
    row[0], row[1], row[2] = instant, day, whole_day
    return n + 1


@compiled
def _of_tables(p, name, n, all_there):
    """Each rule of the tables of a name that gives advice and holds or may hold, by its newest event."""
    if name == p.reached.shape[1] - 1:
        return n, all_there
    for t in range(len(p.table)):
        table = p.table[t]
        if table[at.T_NAME] != name:
            continue
        for r in range(table[at.T_FROM], table[at.T_FROM] + table[at.T_MANY]):
            moment = p.moment[r]
            if p.rule[r, at.ADVISES] and p.state[NOW, r] and moment[at.M_DATED]:
                n = _put(p, n, moment[at.M_AT], moment[at.M_DAY], moment[at.M_WHOLE])
                all_there = max(all_there, moment[at.M_AT])
    return n, all_there


@compiled
def _of_fact(p, a, f, sure, n, all_there):
    """What lies behind a fact; what is not done has no moment of its own."""
    kind, value = p.fact[f, at.KIND], p.value[NOW, f]
    if not value[at.DATED] or (kind == DONE and p.span[NOW, f, at.ENDS_HIGH] == 0):
        return n, all_there
    before = n
    if kind == A_MEDICINE:
        n = _of_medicines(p, f, n)
    elif kind == A_CIRCUMSTANCE:
        n = _of_circumstances(p, f, n)
    elif kind == A_SYMPTOM and p.fact[f, at.WHICH] < 0:
        n = _of_symptoms(p, f, n)
    elif kind in (LATEST, HIGHEST):
        n = moments_of_parts(p, a, f, n)
    if n == before:
        instant, day, whole_day = value[at.V_AT], value[at.V_DAY], value[at.V_WHOLE]
        if not sure and kind in (CHANGE, STREAK):
            come, settled, of_day, of_whole_day = last_settled(p, NOW, f)
            if come and settled < instant:
                instant, day, whole_day = settled, of_day, int(of_whole_day)
        n = _put(p, n, instant, day, whole_day)
    first = p.begun[before, 0]
    for k in range(before, n):
        first = min(first, p.begun[k, 0])
    return n, max(all_there, first)


@compiled
def _put_event(p, n, k):
    row = p.event[k]
    if row[at.AT] == LONG_AGO:
        return n
    return _put(p, n, row[at.AT], row[at.AT_DAY], int(row[at.MARKS] & WHOLE_DAY != 0))


@compiled
def _of_medicines(p, f, n):
    instant = p.slot[NOW, at.INSTANT]
    for k in range(p.event_from[MEDICINE], p.event_from[MEDICINE + 1]):
        row = p.event[k]
        if row[at.AT] <= instant < row[at.END] and is_one_of(p, f, row[at.CODE]):
            n = _put_event(p, n, k)
    return n


@compiled
def _of_circumstances(p, f, n):
    """Of a circumstance that is there each that says so."""
    if p.span[NOW, f, at.ENDS_LOW] != 1:
        return n
    instant = p.slot[NOW, at.INSTANT]
    for k in range(p.event_from[CIRCUMSTANCE], p.event_from[CIRCUMSTANCE + 1]):
        row = p.event[k]
        if row[at.AT] <= instant < row[at.END] and row[at.MORE] == PRESENT and is_one_of(p, f, row[at.CODE]):
            n = _put_event(p, n, k)
    return n


@compiled
def _of_symptoms(p, f, n):
    """All that was said of the symptoms that are there; of a fact that only may be so, or is not, of the first such symptom."""
    ends = p.span[NOW, f]
    wanted = YES if ends[at.ENDS_LOW] == 1 else (NOT_KNOWN if ends[at.ENDS_HIGH] == 1 else NOT)
    for m in range(p.fact[f, at.FROM], p.fact[f, at.FROM] + p.fact[f, at.MANY]):
        found, _ = one_symptom(p, NOW, f, p.member[m])
        if found != wanted:
            continue
        for k in range(p.event_from[SYMPTOM], p.event_from[SYMPTOM + 1]):
            if is_of(p, NOW, p.member[m], k) and is_there(p, NOW, f, k):
                n = _put_event(p, n, k)
        if wanted != YES:
            break
    return n
