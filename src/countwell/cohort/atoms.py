"""Whether an atom holds at an instant: NO, MAY_HOLD, HOLDS.

Over the ends of a span no third truth is needed: `x <= k` surely holds if the upper end does, and may hold if the lower end
does. Silence is no: its ends that say what may be are crossed over (`spans.put`).
"""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.days import is_over
from countwell.cohort.shape import compiled

LESS, AT_MOST, MORE, AT_LEAST = range(4)
NO = 0


@compiled
def truth(p, s, a):
    """Whether atom `a` holds at slot `s`."""
    atom = p.atom[a]
    kind = atom[at.A_KIND]
    if kind == at.A_NUMBER:
        return _number(p.span[s, atom[at.A_FACT]], atom[at.A_OP], p.atom_number[a])
    if kind == at.A_YES_NO:
        return _yes_no(p.span[s, atom[at.A_FACT]], atom[at.A_NEGATED])
    if kind == at.A_WORD:
        return _word(p.value[s, atom[at.A_FACT], at.WORDS], atom)
    if kind == at.A_TABLE:
        return _table(p.reached[s, atom[at.A_FACT]], atom)
    return elapsed(p, s, atom) if kind == at.A_TIME else _two_facts(p, s, atom)


@compiled
def _of(sure, possible):
    if sure:
        return at.HOLDS
    return at.MAY_HOLD if possible else NO


@compiled
def stands(one, op, other):
    """Whether one number stands so to another."""
    if op == LESS:
        return one < other
    if op == AT_MOST:
        return one <= other
    return one > other if op == MORE else one >= other


@compiled
def _number(ends, op, number):
    """What was open before it lapsed stays open, also if it is silent now: no finding goes because a day has passed."""
    if op < MORE:
        was_open = stands(ends[at.WAS_LOW], op, number) and not stands(ends[at.WAS_HIGH], op, number)
        possible = stands(ends[at.MAYBE_LOW], op, number) or (was_open and stands(ends[at.ENDS_LOW], op, number))
        return _of(stands(ends[at.ENDS_HIGH], op, number), possible)
    was_open = stands(ends[at.WAS_HIGH], op, number) and not stands(ends[at.WAS_LOW], op, number)
    possible = stands(ends[at.MAYBE_HIGH], op, number) or (was_open and stands(ends[at.ENDS_HIGH], op, number))
    return _of(stands(ends[at.ENDS_LOW], op, number), possible)


@compiled
def _two_facts(p, s, atom):
    """Surely, if it does for every pair of values; possibly, if for some, and neither is silent."""
    f, other, op = atom[at.A_FACT], atom[at.A_OTHER], atom[at.A_OP]
    one, two = p.span[s, f], p.span[s, other]
    silent = p.value[s, f, at.SILENT] or p.value[s, other, at.SILENT]
    if op < MORE:
        sure = stands(one[at.ENDS_HIGH], op, two[at.ENDS_LOW])
        return _of(sure, not silent and stands(one[at.ENDS_LOW], op, two[at.ENDS_HIGH]))
    sure = stands(one[at.ENDS_LOW], op, two[at.ENDS_HIGH])
    return _of(sure, not silent and stands(one[at.ENDS_HIGH], op, two[at.ENDS_LOW]))


@compiled
def _yes_no(ends, negated):
    if negated:
        return _of(ends[at.ENDS_HIGH] == 0, ends[at.MAYBE_LOW] == 0)
    return _of(ends[at.ENDS_LOW] == 1, ends[at.MAYBE_HIGH] == 1)


@compiled
def _word(words, atom):
    """words: a bit for each word still possible, 0 if not known; of reasons (A_OTHER) for each that there was."""
    mask, negated = atom[at.A_MASK], atom[at.A_NEGATED] != 0
    if atom[at.A_OTHER]:
        return at.HOLDS if (words & mask != 0) != negated else NO
    if words == 0:
        return at.MAY_HOLD
    wanted, another = words & mask != 0, words & ~mask != 0
    if negated:
        return _of(not wanted, another)
    return _of(not another, wanted)


@compiled
def _table(reached, atom):
    """Of a table that is silent neither that it reached a rung nor that it did not is said."""
    sure, most = reached[at.SURE_DRUG + atom[at.A_OP]], reached[at.MAYBE_DRUG + atom[at.A_OP]]
    rung = atom[at.A_MASK]
    if not atom[at.A_NEGATED]:
        return _of(sure >= rung, most >= rung)
    heard = reached[at.SAYS_NOTHING] == 0
    return _of(heard and most < rung, heard and sure < rung)


@compiled
def elapsed(p, s, atom):
    """Whether the time since a fact's beginning stands so to a duration: surely for both ends, possibly for one."""
    f, op, count, unit = atom[at.A_FACT], atom[at.A_OP], atom[at.A_MASK], atom[at.A_OTHER]
    origin, today = p.value[s, f, at.WORDS], p.slot[s, at.TODAY]
    if origin == at.NO_ORIGIN:
        return NO
    if origin == at.UNKNOWN_ORIGIN:
        return at.MAY_HOLD
    first, last = p.span[s, f, at.ENDS_LOW], p.span[s, f, at.ENDS_HIGH]
    one = _elapsed(first, today, op, count, unit)
    other = one if first == last else _elapsed(last, today, op, count, unit)
    return _of(one and other, one or other)


@compiled
def _elapsed(begin, today, op, count, unit):
    if begin < LONG_BEFORE:
        return op >= MORE
    return stands(is_over(int(begin), count, unit, 1, today), op, 0)


LONG_BEFORE = -1e15  # days: a beginning of which only the last day is known
