"""What tables come to: the worst of what surely holds, and of what cannot be ruled out."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.shape import compiled


@compiled
def came_to(p, s, name):
    """Joins the tables of one name. It says nothing if no rule holds or may hold and all that they read was silent."""
    reached = p.reached[s, name]
    reached[:] = 0
    reached[at.SAYS_NOTHING] = 1
    for t in range(len(p.table)):
        table = p.table[t]
        if table[at.T_NAME] != name or not table[at.T_ADVISES]:
            continue
        found = False
        for r in range(table[at.T_FROM], table[at.T_FROM] + table[at.T_MANY]):
            if p.state[s, r] and p.rule[r, at.ADVISES]:
                found = True
                raise_to(reached, p.rule[r], p.state[s, r])
        if found or not _is_silent(p, s, table):
            reached[at.SAYS_NOTHING] = 0


@compiled
def _is_silent(p, s, table):
    for m in range(table[at.T_FACTS_FROM], table[at.T_FACTS_FROM] + table[at.T_FACTS_MANY]):
        if not p.value[s, p.member[m], at.SILENT]:
            return False
    return True


@compiled
def raise_to(reached, rule, state):
    """Raises what was reached to what a rule advises."""
    for part in range(3):
        rung = rule[at.DRUG + part]
        if state == at.HOLDS:
            reached[at.SURE_DRUG + part] = max(reached[at.SURE_DRUG + part], rung)
        reached[at.MAYBE_DRUG + part] = max(reached[at.MAYBE_DRUG + part], rung)


@compiled
def all_came_to(p, s):
    """Joins all advice but what a named person accepted; it stands last among the names."""
    reached = p.reached[s, len(p.reached[s]) - 1]
    reached[:] = 0
    for r in range(len(p.rule)):
        if p.state[s, r] and p.rule[r, at.ADVISES] and not p.accepted[r]:
            raise_to(reached, p.rule[r], p.state[s, r])
