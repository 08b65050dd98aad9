"""The store as SQL reads it: words instead of places, NULL instead of sentinels.

`result` and `happening` hold what the files hold. Values stay whole thousandths; a missing end of a span is endless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from countwell.cohort import columns as c

from .macros import MACROS

STATUSES = ("final", "disputed", "preliminary", "unreadable", "withdrawn")
KINDS = (
    "decision weight symptom medicine list-confirmed history genotype circumstance order vaccination label died not-used unfounded"
).split()

PATIENT = f"""
CREATE TABLE patient AS
SELECT p.patient, nullif(p.born, {c.NO_DAY}) AS born, nullif(sexes.word, '') AS sex, nullif(countries.word, '') AS country,
    zones.word AS zone, nullif(conditions.word, '') AS condition
FROM patients p
JOIN word zones ON zones.list = 'zones' AND zones.place = p.zone
JOIN word sexes ON sexes.list = 'sexes' AND sexes.place = p.sex
JOIN word countries ON countries.list = 'countries' AND countries.place = p.country
JOIN word conditions ON conditions.list = 'conditions' AND conditions.place = p.condition
"""

RESULT = f"""
CREATE TABLE result AS
SELECT l.patient, t.word AS test, l.collected, l.collected_day AS day, l.flags & {c.WHOLE_DAY} <> 0 AS whole,
    CASE WHEN l.flags & {c.WHOLE_DAY} <> 0 THEN end_of_day(l.collected_day, p.zone) ELSE l.collected END AS instant,
    l.known, l.until, l.flags & {c.MERE_REPORT} <> 0 AS mere, l.flags & {c.NO_RECEIPT} <> 0 AS no_receipt,
    CASE l.status {" ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate(STATUSES))} END AS status,
    CASE WHEN l.status < {c.UNREADABLE} THEN low_end(l.low) END AS low,
    CASE WHEN l.status < {c.UNREADABLE} THEN l.flags & {c.LOW_OPEN} <> 0 END AS low_open,
    CASE WHEN l.status < {c.UNREADABLE} THEN high_end(l.high) END AS high,
    CASE WHEN l.status < {c.UNREADABLE} THEN l.flags & {c.HIGH_OPEN} <> 0 END AS high_open,
    CASE WHEN l.upper > 0 THEN CAST(l.upper AS BIGINT) END AS upper, l.flags & {c.UPPER_OPEN} <> 0 AS upper_open,
    nullif(l.lab, 0) AS lab, l.ref
FROM labs l JOIN patient p USING (patient) JOIN word t ON t.list = 'tests' AND t.place = l.test
"""

HAPPENING = f"""
CREATE TABLE happening AS
SELECT e.patient, CASE e.kind {" ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate(KINDS))} END AS kind, e.*
    EXCLUDE (patient, kind, "at"), e.flags & {c.WHOLE_DAY} <> 0 AS whole,
    CASE WHEN e."at" <> {c.LONG_AGO} THEN moment(e."at", e.at_day, e.flags & {c.WHOLE_DAY} <> 0) END AS moment,
    nullif(e."at", {c.LONG_AGO}) AS began, nullif(e."end", {c.NEVER}) AS ended
FROM events e
"""


def lay_out(
    patients: pa.Table,
    labs: pa.Table,
    events: pa.Table,
    words: Mapping[str, Sequence[str]],
) -> duckdb.DuckDBPyConnection:
    """A fresh database in memory with the tables `patient`, `result` and `happening`. words: the lists of the manifest."""
    db = duckdb.connect(config={"threads": 2})
    db.execute("SET TimeZone = 'UTC'")
    for text in MACROS:
        db.execute(text)
    listed = [(name, place, word) for name, row in words.items() for place, word in enumerate(row)]
    names, places, said = (list(column) for column in zip(*listed, strict=True))
    for name, table in {
        "word": pa.table({"list": names, "place": places, "word": said}),
        "patients": patients,
        "labs": labs,
        "events": events,
    }.items():
        db.register(f"given_{name}", table)
        db.execute(f"CREATE TABLE {name} AS SELECT * FROM given_{name}")
        db.unregister(f"given_{name}")
    for statement in (PATIENT, RESULT, HAPPENING):
        db.execute(statement)
    return db
