"""Long tables as a source: results by a mapping, and beside them the tables of events and of patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from countwell.base.dates import zone
from countwell.base.errors import RecordError
from countwell.cohort.incoming import tables
from countwell.cohort.incoming.bucket import Told, Untold, event_of
from countwell.cohort.incoming.long_tables import LongTables
from countwell.cohort.incoming.readings import Limits, Reading
from countwell.cohort.incoming.table_files import batches, rows_about
from countwell.exchange.csv_mapping import LabMapping
from countwell.exchange.entries import Part
from countwell.exchange.strict_json import Node, parse

RESULTS = "results"


class FromTables:
    """A file of results, or a folder: `results*` by the mapping, and tables named after what they hold (see `tables`).

    patient: whose results they are where the file does not say; time_zone: of patients without their own, else the mapping's.
    """

    def __init__(
        self, path: Path, mapping: LabMapping, patient: str | None = None, time_zone: str | None = None
    ) -> None:
        self.mapping = mapping
        self.time_zone = zone(time_zone) if time_zone else mapping.time_zone
        self.files = _results(path)
        self.tables = tables.tables_in(path) if path.is_dir() else {}
        self.names = [RESULTS, *self.tables]
        self.who = self.names.index(tables.PATIENTS) if tables.PATIENTS in self.tables else len(self.names)
        self.further = tables.further_in(self.tables[tables.PATIENTS]) if tables.PATIENTS in self.tables else ()
        self.skipped: Counter[str] = Counter()
        self.long = LongTables(mapping, patient=patient)
        if not self.files and not self.tables:
            raise RecordError(f"{path.name}: no results*.csv, results*.parquet, nor any table of events in it.")

    @property
    def readings(self) -> Sequence[Reading]:
        """What was read so far, by number."""
        return self.long.readings.found

    @property
    def limits(self) -> Sequence[Limits]:
        """The limits that were read so far, by number."""
        return self.long.limits.found

    @property
    def labs(self) -> Sequence[str]:
        """The laboratories so far, by number."""
        return self.long.labs.found

    def expected(self) -> int:
        """About how many rows will come."""
        return sum(map(rows_about, (*self.files, *self.tables.values())))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows, as `sent`."""
        for path in self.files:
            for batch in batches(path, self.mapping):
                yield from self.long.sent(batch, path.suffix != ".parquet")
        for source, (name, path) in enumerate(self.tables.items(), 1):
            yield from tables.sent(name, path, source)

    def notes(self) -> Mapping[str, object]:
        """What the report should say: which files were read."""
        return {"files": [path.name for path in (*self.files, *self.tables.values())], "zone": self.time_zone.key}

    def known_as(self, patient: str) -> str:
        """The identifier of a patient of whom nothing more was sent."""
        return patient

    def joined(self, ids: pa.Array) -> np.ndarray:
        """Rows of a table say all themselves."""
        return np.zeros(len(ids), bool)

    def further_of(self, person: str | None) -> Sequence[str]:
        """The further columns of a row of `patients`; empty without one."""
        said = _part(_person(person), "further") if person else {}
        return [str(said.get(name) or "") for name in self.further]

    def zone(self, person: str) -> ZoneInfo | None:
        """The zone of a row of `patients`."""
        return _zone(_person(person))

    def parts(
        self, patient: str, rows: Sequence[Told | Untold]
    ) -> tuple[Mapping[str, Node], Sequence[Part], Sequence[int]]:
        """Head and parts of one patient's record: an event for each row. Raises RecordError if two rows say who it is."""
        persons = [_person(row.event) for row in rows if isinstance(row, Untold) and row.source == self.who]
        if len({repr(person) for person in persons}) > 1:
            raise RecordError("patients: two rows for one patient. Keep one.")
        who = persons[0] if persons else {}
        head = {
            "patient": {"time_zone": self.time_zone.key, **_part(who, "patient"), "id": patient},
            "course": _part(who, "course"),
        }
        return head, [self._part(row) for row in rows], [row.source for row in rows]

    def _part(self, row: Told | Untold) -> Part:
        if isinstance(row, Told):
            return Part("", (event_of(row),))
        return Part("", () if row.source == self.who else (parse(row.event),))


def _results(path: Path) -> list[Path]:
    """The files of results. Raises RecordError if there is no such file or folder."""
    if path.is_dir():
        return sorted(
            file for file in path.iterdir() if file.stem.startswith(RESULTS) and file.suffix in tables.SUFFIXES
        )
    if not path.is_file():
        raise RecordError(f"{path.name}: no such file or folder.")
    return [path]


@lru_cache(maxsize=1 << 12)
def _person(text: str) -> Mapping[str, Node]:
    found = parse(text)
    return found if isinstance(found, dict) else {}


def _part(person: Mapping[str, Node], name: str) -> dict[str, Node]:
    found = person.get(name)
    return dict(found) if isinstance(found, dict) else {}


def _zone(person: Mapping[str, Node]) -> ZoneInfo | None:
    named = _part(person, "patient").get("time_zone")
    try:
        return zone(str(named)) if named else None
    except RecordError:
        return None  # the record's own head says so and refuses the patient
