"""The newest event behind a rule that sets a date: of the facts in those atoms that speak for it."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.apart import apart
from countwell.cohort.atoms import NO, truth
from countwell.cohort.shape import compiled, copied
from countwell.cohort.ways import has_lapsed_fact


@apart
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
        begun(p, s, r, r)
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
def begun(p, s, r, row):
    """Of a rule that holds without any dated fact: the newest test that it reads beside, else the beginning of the run, which
    stands in the last row of `p.moment`. It is written to another row; whether there is any."""
    rule, p.moment[row, at.M_DATED] = p.rule[r], 0
    for m in range(rule[at.FACTS_FROM], rule[at.FACTS_FROM] + rule[at.FACTS_MANY]):
        _newer(p, s, p.member[m], row)
    if p.moment[row, at.M_DATED] == 0:
        copied(p.moment[len(p.moment) - 1], p.moment[row], 0, at.M_LAPSED)
    return p.moment[row, at.M_DATED] != 0


@compiled
def _note_lapsed(p, s, r, begin, end):
    """Notes whether the rule is open because a fact has lapsed."""
    for a in range(begin, end):
        if truth(p, s, a) == at.MAY_HOLD and has_lapsed_fact(p, s, a):
            p.moment[r, at.M_LAPSED] = 1
