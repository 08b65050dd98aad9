"""Grades of the CTCAE for a laboratory value, by version. They say how large a change is; nothing is decided by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from countwell.base.spans import Op, Span, Truth, compare
from countwell.vocabulary.load import Row, rows

LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade from 0 (none) to 4 in one version; low and high differ where a limit or the value is not known."""

    term: str
    version: str
    low: int
    high: int


def grades(test: str, span: Span, lower: Decimal | None, upper: Decimal | None) -> list[Grade]:
    """The grade of a value in each version that has one for this test; none where it hangs on an upper limit that was not sent.

    span: in the test's own unit; lower, upper: the laboratory's limits of normal in it, None if not sent.
    """
    return [
        Grade(criteria.term, criteria.version, *graded)
        for criteria in _criteria().get(test, ())
        if (graded := criteria.graded(span, lower, upper)) is not None
    ]


@dataclass(frozen=True, slots=True)
class _Criteria:
    """One test in one version. begins: where each grade begins, from the first on; None: at the lower limit of normal."""

    term: str
    version: str
    is_low: bool
    begins: tuple[Decimal | None, ...]

    def graded(self, span: Span, lower: Decimal | None, upper: Decimal | None) -> tuple[int, int] | None:
        """The lowest and the highest grade that the value can have."""
        if self.is_low:
            truths = [_stands(span, "<", lower if begin is None else begin) for begin in self.begins]
        elif upper is not None:
            truths = [_stands(span, ">", begin * upper) for begin in self.begins if begin is not None]
        else:
            return None
        sure = max((grade for grade, truth in enumerate(truths, 1) if truth is True), default=0)
        return sure, max((grade for grade, truth in enumerate(truths, 1) if truth is not False), default=0)


def _stands(span: Span, op: Op, limit: Decimal | None) -> Truth:
    """Whether a value is beyond the limit; not known if the limit is not."""
    return None if limit is None else compare(span, op, limit)


@cache
def _criteria() -> dict[str, tuple[_Criteria, ...]]:
    return {row.name: tuple(_versions(row)) for row in rows("ctcae")}


def _versions(row: Row) -> Iterator[_Criteria]:
    for version in (name for name in row.fields if name != "term"):
        side = row.row(version).only("below", "times")
        (name,) = side.fields
        begins = side.mapping(name)
        if list(begins) != [str(place) for place in range(1, len(begins) + 1)]:
            raise ValueError(f"{row.name}.{version}: grades are counted from 1.")
        values = tuple(None if text == LOWER else Decimal(text) for text in begins.values())
        yield _Criteria(row.text("term"), version, name == "below", values)
