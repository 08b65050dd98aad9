"""The measures as lines for a terminal: the same tables, the same hidden counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from countwell.cohort.report.told import Table, Told


def lines(told: Told) -> Iterator[str]:
    """One measure."""
    yield told.title
    yield f"  counted:  {told.numerator}"
    yield f"  out of:   {told.denominator}"
    yield f"  left out: {told.left_out}"
    yield f"  {told.rules}"
    for table in told.tables:
        yield ""
        yield from (f"  {line}" for line in table_lines(table))
    yield ""


def table_lines(table: Table) -> Iterator[str]:
    """One table under its title, the first column to the left, the others to the right."""
    rows = [table.head, *table.rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.head))]
    yield table.title
    for row in rows:
        yield _line(row, widths)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    others = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
    return "  ".join([row[0].ljust(widths[0]), *others]).rstrip()
