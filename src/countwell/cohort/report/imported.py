"""The import report of a store, as tables of the HTML report: what came and what became of it, without examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from countwell.cohort.report.told import HIDDEN, Table
from countwell.cohort.suppression import Cell, Sum, hidden

REPORT = "import.json"
OUTCOMES = ("filed", "held", "refused")
RECEIVED = "received"


def imported(store: Path) -> tuple[Table, ...]:
    """The tables of a store's import report; none if it has none or it cannot be read. Small counts are hidden here too."""
    try:
        report = json.loads((store / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    return tuple(_tables(report)) if isinstance(report, dict) else ()


def _tables(report: Mapping[str, Any]) -> Iterator[Table]:
    sources = report.get("sources", {})
    reasons = [row for row in report.get("reasons", []) if row["source"] in sources]
    unseen = _hidden(sources, reasons)

    def shown(key: object, count: int) -> str:
        return HIDDEN if key in unseen else f"{count:,}"

    rows = [
        (source, *(shown((source, name), counts[name]) for name in (RECEIVED, *OUTCOMES)))
        for source, counts in sources.items()
    ]
    yield Table("Received = filed + held for a person + refused", ("source", RECEIVED, *OUTCOMES), tuple(rows))
    why = [
        (f"{row['source']}: {row['why']}", row["outcome"], row["field"] or "–", shown(n, row["count"]))
        for n, row in enumerate(reasons)
    ]
    if why:
        yield Table("Why entries were held or refused", ("why", "outcome", "field", "entries"), tuple(why))
    gaps = [
        (f"{gap['test']} in {gap['unit'] or 'no unit'}", gap["lab"] or "not named", f"{gap['factor']:g}")
        for gap in report.get("tenfold", ())
    ]
    if gaps:
        yield Table(
            "Values of one laboratory far from those of the others", ("test", "laboratory", "factor"), tuple(gaps)
        )


def _hidden(sources: Mapping[str, Mapping[str, int]], reasons: list[Mapping[str, Any]]) -> frozenset[Any]:
    """What is hidden: counts of entries, each taken for one person."""
    cells: dict[Any, Cell] = {
        (s, name): _cell(counts[name]) for s, counts in sources.items() for name in (RECEIVED, *OUTCOMES)
    }
    cells |= {number: _cell(row["count"]) for number, row in enumerate(reasons)}
    sums = [Sum((source, RECEIVED), tuple((source, name) for name in OUTCOMES)) for source in sources]
    for source, counts in sources.items():
        for outcome in OUTCOMES:
            parts = tuple(n for n, row in enumerate(reasons) if (row["source"], row["outcome"]) == (source, outcome))
            if parts and sum(reasons[n]["count"] for n in parts) == counts[outcome]:
                sums.append(Sum((source, outcome), parts))
    return hidden(
        cells, [tie for tie in sums if cells[tie.total].count == sum(cells[part].count for part in tie.parts)]
    )


def _cell(count: int) -> Cell:
    return Cell(count, count)
