"""Body weights: several of one instant count as all that lies between them; while the newest cannot be read there is none."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.columns import HIGH_OPEN, LOW_OPEN, NO_VALUE, WEIGHT
from countwell.cohort.shape import compiled


@compiled
def weights_joined(p):
    """Joins the weights of one instant into the first of them; to be called once after `gather`.

    The others, and those that cannot be read beside one that can, are marked as gone (CODE 1).
    """
    first = at.NONE
    for k in range(p.event_from[WEIGHT], p.event_from[WEIGHT + 1]):
        row = p.event[k]
        if row[at.VALUE] == NO_VALUE:
            continue
        if first < 0 or p.event[first, at.AT] != row[at.AT]:
            first = k
            continue
        kept = p.event[first]
        kept[at.VALUE], kept[at.OTHER] = min(kept[at.VALUE], row[at.VALUE]), max(kept[at.OTHER], row[at.OTHER])
        kept[at.MARKS] &= ~(LOW_OPEN | HIGH_OPEN)
        row[at.CODE] = 1


@compiled
def is_weight(p, k):
    """Whether event `k` is a weight that can be read and stands for its instant."""
    return p.event[k, at.VALUE] != NO_VALUE and p.event[k, at.CODE] == 0


@compiled
def weight_at(p, instant):
    """The event of the newest weight by an instant; NONE if there is none, or the newest cannot be read."""
    newest = last_weight(p, instant)
    for k in range(p.event_from[WEIGHT], p.event_from[WEIGHT + 1]):
        row = p.event[k]
        if row[at.VALUE] == NO_VALUE and row[at.AT] <= instant and (newest < 0 or row[at.AT] >= p.event[newest, at.AT]):
            return at.NONE
    return newest


@compiled
def last_weight(p, instant):
    """The event of the newest weight by an instant that can be read; NONE if there is none."""
    newest = at.NONE
    for k in range(p.event_from[WEIGHT], p.event_from[WEIGHT + 1]):
        if is_weight(p, k) and p.event[k, at.AT] <= instant:
            newest = k
    return newest
