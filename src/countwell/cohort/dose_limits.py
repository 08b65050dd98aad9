"""What the dose rules leave: first dose, range, ceiling, or none. Tightest wins; a ceiling not worked out allows none.

In thousandths of mg a day. A limit finer than that is taken down, a lower one up: never wider than the rules allow.
"""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.columns import NO_VALUE, SCALE
from countwell.cohort.shape import NOW, compiled
from countwell.cohort.weights import weight_at
from countwell.vocabulary.tests import measures

HEAVIEST = int((measures()["weight"].likely or (0, 0))[1] * SCALE)  # for a dose without a weight

FIRST_MG, LOW_MG, HIGH_MG, CEILING_MG, NONE_ALLOWED, ABOVE = range(6)


@compiled
def dose_limits(p, left):
    """Fills `left`: first, low, high, ceiling (NO_VALUE if none or not known), whether no dose is allowed, whether the running
    dose is above every plain ceiling; without a weight, above those of the heaviest."""
    left[:CEILING_MG] = NO_VALUE
    left[CEILING_MG], left[NONE_ALLOWED], left[ABOVE] = NO_VALUE, 0, 0
    weight = weight_at(p, p.slot[NOW, at.INSTANT])
    unknown, plain = False, False
    above, too_heavy, of_heaviest = True, True, False
    for d in range(len(p.dose)):
        limit = p.dose[d]
        r = limit[at.D_RULE]
        if not p.state[NOW, r] or p.accepted[r]:
            continue
        what = limit[at.D_WHAT]
        if what == at.NO_DOSE:
            left[NONE_ALLOWED] = 1
            continue
        mg = _in_mg(p, limit, weight, what == at.LOW_DOSE)
        if what == at.CEILING and mg == NO_VALUE:
            unknown, left[NONE_ALLOWED] = True, 1
        elif mg != NO_VALUE and (left[what] == NO_VALUE or mg < left[what]):
            left[what] = mg
        if what == at.CEILING and limit[at.D_PLAIN] and mg != NO_VALUE:
            plain = True
            above = above and _is_above(p, limit, weight)
        elif what == at.CEILING and limit[at.D_PLAIN]:
            of_heaviest = True
            too_heavy = too_heavy and p.course[p.slot[NOW, at.COURSE], at.MG] * SCALE > limit[at.D_NUMBER] * HEAVIEST
    if unknown:
        left[CEILING_MG] = NO_VALUE
    left[ABOVE] = (plain and above) or (not plain and of_heaviest and too_heavy)


@compiled
def _in_mg(p, limit, weight, up):
    if limit[at.D_OF] >= 0:
        ends = p.span[NOW, limit[at.D_OF]]
        if ends[at.ENDS_LOW] != ends[at.ENDS_HIGH]:
            return NO_VALUE
        return round(ends[at.ENDS_LOW] * SCALE) * limit[at.D_TIMES_UP] // limit[at.D_TIMES_DOWN]
    if not limit[at.D_PER_KG]:
        return limit[at.D_NUMBER]
    if weight < 0:
        return NO_VALUE
    if up:
        return -(-limit[at.D_NUMBER] * p.event[weight, at.OTHER] // SCALE)
    return limit[at.D_NUMBER] * p.event[weight, at.VALUE] // SCALE


@compiled
def _is_above(p, limit, weight):
    """Whether the running dose is above a ceiling; exact, before any rounding."""
    mg = p.course[p.slot[NOW, at.COURSE], at.MG]
    if not limit[at.D_PER_KG]:
        return mg > limit[at.D_NUMBER]
    return mg * SCALE > limit[at.D_NUMBER] * p.event[weight, at.VALUE]
