"""OMOP CDM tables, version 5.4: measurement as a long table of results; person, drug_exposure, condition_occurrence and death
as the FHIR resources that say the same, and so by the same reader.

Concepts are known only through the `concept` table that comes with the data. The model has no status of a result, no correction
and no time of receipt: every measurement is taken as final, and known when it was collected. It carries no dose of a day.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa

from countwell.base.dates import zone
from countwell.base.errors import RecordError
from countwell.cohort.incoming.bucket import Told, Untold, event_of
from countwell.cohort.incoming.long_tables import LongTables
from countwell.cohort.incoming.omop_tables import RESOURCES, results_query, tables_of
from countwell.cohort.incoming.readings import Limits, Reading
from countwell.cohort.incoming.sent import as_sent
from countwell.cohort.incoming.table_files import Batch
from countwell.exchange.csv_mapping import LabMapping
from countwell.exchange.entries import Part
from countwell.exchange.fhir.bundle import parts_of
from countwell.exchange.fhir.chart import chart_of, source_of
from countwell.exchange.fhir.head import head
from countwell.exchange.fhir.received import Given, received
from countwell.exchange.fhir.values import contradict
from countwell.exchange.strict_json import Node, parse
from countwell.vocabulary.tests import test_of_code, tests

ROWS_AT_ONCE = 100 * 100 * 10 * 2
RESULTS = ("measurement", "observation")
COLUMNS = "patient id test code value comparator unit collected low high".split()
COMPARATORS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "≤": "<=", "≥": ">=", "=": ""}


class Omop:
    """A folder of CDM tables, CSV or Parquet. time_zone: that of the clock times, which the model does not say."""

    further: tuple[str, ...] = ()
    names = (*RESULTS, *RESOURCES)
    who = names.index("person")

    def __init__(self, path: Path, time_zone: str | None = None) -> None:
        self.tables = tables_of(path)
        self.time_zone = zone(time_zone or "UTC")
        self.skipped: Counter[str] = Counter()
        mapping = LabMapping(
            columns={name: name for name in COLUMNS},
            constants={"status": "final"},
            comparators=COMPARATORS,
            date="%Y-%m-%d %H:%M:%S",
            day="%Y-%m-%d",
            midnight_is_day=True,
            time_zone=self.time_zone,
        )
        self.long = {name: LongTables(mapping, source) for source, name in enumerate(RESULTS)}
        first = self.long[RESULTS[0]]
        for other in self.long.values():
            other.readings, other.limits, other.labs = first.readings, first.limits, first.labs

    @property
    def readings(self) -> Sequence[Reading]:
        """What was read so far, by number."""
        return self.long[RESULTS[0]].readings.found

    @property
    def limits(self) -> Sequence[Limits]:
        """The limits that were read so far, by number."""
        return self.long[RESULTS[0]].limits.found

    @property
    def labs(self) -> Sequence[str]:
        """The model names no laboratory."""
        return self.long[RESULTS[0]].labs.found

    def expected(self) -> int:
        """About how many rows will come."""
        return sum(table.rows_about for name, table in self.tables.items() if name != "concept")

    def notes(self) -> Mapping[str, Any]:
        """What the report should say: the tables, and what was taken for granted."""
        taken = "every measurement is taken as final and known when it was collected; clock times are those of the zone"
        return {
            "files": sorted(table.path.name for table in self.tables.values()),
            "zone": self.time_zone.key,
            "taken": taken,
        }

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows, as `sent`."""
        with duckdb.connect() as connection:
            for name, table in self.tables.items():
                table.register(connection, name)
            for name in RESULTS:
                for batch in self._results(connection, name) if name in self.tables else ():
                    yield from self.long[name].sent(batch, is_csv=False)
            for source, (name, resource) in enumerate(RESOURCES.items(), len(RESULTS)):
                for found in _rows(connection, resource.query(self.tables)) if name in self.tables else ():
                    told = [json.dumps(resource.of(one)) for one in found.to_pylist()]
                    columns = {"patient": found.column("patient"), "event": pa.array(told, pa.string())}
                    yield as_sent(len(told), {**columns, "source": np.full(len(told), source, np.uint8)})

    def _results(self, connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[Batch]:
        """The rows of a table of results, with codes instead of concepts."""
        query, pairs, left_out = results_query(name, self.tables)
        self.skipped[name] += int(connection.sql(left_out).fetchall()[0][0])
        disputed = [pair for pair in connection.sql(pairs).fetchall() if _contradict(*pair)]
        connection.register("disputed", _as_table(disputed))
        for found in _rows(connection, query):
            yield Batch(dict(zip(found.schema.names, found.columns, strict=True)), found.num_rows)

    def known_as(self, patient: str) -> str:
        """The identifier of a patient of whom nothing more was sent."""
        return patient

    def joined(self, ids: pa.Array) -> np.ndarray:
        """Rows of a table say all themselves."""
        return np.zeros(len(ids), bool)

    def further_of(self, _: str | None, /) -> Sequence[str]:
        """There are no further columns."""
        return ()

    def zone(self, _: str, /) -> ZoneInfo | None:
        """The model says nothing of a person's zone."""
        return None

    def parts(
        self, patient: str, rows: Sequence[Told | Untold]
    ) -> tuple[Mapping[str, Node], Sequence[Part], Sequence[int]]:
        """Head and parts of one patient's record. Raises RecordError if two persons have one id."""
        results = [row for row in rows if row.source < len(RESULTS)]
        others = [parse(row.event) for row in rows if isinstance(row, Untold) and row.source >= len(RESULTS)]
        resources = [one for node in others for one in received(node) if isinstance(one, Given)]
        if sum(one.kind == "Patient" for one in resources) > 1:
            raise RecordError("person: two rows for one person_id. Keep one.")
        who = head(f"Patient/{patient}", resources, self.time_zone.key)
        parts = list(parts_of(chart_of(resources, source_of(resources))))
        kinds = [_source_of(part) for part in parts]
        parts += [Part("", (event_of(row) if isinstance(row, Told) else parse(row.event),)) for row in results]
        return who, parts, [*kinds, *(row.source for row in results)]


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.RecordBatch]:
    try:
        yield from connection.sql(query).to_arrow_reader(ROWS_AT_ONCE)
    except (duckdb.Error, OSError) as error:  # OSError: what the reader makes of an error while it reads
        raise RecordError(f"the tables cannot be read: {type(error).__name__}.") from error


def _source_of(part: Part) -> int:
    kind = part.where.rpartition(" ")[2]
    named = {resource.kind: place for place, resource in enumerate(RESOURCES.values(), len(RESULTS))}
    return named.get(kind, len(RESULTS))


def _contradict(code: str, unit: str, printed: str) -> bool:
    """Whether the unit's concept and the unit that the source printed are two listed units of the test, and not the same."""
    found = test_of_code("loinc", code)
    return isinstance(found, str) and found in tests() and contradict(found, unit, printed)


def _as_table(pairs: Sequence[Sequence[str]]) -> pa.Table:
    columns = list(zip(*pairs, strict=True)) or [(), (), ()]
    return pa.table([pa.array(column, pa.string()) for column in columns], names=["code", "unit", "printed"])
