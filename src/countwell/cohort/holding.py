"""Which rules hold at an instant: each condition is a row of atoms, and each atom says which one to ask next.

What is sure and what is possible is asked in two runs over the same atoms. A rule holds if it surely holds and nothing surely
excepts it; it may hold if it is not ruled out.
"""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.apart import apart
from countwell.cohort.atoms import truth
from countwell.cohort.came_to import came_to
from countwell.cohort.shape import NOW, compiled
from countwell.cohort.unchanged import have_asked, is_to_be_asked, reached_by


@apart
def hold(p, s, part):
    """Writes the state of the rules of one part (ADVICE, LATER …) in the order of reading, and what tables came to.

    ADVICE and LATER are read at NOW, and of them only what may have changed.
    """
    for n in range(p.step_from[part], p.step_from[part + 1]):
        step = p.step[n]
        if step < 0:
            _came_to(p, s, -1 - step)
        elif part > at.LATER or is_to_be_asked(p, step):
            p.state[s, step] = _state(p, s, p.rule[step])


@compiled
def _came_to(p, s, name):
    before = reached_by(p, name)
    came_to(p, s, name)
    if s == NOW and reached_by(p, name) != before:
        have_asked(p, len(p.fact) + name)


@compiled
def _state(p, s, rule):
    begin, unless = rule[at.ATOMS_FROM], rule[at.UNLESS_FROM]
    if not _is_met(p, s, begin, at.MAY_HOLD) or (unless >= 0 and _is_met(p, s, unless, at.HOLDS)):
        return 0
    return at.HOLDS if _is_met(p, s, begin, at.HOLDS) else at.MAY_HOLD


@compiled
def _is_met(p, s, a, least):
    """Whether the condition that begins with atom `a` is met: each of its atoms at least so far."""
    while a >= 0:
        a = p.atom[a, at.A_THEN] if truth(p, s, a) >= least else p.atom[a, at.A_ELSE]
    return a == at.MET
