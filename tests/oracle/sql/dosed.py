"""The daily dose as a fact: in mg, now or before the event of another fact."""

from __future__ import annotations

from countwell.model.pack import FactDefinition, Pack

from .course import CHANGES, course
from .moments import moment_of
from .printed import words
from .sheet import Sheet


def dose(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """The daily dose in mg, now or before the event of a fact. Per kg it is asked by no rule yet (a test would say so)."""
    if definition.of[0] == "mg/kg/day":
        raise NotImplementedError("a dose per kg as a fact")
    before = definition.param("before")
    if before is None:
        return f"""
SELECT k, CASE WHEN state = 'proposed' OR mg IS NULL THEN everything() ELSE exactly(mg * 1000000000000::HUGEINT) END AS span,
    state = 'proposed' AS silent, false AS lapsed, CASE WHEN state <> 'proposed' AND mg IS NOT NULL THEN change.moment END AS moment,
    []::VARCHAR[] AS tests FROM {course(sheet)}
"""
    earlier = f"""
SELECT f.k, (arg_max({{'mg': d.mg}}, d.n) FILTER (NOT (d.verb = 'restart' AND d.mg IS NULL))).mg AS mg
FROM {moment_of(sheet, pack, before)} f JOIN {sheet.cases} c USING (k)
JOIN decision d ON d.patient = c.patient AND d.stamp <= c.stamp AND d.moment < f.moment AND d.verb IN {words(CHANGES)} GROUP BY f.k
"""
    return f"""
SELECT c.k, CASE WHEN e.mg IS NULL THEN everything() ELSE exactly(e.mg * 1000000000000::HUGEINT) END AS span, false AS silent,
    false AS lapsed, CASE WHEN e.mg IS NOT NULL THEN c.change.moment END AS moment, []::VARCHAR[] AS tests
FROM {course(sheet)} c LEFT JOIN ({earlier}) e USING (k)
"""
