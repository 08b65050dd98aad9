"""Tells who stays on the drug, which dose is reached, and how many reviews unknowns leave open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from countwell.cohort.measures import dose_reached as doses
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.openness import OPEN, REVIEWS, SETTLED
from countwell.cohort.measures.persistence import LEFT, STARTERS, STOPPED, Kept, day_of, kaplan_meier, last_day
from countwell.cohort.measures.quantiles import HALF, may_be_shown, quantile
from countwell.cohort.measures.seen import Ints
from countwell.cohort.measures.tally import By, Tally, Where, not_shown
from countwell.cohort.report.told import ALL, HIDDEN, NONE, Shown, Table, Told, rows_of, spelled

METHOD = (
    "Product-limit estimate (Kaplan and Meier) in whole days, the first stop being the event, whatever comes after it; 95 % "
    "interval by Greenwood on the log-minus-log scale. A month has 30.44 days."
)


def tables_of(by: str | None) -> tuple[By, ...]:
    """The tables of persistence and of open reviews."""
    return ((), *(((by,),) if by else ()))


def tell_persistence(tally: Tally, by: str | None, rules: str, steps: int = 1) -> Told:
    """Persistence, by Kaplan and Meier."""
    months = [0, *choice("persistence_months")]
    tally = _with_counts(tally, months)
    wholes: dict[str, tuple[str, ...]] = {STARTERS: (_stopped(months[1]), _followed(months[1]), _left(months[1]))}
    for before, now in pairwise(months[1:]):
        wholes[_stopped(now)] = (_stopped(before), _between(before, now))
        wholes[_followed(before)] = (_followed(now), _between(before, now), _left(now))
    names = [STARTERS, *(name(month) for month in months[1:] for name in (_stopped, _followed))]
    shown = Shown(tally, not_shown(tally, dict.fromkeys(names, tables_of(by)), wholes), steps)
    return Told(
        "persistence",
        "Persistence",
        "patients still on the drug (active or held) after so many months",
        "patients whose treatment began here with a start",
        "patients taken over from elsewhere; death, passing on and the day looked at end the following (censored)",
        rules,
        (_kept_table(shown, by, months[1:]),),
        (),
        (METHOD,),
    )


def _stopped(month: int) -> str:
    return f"stopped by month {month}"


def _followed(month: int) -> str:
    return f"followed beyond month {month}"


def _left(month: int) -> str:
    return f"censored before month {month}"


def _between(before: int, now: int) -> str:
    return f"stopped from month {before} to {now}"


def _with_counts(tally: Tally, months: Sequence[int]) -> Tally:
    """The tally with what stands at each month: how many stopped, are followed further, were censored since the last."""
    added = Tally(tally)
    for what, where in [key for key in tally if key[0] == STARTERS]:
        stopped, left = histories(tally, where)
        found = [kaplan_meier(stopped, left, day_of(month)) for month in months[1:]]
        before = Kept(1, None, None, tally.count(what, where), 0, 0)
        for last, month, now in zip(months, months[1:], found, strict=False):
            for name, number in (
                (_stopped(month), now.stopped),
                (_followed(month), now.at_risk),
                (_left(month), now.left - before.left),
                (_between(last, month), now.stopped - before.stopped),
            ):
                added[name, where] = np.array([number, number])
            before = now
    return added


def histories(tally: Tally, where: Where) -> tuple[Ints, Ints]:
    """How many stopped, and were censored, on each day after the start."""
    none = np.zeros(last_day() + 2, dtype=np.int64)
    return tally.get((STOPPED, where), none), tally.get((LEFT, where), none)


def _kept_table(shown: Shown, by: str | None, months: Sequence[int]) -> Table:
    rows = [
        (word, shown.count(STARTERS, where), *(_kept(shown, where, month) for month in months))
        for word, where in (rows_of(shown.tally.words_of(by), by) if by else [(ALL, ())])
    ]
    head = (spelled(by) if by else "", "starters", *(f"month {month} (followed further)" for month in months))
    return Table("Still on the drug", head, tuple(rows))


def _kept(shown: Shown, where: Where, month: int) -> str:
    if {(STARTERS, where), (_stopped(month), where), (_followed(month), where)} & shown.hidden:
        return HIDDEN
    kept = kaplan_meier(*histories(shown.tally, where), day_of(month))
    if kept.share is None:
        return NONE
    if shown.steps > 1:
        followed = shown.number(_followed(month), where)
        return HIDDEN if followed is None else f"{shown.rounded(100 * kept.share)} % ({followed:,})"
    interval = "" if kept.low is None or kept.high is None else f", {100 * kept.low:.1f} to {100 * kept.high:.1f}"
    return f"{100 * kept.share:.1f} %{interval} ({kept.at_risk:,})"


def tell_doses(tally: Tally, by: str | None, target: str, rules: str, steps: int = 1) -> Told:
    """Dose reached. target: the target in words."""
    columns: tuple[By, ...] = (("month",), *(((by, "month"),) if by else ()))
    alone: tuple[By, ...] = (("month",),)
    printed = {doses.TREATED: alone, doses.KNOWN: columns, doses.REACHED: columns}
    wholes = {doses.TREATED: (doses.KNOWN, doses.NOT_KNOWN), doses.KNOWN: (doses.REACHED, doses.BELOW)}
    shown = Shown(tally, not_shown(tally, printed, wholes), steps)
    return Told(
        "dose",
        "Dose reached",
        f"patients whose dose is at the low end of the target or above ({target})",
        "patients who started here, are still on treatment so many months later, and have a dose and a weight",
        "patients taken over, those who stopped, died or left by then, those without a known dose or weight",
        rules,
        tuple(_dose_tables(shown, by)),
        (),
        ("The newest weight by that day counts. Held patients count with the dose before the hold.",),
    )


def months_met(tally: Tally) -> list[str]:
    """The months that anybody had reached, in order."""
    return sorted(tally.words_of("month"), key=lambda word: int(word.rpartition(" ")[2]))


def _dose_tables(shown: Shown, by: str | None) -> Iterator[Table]:
    months = months_met(shown.tally)
    rows = [(month, *_dose_cells(shown, (("month", month),))) for month in months]
    head = ("after", "on treatment", "dose and weight known", "at target", "share", "median mg/kg")
    yield Table("Dose by month since the start", head, tuple(rows))
    if by:
        cells = [
            (word, *(shown.percent(doses.REACHED, doses.KNOWN, tuple(sorted((*where, ("month", m))))) for m in months))
            for word, where in rows_of(shown.tally.words_of(by), by)
        ]
        yield Table(f"Share at target by {spelled(by)}", (spelled(by), *months), tuple(cells))


def _dose_cells(shown: Shown, where: Where) -> tuple[str, ...]:
    counts = [shown.count(what, where) for what in (doses.TREATED, doses.KNOWN, doses.REACHED)]
    return (*counts, shown.percent(doses.REACHED, doses.KNOWN, where), _median(shown, where))


def _median(shown: Shown, where: Where) -> str:
    spread = shown.tally.get((doses.PER_KG, where))
    if spread is None:
        return NONE
    found = quantile(spread, HALF) if may_be_shown(shown.people(doses.KNOWN, where), HALF) else None
    return HIDDEN if found is None else f"{found / 100:.2f}"


def tell_openness(tally: Tally, by: str | None, rules: str, steps: int = 1) -> Told:
    """Reviews that unknowns leave open."""
    shown = Shown(
        tally, not_shown(tally, dict.fromkeys((REVIEWS, OPEN), tables_of(by)), {REVIEWS: (OPEN, SETTLED)}), steps
    )
    rows = [
        (word, shown.count(REVIEWS, where), shown.count(OPEN, where), shown.percent(OPEN, REVIEWS, where))
        for word, where in (rows_of(shown.tally.words_of(by), by) if by else [(ALL, ())])
    ]
    return Told(
        "open",
        "Reviews left open by what is not known",
        "patients for whom what is called for at least and at most differs",
        "patients reviewed on the day, one review each",
        "patients passed on to another clinic, patients who died",
        rules,
        (Table("Open reviews", (spelled(by) if by else "", "reviews", "open", "share"), tuple(rows)),),
        (),
        ("Unknown is not normal: a review is open if what is late, missing, censored or disputed could change it.",),
    )
