"""A fact at an instant: to each kind its function. Which facts, of what and over which times is data of the plan."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.acts import done, pending, recovered
from countwell.cohort.apart import apart
from countwell.cohort.columns import NEVER
from countwell.cohort.gather import course_at
from countwell.cohort.laboratory import baseline, highest, latest
from countwell.cohort.lapse import NOT_YET
from countwell.cohort.life import AGE, WEIGHT_AGE, circumstance, gene, history, label, medicine, person, vaccinated
from countwell.cohort.movement import change, streak
from countwell.cohort.shape import KINDS, NOW, compiled
from countwell.cohort.symptoms import symptom
from countwell.cohort.treatment import accepted, condition, dose, reason, since, state
from countwell.cohort.unchanged import have_asked, said

(LATEST, HIGHEST, BASELINE, CHANGE, STREAK, DONE, PENDING, RECOVERED, SINCE, DOSE, STATE, REASON) = range(12)
CONDITION, ACCEPTED, SYMPTOM, MEDICINE, HISTORY, CIRCUMSTANCE, GENE, PERSON, VACCINATED, LABEL = range(12, 22)
assert KINDS[LATEST] == "latest" and KINDS[REASON] == "reason" and KINDS[LABEL] == "label"


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
        _worked_out(p, s, f)
        if said(p, f) != before:
            have_asked(p, f)
    else:
        _worked_out(p, s, f)


@compiled
def _worked_out(p, s, f):
    kind = p.fact[f, at.KIND]
    if kind <= PENDING:
        _of_results(p, s, f, kind)
    elif kind <= ACCEPTED:
        _of_the_course(p, s, f, kind)
    else:
        _of_life(p, s, f, kind)


@compiled
def _of_results(p, s, f, kind):
    if kind == LATEST:
        latest(p, s, f)
    elif kind == HIGHEST:
        highest(p, s, f)
    elif kind == BASELINE:
        baseline(p, s, f)
    elif kind == CHANGE:
        change(p, s, f)
    elif kind == STREAK:
        streak(p, s, f)
    elif kind == DONE:
        done(p, s, f)
    else:
        pending(p, s, f)


@compiled
def _of_the_course(p, s, f, kind):
    if kind == RECOVERED:
        recovered(p, s, f)
    elif kind == SINCE:
        since(p, s, f)
    elif kind == DOSE:
        dose(p, s, f)
    elif kind == STATE:
        state(p, s, f)
    elif kind == REASON:
        reason(p, s, f)
    elif kind == CONDITION:
        condition(p, s, f)
    else:
        accepted(p, s, f)


@compiled
def _of_life(p, s, f, kind):
    if kind == SYMPTOM:
        symptom(p, s, f)
    elif kind == MEDICINE:
        medicine(p, s, f)
    elif kind == HISTORY:
        history(p, s, f)
    elif kind == CIRCUMSTANCE:
        circumstance(p, s, f)
    elif kind == GENE:
        gene(p, s, f)
    elif kind == PERSON:
        person(p, s, f)
    elif kind == VACCINATED:
        vaccinated(p, s, f)
    else:
        label(p, s, f)


@compiled
def is_time(p, f):
    """Whether a fact is a time, which has no good end."""
    kind, which = p.fact[f, at.KIND], p.fact[f, at.WHICH]
    return kind == SINCE or (kind == PERSON and which in (AGE, WEIGHT_AGE))
