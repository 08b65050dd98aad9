"""Tells tests on time: by group and phase, by any column with delays, as a funnel, and how late the late ones were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from countwell.cohort.measures.on_time import DAYS_LATE, DUE, IN_TIME, LATE, MOST_DAYS, NEVER, late_by
from countwell.cohort.measures.quantiles import HALF, MOST, may_be_shown, quantile
from countwell.cohort.measures.schedules import PHASES
from countwell.cohort.measures.tally import By, Tally, Where, not_shown
from countwell.cohort.pictures.bars import bars
from countwell.cohort.pictures.binomial import METHOD
from countwell.cohort.pictures.funnel import Site, funnel, placed
from countwell.cohort.report.told import ALL, HIDDEN, NONE, Shown, Table, Told, rows_of, spelled
from countwell.paper.markup import Safe
from countwell.paper.plain import fact

FEWEST_SITES = 2


def tables_of(by: str | None) -> tuple[By, ...]:
    """The tables of this measure."""
    return ((), ("group",), ("phase",), ("group", "phase"), *(((by,),) if by else ()))


def tell(tally: Tally, by: str | None, rules: str, steps: int = 1) -> Told:
    """The measure. by: the column that it is broken down by besides."""
    bins, tables = late_by(), tables_of(by)
    alone: tuple[By, ...] = ((), *(((by,),) if by else ()))
    names = [name for name, _, _ in bins]
    printed = {DUE: tables, IN_TIME: tables, NEVER: alone} | dict.fromkeys(names, ((),))
    shown = Shown(tally, not_shown(tally, printed, {DUE: (IN_TIME, LATE), LATE: (NEVER, *names)}), steps)
    own = (_by_column(shown, by),) if by else ()
    return Told(
        "on-time",
        "Tests on time",
        "due dates by which the test group was completely done (collected on the last day counts)",
        "due dates that came: met, or past and missed",
        "dates still to come, those of the day itself that are not met yet, those after death or passing on to another clinic",
        rules,
        (_by_phase(shown), *own, _delays(shown, bins)),
        tuple(_pictures(shown, by, bins)),
        tuple(_remarks(by)),
    )


def _remarks(by: str | None) -> Iterator[str]:
    yield (
        "First weeks and weeks after a change are as long as the pack's own schedule says; a pack without such a phase has "
        "steady times alone. A due date counts in the phase in which it lies."
    )
    yield "Due dates of one patient hang together; no test of difference is made."
    if by:
        yield f"Funnel. {METHOD} Case mix is not taken into account."


def _by_phase(shown: Shown) -> Table:
    phases = [phase for phase in PHASES if phase in shown.tally.words_of("phase")]
    rows = [
        (fact(word) if where else ALL, *(_of(shown, (*where, ("phase", phase))) for phase in phases), _of(shown, where))
        for word, where in rows_of(shown.tally.words_of("group"), "group")
    ]
    return Table("On time by test group and phase of the schedule", ("test group", *phases, ALL), tuple(rows))


def _of(shown: Shown, where: Where) -> str:
    """`62.0 % (31 of 50)`."""
    where = tuple(sorted(where))
    total = shown.number(DUE, where)
    if total == 0:
        return NONE
    percent = shown.percent(IN_TIME, DUE, where)
    return HIDDEN if percent == HIDDEN else f"{percent} ({shown.count(IN_TIME, where)} of {shown.count(DUE, where)})"


def _by_column(shown: Shown, by: str) -> Table:
    rows = [
        (
            word,
            shown.count(DUE, where),
            shown.count(IN_TIME, where),
            shown.percent(IN_TIME, DUE, where),
            shown.count(NEVER, where),
            _quantile(shown, where, HALF),
            _quantile(shown, where, MOST),
        )
        for word, where in rows_of(shown.tally.words_of(by), by)
    ]
    head = (spelled(by), "due", "on time", "share", "never done", "median days late", "90th percentile")
    return Table(f"On time by {spelled(by)}", head, tuple(rows))


def _quantile(shown: Shown, where: Where, percent: int) -> str:
    """Days late, those on time counting as 0 and those never done as never."""
    if (DAYS_LATE, where) not in shown.tally:
        return NONE
    if not may_be_shown(shown.people(DUE, where), percent):
        return HIDDEN
    found = quantile(shown.tally[DAYS_LATE, where], percent)
    return NONE if found is None else "never" if found >= MOST_DAYS else str(found)


def _delays(shown: Shown, bins: Sequence[tuple[str, int, int]]) -> Table:
    names = (IN_TIME, *(name for name, _, _ in bins), NEVER)
    rows = tuple((name.removeprefix("tests "), shown.count(name), shown.percent(name, DUE)) for name in names)
    return Table("How late", ("delay", "due dates", "share of all"), rows)


def _pictures(shown: Shown, by: str | None, bins: Sequence[tuple[str, int, int]]) -> Iterator[Safe]:
    rows = [(name.removesuffix(" late"), shown.number(name)) for name, _, _ in bins]
    yield bars(
        "delays", "How late the late tests were", [*rows, ("never done", shown.number(NEVER))], "due dates", "delay"
    )
    sites = list(_sites(shown, by)) if by else []
    share = shown.share(IN_TIME, DUE)
    if by and share is not None and len(sites) >= FEWEST_SITES:
        title = f"Share of tests on time by {spelled(by)}"
        yield funnel("funnel", title, sites, share, f"due dates of one {spelled(by)}", "on time")


def _sites(shown: Shown, by: str) -> Iterator[Site]:
    for word in shown.tally.words_of(by):
        number, total = shown.number(IN_TIME, ((by, word),)), shown.number(DUE, ((by, word),))
        if number is not None and total:
            yield Site(word, number, total)


def outside(shown: Shown, by: str) -> list[str]:
    """The words of a column that lie outside the outer limits of the funnel."""
    share = shown.share(IN_TIME, DUE)
    return [] if share is None else [site.name for site in _sites(shown, by) if placed(site, share) == "outside"]
