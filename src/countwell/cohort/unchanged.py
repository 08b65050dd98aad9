"""What need not be worked out again: facts of which no event speaks, and rules that read nothing that has changed."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.shape import NOW, compiled


@compiled
def is_quiet(p, f):
    """Whether no event of the patient speaks of a fact that rests on events alone, and it says so already."""
    fact = p.fact[f]
    kind, beside = fact[at.OF_KIND], fact[at.BESIDE]
    quiet = kind >= 0 and p.codes[kind] & fact[at.OF_CODES] == 0 and (beside < 0 or p.codes[beside] == 0)
    already, p.quiet[f] = p.quiet[f], quiet
    return quiet and already != 0


@compiled
def said(p, f):
    """All that rules read of a fact."""
    ends, value = p.span[NOW, f], p.value[NOW, f]
    return (
        ends[at.ENDS_LOW],
        ends[at.ENDS_HIGH],
        ends[at.MAYBE_LOW],
        ends[at.MAYBE_HIGH],
        ends[at.WAS_LOW],
        ends[at.WAS_HIGH],
        value[at.WORDS],
        value[at.SILENT],
    )


@compiled
def reached_by(p, name):
    """All that rules read of what the tables of a name came to."""
    reached = p.reached[NOW, name]
    return reached[0], reached[1], reached[2], reached[3], reached[4], reached[5], reached[6]


@compiled
def have_asked(p, row):
    """Has the rules asked that stand in a row of `p.readers`."""
    for word in range(len(p.ask)):
        p.ask[word] |= p.readers[row, word]


@compiled
def is_to_be_asked(p, r):
    """Whether rule `r` may have changed since it was last asked."""
    return (p.ask[r // at.BITS_IN_A_WORD] >> (r % at.BITS_IN_A_WORD)) & 1 != 0


@compiled
def begin_asking(p):
    """Of a day that is another one than when the rules were last asked, those are asked that hang on it."""
    if p.slot[NOW, at.TODAY] != p.tally[at.DAY_ASKED]:
        p.tally[at.DAY_ASKED] = p.slot[NOW, at.TODAY]
        have_asked(p, len(p.readers) - 2)


@compiled
def all_asked(p):
    """Every rule has been asked that may have changed."""
    p.ask[:] = 0
    have_asked(p, len(p.readers) - 1)
