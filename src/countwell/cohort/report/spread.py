"""Tells values over time: percentiles by month of treatment, as picture and table, with the limits of the packs."""

from __future__ import annotations

from collections.abc import Sequence

from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.quantiles import may_be_shown, quantile
from countwell.cohort.measures.tally import Tally, Where, not_shown, where
from countwell.cohort.measures.values import BY, CENSORED, MEASURED, VALUES
from countwell.cohort.pictures.deciles import Month, deciles
from countwell.cohort.report.told import HIDDEN, Shown, Table, Told
from countwell.model.pack import Pack
from countwell.paper.limits import Limit, limits_of
from countwell.paper.markup import Safe
from countwell.paper.plain import unit
from countwell.vocabulary.tests import tests as listed

READ_IT = (
    "Line: median. Inner band: 25th to 75th percentile. Outer band: 10th to 90th. Hatched: where the packs begin to act on "
    "one value alone, of several protocols only where all of them do; rules that read changes and multiples are not drawn."
)


def tell(tally: Tally, tests: Sequence[str], packs: Sequence[Sequence[Pack]], rules: str, steps: int = 1) -> Told:
    """Values over time of these tests. packs: of each protocol, whose limits are drawn."""
    shown = Shown(tally, not_shown(tally, dict.fromkeys((MEASURED, CENSORED), BY)), steps)
    drawn = [test for test in tests if any(month.spread for month in months(shown, test))]
    return Told(
        "values",
        "Values over time",
        "the last final value of each patient in each month of treatment",
        "patients with a final, exact value in that month since the run began",
        "preliminary, disputed, unreadable and withdrawn results, values before treatment; months whose last value is a span",
        rules,
        tuple(_table(shown, test) for test in drawn),
        tuple(_picture(shown, test, packs) for test in drawn),
        (READ_IT,),
    )


def months(shown: Shown, test: str) -> list[Month]:
    """Every month of a test that was met, with its percentiles where enough people were measured."""
    return [
        _month(shown, test, word)
        for word in shown.tally.words_of("month")
        if shown.steps == 1 or shown.number(MEASURED, where(month=word, test=test))
        if shown.tally.people(MEASURED, where(month=word, test=test))
    ]


def _month(shown: Shown, test: str, word: str) -> Month:
    here = where(month=word, test=test)
    people = shown.people(MEASURED, here)
    percents = choice("value_deciles")
    if not all(may_be_shown(people, percent) for percent in percents):
        return Month(int(word), people, None)
    found = [
        (quantile(shown.tally[VALUES, here], percent) or 0) / 10 ** listed()[test].decimals for percent in percents
    ]
    return Month(int(word), people, tuple(found))


def _picture(shown: Shown, test: str, packs: Sequence[Sequence[Pack]]) -> Safe:
    title = f"{listed()[test].display} by month of treatment"
    return deciles(f"values-{test}", title, unit_of(test), months(shown, test), shared_limits(test, packs))


def shared_limits(test: str, packs: Sequence[Sequence[Pack]]) -> list[Limit]:
    """The limits of a test that every protocol has: the same value, the same side, the same words."""
    of_each = [limits_of(test, one) for one in packs]
    first, others = (of_each[0], of_each[1:]) if of_each else ((), [])
    return [limit for limit in first if all(_alike(limit) in map(_alike, other) for other in others)]


def _alike(limit: Limit) -> tuple[object, ...]:
    return limit.value, limit.below, limit.closed, limit.rank.words


def unit_of(test: str) -> str:
    """The unit of a test as it is printed."""
    return unit(str(getattr(listed()[test], "unit", "")))


def _table(shown: Shown, test: str) -> Table:
    decimals = listed()[test].decimals
    rows = [(f"{month.number}", _people(shown, test, month), *_cells(month, decimals)) for month in months(shown, test)]
    head = ("month", "patients", *(f"{percent}th percentile" for percent in choice("value_deciles")))
    return Table(f"{listed()[test].display}, {unit_of(test)}", head, tuple(rows))


def _people(shown: Shown, test: str, month: Month) -> str:
    here: Where = where(month=f"{month.number:03}", test=test)
    return shown.count(MEASURED, here)


def _cells(month: Month, decimals: int) -> list[str]:
    if month.spread is None:
        return [HIDDEN] * len(choice("value_deciles"))
    return [f"{value:.{decimals}f}" for value in month.spread]
