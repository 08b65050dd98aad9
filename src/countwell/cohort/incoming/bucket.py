"""The rows of one bucket as columns: patients numbered in order of their identifiers, days by each patient's own zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from countwell.cohort.incoming import moments
from countwell.cohort.incoming.readings import Limits, Reading
from countwell.cohort.incoming.sent import COLLECTED_WHOLE, KNOWN_WHOLE, NO_READING, NOT_SENT
from countwell.cohort.integers import A_DAY, EPOCH
from countwell.exchange.csv_rows import NOBODY
from countwell.exchange.entries import Event, Part
from countwell.exchange.results import STATUSES
from countwell.exchange.strict_json import Node


class Told(NamedTuple):
    """A row that its numbers tell, on its way to be read with others. numbers: of reading, limits and laboratory; collected,
    received: as a record writes them."""

    source: int
    numbers: tuple[int, int, int]
    reading: Reading
    limits: Limits
    status: str | None
    lab: str | None
    collected: str
    received: str | None
    id: str | None
    order: str | None
    replaces: str | None
    version: str | None


class Untold(NamedTuple):
    """A row that its numbers do not tell: the event that its reader made of it, or what came, as JSON."""

    source: int
    event: str


class Source(Protocol):
    """What reads a kind of source. names: what its rows may have come as; who: which of them says who a patient is; the others:
    by number, as `sent` has them."""

    time_zone: ZoneInfo
    who: int
    further: tuple[str, ...]

    @property
    def names(self) -> Sequence[str]: ...
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

    def further_of(self, person: str | None, /) -> Sequence[str]:
        """What a row of `who` says in the further columns of the patients."""

    def zone(self, person: str, /) -> ZoneInfo | None:
        """The zone that a row of `who` names; None: the source's."""

    def parts(
        self, patient: str, rows: Sequence[Told | Untold]
    ) -> tuple[Mapping[str, Node], Sequence[Part], Sequence[int]]:
        """Head and parts of a patient's record, and the source of each part. rows: in order. Raises RecordError if
        none can be made of them."""


class Bucket:
    """Columns of one length. told: the numbers tell the row; nobody: it names no patient; days are by the patient's zone.

    persons: what a patient's own row of `who` says.
    """

    def __init__(self, table: pa.Table, source: Source) -> None:
        self.source_of, self.table, self.count = source, table, table.num_rows
        encoded = self.column("patient").dictionary_encode()
        names = encoded.dictionary.to_pylist()
        order = sorted(range(len(names)), key=names.__getitem__)
        self.names = [names[place] for place in order]
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order))
        self.patient = rank[np.asarray(encoded.indices)] if self.count else np.zeros(0, np.int32)
        self.reading, self.limits, self.lab, self.source, self.status, whole = (
            np.asarray(self.column(name)) for name in ("reading", "limits", "lab", "source", "status", "whole")
        )
        self.event = self.column("event")
        self.told = np.asarray(pc.equal(self.event, "")) & (self.reading != NO_READING)
        nobody = np.array([name == NOBODY for name in self.names], bool)
        self.nobody = nobody[self.patient] if self.count else np.zeros(0, bool)
        self.whole, self.known_whole = (whole & COLLECTED_WHOLE) > 0, (whole & KNOWN_WHOLE) > 0
        self.sent, self.received = np.asarray(self.column("collected")), np.asarray(self.column("known"))
        self.without_receipt = self.received == NOT_SENT
        self.persons = self._persons()
        self._place_in_time()

    def column(self, name: str) -> pa.Array:
        """A column as one array."""
        found = self.table.column(name)
        return found.chunk(0) if found.num_chunks == 1 else found.combine_chunks()

    def is_given(self, name: str) -> np.ndarray:
        """Whether a text stands in each row."""
        return np.asarray(pc.not_equal(self.column(name), ""))

    def _persons(self) -> dict[int, str]:
        rows = np.flatnonzero(~self.told & (self.source == self.source_of.who))
        return dict(zip(self.patient[rows].tolist(), self.event.take(pa.array(rows)).to_pylist(), strict=True))

    def _place_in_time(self) -> None:
        """Instants and days by the zone of each patient."""
        zones = [self.source_of.time_zone] * len(self.names)
        for number, person in self.persons.items():
            zones[number] = self.source_of.zone(person) or self.source_of.time_zone
        self.collected, self.known = np.zeros(self.count, np.int64), np.zeros(self.count, np.int64)
        self.day, self.known_day = np.zeros(self.count, np.int32), np.zeros(self.count, np.int32)
        for place in set(zones):
            of_zone = np.array([zone == place for zone in zones], bool)
            mine = np.flatnonzero(of_zone[self.patient] & self.told)
            self.collected[mine], self.day[mine] = in_zone(self.sent[mine], self.whole[mine], place)
            known = np.where(self.without_receipt[mine], self.sent[mine], self.received[mine])
            whole = np.where(self.without_receipt[mine], self.whole[mine], self.known_whole[mine])
            self.known[mine], self.known_day[mine] = in_zone(known, whole, place)

    def sent_rows(self, rows: np.ndarray) -> list[Told | Untold]:
        """Rows for their reader, in that order."""
        told = self.told[rows]
        texts = self.event.take(pa.array(rows[~told])).to_pylist()
        untold = map(Untold, self.source[rows[~told]].tolist(), texts)
        each: tuple[Iterator[Told | Untold], Iterator[Told | Untold]] = untold, iter(self._told_rows(rows[told]))
        return [next(each[is_told]) for is_told in told.tolist()]

    def _told_rows(self, rows: np.ndarray) -> list[Told]:
        if not len(rows):
            return []
        place = pa.array(rows)
        ids, orders, replaced, versions = (
            self.column(name).take(place).to_pylist() for name in ("id", "order", "replaces", "version")
        )
        return [
            Told(
                source=int(self.source[row]),
                numbers=(int(self.reading[row]), int(self.limits[row]), int(self.lab[row])),
                reading=self.source_of.readings[self.reading[row]],
                limits=self.source_of.limits[self.limits[row]],
                status=(*STATUSES, None)[self.status[row]],
                lab=self.source_of.labs[self.lab[row]] or None,
                collected=written(int(self.sent[row]), bool(self.whole[row])),
                received=None
                if self.without_receipt[row]
                else written(int(self.received[row]), bool(self.known_whole[row])),
                id=ids[at] or None,
                order=orders[at] or None,
                replaces=replaced[at] or None,
                version=versions[at] or None,
            )
            for at, row in enumerate(rows.tolist())
        ]


def in_zone(at: np.ndarray, whole: np.ndarray, place: ZoneInfo) -> tuple[np.ndarray, np.ndarray]:
    """(instants, days) of moments as `sent` has them."""
    days = np.where(whole, at // A_DAY, moments.days_of(np.where(whole, 0, at), place)).astype(np.int32)
    instants = at.copy()
    instants[whole] = moments.midnights(days[whole], place)
    return instants, days


def written(at: int, whole: bool) -> str:
    """A moment as a record writes it."""
    instant = EPOCH + timedelta(microseconds=at)
    return instant.date().isoformat() if whole else instant.isoformat()


def event_of(told: Told) -> Event:
    """A told row as a record writes it."""
    if told.reading.aside:
        return {**told.reading.event, "id": told.id, "status": told.status, "at": told.collected}
    own: Event = {"id": told.id, "order": told.order, "status": told.status, "lab": told.lab, "replaces": told.replaces}
    return {**told.reading.event, **told.limits.event, **own, "collected": told.collected, "received": told.received}
