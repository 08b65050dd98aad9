"""The newest event behind a rule that sets a date: of the facts in those atoms that speak for it.

Read from a table of atoms: it is asked only of the few rules that hold or may hold and set a date.
"""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.atoms import LESS, MORE, elapsed, is_in, is_not_in, may_be_in, may_not_be_in
from countwell.cohort.kept import compiled_and_kept
from countwell.cohort.shape import compiled, copied

NO = 0


@compiled_and_kept
def newest_events(p, s):
    """Writes the newest event behind each rule that sets a date, those that others hang on first."""
    for r in p.dated:
        if p.state[s, r]:
            _newest(p, s, r)


@compiled
def _newest(p, s, r):
    """What says when a rule applies counts only if nothing says what happened."""
    moment, rule = p.moment[r], p.rule[r]
    moment[:] = 0
    begin, end = rule[at.ATOMS_FROM], rule[at.ATOMS_FROM] + rule[at.ATOMS_MANY]
    spoken = False
    for a in range(begin, end):
        if not p.atom[a, at.A_CONTEXT] and truth(p, s, a) != NO:
            spoken = True
            _speak(p, s, a, r)
    for a in range(begin, end):
        if p.atom[a, at.A_CONTEXT] and not spoken and truth(p, s, a) != NO:
            _speak(p, s, a, r)
    if moment[at.M_DATED] == 0 and p.state[s, r] == at.HOLDS:
        _begun(p, s, r)
    if rule[at.DUE] and not rule[at.ADVISES]:
        _note_lapsed(p, s, r, begin, end)


@compiled
def _speak(p, s, a, r):
    """Makes the newest event of an atom that of rule `r`: of its facts, or of the rules of the tables it reads."""
    atom = p.atom[a]
    if atom[at.A_KIND] != at.A_TABLE:
        _newer(p, s, atom[at.A_FACT], r)
        if atom[at.A_KIND] == at.A_TWO_FACTS:
            _newer(p, s, atom[at.A_OTHER], r)
        return
    if atom[at.A_FACT] == len(p.reached[s]) - 1:
        return
    for t in range(len(p.table)):
        table = p.table[t]
        if table[at.T_NAME] == atom[at.A_FACT]:
            for other in range(table[at.T_FROM], table[at.T_FROM] + table[at.T_MANY]):
                if p.rule[other, at.ADVISES] and p.state[s, other]:
                    _newer_of(p.moment[other], p.moment[r])


@compiled
def _newer(p, s, f, r):
    value, moment = p.value[s, f], p.moment[r]
    if value[at.DATED] and (moment[at.M_DATED] == 0 or value[at.V_AT] > moment[at.M_AT]):
        moment[at.M_AT], moment[at.M_DAY], moment[at.M_WHOLE] = value[at.V_AT], value[at.V_DAY], value[at.V_WHOLE]
        moment[at.M_DATED] = 1


@compiled
def _newer_of(other, moment):
    if other[at.M_DATED] and (moment[at.M_DATED] == 0 or other[at.M_AT] > moment[at.M_AT]):
        copied(other, moment, 0, at.M_LAPSED)


@compiled
def _begun(p, s, r):
    """Of a rule that holds without any dated fact: the newest test that it reads beside, else the beginning of the run, which
    stands in the last row."""
    rule = p.rule[r]
    for m in range(rule[at.FACTS_FROM], rule[at.FACTS_FROM] + rule[at.FACTS_MANY]):
        _newer(p, s, p.member[m], r)
    if p.moment[r, at.M_DATED] == 0:
        copied(p.moment[len(p.moment) - 1], p.moment[r], 0, at.M_LAPSED)


@compiled
def _note_lapsed(p, s, r, begin, end):
    """Notes whether the rule is open because a fact has lapsed."""
    for a in range(begin, end):
        atom = p.atom[a]
        if atom[at.A_KIND] != at.A_TABLE and truth(p, s, a) == at.MAY_HOLD:
            other = atom[at.A_OTHER] if atom[at.A_KIND] == at.A_TWO_FACTS else atom[at.A_FACT]
            if p.value[s, atom[at.A_FACT], at.WHY] == at.LAPSED or p.value[s, other, at.WHY] == at.LAPSED:
                p.moment[r, at.M_LAPSED] = 1


@compiled
def truth(p, s, a):
    """Whether an atom holds in a `when`: NO, MAY_HOLD, HOLDS. Silence is no."""
    kind = p.atom[a, at.A_KIND]
    if kind == at.A_NUMBER:
        return _number(p, s, a)
    if kind == at.A_TIME:
        atom = p.atom[a]
        return elapsed(p, s, atom[at.A_FACT], atom[at.A_OP], atom[at.A_MASK], atom[at.A_OTHER])
    if kind == at.A_TWO_FACTS:
        return _two_facts(p, s, a)
    if kind == at.A_YES_NO:
        return _yes_no(p, s, a)
    return _word(p, s, a) if kind == at.A_WORD else _table(p, s, a)


@compiled
def _of(sure, possible):
    if sure:
        return at.HOLDS
    return at.MAY_HOLD if possible else NO


@compiled
def _stands(one, op, other):
    if op == LESS:
        return one < other
    if op == LESS + 1:
        return one <= other
    return one > other if op == MORE else one >= other


@compiled
def _number(p, s, a):
    ends, op, number = p.span[s, p.atom[a, at.A_FACT]], p.atom[a, at.A_OP], p.atom_number[a]
    if op < MORE:
        return _of(_stands(ends[at.ENDS_HIGH], op, number), _stands(ends[at.MAYBE_LOW], op, number))
    return _of(_stands(ends[at.ENDS_LOW], op, number), _stands(ends[at.MAYBE_HIGH], op, number))


@compiled
def _two_facts(p, s, a):
    atom = p.atom[a]
    f, other, op = atom[at.A_FACT], atom[at.A_OTHER], atom[at.A_OP]
    one, two = p.span[s, f], p.span[s, other]
    silent = p.value[s, f, at.SILENT] or p.value[s, other, at.SILENT]
    if op < MORE:
        sure = _stands(one[at.ENDS_HIGH], op, two[at.ENDS_LOW])
        return _of(sure, not silent and _stands(one[at.ENDS_LOW], op, two[at.ENDS_HIGH]))
    sure = _stands(one[at.ENDS_LOW], op, two[at.ENDS_HIGH])
    return _of(sure, not silent and _stands(one[at.ENDS_HIGH], op, two[at.ENDS_LOW]))


@compiled
def _yes_no(p, s, a):
    ends = p.span[s, p.atom[a, at.A_FACT]]
    if p.atom[a, at.A_NEGATED]:
        return _of(ends[at.ENDS_HIGH] == 0, ends[at.MAYBE_LOW] == 0)
    return _of(ends[at.ENDS_LOW] == 1, ends[at.MAYBE_HIGH] == 1)


@compiled
def _word(p, s, a):
    atom = p.atom[a]
    words, mask = p.value[s, atom[at.A_FACT], at.WORDS], atom[at.A_MASK]
    if atom[at.A_OTHER]:
        there = words & mask != 0
        return at.HOLDS if there != (atom[at.A_NEGATED] != 0) else NO
    if atom[at.A_NEGATED]:
        return _of(is_not_in(words, mask), may_not_be_in(words, mask))
    return _of(is_in(words, mask), may_be_in(words, mask))


@compiled
def _table(p, s, a):
    atom = p.atom[a]
    reached, part, rung = p.reached[s, atom[at.A_FACT]], atom[at.A_OP], atom[at.A_MASK]
    sure, most = reached[at.SURE_DRUG + part], reached[at.MAYBE_DRUG + part]
    if not atom[at.A_NEGATED]:
        return _of(sure >= rung, most >= rung)
    heard = reached[at.SAYS_NOTHING] == 0
    return _of(heard and most < rung, heard and sure < rung)
