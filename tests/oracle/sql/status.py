"""STATUS by SQL: every patient of a store as of an instant, by a protocol with its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from countwell.model.advice import PRECAUTIONS
from countwell.model.pack import Pack

from .acceptance import accepted, askings
from .advice import at_least_and_most, joined_advice
from .course import DECISION
from .dates import decide_by, schedule, wanted_by_findings
from .doses import doses
from .kinds import KINDS
from .laboratory import seen
from .printed import name
from .recurring import held_at_all_instants, lapsed, of_tests, required
from .sheet import Sheet
from .tables import Plan, advice_rules, later_rules, relation_of

Row = Mapping[str, Any]


@dataclass
class Status:
    """What SQL says of each patient, by number. surely, possibly: keys of rules. texts: every statement that was run."""

    of: dict[int, dict[str, Any]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


def status(db: duckdb.DuckDBPyConnection, packs: Sequence[Pack], as_of: datetime) -> Status:
    """Every patient as of an instant that knows its offset. db: a store laid out by `ground.lay_out`, asked once."""
    plan = Plan(packs)
    sheet = Sheet(db, "now", KINDS)
    sheet.shared("decision", DECISION)
    instant = str(int(as_of.timestamp()) * 1_000_000 + as_of.microsecond)
    sheet.shared("asking", askings([rule.key for rule in plan.rules], f"CAST({instant} AS BIGINT)"))
    seen(sheet)
    held = held_at_all_instants(sheet, plan)
    sheet.begin("SELECT * FROM past WHERE is_now")
    lapsed(sheet, plan, list(dict.fromkeys(test for test, _ in of_tests(plan))), held)
    required(sheet, plan, held)
    for pack, table in plan.joining:
        advice_rules(sheet, plan, pack, table)
    accepted(sheet, plan)
    joined_advice(sheet, plan)
    for pack, table in plan.joining:
        if any(rule.advice is None for rule in table.rules):
            later_rules(sheet, plan, pack, table)
    return Status(_gathered(sheet, plan), sheet.texts)


def _gathered(sheet: Sheet, plan: Plan) -> dict[int, dict[str, Any]]:
    patients = {row["k"]: row for row in _rows(sheet, f"SELECT k, patient FROM {sheet.cases} WHERE role = 'main'")}
    for row in _rows(sheet, f"SELECT * FROM {at_least_and_most(sheet, plan)}"):
        _put(patients, row, row)
    for row in _rows(sheet, f"SELECT * EXCLUDE (top_mg) FROM {doses(sheet, plan)}"):
        _put(patients, row, row)
    for row in _rows(sheet, f"SELECT * FROM {decide_by(sheet, plan)} WHERE day IS NOT NULL"):
        _put(patients, row, {"decide_by": row["day"]})
    _rules(sheet, plan, patients)
    _dates(sheet, plan, patients)
    return {row["patient"]: _finished(row) for row in patients.values()}


def _put(patients: dict[int, Any], row: Row, more: Row) -> None:
    if row["k"] in patients:
        patients[row["k"]].update({key: value for key, value in more.items() if key != "k"})


def _rules(sheet: Sheet, plan: Plan, patients: dict[int, Any]) -> None:
    for row in patients.values():
        row |= {"surely": set(), "possibly": set()}
    for placed in plan.rules:
        rule = name(placed.rule.name)
        select = f"SELECT k, {rule} AS truth FROM {relation_of(sheet, placed)} WHERE {rule} IS DISTINCT FROM false"
        for row in _rows(sheet, select):
            if row["k"] in patients:
                patients[row["k"]]["possibly"].add(placed.key)
                if row["truth"]:
                    patients[row["k"]]["surely"].add(placed.key)


def _dates(sheet: Sheet, plan: Plan, patients: dict[int, Any]) -> None:
    for row in patients.values():
        row |= {"schedule": {}, "tests": {}}
    for row in _rows(sheet, f"SELECT * FROM {schedule(sheet, plan)}"):
        if row["k"] in patients:
            patients[row["k"]]["schedule"][row["wanted"]] = (row["last_day"], row["due_by"], row["state"])
    dates = f"SELECT k, wanted, day FROM {wanted_by_findings(sheet, plan)} UNION ALL SELECT k, wanted, due_by FROM {schedule(sheet, plan)}"
    for row in _rows(sheet, f"SELECT k, wanted, min(day) AS day FROM ({dates}) WHERE day IS NOT NULL GROUP BY ALL"):
        if row["k"] in patients:
            patients[row["k"]]["tests"][row["wanted"]] = row["day"]


def _finished(row: dict[str, Any]) -> dict[str, Any]:
    row["precautions"] = {one for one in PRECAUTIONS if row.pop(one)}
    row.setdefault("decide_by", None)
    if row["state"] == "died":
        row["decide_by"] = None
    return row


def _rows(sheet: Sheet, select: str) -> list[dict[str, Any]]:
    cursor = sheet.db.execute(select)
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
