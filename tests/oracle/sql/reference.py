"""The same said by the reference: what `decide` comes to for one record, in the shape of `status`; and records as a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import pyarrow as pa

from countwell.base.dates import of_instant
from countwell.cohort import columns as c
from countwell.cohort.of_record import of_record
from countwell.cohort.vocabularies import Words
from countwell.engine.decide import Decided, decide
from countwell.engine.joined import Joined
from countwell.facts.asked import NOTHING_ASKED
from countwell.facts.past import past_of
from countwell.model.advice import LADDERS
from countwell.model.records import Record

EPOCH = date(1970, 1, 1)


def tables_of(records: Iterable[Record]) -> tuple[pa.Table, pa.Table, pa.Table, Mapping[str, Sequence[str]]]:
    """Patients, labs, events and the word lists of some records, numbered in order."""
    words = Words()
    patients: list[tuple[Any, ...]] = []
    labs: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    for number, record in enumerate(records):
        rows = of_record(record, words)
        patients.append((number, *rows.patient))
        labs += [(number, *row) for row in rows.labs]
        events += [(number, *row) for row in rows.events]
    schemas = (c.PATIENTS, patients), (c.LABS, labs), (c.EVENTS, events)
    tables = [_table(schema, rows) for schema, rows in schemas]
    return tables[0], tables[1], tables[2], words.lists


def _table(schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pa.table(
        [pa.array(list(column), field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def reference(joined: Joined, record: Record, as_of: datetime) -> dict[str, Any]:
    """What the reference says of one record, known and asked at that instant."""
    past = past_of(record)
    moment = of_instant(as_of.astimezone(UTC), past.time_zone)
    decided = decide(joined, past, as_of=moment, known_at=moment, asked=NOTHING_ASKED)
    least, most = decided.at_least, decided.at_most
    limits = decided.dose
    return {
        "state": decided.course.state,
        "drug": LADDERS["drug"].index(least.drug),
        "drug_at_most": LADDERS["drug"].index(most.drug),
        "contact": LADDERS["patient"].index(least.patient),
        "contact_at_most": LADDERS["patient"].index(most.patient),
        "prescriber": LADDERS["prescriber"].index(least.prescriber),
        "prescriber_at_most": LADDERS["prescriber"].index(most.prescriber),
        "precautions": set(least.precautions),
        "decide_by": _day(least.decide_by),
        **_rules(joined, decided),
        "schedule": {row.group: (_day(row.last), _day(row.due_by), row.state) for row in decided.schedule},
        "tests": {group: _day(day) for group, day in least.tests.items()},
        "first_mg": _mg(limits.first),
        "low_mg": _mg(limits.low),
        "high_mg": _mg(limits.high),
        "ceiling_mg": _mg(limits.ceiling),
        "no_dose": bool(limits.forbids),
    }


def _rules(joined: Joined, decided: Decided) -> dict[str, set[str]]:
    states = [
        decided.standing.state(placed)
        for placed in joined.rules
        if not placed.table.asks or "review" in placed.table.asks
    ]
    held = [state for state in states if state is not None]
    return {
        "surely": {state.placed.key for state in held if state.truth},
        "possibly": {state.placed.key for state in held},
    }


def _day(day: date | None) -> int | None:
    return None if day is None else (day - EPOCH).days


def _mg(limit: Any) -> int | None:
    if limit is None or limit.mg is None:
        return None
    return int((Decimal(limit.mg) * c.SCALE).to_integral_value(rounding=ROUND_FLOOR))
