"""The macros of the SQL oracle against the one truth table of spans and the one calendar: just under, exactly and just over."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import duckdb
import pytest

from countwell.base.dates import Duration, add, before
from countwell.base.spans import EVERYTHING, INFINITY, OPS, Span, compare, compare_spans, worse_half
from oracle.sql import macros
from oracle.sql.printed import compared, compared_spans, name, number

EPOCH = date(1970, 1, 1)
ENDS = (-INFINITY, Decimal("1.999"), Decimal(2), Decimal("2.001"), INFINITY)
LIMIT = Decimal(2)


@pytest.fixture(scope="module")
def db() -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    for text in macros.MACROS:
        db.execute(text)
    return db


def spans() -> list[Span]:
    """Every span with these ends, open or not; an infinite end is always open."""
    found = [EVERYTHING]
    for low, high, low_open, high_open in product(ENDS, ENDS, (False, True), (False, True)):
        proper = low < high or (low == high and low.is_finite() and not (low_open or high_open))
        if proper and (low.is_finite() or low_open) and (high.is_finite() or high_open):
            found.append(Span(low, high, low_open, high_open))
    return found


def sql_of(span: Span) -> str:
    return f"span({_end(span.low)}, {span.low_open}, {_end(span.high)}, {span.high_open})"


def _end(value: Decimal) -> str:
    if value.is_infinite():
        return f"{macros.EVERYTHING if value > 0 else -macros.EVERYTHING}::HUGEINT"
    return number(value)


def test_a_span_compares_with_a_number_as_the_truth_table_says(db: duckdb.DuckDBPyConnection) -> None:
    for span, op in product(spans(), OPS):
        said = db.execute(f"SELECT {compared(sql_of(span), op, number(LIMIT))}").fetchone()
        assert said == (compare(span, op, LIMIT),), (span, op)


def test_a_span_compares_with_another_as_the_truth_table_says(db: duckdb.DuckDBPyConnection) -> None:
    pairs = [(one, other) for one, other in product(spans(), spans()) if one != EVERYTHING != other]
    for op in OPS:
        columns = ", ".join(compared_spans(sql_of(one), op, sql_of(other)) for one, other in pairs)
        said = db.execute(f"SELECT {columns}").fetchone()
        assert said == tuple(compare_spans(one, op, other) for one, other in pairs), op


@pytest.mark.parametrize("worse", ["lower", "higher", "none"])
def test_a_half_line_keeps_its_good_end(db: duckdb.DuckDBPyConnection, worse: str) -> None:
    for span in spans():
        row = db.execute(f"SELECT half_line({sql_of(span)}, '{worse}') = {sql_of(worse_half(span, worse))}").fetchone()
        assert row == (True,), span


def test_durations_are_counted_as_the_calendar_counts_them(db: duckdb.DuckDBPyConnection) -> None:
    days = [date(2024, 1, 31) + timedelta(days=n) for n in (0, 1, 28, 29, 30, 60, 90, 213, 305, 365, 394)]
    for day, months in product(days, (1, 3, 6, 12)):
        lasting, since = Duration(months, "months"), (day - EPOCH).days
        said = db.execute(
            f"SELECT earlier({since}, {months}, 0), later({since}, {months}, 0), before({since}, {months}, 0)"
        ).fetchone()
        wanted = add(day, lasting, "earlier"), add(day, lasting, "later"), before(day, lasting)
        assert said == tuple((one - EPOCH).days for one in wanted), (day, months)


def test_a_quotient_is_exact_at_a_limit(db: duckdb.DuckDBPyConnection) -> None:
    """119.999, 120 and 120.001 of 40 against three times: as thousandths, cut at 10^-15."""
    three = number(Decimal(3))
    said = db.execute(
        f"SELECT [v * {macros.UNIT}::HUGEINT // 40000 > {three} FOR v IN [119999, 120000, 120001]]"
    ).fetchone()
    assert said == ([False, False, True],)


def test_a_name_that_would_be_sql_is_refused() -> None:
    with pytest.raises(ValueError, match="no name of a pack"):
        name('x" AS y; DROP TABLE result; --')
