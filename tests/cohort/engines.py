"""The engines that are held against the reference, each as: store, plan, instant -> the columns of STATUS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cohort.as_reference import DUE_STATES, bits
from countwell.cohort.columns import NO_DAY, NO_VALUE, STATES
from countwell.cohort.plan import Plan
from countwell.cohort.store import Store
from countwell.cohort.vocabularies import FIXED, GROWING
from countwell.model.advice import PRECAUTIONS

Columns = Mapping[str, Any]
Engine = Callable[[Store, Plan, datetime], Columns]


def by_the_pass(store: Store, plan: Plan, instant: datetime) -> Columns:
    """STATUS by the compiled pass."""
    status_of = import_module("countwell.cohort.passes").status_of
    groups = [status_of(group, plan, instant) for group in store.row_groups()]
    return {name: np.concatenate([group[name] for group in groups]) for name in groups[0]}


def by_sql(store: Store, plan: Plan, instant: datetime) -> Columns:
    """STATUS by DuckDB SQL, as the oracle writes it from the same packs."""
    tables = [pa.concat_tables(map(pq.read_table, store.files(name))) for name in ("patients", "labs", "events")]
    lists = {name: store.manifest[name] for name in (*FIXED, *GROWING)}
    laid_out = import_module("oracle.sql.ground").lay_out(*tables, lists)
    said = import_module("oracle.sql.status").status(laid_out, plan.packs, instant).of
    rows = [_columns(said[number], plan) for number in range(store.patients)]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _columns(said: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    ladders = ("drug", "contact", "prescriber")
    schedule, over = said["schedule"], said["state"] == "died"
    places = {rule.key: rule.place for rule in plan.rules}
    held = {name: [places[key] for key in said[name] if key in places and not over] for name in ("surely", "possibly")}
    doses = ("first_mg", "low_mg", "high_mg", "ceiling_mg")
    return {
        "state": STATES.index(said["state"]),
        **{name: said[name] for ladder in ladders for name in (ladder, f"{ladder}_at_most")},
        "precautions": sum(1 << place for place, word in enumerate(PRECAUTIONS) if word in said["precautions"]),
        "decide_by": _or(said["decide_by"], NO_DAY),
        **{name: bits(row, plan) for name, row in held.items()},
        "last": [_or(schedule[group][0], NO_DAY) if group in schedule else NO_DAY for group in plan.groups],
        "due_by": [_or(schedule[group][1], NO_DAY) if group in schedule else NO_DAY for group in plan.groups],
        "due_state": [DUE_STATES.index(schedule[group][2]) if group in schedule else 0 for group in plan.groups],
        "tests": [_or(said["tests"].get(group), NO_DAY) for group in plan.groups],
        **{name: _or(said[name], NO_VALUE) for name in doses},
        "no_dose": int(said["no_dose"]),
    }


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else int(value)


ENGINES: dict[str, Engine] = {"pass": by_the_pass, "sql": by_sql}
