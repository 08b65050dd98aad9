"""One bucket of rows becomes the rows of the store: what stands alone at once, the rest patient by patient.

Patients are numbered from 0 within the bucket, in order of their identifiers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from countwell.base.errors import RecordError
from countwell.cohort import columns as c
from countwell.cohort.incoming import moments
from countwell.cohort.incoming.alone import Rows, alone
from countwell.cohort.incoming.readings import Limits, Reading
from countwell.cohort.incoming.sent import COLLECTED_WHOLE, KNOWN_WHOLE, NO_READING, NOT_SENT
from countwell.cohort.incoming.tally import Tally, known_end, quantity
from countwell.cohort.incoming.tenfold import Place, step_of
from countwell.cohort.integers import limit, stored
from countwell.cohort.of_record import of_record
from countwell.cohort.vocabularies import Words
from countwell.exchange.csv_rows import NOBODY
from countwell.exchange.entries import Event, Part, take_in
from countwell.exchange.results import STATUSES
from countwell.exchange.strict_json import Node
from countwell.model.records import Record, Result
from countwell.vocabulary.quantities import Quantity


UNNUMBERED = -1


class Told(NamedTuple):
    """A row that its numbers tell, on its way to be read with others. number: of its reading; collected, received: as a record
    writes them."""

    source: int
    number: int
    reading: Reading
    limits: Limits
    status: str
    lab: str | None
    collected: str
    received: str | None
    id: str | None
    order: str | None
    replaces: str | None
    version: str | None


class Source(Protocol):
    """What reads a kind of source. names: what its rows may have come as; who: which of them says who a patient is; the others:
    by number, as `sent` has them."""

    names: Sequence[str]
    time_zone: ZoneInfo
    who: int
    further: tuple[str, ...]

    @property
    def readings(self) -> Sequence[Reading]: ...
    @property
    def limits(self) -> Sequence[Limits]: ...
    @property
    def labs(self) -> Sequence[str]: ...

    def known_as(self, patient: str) -> str:
        """The identifier of a patient in the store, where no row says who it is."""

    def joined(self, ids: pa.Array) -> np.ndarray:
        """Whether each row has to be read with others of its patient for a reason that only the source knows."""

    def further_of(self, person: str | None) -> Sequence[str]:
        """What a row of `who` says in the further columns of the patients."""

    def zone(self, person: str) -> ZoneInfo | None:
        """The zone that a row of `who` names; None: the source's."""

    def parts(
        self, patient: str, told: Sequence[Told], events: Sequence[tuple[int, str]]
    ) -> tuple[Mapping[str, Node], Sequence[Part], Sequence[int]]:
        """Head and parts of a patient's record, and the source of each part. Raises RecordError if nothing can be made of them."""


class Gathered(NamedTuple):
    """The rows of whole patients, as the store has them, and how many results fell where."""

    patients: pa.Table
    labs: pa.Table
    events: pa.Table
    seen: Counter[Place]


@dataclass
class Gathering:
    """Turns buckets into rows of the store, counting what becomes of each row."""

    source: Source
    words: Words
    tally: Tally

    def __post_init__(self) -> None:
        readings, limits = self.source.readings, self.source.limits
        spans = [stored(reading.span) if reading.span is not None else None for reading in readings]
        self.test = np.array([self.words.place("tests", reading.test) for reading in readings] or [0], np.int16)
        self.low, self.high, self.open = (
            np.array([span[place] if span else blank for span in spans] or [0], np.int32)
            for place, blank in enumerate((c.NO_VALUE, c.NO_VALUE, 0))
        )
        self.usable = np.array([span is not None for span in spans] or [False])
        uppers = [limit(one.high) for one in limits]
        self.upper = np.array([upper for upper, _ in uppers] or [0], np.int32)
        self.upper_open = np.array([c.UPPER_OPEN * is_open for _, is_open in uppers] or [0], np.uint8)
        self.lab = np.array([self.words.place("labs", lab) for lab in self.source.labs] or [0], np.uint16)
        self.place, self.places = _places(readings)

    def gathered(self, bucket: pa.Table) -> Gathered:
        """The rows of a bucket's patients. A patient whose record cannot be used at all is refused whole and left out."""
        bucket = bucket.combine_chunks()
        rows = _Bucket(bucket, self)
        plain = alone(rows.rows) & ~rows.nobody
        made = list(self._patients(rows, plain))
        return self._assembled(rows, plain, made)

    def _patients(self, rows: _Bucket, plain: np.ndarray) -> Iterator[tuple[int, Record | None, Any]]:
        """Each patient of whom something has to be read: number, record, rows; without a record: refused."""
        places = np.flatnonzero(~plain)
        order = places[np.argsort(rows.rows.patient[places], kind="stable")]
        for group in np.split(order, np.flatnonzero(np.diff(rows.rows.patient[order])) + 1) if len(order) else ():
            yield self._patient(rows, group, plain)

    def _patient(self, rows: _Bucket, group: np.ndarray, plain: np.ndarray) -> tuple[int, Record | None, Any]:
        number = int(rows.rows.patient[group[0]])
        name = rows.names[number]
        told = [rows.told(int(row)) for row in group if rows.rows.told[row]]
        events = [(int(rows.source[row]), rows.event[int(row)].as_py()) for row in group if not rows.rows.told[row]]
        try:
            head, parts, sources = self.source.parts(name, told, events)
            record = take_in(head, parts).record
        except RecordError:
            self._refuse(rows, number)
            return number, None, None
        self.tally.take([self.source.names[one] for one in sources], parts, record)
        return number, record, None if name == NOBODY else of_record(record, self.words)

    def _refuse(self, rows: _Bucket, number: int) -> None:
        for source in rows.source[rows.rows.patient == number]:
            self.tally.put(self.source.names[source], "refused", "unreadable", "patient")

    def _assembled(self, rows: _Bucket, plain: np.ndarray, made: Sequence[tuple[int, Record | None, Any]]) -> Gathered:
        refused = [number for number, record, _ in made if record is None]
        plain &= ~np.isin(rows.rows.patient, refused)
        read = {number: found for number, record, found in made if found is not None}
        kept = [number for number, name in enumerate(rows.names) if name != NOBODY and number not in set(refused)]
        renumber = np.full(len(rows.names) + 1, -1, np.int32)
        renumber[kept] = np.arange(len(kept))
        self._count(rows, plain)
        seen = self._seen(rows, plain)
        for _, record, _ in made:
            if record is not None:
                seen.update(_places_of(record))
        return Gathered(
            self._people(rows, kept, read), self._labs(rows, plain, read, renumber), _events(read, renumber), seen
        )

    def _count(self, rows: _Bucket, plain: np.ndarray) -> None:
        for source, count in enumerate(np.bincount(rows.source[plain]).tolist()):
            if count:
                self.tally.filed(self.source.names[source], count)

    def _seen(self, rows: _Bucket, plain: np.ndarray) -> Counter[Place]:
        """Where the results that stand alone fall: by laboratory and place, each different one once."""
        many = len(self.places)
        key = rows.lab[plain].astype(np.int64) * many + self.place[rows.reading[plain]]
        counts = np.bincount(key, minlength=1)
        labs = self.source.labs
        found: Counter[Place] = Counter()
        for one in np.flatnonzero(counts).tolist():
            lab, place = divmod(one, many)
            found[self.places[place]._replace(lab=labs[lab])] += int(counts[one])
        return found

    def _people(self, rows: _Bucket, kept: Sequence[int], read: Mapping[int, Any]) -> pa.Table:
        zone = self.words.place("zones", self.source.time_zone.key)
        alone_rows = (
            (self.source.known_as(rows.names[number]), c.NO_DAY, 0, 0, zone, 0, 0)
            for number in kept
            if number not in read
        )
        people = [read[number].patient if number in read else next(alone_rows) for number in kept]
        table = _table(c.PATIENTS, np.arange(len(kept)), people)
        if not self.source.further:
            return table
        said = [self.source.further_of(rows.persons.get(number)) for number in kept]
        for place, name in enumerate(self.source.further):
            table = table.append_column(name, pa.array([row[place] for row in said], pa.string()))
        return table

    def _labs(self, rows: _Bucket, plain: np.ndarray, read: Mapping[int, Any], renumber: np.ndarray) -> pa.Table:
        taken = np.flatnonzero(plain)
        reading, limits = rows.reading[taken], rows.limits[taken]
        known = rows.known[taken]
        own = {
            "patient": renumber[rows.rows.patient[taken]],
            "collected": rows.rows.collected[taken],
            "collected_day": rows.rows.day[taken],
            "test": self.test[reading],
            "known": known,
            "known_day": rows.known_day[taken],
            "until": np.full(len(taken), c.NEVER),
            "until_day": np.full(len(taken), c.NEVER_DAY),
            "low": self.low[reading],
            "high": self.high[reading],
            "upper": self.upper[limits],
            "status": np.full(len(taken), c.FINAL),
            "flags": self.open[reading]
            | self.upper_open[limits]
            | (rows.rows.whole[taken] * c.WHOLE_DAY)
            | (rows.without_receipt[taken] * c.NO_RECEIPT),
            "lab": self.lab[rows.lab[taken]],
            "why": np.zeros(len(taken)),
            "ref": np.full(len(taken), UNNUMBERED),
        }
        numbers = [renumber[number] for number, found in read.items() for _ in found.labs]
        others = _table(c.LABS, np.array(numbers, np.int32), [row for found in read.values() for row in found.labs])
        columns = [_typed(own[field.name], field.type) for field in c.LABS]
        whole = pa.concat_tables([pa.table(columns, schema=c.LABS), others]).combine_chunks()
        first = np.zeros(len(renumber), np.int32)
        first[[renumber[number] for number in read]] = [_refs(found) for found in read.values()]
        return _numbered(whole.take(pa.array(_in_order(whole))), first)


class _Bucket:
    """The columns of a bucket, with each patient's own days."""

    def __init__(self, table: pa.Table, gathering: Gathering) -> None:
        self.source_of, self.table = gathering.source, table
        encoded = _chunk(table, "patient").dictionary_encode()
        names = encoded.dictionary.to_pylist()
        order = sorted(range(len(names)), key=names.__getitem__)
        self.names = [names[place] for place in order]
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order))
        patient = rank[np.asarray(encoded.indices)] if len(table) else np.zeros(0, np.int32)
        self.reading, self.limits, self.lab, self.source, self.status, whole = (
            np.asarray(_chunk(table, name)) for name in ("reading", "limits", "lab", "source", "status", "whole")
        )
        self.event = _chunk(table, "event")
        told = np.asarray(pc.equal(self.event, "")) & (np.asarray(_chunk(table, "reading")) != NO_READING)
        self.nobody = (
            np.array([name == NOBODY for name in self.names], bool)[patient] if len(table) else np.zeros(0, bool)
        )
        self.is_whole = (whole & COLLECTED_WHOLE) > 0
        self.known_is_whole = (whole & KNOWN_WHOLE) > 0
        self.sent = np.asarray(_chunk(table, "collected")), np.asarray(_chunk(table, "known"))
        self.without_receipt = self.sent[1] == NOT_SENT
        self._place_in_time(patient, told)
        read = self.reading != NO_READING
        test = np.where(read, gathering.test[self.reading], 0)
        final = self.status == STATUSES.index("final")
        replaces = _chunk(table, "replaces")
        self.rows = Rows(
            patient=patient,
            test=test,
            day=self.day,
            collected=self.collected,
            whole=self.is_whole,
            low=gathering.low[self.reading],
            exact=(gathering.low == gathering.high)[self.reading] & (gathering.open == 0)[self.reading],
            single=~gathering.source.joined(_chunk(table, "id"))
            & told
            & final
            & read
            & gathering.usable[self.reading]
            & np.asarray(pc.equal(replaces, "")),
            told=told,
            id=_chunk(table, "id"),
            replaces=replaces,
        )

    def _place_in_time(self, patient: np.ndarray, told: np.ndarray) -> None:
        """Instants and days by the zone of each patient."""
        zones = self._zones(patient, told)
        count = len(patient)
        self.collected, self.known = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.day, self.known_day = np.zeros(count, np.int32), np.zeros(count, np.int32)
        for place in set(zones):
            mine = np.flatnonzero(np.array([zone == place for zone in zones], bool)[patient] & told)
            self.collected[mine], self.day[mine] = _in_zone(self.sent[0][mine], self.is_whole[mine], place)
            known = np.where(self.without_receipt[mine], self.sent[0][mine], self.sent[1][mine])
            whole = np.where(self.without_receipt[mine], self.is_whole[mine], self.known_is_whole[mine])
            self.known[mine], self.known_day[mine] = _in_zone(known, whole, place)

    def _zones(self, patient: np.ndarray, told: np.ndarray) -> list[ZoneInfo]:
        persons = np.flatnonzero(~told & (self.source == self.source_of.who))
        texts = self.event.take(pa.array(persons)).to_pylist()
        self.persons = dict(zip(patient[persons].tolist(), texts, strict=True))
        zones = {number: self.source_of.zone(text) for number, text in self.persons.items()}
        return [zones.get(number) or self.source_of.time_zone for number in range(len(self.names))]

    def told(self, row: int) -> Told:
        """One row for its reader."""
        cell = {name: _chunk(self.table, name)[row].as_py() or None for name in ("id", "order", "replaces", "version")}
        received = (
            None if self.without_receipt[row] else _written(int(self.sent[1][row]), bool(self.known_is_whole[row]))
        )
        return Told(
            source=int(self.source[row]),
            number=int(self.reading[row]),
            reading=self.source_of.readings[self.reading[row]],
            limits=self.source_of.limits[self.limits[row]],
            status=STATUSES[self.status[row]],
            lab=self.source_of.labs[self.lab[row]] or None,
            collected=_written(int(self.sent[0][row]), bool(self.is_whole[row])),
            received=received,
            **cell,
        )


def event_of(told: Told) -> Event:
    """A told row as a record writes it."""
    own: Event = {"id": told.id, "order": told.order, "status": told.status, "lab": told.lab, "replaces": told.replaces}
    return {**told.reading.event, **told.limits.event, **own, "collected": told.collected, "received": told.received}


def _chunk(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _in_zone(at: np.ndarray, whole: np.ndarray, place: ZoneInfo) -> tuple[np.ndarray, np.ndarray]:
    days = np.where(whole, at // moments.A_DAY, moments.days_of(np.where(whole, 0, at), place)).astype(np.int32)
    instants = at.copy()
    instants[whole] = moments.midnights(days[whole], place)
    return instants, days


def _written(at: int, whole: bool) -> str:
    instant = moments.EPOCH + timedelta(microseconds=at)
    return instant.date().isoformat() if whole else instant.isoformat()


def _places(readings: Sequence[Reading]) -> tuple[np.ndarray, list[Place]]:
    """For each reading, where its results fall (the laboratory left open): the number of a place."""
    numbers: dict[Place, int] = {}
    found = [numbers.setdefault(_place(reading), len(numbers)) for reading in readings]
    return np.array(found or [0]), list(numbers) or [Place("", "", "", "", 0)]


def _place(reading: Reading) -> Place:
    known = None if reading.span is None else (reading.span.high if reading.span.high.is_finite() else reading.span.low)
    return Place("", said_code(reading.event), reading.test, str(reading.event.get("unit") or ""), step_of(known))


def said_code(event: Mapping[str, Node]) -> str:
    """The code of a result as sent."""
    code = event.get("code")
    return f"{code.get('system')} {code.get('code')}" if isinstance(code, dict) else ""


def _places_of(record: Record) -> Iterator[Place]:
    """Where the results of a record fall that were read with others."""
    for event in record.events:
        if isinstance(event, Result) and event.test:
            read = quantity(event.test, event.value or "", event.unit) if event.value else None
            known = known_end(read) if isinstance(read, Quantity) else None
            code = f"{event.code.system} {event.code.code}" if event.code else ""
            yield Place(event.lab or "", code, event.test, event.unit or "", step_of(known))


def _typed(column: np.ndarray, kind: pa.DataType) -> pa.Array:
    return pa.array(np.asarray(column).astype(kind.to_pandas_dtype(), copy=False), kind)


def _table(schema: pa.Schema, patients: np.ndarray, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows without their patient as a table."""
    columns = list(zip(*rows, strict=True)) or [() for _ in schema.names[1:]]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, list(schema)[1:], strict=True)]
    return pa.table([pa.array(patients, schema.field(0).type), *arrays], schema=schema)


def _events(read: Mapping[int, Any], renumber: np.ndarray) -> pa.Table:
    """The events of all patients: each patient's stand together and in order."""
    numbers = np.array([renumber[number] for number, found in read.items() for _ in found.events], np.int32)
    table = _table(c.EVENTS, numbers, [row for found in read.values() for row in found.events])
    return table.take(pa.array(np.argsort(numbers, kind="stable")))


def _in_order(labs: pa.Table) -> np.ndarray:
    """The order of the store: patient, collected, test, known, ref."""
    keys = [labs.column(name).to_numpy() for name in ("ref", "known", "test", "collected", "patient")]
    return np.lexsort(keys)


def _refs(found: Any) -> int:
    """How many numbers the readings and events of a patient have taken."""
    return max((*(row[-1] for row in found.labs), *(row[REF_OF_EVENT] for row in found.events)), default=-1) + 1


REF_OF_EVENT = c.EVENTS.names.index("ref") - 1


def _numbered(labs: pa.Table, first: np.ndarray) -> pa.Table:
    """The results that stand alone numbered in their order, after all that was read with others."""
    ref, patient = labs.column("ref").to_numpy().copy(), labs.column("patient").to_numpy()
    blank = ref == UNNUMBERED
    mine = patient[blank]
    starts = np.flatnonzero(np.diff(mine, prepend=-1))
    ref[blank] = np.arange(len(mine)) - np.repeat(starts, np.diff(np.append(starts, len(mine)))) + first[mine]
    return labs.set_column(len(labs.column_names) - 1, c.LABS.field("ref"), pa.array(ref))
