"""The advice at least and at most: what surely holds, and what cannot be ruled out, joined with what the course itself calls for."""

from __future__ import annotations

from countwell.model.advice import DRUG, PATIENT, PRECAUTIONS, PRESCRIBER

from .course import course
from .dates import schedule
from .inputs import of_inputs
from .printed import name, word
from .sheet import Sheet
from .tables import PARTS, Plan, advice_rules, rungs

HOLD, STOP = DRUG.index("hold"), DRUG.index("stop")
TELL, PHONE = PATIENT.index("tell"), PATIENT.index("phone")
THIS_WEEK, TODAY = PRESCRIBER.index("this-week"), PRESCRIBER.index("today")


def joined_advice(sheet: Sheet, plan: Plan) -> str:
    """The join of the advice of all tables, without what a named person accepted: the table `advice` that later rules read."""
    rows = []
    for pack, table in plan.joining:
        source = advice_rules(sheet, plan, pack, table)
        rules = [
            (
                f"(r.{name(rule.name)} AND NOT list_contains(x.rules, {word(f'{pack.name}/{table.name}/{rule.name}')}))",
                rule.advice,
            )
            for rule in table.rules
            if rule.advice is not None
        ]
        rows.append(f"SELECT r.k, {rungs(rules)} FROM {source} r JOIN silenced x USING (k)")
    columns = [f"max({part}) AS {part}, max({part}_at_most) AS {part}_at_most" for part in PARTS]
    columns += [f"bool_or({one}) AS {one}" for one in PRECAUTIONS]
    return sheet.make(
        "advice",
        f"""
WITH silenced AS (SELECT c.k, coalesce(list(x.rule) FILTER (x.rule IS NOT NULL), []::VARCHAR[]) AS rules FROM {sheet.cases} c
    LEFT JOIN {sheet.schema}.accepted x USING (k) GROUP BY c.k),
each AS ({" UNION ALL ".join(rows)})
SELECT k, false AS silent, {", ".join(columns)} FROM each GROUP BY k
""",
    )


def at_least_and_most(sheet: Sheet, plan: Plan) -> str:
    """The ladders. Of the dead: stop. While a hold or stop of a running course cannot be ruled out, somebody is told."""
    return sheet.make(
        "at least",
        f"""
WITH weighed AS (
    SELECT c.k, c.state, i.patient OR (c.state = 'active' AND EXISTS (SELECT 1 FROM {schedule(sheet, plan)} s WHERE s.k = c.k AND s.state IN ('overdue', 'never-done'))) AS anything,
        CASE WHEN i.critical OR i.patient OR (c.state = 'held' AND coalesce(q.day > c.decide_by, false)) THEN {TODAY}
            WHEN i.symptom THEN {TODAY} WHEN i.name THEN {THIS_WEEK}
            WHEN i.unfounded OR (c.state = 'held' AND c.decide_by IS NULL) THEN {THIS_WEEK} ELSE 0 END AS input_prescriber,
        CASE WHEN i.critical OR i.patient OR (c.state = 'held' AND coalesce(q.day > c.decide_by, false)) THEN 0 WHEN i.symptom THEN {PHONE} ELSE 0 END AS input_patient,
        a.*
    FROM {course(sheet)} c JOIN {sheet.cases} q USING (k) JOIN {of_inputs(sheet, plan)} i USING (k) JOIN {joined_advice(sheet, plan)} a USING (k)
),
told AS (SELECT *, state = 'active' AND drug < {HOLD} AND (anything OR drug_at_most >= {HOLD}) AS is_open FROM weighed),
least AS (SELECT *, greatest(patient, input_patient, CASE WHEN is_open THEN {TELL} ELSE 0 END) AS contact,
    greatest(prescriber, input_prescriber, CASE WHEN is_open THEN {THIS_WEEK} ELSE 0 END) AS to_prescriber FROM told)
SELECT k, state, CASE WHEN state = 'died' THEN {STOP} ELSE drug END AS drug,
    CASE WHEN state = 'died' OR anything THEN {STOP} ELSE drug_at_most END AS drug_at_most,
    CASE WHEN state = 'died' THEN 0 ELSE contact END AS contact, CASE WHEN state = 'died' THEN 0 ELSE greatest(contact, patient_at_most) END AS contact_at_most,
    CASE WHEN state = 'died' THEN 0 ELSE to_prescriber END AS prescriber,
    CASE WHEN state = 'died' THEN 0 ELSE greatest(to_prescriber, prescriber_at_most) END AS prescriber_at_most,
    {", ".join(f"{one} AND state <> 'died' AS {one}" for one in PRECAUTIONS)}
FROM least
""",
    )
