"""What SQL says of a whole store as the columns of STATUS, for `cohort.agree --engine sql`: see `status_of_store`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from countwell.cohort.columns import NO_DAY, NO_VALUE, STATES
from countwell.cohort.plan import Plan
from countwell.cohort.store import Store
from countwell.model.advice import PRECAUTIONS

from .ground import lay_out
from .status import Row, status

DUE_STATES = ("", "not-due", "due", "overdue", "never-done")
LADDERS = ("drug", "drug_at_most", "contact", "contact_at_most", "prescriber", "prescriber_at_most")
DOSES = ("first_mg", "low_mg", "high_mg", "ceiling_mg")
WORD = 64


def status_of_store(store: Store, plan: Plan, as_of: datetime) -> Mapping[str, Any]:
    """Column name -> array, one row for each patient of the store in order, as `countwell.cohort.columns` names them.

    plan: whose packs are run, and whose order of rules and groups the columns follow. as_of: an instant with its offset.
    """
    tables = [
        pq.read_table([str(file) for file in store.files(name)], partitioning=None)
        for name in ("patients", "labs", "events")
    ]
    words = {name: row for name, row in store.manifest.items() if _is_list_of_words(row)}
    said = status(lay_out(tables[0], tables[1], tables[2], words), plan.packs, as_of).of
    rows = [_row(said[patient], plan) for patient in range(store.patients)]
    return {name: np.array([row[name] for row in rows]) for name in (rows[0] if rows else ())}


def _is_list_of_words(row: object) -> bool:
    return isinstance(row, list) and all(isinstance(word, str) for word in row)


def _row(said: Row, plan: Plan) -> dict[str, Any]:
    over = said["state"] == "died"
    schedule = [said["schedule"].get(group, (None, None, "")) for group in plan.groups]
    return {
        "state": STATES.index(said["state"]),
        **{name: said[name] for name in LADDERS},
        "precautions": sum(1 << place for place, word in enumerate(PRECAUTIONS) if word in said["precautions"]),
        "decide_by": _or(said["decide_by"], NO_DAY),
        **{name: _bits(set() if over else said[name], plan) for name in ("surely", "possibly")},
        "last": [_or(last, NO_DAY) for last, _, _ in schedule],
        "due_by": [_or(due_by, NO_DAY) for _, due_by, _ in schedule],
        "due_state": [DUE_STATES.index(state) for _, _, state in schedule],
        "tests": [_or(said["tests"].get(group), NO_DAY) for group in plan.groups],
        **{name: _or(said[name], NO_VALUE) for name in DOSES},
        "no_dose": said["no_dose"],
    }


def _or(value: int | None, sentinel: int) -> int:
    return sentinel if value is None else value


def _bits(keys: set[str], plan: Plan) -> list[Any]:
    places = [rule.place for rule in plan.rules if rule.key in keys]
    words = -(-len(plan.rules) // WORD)
    return [np.uint64(sum(1 << place % WORD for place in places if place // WORD == word)) for word in range(words)]
