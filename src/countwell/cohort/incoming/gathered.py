"""One bucket of rows becomes the rows of the store: by columns what can be, patient by patient what needs the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from countwell.base.errors import RecordError
from countwell.cohort import columns as c
from countwell.cohort.incoming.alone import ALONE, DAY, RECORD, Rows, days_of, families_of, late, ways
from countwell.cohort.incoming.bucket import Bucket, Source, Told, Untold
from countwell.cohort.incoming.counted import counted
from countwell.cohort.incoming.meanings import Meanings
from countwell.cohort.incoming.sent import NO_READING
from countwell.cohort.incoming.settled import RANK_OF, UNNAMED, WITHDRAWN_RANK, Met, Settled, States, settled
from countwell.cohort.incoming.sorting import by_number, in_order
from countwell.cohort.incoming.tally import Tally, known_end, quantity
from countwell.cohort.incoming.tenfold import Place, step_of
from countwell.cohort.of_record import of_record
from countwell.cohort.vocabularies import Words
from countwell.exchange.csv_rows import NOBODY
from countwell.exchange.entries import take_in
from countwell.exchange.results import STATUSES
from countwell.model.records import Record, Result
from countwell.vocabulary.quantities import Quantity

FINAL = STATUSES.index("final")
PATIENTS_AT_ONCE = 100 * 10
RESTS = '"rests_on"'  # of a decision that names results: then their numbers matter


class Gathered(NamedTuple):
    """The rows of whole patients, as the store has them, and how many results fell where."""

    patients: pa.Table
    labs: pa.Table
    events: pa.Table
    seen: Counter[Place]


class Made(NamedTuple):
    """A patient of whom something was read with the record. refused: whole; rows: None if so, or if it is nobody's."""

    number: int
    refused: bool
    rows: Any
    seen: Counter[Place]


@dataclass
class Gathering:
    """Turns buckets into rows of the store, counting what becomes of each row."""

    source: Source
    words: Words
    tally: Tally

    def __post_init__(self) -> None:
        self.meanings = Meanings(self.source.readings, self.source.limits, self.source.labs, self.words)

    def gathered(self, table: pa.Table) -> Gathered:
        """The rows of a bucket's patients. A patient whose record cannot be used at all is refused whole and left out."""
        bucket = Bucket(table.combine_chunks(), self.source)
        way, by_day = self._ways(bucket)
        made = list(self._with_records(bucket, np.flatnonzero(way == RECORD)))
        refused = np.isin(bucket.patient, [one.number for one in made if one.refused])
        way[refused] = RECORD
        kept = _kept(bucket, made)
        numbers = _numbers(bucket, way, made)
        states = _joined(way, by_day.states)
        unread = by_day.unread[way[by_day.unread] == DAY]
        seen = counted(bucket, np.flatnonzero(way != RECORD), unread, self.meanings, self.tally)
        for one in made:
            seen.update(one.seen)
        labs = self.meanings.labs(bucket, states, kept, numbers)
        to_come = self._to_come(bucket, np.flatnonzero(way == DAY), states)
        events = pa.concat_tables(
            [
                self.meanings.not_used(bucket, unread, kept, numbers),
                self.meanings.to_come(bucket, to_come, kept, numbers),
            ]
        )
        return Gathered(
            self._people(bucket, kept, made),
            _sorted(_with(labs, c.LABS, kept, [(one.number, one.rows.labs) for one in made if one.rows]), _LAB_ORDER),
            _sorted(
                _with(events, c.EVENTS, kept, [(one.number, one.rows.events) for one in made if one.rows]), _EVENT_ORDER
            ),
            seen,
        )

    def _to_come(self, bucket: Bucket, rows: np.ndarray, states: States) -> np.ndarray:
        """Of rows settled by columns those without a receipt whose value stands for no collection to the end."""
        own = np.isin(rows, states.place[states.until < 0])
        valued = self.meanings.exact[bucket.reading[rows]] & (RANK_OF[bucket.status[rows]] < WITHDRAWN_RANK)
        return rows[bucket.without_receipt[rows] & valued & ~own]

    def _ways(self, bucket: Bucket) -> tuple[np.ndarray, Settled]:
        """How each row goes, and what the days that are settled by columns come to."""
        rows = self._rows(bucket)
        days = days_of(rows)
        way = ways(rows, days)
        met = np.flatnonzero(way == DAY)
        found = settled(self._met(bucket, rows, met, days.of_row[met]))
        left = np.zeros(bucket.count, bool)
        left[found.left] = True
        way[left | families_of(rows, days, left)] = RECORD
        return way, found

    def _rows(self, bucket: Bucket) -> Rows:
        of = self.meanings
        read = bucket.reading != NO_READING
        withdrawn = RANK_OF[bucket.status] == WITHDRAWN_RANK
        usable = read & of.usable[bucket.reading]
        replaces = bucket.column("replaces")
        resting = bucket.patient[np.asarray(pc.match_substring(bucket.event, RESTS))]
        return Rows(
            patient=bucket.patient,
            test=np.where(read, of.test[bucket.reading], 0),
            day=bucket.day,
            collected=bucket.collected,
            whole=bucket.whole,
            low=of.low[bucket.reading],
            exact=of.exact[bucket.reading],
            fits=of.fits[bucket.reading],
            counts=bucket.told & usable & ~withdrawn,
            single=bucket.told & usable & (bucket.status == FINAL) & np.asarray(pc.equal(replaces, "")),
            told=bucket.told,
            aside=bucket.told & read & of.aside[bucket.reading],
            record=self.source.joined(bucket.column("id"))
            | bucket.nobody
            | np.isin(bucket.patient, resting)
            | late(bucket.day, bucket.known_day),
            id=bucket.column("id"),
            replaces=replaces,
        )

    def _met(self, bucket: Bucket, rows: Rows, met: np.ndarray, group: np.ndarray) -> Met:
        reading = bucket.reading[met]
        named = np.array([bool(lab) for lab in bucket.source_of.labs], bool)
        return Met(
            place=met,
            group=group,
            collected=bucket.collected[met],
            whole=bucket.whole[met],
            known=bucket.known[met],
            status=bucket.status[met],
            usable=self.meanings.usable[reading],
            exact=rows.exact[met] & rows.fits[met],
            low=rows.low[met],
            easy=~(bucket.is_given("order") | bucket.is_given("version"))[met],
            replaces=bucket.is_given("replaces")[met],
            worse=self.meanings.worse[self.meanings.test[reading]],
            lab=np.where(named[bucket.lab[met]], bucket.lab[met], UNNAMED),
        )

    def _with_records(self, bucket: Bucket, rows: np.ndarray) -> Iterator[Made]:
        """Each patient of whom something has to be read with the record."""
        order = rows[by_number(bucket.patient[rows])]
        starts = np.flatnonzero(np.diff(bucket.patient[order], prepend=-1))
        for some in np.split(order, starts[PATIENTS_AT_ONCE::PATIENTS_AT_ONCE]):
            yield from self._patients(bucket, some)

    def _patients(self, bucket: Bucket, rows: np.ndarray) -> Iterator[Made]:
        sent, numbers = bucket.sent_rows(rows), bucket.patient[rows]
        ends = (np.flatnonzero(np.diff(numbers, append=-1)) + 1).tolist()
        for begin, end in zip([0, *ends], ends, strict=False):
            yield self._patient(bucket, int(numbers[begin]), sent[begin:end])

    def _patient(self, bucket: Bucket, number: int, sent: Sequence[Told | Untold]) -> Made:
        try:
            head, parts, sources = self.source.parts(bucket.names[number], sent)
            record = take_in(head, parts).record
        except RecordError:
            for source in bucket.source[bucket.patient == number]:
                self.tally.put(self.source.names[source], "refused", "unreadable", "patient")
            return Made(number, refused=True, rows=None, seen=Counter())
        self.tally.take([self.source.names[one] for one in sources], parts, record)
        rows = None if bucket.names[number] == NOBODY else of_record(record, self.words)
        return Made(number, refused=False, rows=rows, seen=Counter(_places_of(record)))

    def _people(self, bucket: Bucket, kept: np.ndarray, made: Sequence[Made]) -> pa.Table:
        zone = self.words.place("zones", self.source.time_zone.key)
        read = {one.number: one.rows.patient for one in made if one.rows}
        numbers = np.flatnonzero(kept >= 0).tolist()
        people = [
            read.get(one) or (self.source.known_as(bucket.names[one]), c.NO_DAY, 0, 0, zone, 0, 0) for one in numbers
        ]
        table = _table(c.PATIENTS, np.arange(len(numbers)), people)
        said = [self.source.further_of(bucket.persons.get(one)) for one in numbers] if self.source.further else []
        for place, name in enumerate(self.source.further):
            table = table.append_column(name, pa.array([row[place] for row in said], pa.string()))
        return table


def _kept(bucket: Bucket, made: Sequence[Made]) -> np.ndarray:
    """The number of each patient among those that go into the store, below 0 for the others."""
    stays = np.array([name != NOBODY for name in bucket.names], bool)
    stays[[one.number for one in made if one.refused]] = False
    return np.where(stays, np.cumsum(stays) - 1, -1).astype(np.int32)


def _numbers(bucket: Bucket, way: np.ndarray, made: Sequence[Made]) -> np.ndarray:
    """The number of each reading within its patient: those that went by columns after all that were read with the record."""
    first = np.zeros(len(bucket.names), np.int32)
    for one in made:
        if one.rows:
            taken = (*(row[-1] for row in one.rows.labs), *(row[REF_OF_EVENT] for row in one.rows.events))
            first[one.number] = max(taken, default=-1) + 1
    rows = np.flatnonzero(way != RECORD)
    order = rows[by_number(bucket.patient[rows])]
    starts = np.flatnonzero(np.diff(bucket.patient[order], prepend=-1))
    numbers = np.zeros(bucket.count, np.int32)
    numbers[order] = (
        np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order)))) + first[bucket.patient[order]]
    )
    return numbers


REF_OF_EVENT = c.EVENTS.names.index("ref") - 1


def _joined(way: np.ndarray, by_day: States) -> States:
    """The states of all rows that go by columns: those that stand alone, and the days that were settled."""
    alone = np.flatnonzero(way == ALONE)
    nobody, final = np.full(len(alone), -1), np.full(len(alone), c.FINAL)
    stays = way[by_day.place] == DAY
    return States(
        *(np.concatenate([one, other[stays]]) for one, other in zip((alone, alone, nobody, final), by_day, strict=True))
    )


def _places_of(record: Record) -> Iterator[Place]:
    """Where the results of a record fall that were read with others."""
    for event in record.events:
        if isinstance(event, Result) and event.test:
            read = quantity(event.test, event.value or "", event.unit) if event.value else None
            known = known_end(read) if isinstance(read, Quantity) else None
            code = f"{event.code.system} {event.code.code}" if event.code else ""
            yield Place(event.lab or "", code, event.test, event.unit or "", step_of(known))


def _table(schema: pa.Schema, patients: np.ndarray, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows without their patient as a table."""
    columns = list(zip(*rows, strict=True)) or [() for _ in schema.names[1:]]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, list(schema)[1:], strict=True)]
    return pa.table([pa.array(patients, schema.field(0).type), *arrays], schema=schema)


def _with(table: pa.Table, schema: pa.Schema, kept: np.ndarray, read: Sequence[tuple[int, Sequence[Any]]]) -> pa.Table:
    """A table with the rows that were read patient by patient beside those that went by columns."""
    numbers = np.array([kept[number] for number, rows in read for _ in rows], np.int32)
    others = _table(schema, numbers, [row for _, rows in read for row in rows])
    return pa.concat_tables([table, others]).combine_chunks()


def _sorted(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """In the order of the store."""
    return table.take(pa.array(in_order([table.column(name).to_numpy() for name in names])))


_LAB_ORDER = ("patient", "collected", "test", "known", "ref")
_EVENT_ORDER = ("patient", "at", "kind", "ref")
