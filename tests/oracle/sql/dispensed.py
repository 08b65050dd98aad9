"""Facts about what reached the patient beside the decisions: vaccines that were given, and what the pharmacy label says."""

from __future__ import annotations

from countwell.cohort.columns import NO_VALUE
from countwell.model.pack import FactDefinition, Pack

from .course import course
from .printed import moved
from .sheet import Sheet


def vaccinated(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Whether a live vaccine was given within that time."""
    return f"""
WITH given AS (SELECT c.k, arg_max(e.moment, (e.began, e.ref)) AS moment FROM {sheet.cases} c JOIN happening e ON e.patient = c.patient
    AND e.kind = 'vaccination' AND e.code = 1 AND e.began <= c.stamp AND e.at_day >= {moved("before", "c.day", pack, definition.param("within"))} GROUP BY c.k)
SELECT c.k, g.k IS NOT NULL AS truth, false AS silent, false AS lapsed, g.moment, []::VARCHAR[] AS tests FROM {sheet.cases} c LEFT JOIN given g USING (k)
"""


def label(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Whether the newest label since the dose was last decided says another dose (`differs`), or twice as much (`doubled`)."""
    dose = "n.l.value <> c.mg"
    frequency = "CASE WHEN n.l.frequency = '' OR c.frequency IS NULL THEN false WHEN n.l.frequency = 'not listed' THEN NULL ELSE n.l.frequency <> c.frequency END"
    truth = "n.l.value >= 2 * c.mg" if definition.of[0] == "doubled" else f"({dose}) OR ({frequency})"
    return f"""
WITH label AS (SELECT e.patient, e.began, e.at_day AS day, e.moment, e.ref, nullif(e.value, {NO_VALUE}) AS value, w.word AS frequency
    FROM happening e JOIN word w ON w.list = 'frequencies' AND w.place = e.other WHERE e.kind = 'label' AND e.began IS NOT NULL),
newest AS (SELECT c.k, arg_max(l, (l.began, l.ref)) AS l FROM {sheet.cases} c JOIN {course(sheet)} s USING (k)
    JOIN label l ON l.patient = c.patient AND l.began <= c.stamp AND l.day >= s.change.day GROUP BY c.k)
SELECT c.k, CASE WHEN n.k IS NULL THEN false ELSE {truth} END AS truth, false AS silent, false AS lapsed, n.l.moment AS moment, []::VARCHAR[] AS tests
FROM {course(sheet)} c LEFT JOIN newest n USING (k)
"""
