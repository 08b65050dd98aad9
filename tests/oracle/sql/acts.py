"""Facts about tests as acts: whether a group was done since an event, whether an order still waits for its result."""

from __future__ import annotations

from countwell.model.pack import FactDefinition, Pack
from countwell.vocabulary.tests import Group, groups, tests

from .laboratory import lasts
from .moments import event_moment
from .printed import word, words
from .sheet import Sheet

NEVER = "(SELECT k, no_moment() AS moment FROM {cases})"


def group_of(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tests that a group must have, and those of which it must have one; a test stands for itself."""
    group: Group | None = groups().get(name)
    return (group.must, group.one_of) if group is not None else ((name,), ())


def done(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Whether a group was collected at or after an event (none named: ever); no while the event has not come."""
    after = definition.param("after")
    must, one_of = group_of(definition.of[0])
    if definition.of[0] not in groups():
        must = definition.of
    event = event_moment(sheet, pack, after) if after is not None else NEVER.format(cases=sheet.cases)
    has_one = "o.k IS NOT NULL" if one_of else "true"
    return f"""
WITH event AS (SELECT * FROM {event}),
since AS (SELECT l.* FROM {lasts(sheet)} l JOIN event e USING (k) WHERE {"e.moment IS NOT NULL" if after is not None else "true"}
    AND NOT coalesce(is_before(l.moment, e.moment), false)),
required AS (SELECT k, count(*) AS n, min(moment) AS moment, list(test) AS tests FROM since WHERE test IN {words(must)} GROUP BY k),
one AS (SELECT k, max(moment) AS moment, max_by(test, moment) AS test FROM since WHERE test IN {words(one_of)} GROUP BY k)
SELECT e.k, coalesce(r.n, 0) = {len(must)} AND {has_one} AS truth, false AS silent, false AS lapsed,
    CASE WHEN NOT truth THEN e.moment WHEN r.k IS NULL OR o.moment < r.moment THEN o.moment ELSE r.moment END AS moment,
    CASE WHEN truth THEN list_concat(coalesce(r.tests, []), CASE WHEN o.k IS NULL THEN [] ELSE [o.test] END) ELSE [] END::VARCHAR[] AS tests
FROM event e LEFT JOIN required r USING (k) LEFT JOIN one o USING (k)
"""


def orders(sheet: Sheet) -> str:
    """Every order that still waits: nothing was done on its day or after, and no genotype came that answers it."""
    of_gene = ", ".join(f"({word(test.name)}, {word(test.gene)})" for test in tests().values() if test.gene)
    return sheet.make(
        "waiting",
        f"""
WITH gene_of AS (SELECT * FROM (VALUES {of_gene}) AS g(test, gene)),
asked AS (SELECT c.k, c.stamp AS as_of, w.word AS test, o.moment, o.at_day AS day, o.ref FROM {sheet.cases} c
    JOIN happening o ON o.patient = c.patient AND o.kind = 'order' AND o.more = 1 AND o.began <= c.stamp
    JOIN word w ON w.list = 'tests' AND w.place = o.code),
typed AS (SELECT DISTINCT a.k, a.ref FROM asked a JOIN gene_of USING (test) JOIN {sheet.cases} c ON c.k = a.k
    JOIN happening g ON g.patient = c.patient AND g.kind = 'genotype' AND g.more = 0 AND g.began <= c.stamp AND g.at_day >= a.day
    JOIN word w ON w.list = 'genes' AND w.place = g.code AND w.word = gene_of.gene)
SELECT a.* FROM asked a LEFT JOIN {lasts(sheet)} l ON l.k = a.k AND l.test = a.test AND l.moment.day >= a.day
LEFT JOIN typed t ON t.k = a.k AND t.ref = a.ref WHERE l.k IS NULL AND t.k IS NULL
""",
    )


def pending(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Whether a test was ordered and has no result yet."""
    return f"""
WITH waiting AS (SELECT k, arg_max(moment, (moment.stamp, ref)) AS moment FROM {orders(sheet)} WHERE test IN {words(definition.of)} GROUP BY k)
SELECT c.k, w.k IS NOT NULL AS truth, false AS silent, false AS lapsed, w.moment, []::VARCHAR[] AS tests
FROM {sheet.cases} c LEFT JOIN waiting w USING (k)
"""
