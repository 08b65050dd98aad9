"""The job of peers.yaml in DuckDB SQL, as a person who knows DuckDB would write it for a plain store."""

import duckdb
import pyarrow as pa

STATUS = """
WITH results AS (
  SELECT patient, test, arg_max(low, collected) AS value, arg_max(upper, collected) AS upper,
         max(collected) AS taken, max(collected_day) AS day, arg_max(flags & 1, collected) AS whole
  FROM read_parquet('{store}/*/labs.parquet')
  WHERE collected <= {at} AND known <= {at} AND {at} < until AND test IN ({wbc}, {neutrophils}, {platelets}, {alt})
  GROUP BY ALL
),
latest AS (
  SELECT patient,
    max(value) FILTER (test = {wbc}) AS wbc, max(value) FILTER (test = {neutrophils}) AS neutrophils,
    max(value) FILTER (test = {platelets}) AS platelets, max(value) FILTER (test = {alt}) AS alt,
    max(upper) FILTER (test = {alt} AND upper > 0) AS alt_upper,
    max(taken) FILTER (test = {wbc}) AS wbc_at, max(whole) FILTER (test = {wbc}) AS wbc_whole,
    max(day) FILTER (test = {wbc}) AS wbc_day
  FROM results GROUP BY patient
),
events AS (
  SELECT patient, "at" AS moment, at_day, flags & 1 AS whole, kind, code, ref FROM read_parquet('{store}/*/events.parquet')
  WHERE "at" <= {at} AND kind IN ({decision}, {died})
),
decisions AS (
  SELECT *, CASE WHEN code IN ({start}, {restart}, {transfer_in}) THEN 'active' WHEN code = {hold} THEN 'held'
                 WHEN code = {stop} THEN 'stopped' WHEN code = {transfer_out} THEN 'ended' END AS moves,
         CASE WHEN code IN ({start}, {restart}, {transfer_in}) THEN at_day END AS runs
  FROM events WHERE kind = {decision}
),
course AS (
  SELECT patient, moment, at_day, whole, code, ref,
    last_value(moves IGNORE NULLS) OVER past AS state, last_value(runs IGNORE NULLS) OVER past AS run_day
  FROM decisions WINDOW past AS (PARTITION BY patient ORDER BY moment, ref)
),
now AS (
  SELECT patient, arg_max(state, (moment, ref)) AS state FROM course GROUP BY patient
),
dead AS (SELECT DISTINCT patient FROM events WHERE kind = {died}),
anchors AS (
  SELECT l.patient, l.wbc_day AS day, c.state, c.run_day
  FROM latest l ASOF JOIN course c ON l.patient = c.patient AND l.wbc_at + l.wbc_whole * {almost_a_day} >= c.moment
  UNION ALL
  SELECT c.patient, c.at_day, e.state, e.run_day
  FROM course c ASOF JOIN course e ON c.patient = e.patient AND c.moment + c.whole * {almost_a_day} >= e.moment
  LEFT JOIN latest l ON l.patient = c.patient
  WHERE c.code IN ({start}, {restart}, {raise_}, {reduce}, {transfer_in})
    AND (l.wbc_day IS NULL OR c.at_day > l.wbc_day OR c.moment > l.wbc_at)
  UNION ALL
  SELECT l.patient, l.wbc_day, 'active', first.at_day
  FROM latest l ASOF LEFT JOIN course c ON l.patient = c.patient AND l.wbc_at + l.wbc_whole * {almost_a_day} >= c.moment
  JOIN (SELECT r.patient, min(r.at_day) AS at_day FROM course r JOIN latest m USING (patient)
        WHERE r.code = {restart} AND (r.at_day > m.wbc_day OR r.moment > m.wbc_at) GROUP BY ALL) first
    ON first.patient = l.patient
  WHERE c.state IS NULL OR c.state NOT IN ('active', 'held')
),
due AS (
  SELECT patient, min(day + CASE WHEN day - run_day < {first_days} THEN {early} ELSE {steady} END) AS due_by
  FROM anchors WHERE state IN ('active', 'held') GROUP BY patient
)
SELECT p.patient,
  CASE WHEN dead.patient IS NOT NULL THEN 5
       ELSE coalesce(list_position(['proposed', 'active', 'held', 'stopped', 'ended'], n.state), 1) - 1 END::INT AS state,
  CASE WHEN dead.patient IS NOT NULL THEN 0
       WHEN wbc <= {wbc_stop} OR neutrophils < {neutrophils_stop} OR platelets < {platelets_stop} THEN 3
       WHEN wbc <= {wbc_hold} OR alt > {alt_hold} * alt_upper THEN 2
       WHEN wbc < {wbc_watch} OR neutrophils < {neutrophils_watch} OR platelets < {platelets_watch}
            OR alt > {alt_watch} * alt_upper THEN 1
       ELSE 0 END::INT AS grade,
  CASE WHEN dead.patient IS NULL AND n.state IN ('active', 'held') THEN due_by END::INT AS due_by
FROM read_parquet('{store}/*/patients.parquet') p
LEFT JOIN latest l USING (patient) LEFT JOIN now n USING (patient) LEFT JOIN dead USING (patient) LEFT JOIN due USING (patient)
ORDER BY p.patient
"""


def status(store: str, words: dict[str, object]) -> pa.Table:
    """patient, state, grade (0 none, 1 watch, 2 hold, 3 stop), due_by (day or null)."""
    with duckdb.connect() as connection:
        connection.execute("SET threads TO 2")
        return connection.sql(STATUS.format(store=store, **words)).to_arrow_table()
