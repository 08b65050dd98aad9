"""When the event of a fact happened: of the course, or the newest event behind another fact."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.columns import WHOLE_DAY
from countwell.cohort.gather import begin_of
from countwell.cohort.shape import KINDS, compiled
from countwell.cohort.specimens import is_before, newest_settled

LATEST, HIGHEST = KINDS.index("latest"), KINDS.index("highest")
SINCE, PERSON = KINDS.index("since"), KINDS.index("person")


@compiled
def decision_of(p, s, column):
    """The row of the decision that an event of the course (RUN, HALT …) is; NONE if it has not come."""
    return p.course[p.slot[s, at.COURSE], column]


@compiled
def moment_of(p, s, f):
    """(whether it has come, instant, day, whole day) of the event from which fact `f` runs."""
    event = p.fact[f, at.EVENT]
    if event >= 0:
        k = decision_of(p, s, event)
        return (k >= 0, p.course[k, at.C_AT], p.course[k, at.C_DAY], p.course[k, at.C_WHOLE] != 0)
    return moment_of_fact(p, s, p.fact[f, at.HANGS_ON])


@compiled
def moment_of_fact(p, s, f):
    """The same of fact `f` itself: the newest event behind it; of results the last one done, of a time its beginning."""
    kind = p.fact[f, at.KIND]
    value = p.value[s, f]
    if kind in (LATEST, HIGHEST):
        return last_settled(p, s, f)
    if kind in (SINCE, PERSON) and value[at.WORDS] == at.WITH_ORIGIN:
        day = int(p.span[s, f, at.ENDS_HIGH])
        return True, begin_of(p, day), day, True
    return value[at.DATED] != 0, value[at.V_AT], value[at.V_DAY], value[at.V_WHOLE] != 0


@compiled
def last_settled(p, s, f):
    """When the newest final value of a fact's tests was collected; a preliminary one is not yet an event."""
    found = at.NONE
    for m in range(p.fact[f, at.FROM], p.fact[f, at.FROM] + p.fact[f, at.MANY]):
        i = newest_settled(p, s, p.member[m])
        if i >= 0 and (found < 0 or is_before(p, found, i)):
            found = i
    row = p.labs[max(found, 0)]
    return found >= 0, row[at.COLLECTED], row[at.COLLECTED_DAY], (row[at.FLAGS] & WHOLE_DAY) != 0
