"""When the event of a fact, or an event of the course, happened: one row for each case, NULL while it has not come."""

from __future__ import annotations

from countwell.model.pack import Pack

from .course import COLUMN_OF, EVENTS, course
from .laboratory import lasts
from .printed import word
from .sheet import Sheet


def event_moment(sheet: Sheet, pack: Pack, event: str) -> str:
    """An event of the course by its name, unless the pack has a fact of that name."""
    if event in EVENTS and event not in pack.facts:
        return f"(SELECT k, {COLUMN_OF[event]}.moment AS moment FROM {course(sheet)})"
    return moment_of(sheet, pack, event)


def moment_of(sheet: Sheet, pack: Pack, fact: str) -> str:
    """Of a time its beginning; of a result the last final one; else of the newest event behind the fact."""
    definition = pack.facts[fact]
    match definition.kind:
        case "since":
            return f"(SELECT k, coalesce(beginning, moment) AS moment FROM {sheet.fact(pack, fact)})"
        case "latest" | "highest":
            return last_settled(sheet, definition.of)
        case _:
            return f"(SELECT k, moment FROM {sheet.fact(pack, fact)})"


def last_settled(sheet: Sheet, tests: tuple[str, ...]) -> str:
    """When the newest final result of these tests was collected."""
    of_these = ", ".join(word(test) for test in tests)
    return f"(SELECT c.k, max(l.moment) AS moment FROM {sheet.cases} c LEFT JOIN {lasts(sheet)} l ON l.k = c.k AND l.test IN ({of_these}) GROUP BY c.k)"
