"""Facts about movement: how far a test has changed, and how many times in a row it fell or rose. Too few values: silent."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.columns import PRELIMINARY, SCALE
from countwell.cohort.days import before
from countwell.cohort.events_of_facts import moment_of
from countwell.cohort.kinds import of_kind
from countwell.cohort.laboratory import baseline_row
from countwell.cohort.shape import compiled
from countwell.cohort.spans import EVERYTHING, INFINITY, LOWER, dated_by, is_exact, put, span_of, worse_half
from countwell.cohort.specimens import (
    earlier,
    earlier_settled,
    has_span,
    is_before,
    is_settled,
    newest,
    newest_settled,
)

HUNDRED = 100


@of_kind
def change(p, s, f):
    """How far a test has moved against its baseline or an extreme of a time; preliminary values after it only make it worse."""
    test = p.member[p.fact[f, at.FROM]]
    first = _newest_with_span(p, s, test)
    i, found, chosen, worst = first, 0, at.NONE, EVERYTHING
    worse = p.fact[f, at.WORSE]
    last = at.NONE
    while i >= 0:
        if has_span(p, i):
            known, span = _move(p, s, f, test, i)
            if known:
                found += 1
                last = i
                if found == 1 or _is_at_least_as_bad(span, worst, worse):
                    worst, chosen = span, i
            if is_settled(p, i):
                break
        i = earlier(p, s, i)
    if found == 0:
        put(p, s, f, EVERYTHING, at.OTHER_REASON, True, 0)
        return
    if p.labs[last, at.STATUS] == PRELIMINARY or found > 1:
        worst = worse_half(worst, worse)
    put(p, s, f, worst, at.NO_REASON if is_exact(worst) else at.CENSORED, False, 1 << test)
    dated_by(p, s, f, chosen)


@compiled
def _newest_with_span(p, s, test):
    i = newest(p, s, test)
    while i >= 0 and not has_span(p, i):
        i = earlier(p, s, i)
    return i


@compiled
def _is_at_least_as_bad(span, than, worse):
    """Whether an older move counts before a newer one: of equal ones the older."""
    if worse == LOWER:
        return span[1] < than[1] or (span[1] == than[1] and span[0] <= than[0])
    return span[0] > than[0] or (span[0] == than[0] and span[1] >= than[1])


@compiled
def _move(p, s, f, test, i):
    """(whether it can be told, how far) row `i` has moved against its reference."""
    reference = _reference(p, s, f, test, i)
    if reference < 0:
        return False, EVERYTHING
    then_low, then_high, then_low_open, then_high_open = span_of(p, reference)
    if then_low <= 0:
        return False, EVERYTHING
    low, high, low_open, high_open = span_of(p, i)
    percent = p.fact[f, at.PERCENT]
    if p.fact[f, at.FALL]:
        return True, (
            _difference(-high, -then_low, percent),
            _difference(-low, -then_high, percent),
            high_open or then_low_open,
            low_open or then_high_open,
        )
    return True, (
        _difference(low, then_high, percent),
        _difference(high, then_low, percent),
        low_open or then_high_open,
        high_open or then_low_open,
    )


@compiled
def _difference(now, then, percent):
    """One correctly rounded quotient of whole thousandths; without end where an end is."""
    if abs(now) == INFINITY:
        return now
    if abs(then) == INFINITY:
        return -then
    one, other = round(now * SCALE), round(then * SCALE)
    if percent:
        return (one - other) * HUNDRED / abs(other)
    return (one - other) / SCALE


@compiled
def _reference(p, s, f, test, i):
    """The row that row `i` is compared with; NONE if there is none."""
    if p.fact[f, at.AGAINST] == at.BASELINE:
        found = baseline_row(p, s, f, test)
        return found if found >= 0 and is_before(p, found, i) else at.NONE
    first = before(p.labs[i, at.COLLECTED_DAY], p.fact[f, at.WITHIN], p.fact[f, at.WITHIN_UNIT])
    highest = p.fact[f, at.AGAINST] == at.HIGHEST
    chosen = at.NONE
    k = newest_settled(p, s, test)
    while k >= 0 and p.labs[k, at.COLLECTED_DAY] >= first:
        if is_before(p, k, i) and p.labs[k, at.LOW] == p.labs[k, at.HIGH]:
            value = p.labs[k, at.LOW]
            if chosen < 0 or ((value > p.labs[chosen, at.LOW]) == highest and value != p.labs[chosen, at.LOW]):
                chosen = k
        k = earlier_settled(p, s, k)
    return chosen


@of_kind
def streak(p, s, f):
    """How many successive falls (or rises), each of more than `step` percent, end at the newest result; too few: silent."""
    test = p.member[p.fact[f, at.FROM]]
    has_event, since = True, -(2**31)
    if p.fact[f, at.EVENT] >= 0 or p.fact[f, at.HANGS_ON] >= 0:
        has_event, _, since, _ = moment_of(p, s, f)
    newer = _exact_from(p, newest_settled(p, s, test), s, since) if has_event else at.NONE
    older = _exact_from(p, earlier_settled(p, s, newer), s, since) if newer >= 0 else at.NONE
    if older < 0:
        put(p, s, f, EVERYTHING, at.OTHER_REASON, True, 0)
        return
    sign = -1 if p.fact[f, at.FALL] else 1
    top, count = newer, 0
    while older >= 0 and _steps(p, older, newer, p.fact[f, at.STEP], sign):
        count += 1
        newer, older = older, _exact_from(p, earlier_settled(p, s, older), s, since)
    put(p, s, f, (float(count), float(count), False, False), at.NO_REASON, False, 1 << test)
    dated_by(p, s, f, top)


@compiled
def _exact_from(p, i, s, since):
    """Row `i` or the next settled one before it with one value, collected on that day or later."""
    while i >= 0 and p.labs[i, at.LOW] != p.labs[i, at.HIGH]:
        i = earlier_settled(p, s, i)
    return i if i >= 0 and p.labs[i, at.COLLECTED_DAY] >= since else at.NONE


@compiled
def _steps(p, older, newer, step, sign):
    then, now = p.labs[older, at.LOW], p.labs[newer, at.LOW]
    return then > 0 and (now - then) * sign * HUNDRED * SCALE > step * then
