"""One record -> the rows of one patient. Nothing disappears: what the reference refuses or holds becomes a NOT_USED event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from countwell.base.errors import Unreadable
from countwell.cohort import columns as c
from countwell.cohort.events import Row, event_row, gene_row, rows_of
from countwell.cohort.integers import NOTHING, beginning, day_number, ending, limit, stored
from countwell.cohort.readings import Reading, Wholes, read_results, wholes_of
from countwell.cohort.resolve import Aside, State, states
from countwell.cohort.store import Store, open_store
from countwell.cohort.unused import Unused, of_reading, of_receipt, of_refused, to_come, unused_row
from countwell.cohort.vocabularies import Words
from countwell.cohort.writing import PATIENTS_PER_PART, StoreWriter
from countwell.model import records as r
from countwell.vocabulary import genes
from countwell.vocabulary.quantities import read_weight
from countwell.vocabulary.tests import test

RECORDS_AT_ONCE = 1000
NO_EVENT = -1
TRANSFUSED = "transfused"
STATUS = {"final": c.FINAL, "disputed": c.DISPUTED, "preliminary": c.PRELIMINARY} | {
    "unreadable": c.UNREADABLE,
    "withdrawn": c.WITHDRAWN,
}


class Rows(NamedTuple):
    """The rows of one patient, each in the order of its schema without `patient`, sorted as the store wants them."""

    patient: Row
    labs: list[Row]
    events: list[Row]


def of_record(record: r.Record, words: Words) -> Rows:
    """The rows of a record. words: the lists of the store, which take up laboratories, zones and other words as they come.

    Raises CohortError if a list is full.
    """
    numbers = {ref: number for number, ref in enumerate(sorted(_refs(record)))}
    labs: list[Row] = []
    events = [*_events(record, numbers, words), *_not_used(record, numbers, words)]
    rows = read_results(event for event in record.events if isinstance(event, r.Result))
    given = [event for event in record.events if isinstance(event, r.Circumstance) and event.what == TRANSFUSED]
    transfused = [event.start.day if event.start else None for event in given if event.present is not False]
    for name, row in rows.items():
        wholes = wholes_of(name, rows)
        found, aside = states(row, test(name).worse, wholes)
        labs += [_lab(name, state, numbers, words) for state in found]
        events += _of_readings(name, row, wholes, aside, transfused, numbers, words)
        events += [unused_row(item, numbers[ref], words) for ref, item in to_come(name, row, found, wholes)]
        events += _unfounded(record, aside, numbers)
    return Rows(_patient(record, words), sorted(labs, key=lab_order), sorted(events, key=event_order))


def _refs(record: r.Record) -> Iterator[str]:
    yield from {event.ref for event in record.events} | {
        item.event for item in record.refused if item.event is not None
    }


def lab_order(row: Row) -> Row:
    """The order of a patient's laboratory rows: collected, test, known, ref."""
    collected, _, name, known = row[:4]
    return collected, name, known, row[-1]


def event_order(row: Row) -> Row:
    """The order of a patient's events: at, kind, ref."""
    return row[0], row[2], row[-2]


def _patient(record: r.Record, words: Words) -> Row:
    who, course = record.patient, record.course
    return (
        who.id,
        c.NO_DAY if who.born is None else day_number(who.born),
        words.place("sexes", who.sex),
        words.place("countries", who.country.lower() if who.country else None),
        words.place("zones", who.time_zone),
        words.place("conditions", course.condition),
        words.place("protocols", course.protocol),
    )


def _lab(name: str, state: State, numbers: Mapping[str, int], words: Words) -> Row:
    specimen, reading = state.specimen, state.specimen.reading
    collected, day, whole_day = beginning(specimen.collected)
    known, known_day, _ = beginning(state.known)
    until, until_day, _ = ending(state.until)
    low, high, flags = stored(specimen.span) if specimen.span is not None else NOTHING
    upper, upper_open = limit(reading.upper)
    flags |= whole_day | (c.UPPER_OPEN if upper_open else 0) | (0 if specimen.own.received else c.NO_RECEIPT)
    flags |= c.MERE_REPORT if specimen.mere_report else 0
    return (
        *(collected, day, words.place("tests", name), known, known_day, until, until_day, low, high, upper),
        *(
            STATUS[specimen.status],
            flags,
            words.place("labs", reading.lab),
            _why(state, words),
            numbers[specimen.own.ref],
        ),
    )


def _why(state: State, words: Words) -> int:
    if state.specimen.status != "unreadable":
        return 0
    problem = state.specimen.reading.problem
    return words.place("whys", problem.why if problem is not None else "unreadable")


def _events(record: r.Record, numbers: Mapping[str, int], words: Words) -> Iterator[Row]:
    for event in record.events:
        yield from rows_of(_as_read(event, record.patient), numbers[event.ref], words)


def _as_read(event: r.Event, who: r.Patient) -> r.Event:
    """A weight that cannot be used stands without its value."""
    if isinstance(event, r.Weight) and not _is_readable(event, who):
        return replace(event, value="")
    return event


def _not_used(record: r.Record, numbers: Mapping[str, int], words: Words) -> Iterator[Row]:
    """What the reader of records refused or holds, and weights that cannot be read."""
    for item in record.refused:
        yield unused_row(of_refused(item), numbers.get(item.event or "", NO_EVENT), words)
    for event in record.events:
        if isinstance(event, r.Weight) and not _is_readable(event, record.patient):
            yield unused_row(Unused("other", event.at, event.at), numbers[event.ref], words)


def _is_readable(weight: r.Weight, who: r.Patient) -> bool:
    try:
        read_weight(weight.value, weight.unit, who.born, weight.at.day)
    except Unreadable:
        return False
    return True


def _of_readings(
    name: str,
    row: Iterable[Reading],
    wholes: Wholes | None,
    aside: Iterable[Aside],
    transfused: Sequence[date | None],
    numbers: Mapping[str, int],
    words: Words,
) -> Iterator[Row]:
    """Results that cannot be used, and what results say of a gene. transfused: when red cells were given."""
    gone: dict[str, list[Aside]] = {}
    for put in aside:
        gone.setdefault(put.reading.ref, []).append(put)
    gene = next((gene for gene in genes.genes() if gene.lower() == name), None)
    for reading in row:
        number = numbers[reading.ref]
        yield from (unused_row(item, number, words) for item in of_receipt(name, reading))
        for held, end in wholes.over_time(reading) if wholes else ((reading, None),):
            unusable = of_reading(name, held, end, gone.get(reading.ref, []))
            yield from (unused_row(item, number, words) for item in unusable)
        if gene is not None and not reading.withdrawn:
            at = max(reading.collected, reading.known, key=lambda moment: moment.at)
            yield gene_row(gene, at, number, _phenotypes(gene, reading, transfused), words, of_result=True)


def _phenotypes(gene: str, reading: Reading, transfused: Sequence[date | None]) -> frozenset[str]:
    """What a result filed as a test says of a gene: an activity on its own scale, else alleles or words.

    transfused: when red cells were given; an activity that may be a donor's leaves every phenotype possible.
    """
    value, unit = reading.sent
    try:
        found = genes.activity_phenotype(value, unit)
    except (Unreadable, ValueError):
        return genes.phenotype(gene, value)
    return genes.ANY if genes.is_of_donor(reading.collected.day, transfused) else found


def _unfounded(record: r.Record, aside: Iterable[Aside], numbers: Mapping[str, int]) -> Iterator[Row]:
    """A decision that rests on a result that was put aside; a preliminary value that its final report confirms is no news."""
    decisions = [event for event in record.events if isinstance(event, r.Decision) and event.rests_on]
    for item in aside:
        confirmed = item.reading.preliminary and not item.by.withdrawn and item.reading.span == item.by.span
        if item.reading.withdrawn or confirmed:
            continue
        for decision in decisions:
            at = max(item.known, decision.at, item.reading.collected, key=lambda moment: moment.at)
            if item.reading.ref in decision.rests_on and (item.until is None or at.at < item.until.at):
                yield event_row(c.UNFOUNDED, at, numbers[decision.ref], end=item.until)


def write_records(
    records: Iterable[r.Record],
    path: Path | str,
    *,
    patients_per_row_group: int = c.PATIENTS_PER_ROW_GROUP,
    patients_per_part: int = PATIENTS_PER_PART,
) -> Store:
    """A new store of these records, in their order, opened. Sizes as of StoreWriter.

    Raises StoreError if it cannot be written there, CohortError if a list of words is full.
    """
    with StoreWriter(
        path, patients_per_row_group=patients_per_row_group, patients_per_part=patients_per_part
    ) as writer:
        left = iter(records)
        while batch := list(islice(left, RECORDS_AT_ONCE)):
            writer.add(*columns_of([of_record(record, writer.words) for record in batch]))
    return open_store(path)


def columns_of(batch: Sequence[Rows]) -> tuple[dict[str, NDArray], dict[str, NDArray], dict[str, NDArray]]:
    """The rows of several patients as columns of patients, labs and events; `patient` counts from 0."""
    patients = [(number, *rows.patient) for number, rows in enumerate(batch)]
    labs = [(number, *row) for number, rows in enumerate(batch) for row in rows.labs]
    events = [(number, *row) for number, rows in enumerate(batch) for row in rows.events]
    return _columns(c.PATIENTS, patients), _columns(c.LABS, labs), _columns(c.EVENTS, events)


def _columns(schema: pa.Schema, rows: Sequence[Row]) -> dict[str, NDArray]:
    cells = zip(*rows, strict=True) if rows else ((),) * len(schema)
    return {f.name: np.array(column, f.type.to_pandas_dtype()) for f, column in zip(schema, cells, strict=True)}
