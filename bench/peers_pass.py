"""The job of peers.yaml by Countwell's own pass: the pack is all that is told to it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scan import read

from countwell.cohort import columns as c
from countwell.cohort.passes import status_of
from countwell.cohort.plan import Plan, plan
from countwell.cohort.store import open_store

PACK = Path(__file__).with_name("peers.yaml")
GRADES = ("watch", "hold", "stop")


def status(store: str, words: dict[str, Any]) -> pa.Table:
    """patient, state, grade, due_by: the same answers as peers_sql.status."""
    opened, rules = open_store(store), plan(str(PACK))
    as_of = datetime.fromtimestamp(words["at"] / 1_000_000, UTC)

    def one(place: Any) -> pa.Table:
        return _answers(status_of(read(opened, place), rules, as_of), rules)

    with ThreadPoolExecutor(2) as threads:
        return pa.concat_tables(threads.map(one, opened.places))


def _answers(columns: dict[str, np.ndarray], rules: Plan) -> pa.Table:
    """The few columns of the job out of all that STATUS gives."""
    grade = np.zeros(len(columns["patient"]), np.int32)
    for number, name in enumerate(GRADES, 1):
        place = next(rule.place for rule in rules.rules if rule.of.name == "counts" and rule.rule.name == name)
        grade[_bit(columns["surely"], place)] = number
    grade[columns["state"] == c.STATES.index("died")] = 0
    due_by = pa.array(columns["due_by"][:, rules.groups.index("wbc")])
    given = {
        "patient": columns["patient"],
        "state": columns["state"].astype(np.int32),
        "grade": grade,
        "due_by": pc.if_else(pc.equal(due_by, c.NO_DAY), None, due_by),
    }
    return pa.table(given)


def _bit(bits: np.ndarray, place: int) -> np.ndarray:
    return (bits[:, place // 64] >> np.uint64(place % 64)) & np.uint64(1) == 1
