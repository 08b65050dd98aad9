"""One measure as it is told: what is counted of what, what is left out, under which rules; tables and pictures.

Everything here is text that may be printed: hidden counts have been hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from countwell.cohort.measures.choices import fewest
from countwell.cohort.measures.tally import Key, Tally, Where
from countwell.paper.markup import Safe

HIDDEN = "hidden"
NONE = "–"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Table:
    """A table as printed. The first cell of each row names it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A measure. slug: its name in addresses; rules: whose rules, as of when."""

    slug: str
    title: str
    numerator: str
    denominator: str
    left_out: str
    rules: str
    tables: tuple[Table, ...] = ()
    pictures: tuple[Safe, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A tally as it may be printed: with the counts that are not. steps: 1, or in what steps counts are rounded down."""

    tally: Tally
    hidden: frozenset[Key]
    steps: int = 1

    def number(self, what: str, where: Where = ()) -> int | None:
        """A count; None if it is hidden. In steps, none at all is hidden like few: two reports would tell the first one."""
        if (what, where) in self.hidden:
            return None
        found = self.tally.count(what, where)
        return found if self.steps == 1 else self.rounded(found) or None

    def rounded(self, number: float) -> int:
        """Down to a whole step."""
        return int(number // self.steps * self.steps)

    def count(self, what: str, where: Where = ()) -> str:
        """A count as text."""
        found = self.number(what, where)
        return HIDDEN if found is None else f"{found:,}"

    def share(self, part: str, whole: str, where: Where = ()) -> float | None:
        """Part of whole, between 0 and 1; None if either is hidden or there is nothing."""
        number, total = self.number(part, where), self.number(whole, where)
        return None if number is None or not total else number / total

    def percent(self, part: str, whole: str, where: Where = ()) -> str:
        """The share as text."""
        found = self.share(part, whole, where)
        if found is not None:
            return f"{100 * found:.1f} %" if self.steps == 1 else f"{100 * found:.0f} %"
        return NONE if self.number(whole, where) == 0 else HIDDEN

    def people(self, what: str, where: Where = ()) -> int:
        """How many people stand behind a count; 0 if it is hidden."""
        return 0 if (what, where) in self.hidden else self.tally.people(what, where)


def spelled(column: str) -> str:
    """A column as people read it: `by_site` is site."""
    return column.removeprefix("by_").replace("_", " ")


def small_counts() -> str:
    """What is hidden, in one sentence."""
    least = fewest()
    return (
        f"Counts from 1 to {least - 1}, counts of fewer than {least} people, and what would let a reader work them out, are "
        f"hidden; all hidden ones bear the same mark. A quantile is shown if at least {least} people lie on either side of it."
    )


def in_steps(steps: int) -> str:
    """What rounding does, in one sentence."""
    return (
        f"Counts are rounded down to steps of {steps}, shares and rates follow from these, and below {steps} nothing is shown:"
        f" the reports of two months differ in a count by {steps} or more, or not at all; comparing them finds nobody."
    )


def without_few(told: Told) -> Told:
    """A measure without the rows in which nothing is shown: that there is a row would tell that there is somebody."""
    tables = [replace(one, rows=tuple(row for row in one.rows if set(row[1:]) - {HIDDEN, NONE})) for one in told.tables]
    return replace(told, tables=tuple(one for one in tables if one.rows))


def rows_of(words: Sequence[str], column: str) -> list[tuple[str, Where]]:
    """The rows of a table: one per word, and all together last."""
    return [*((word, ((column, word),)) for word in words), (ALL, ())]
