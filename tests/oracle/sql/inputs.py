"""Inputs that were not used: which still matter, which may be critical, and decisions that rest on what was put aside."""

from __future__ import annotations

from countwell.cohort.columns import NEVER, NO_VALUE
from countwell.model.rules import Compare, atoms
from countwell.vocabulary.lists import entries

from .course import CHANGES, course
from .doses import doses
from .laboratory import lasts
from .macros import FINE, UNIT
from .printed import number, word, words
from .sheet import Sheet
from .tables import Plan


def bounds(plan: Plan) -> str:
    """The numbers at which a hold or stop is called for: test, comparison, bound, and the limit to divide by (NULL: none)."""
    rows = []
    for pack, table in plan.all:
        for rule in table.rules:
            if rule.advice is None or not rule.advice.at_least("hold"):
                continue
            for one in atoms(rule.when):
                if not isinstance(one, Compare) or one.number is None:
                    continue
                definition = pack.facts[one.fact]
                if definition.kind not in ("latest", "highest"):
                    continue
                between = definition.params.get("limit-between")
                least = min(int(pack.numbers[n].value * 1000) for n in between) if isinstance(between, tuple) else 1000
                by = str(least) if definition.param("as") == "limits" else "NULL"
                rows += [
                    f"({word(test)}, {word(one.op)}, {number(pack.numbers[one.number].value)}, {by})"
                    for test in definition.of
                ]
    return f"(VALUES {', '.join(rows)}) AS b(test, op, bound, least)"


def not_used(sheet: Sheet, plan: Plan) -> str:
    """Every input that was not used and is known by now, with whether it matters and may be critical."""
    return sheet.make(
        "not used",
        f"""
WITH item AS (
    SELECT c.k, u.word AS what, nullif(t.word, '') AS test, e.moment, e.value AS low, e.other AS high, nullif(e.upper, {NO_VALUE}) AS upper
    FROM {sheet.cases} c JOIN happening e ON e.patient = c.patient AND e.kind = 'not-used' AND e."end" <= c.known AND c.known < e.bits
    JOIN word u ON u.list = 'not_used' AND u.place = e.code JOIN word t ON t.list = 'tests' AND t.place = e.more
    UNION ALL
    SELECT c.k, 'result', r.test, NULL, CASE WHEN r.low = r.high THEN r.low ELSE {NO_VALUE} END AS low, low AS high, NULL FROM {sheet.cases} c
    JOIN result r ON r.patient = c.patient AND r.collected > c.stamp AND r.status <> 'withdrawn' AND ((r.known <= c.known AND c.known < r.until) OR (r.no_receipt AND r.until = {NEVER}))
),
weighed AS (SELECT i.*, i.test IS NULL OR i.moment IS NULL OR l.moment IS NULL OR (l.moment.day = i.moment.day AND (l.moment.whole OR i.moment.whole))
        OR l.moment.stamp <= i.moment.stamp AS matters
    FROM item i LEFT JOIN {lasts(sheet)} l ON l.k = i.k AND l.test = i.test),
valued AS (SELECT *, unnest([low, high]) AS value FROM weighed),
bound AS (SELECT * FROM {bounds(plan)}),
reached AS (SELECT v.k, v.test, v.what, v.moment, bool_or(CASE v.op WHEN '<' THEN q < bound WHEN '<=' THEN q <= bound WHEN '>' THEN q > bound ELSE q >= bound END) AS critical
    FROM (SELECT v.*, b.op, b.bound, CASE WHEN b.least IS NULL THEN v.value * {FINE}::HUGEINT ELSE v.value * {UNIT}::HUGEINT // coalesce(v.upper, b.least) END AS q
        FROM valued v JOIN bound b ON b.test = v.test WHERE v.value <> {NO_VALUE} AND v.matters) v GROUP BY ALL)
SELECT w.k, w.what, w.matters, false AS critical FROM weighed w
UNION ALL SELECT k, what, true, critical FROM reached
""",
    )


def of_inputs(sheet: Sheet, plan: Plan) -> str:
    """For each case what inputs come to: critical, patient, symptom, name, unfounded."""
    refused = [one.name for one in entries("frequencies").values() if "refused" in one.facts] + ["not listed"]
    return sheet.make(
        "of inputs",
        f"""
WITH said AS (SELECT k, bool_or(critical) AS critical, bool_or(matters AND what = 'patient') AS patient, bool_or(matters AND what = 'symptom') AS symptom,
    bool_or(matters AND what = 'name') AS name FROM {not_used(sheet, plan)} GROUP BY k),
unfounded AS (SELECT DISTINCT c.k FROM {sheet.cases} c JOIN happening e ON e.patient = c.patient AND e.kind = 'unfounded' AND e.began <= c.stamp
    AND coalesce(c.stamp < e.ended, true)),
before AS (SELECT c.k, (arg_max({{'mg': d.mg}}, d.n) FILTER (NOT (d.verb = 'restart' AND d.mg IS NULL))).mg AS mg FROM {sheet.cases} c
    JOIN {course(sheet)} s USING (k) JOIN decision d ON d.patient = c.patient AND d.verb IN {words(CHANGES)} AND d.n < s.change.n GROUP BY c.k),
contrary AS (SELECT s.k FROM {course(sheet)} s LEFT JOIN before b USING (k) WHERE s.state = 'active' AND s.change.verb IN ('raise', 'reduce')
    AND (s.change.mg IS NULL OR (s.change.mg <> b.mg AND (s.change.mg > b.mg) <> (s.change.verb = 'raise')))),
running AS (SELECT c.k, s.state = 'active' AND (coalesce(s.change.frequency IN {words(refused)}, false) OR coalesce(s.mg > d.top_mg, false)) AS wrong
    FROM {sheet.cases} c JOIN {course(sheet)} s USING (k) JOIN {doses(sheet, plan)} d USING (k))
SELECT r.k, coalesce(s.critical, false) OR r.wrong AS critical, coalesce(s.patient, false) OR r.wrong AS patient, coalesce(s.symptom, false) AS symptom,
    coalesce(s.name, false) OR r.k IN (SELECT k FROM contrary) AS name, u.k IS NOT NULL AS unfounded
FROM running r LEFT JOIN said s USING (k) LEFT JOIN unfounded u USING (k)
""",
    )
