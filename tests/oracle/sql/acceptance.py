"""What a named person accepted: in force until its last day, and only while no fact of the rule is worse than it was then.

The facts as they were then are those of another asking: of the same patient, as of the acceptance, with what was known by it.
"""

from __future__ import annotations

from collections.abc import Iterable

from countwell.model.rules import facts_of

from .printed import word, words
from .sheet import Sheet
from .tables import Placed, Plan

SPANS = frozenset({"latest", "highest", "baseline", "change", "streak", "dose"})
YES_OR_NO = frozenset("done pending accepted symptom medicine history circumstance vaccinated label".split())


def askings(keys: Iterable[str], as_of: str) -> str:
    """Every patient as of the instant (SQL, of patient p); each acceptance of a rule again as of when it was given, a day read at
    its end or at that instant, whichever comes first; and the patient again without each mere report and those after it, for no report puts off a date."""
    return f"""
WITH main AS (SELECT p.patient, p.zone, {as_of} AS stamp FROM patient p),
accept AS (SELECT DISTINCT d.patient, m.zone, least(d.instant, m.stamp) AS stamp FROM decision d JOIN main m ON m.patient = d.patient AND d.stamp <= m.stamp
    WHERE d.verb = 'accept' AND d.said IN {words(keys)}),
report AS (SELECT DISTINCT m.*, r.collected FROM main m JOIN result r ON r.patient = m.patient AND r.mere AND r.collected <= m.stamp
    AND r.known <= m.stamp AND m.stamp < r.until),
every_one AS (SELECT *, 'main' AS role, NULL AS reports_before FROM main UNION ALL SELECT *, 'accept', NULL FROM accept
    UNION ALL SELECT patient, zone, stamp, 'before a report', collected FROM report)
SELECT row_number() OVER (ORDER BY role <> 'main', patient, stamp) AS a, patient, zone, stamp, day_of(stamp, zone) AS day, stamp AS known, role, reports_before
FROM every_one
"""


def accepted(sheet: Sheet, plan: Plan) -> str:
    """The rules that are accepted in each case: k and rule."""
    rows = [_of_rule(sheet, placed) for placed in plan.rules if _was_ever_accepted(sheet, placed)]
    return sheet.make("accepted", " UNION ALL ".join(rows) or "SELECT 0 AS k, '' AS rule WHERE false")


def _was_ever_accepted(sheet: Sheet, placed: Placed) -> bool:
    found = sheet.db.execute(
        "SELECT count(*) FROM decision WHERE verb = 'accept' AND said = ?", [placed.key]
    ).fetchone()
    return bool(found and found[0])


def _of_rule(sheet: Sheet, placed: Placed) -> str:
    worse = " OR ".join(["false", *(_is_worse(sheet, placed, fact) for fact in _of_when(placed))])
    return f"""
SELECT c.k, {word(placed.key)} AS rule FROM {sheet.cases} c JOIN (
    SELECT c.k, arg_max(d, d.n) AS d FROM {sheet.cases} c JOIN decision d ON d.patient = c.patient AND d.stamp <= c.stamp
    WHERE d.verb = 'accept' AND d.said = {word(placed.key)} GROUP BY c.k) newest USING (k)
JOIN {sheet.cases} t ON t.patient = c.patient AND t.stamp = least(newest.d.instant, c.stamp) AND t.role = 'accept'
WHERE c.role <> 'accept' AND (newest.d.last_day IS NULL OR c.day <= newest.d.last_day) AND NOT ({worse})
"""


def _of_when(placed: Placed) -> Iterable[str]:
    return dict.fromkeys(facts_of(placed.rule.when))


def _is_worse(sheet: Sheet, placed: Placed, fact: str) -> str:
    """Whether the good end of a fact lies further to the bad now (c) than then (t)."""
    definition = placed.pack.facts[fact]
    end = {"lower": "high", "higher": "low"}.get(definition.worse)
    kind = "symptom value" if definition.kind == "symptom" and definition.param("value") else definition.kind
    if end is None or (kind != "symptom value" and kind not in SPANS | YES_OR_NO):
        return "false"
    column = f"f.span.{end}" if kind in SPANS or kind == "symptom value" else _as_number(end)
    source = sheet.fact(placed.pack, fact)
    now, then = (f"(SELECT {column} FROM {source} f WHERE f.k = {case}.k)" for case in ("c", "t"))
    return f"{now} {'<' if end == 'high' else '>'} {then}"


def _as_number(end: str) -> str:
    """A yes or no as the end of its span: what is not known lies between 0 and 1."""
    return "CASE WHEN f.truth THEN 1 ELSE 0 END" if end == "low" else "CASE WHEN f.truth = false THEN 0 ELSE 1 END"
