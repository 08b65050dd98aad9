"""Of a value made of several results: when each was collected that alone makes a comparison so, or leaves it open."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.atoms import MORE, stands
from countwell.cohort.columns import DISPUTED, PRELIMINARY, UNREADABLE, WHOLE_DAY
from countwell.cohort.days import before
from countwell.cohort.laboratory import may_be_later, measured
from countwell.cohort.shape import KINDS, NOW, compiled
from countwell.cohort.spans import EVERYTHING, within_ends, worse_half
from countwell.cohort.specimens import earlier, earlier_settled, has_span, newest, newest_settled

LATEST, HIGHEST = KINDS.index("latest"), KINDS.index("highest")


@compiled
def moments_of_parts(p, a, f, n):
    """Writes the moments into `p.begun` from place `n` on; the place after them. Of several tests none, if all must be low."""
    atom, fact = p.atom[a], p.fact[f]
    compares = atom[at.A_KIND] == at.A_NUMBER or atom[at.A_KIND] == at.A_TWO_FACTS
    several = fact[at.KIND] == HIGHEST
    if not compares or atom[at.A_FACT] != f or not (several or fact[at.KIND] == LATEST):
        return n
    if several and atom[at.A_OP] < MORE:
        return n
    for m in range(fact[at.FROM], fact[at.FROM] + fact[at.MANY]):
        n = _of_window(p, a, f, p.member[m], n) if fact[at.WITHIN] >= 0 else _of_test(p, a, f, p.member[m], n)
    return n


@compiled
def _of_window(p, a, f, test, n):
    first = before(p.slot[NOW, at.TODAY], p.fact[f, at.WITHIN], p.fact[f, at.WITHIN_UNIT])
    i = newest_settled(p, NOW, test)
    while i >= 0 and p.labs[i, at.COLLECTED_DAY] >= first:
        n = _put_if(p, a, i, measured(p, NOW, f, i), n)
        i = earlier_settled(p, NOW, i)
    return n


@compiled
def _of_test(p, a, f, test, n):
    """The last settled value, as it was while it vouched, and each newer report, which vouches for nothing."""
    last, worse = newest_settled(p, NOW, test), p.worse[test]
    i = newest(p, NOW, test)
    while i >= 0 and (last < 0 or p.labs[i, at.COLLECTED_DAY] >= p.labs[last, at.COLLECTED_DAY]):
        status = p.labs[i, at.STATUS]
        if status in (PRELIMINARY, UNREADABLE) and (last < 0 or may_be_later(p, i, last)):
            half = worse_half(measured(p, NOW, f, i), worse) if has_span(p, i) else EVERYTHING
            n = _put_if(p, a, i, half, n)
        i = earlier(p, NOW, i)
    if last >= 0:
        span = measured(p, NOW, f, last)
        disputed = p.labs[last, at.STATUS] == DISPUTED
        n = _put_if(p, a, last, worse_half(span, worse) if disputed else span, n)
    return n


@compiled
def _put_if(p, a, i, span, n):
    if not _may_be_so(p, a, span):
        return n
    row, labs = p.begun[n], p.labs[i]
    row[0], row[1], row[2] = labs[at.COLLECTED], labs[at.COLLECTED_DAY], int(labs[at.FLAGS] & WHOLE_DAY != 0)
    return n + 1


@compiled
def _may_be_so(p, a, span):
    """Whether atom `a` is not ruled out by a span alone."""
    low, high = within_ends(span)
    atom = p.atom[a]
    op = atom[at.A_OP]
    if atom[at.A_KIND] == at.A_NUMBER:
        return stands(low, op, p.atom_number[a]) if op < MORE else stands(high, op, p.atom_number[a])
    other = p.span[NOW, atom[at.A_OTHER]]
    return stands(low, op, other[at.ENDS_HIGH]) if op < MORE else stands(high, op, other[at.ENDS_LOW])
