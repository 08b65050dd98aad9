"""A fact at an instant: to each kind its function. Which facts, of what and over which times is data of the plan."""

from __future__ import annotations

from countwell.cohort import acts, laboratory, movement, symptoms, treatment  # noqa: F401 - each kind says what it works out
from countwell.cohort import shape as at
from countwell.cohort.apart import apart
from countwell.cohort.columns import NEVER
from countwell.cohort.gather import course_at
from countwell.cohort.kinds import OF_KINDS, worked_out
from countwell.cohort.lapse import NOT_YET
from countwell.cohort.life import AGE, WEIGHT_AGE
from countwell.cohort.shape import KINDS, NOW, compiled
from countwell.cohort.unchanged import have_asked, said

assert OF_KINDS.is_whole
SINCE, PERSON = KINDS.index("since"), KINDS.index("person")


@apart
def stand(p, s, instant, day, heard, layer):
    """Sets slot `s` to an instant on a day, with what was known by `heard`; its facts are to be worked out anew."""
    slot = p.slot[s]
    slot[at.INSTANT], slot[at.TODAY], slot[at.HEARD], slot[at.LAYER] = instant, day, heard, layer
    slot[at.COURSE] = course_at(p, instant)
    slot[at.REQUIRED], slot[at.IN_FORCE] = 0, 0
    slot[at.REPORTS_BEFORE] = p.tally[at.COUNT_BEFORE] if layer == 0 else NEVER
    p.lapse[s, :] = NOT_YET


@apart
def value(p, s, f):
    """Works out fact `f` at slot `s`; those that it hangs on have been."""
    if s == NOW:
        before = said(p, f)
        worked_out(p, p.fact[f, at.KIND], s, f)
        if said(p, f) != before:
            have_asked(p, f)
    else:
        worked_out(p, p.fact[f, at.KIND], s, f)


@compiled
def is_time(p, f):
    """Whether a fact is a time, which has no good end."""
    kind, which = p.fact[f, at.KIND], p.fact[f, at.WHICH]
    return kind == SINCE or (kind == PERSON and which in (AGE, WEIGHT_AGE))
