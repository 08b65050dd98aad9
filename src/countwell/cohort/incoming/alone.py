"""How each result gets into the store: ALONE, settled with the others of its DAY, read with its patient's RECORD, or not at all
(ASIDE).

Alone is a final, readable value that replaces nothing and is the only one of its test on its day. What is told by numbers and
meets only results of its day may be settled there. Everything else needs the record: rows that are not told, ids borne twice,
what replaces a result of another day, and parts that are more than their whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from countwell.cohort.incoming.fingerprints import fingerprints
from countwell.vocabulary.tests import test, tests

ALONE, DAY, RECORD, ASIDE = range(2 + 2)
SOME_DAY = 100 * 100 * 10  # no day in living memory lies further from 1970
DAYS = 2 * SOME_DAY


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one bucket as columns of one length. day: of collection; test: place in the store's list, 0: none.

    single: final, readable, replacing nothing; told: the numbers tell it all; record: to be read with the record for a reason
    of its own; aside: plainly nothing that is read. counts: readable, not withdrawn; low: thousandths; exact: one value; fits:
    the thousandths are what was sent.
    """

    patient: np.ndarray
    test: np.ndarray
    day: np.ndarray
    collected: np.ndarray
    whole: np.ndarray
    low: np.ndarray
    exact: np.ndarray
    fits: np.ndarray
    counts: np.ndarray
    single: np.ndarray
    told: np.ndarray
    record: np.ndarray
    aside: np.ndarray
    id: pa.Array
    replaces: pa.Array


@dataclass(frozen=True, slots=True)
class Days:
    """The days of each patient and test. of_row: the number of each row's day; series: of each day the number of its patient
    and test; rows: how many rows each day has."""

    of_row: np.ndarray
    series: np.ndarray
    rows: np.ndarray

    def mark(self, rows: np.ndarray) -> np.ndarray:
        """All rows of the days on which one of `rows` (a mask) lies."""
        found = np.zeros(len(self.series), bool)
        found[self.of_row[rows]] = True
        return found[self.of_row]

    def mark_series(self, rows: np.ndarray) -> np.ndarray:
        """All rows of the patients and tests of which one of `rows` is."""
        if not rows.any():
            return rows
        found = np.zeros(int(self.series[-1]) + 1, bool)
        found[self.series[self.of_row[rows]]] = True
        return found[self.series][self.of_row]


def days_of(rows: Rows) -> Days:
    """The days, numbered in order of patient, test, day."""
    many = np.int64(len(tests()) + 1)
    key = (rows.patient.astype(np.int64) * many + rows.test) * DAYS + rows.day + SOME_DAY
    order = np.argsort(key)
    new = np.diff(key[order], prepend=-1) != 0
    of_row = np.empty(len(key), np.int64)
    of_row[order] = np.cumsum(new) - 1
    series = key[order][new] // DAYS
    return Days(of_row, np.cumsum(np.diff(series, prepend=-1) != 0) - 1, np.bincount(of_row))


def ways(rows: Rows, days: Days) -> np.ndarray:
    """ALONE, DAY, RECORD or ASIDE for each row."""
    if not len(rows.patient):
        return np.zeros(0, np.int8)
    record = days.mark(_ids_shared(rows) | rows.record)
    record |= days.mark_series((~rows.told & (rows.test > 0)) | _replacing_another_day(rows, days))
    record |= _beside_untold(rows) | ~rows.told | days.mark(_too_large(rows))
    record |= families_of(rows, days, record)
    together = days.mark(~rows.single | (days.rows[days.of_row] > 1))
    return np.where(record, RECORD, np.where(rows.aside, ASIDE, np.where(together, DAY, ALONE))).astype(np.int8)


def families_of(rows: Rows, days: Days, record: np.ndarray) -> np.ndarray:
    """Rows of a day on which another of their family needs the record: a part is judged beside its whole."""
    found = np.zeros(len(record), bool)
    for family in families():
        members = np.flatnonzero(np.isin(rows.test, list(family)))
        day = rows.patient[members].astype(np.int64) * DAYS + rows.day[members] + SOME_DAY
        wanted = np.unique(day[record[members]])
        if len(wanted):
            found[members] = np.isin(day, wanted)
    return days.mark(found)


def _beside_untold(rows: Rows) -> np.ndarray:
    """Rows of patients of whom another of their family is not told by numbers: on which day it was is not known here."""
    found = np.zeros(len(rows.patient), bool)
    for family in families():
        members = np.isin(rows.test, list(family))
        found |= members & np.isin(rows.patient, rows.patient[members & ~rows.told])
    return found


def late(collected: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Rows that were received in the month a year after their collection, or later: whether that is believed, the record tells.

    collected, known: numbers of days.
    """
    months = [days.astype(np.int64).astype("datetime64[D]").astype("datetime64[M]") for days in (collected, known)]
    return np.asarray(months[1] >= months[0] + np.timedelta64(1, "Y"))


def _repeated(keys: np.ndarray) -> np.ndarray:
    """Whether the key of each row stands in other rows too."""
    order = np.argsort(keys)
    same = keys[order][1:] == keys[order][:-1]
    twice = np.zeros(len(keys), bool)
    twice[order[1:][same]] = True
    twice[order[:-1][same]] = True
    return twice


def _ids_shared(rows: Rows) -> np.ndarray:
    """Rows whose id another row of the same patient bears."""
    shared = np.zeros(len(rows.patient), bool)
    named = np.flatnonzero(np.asarray(pc.not_equal(rows.id, "")))
    likely = named[_repeated(fingerprints(rows.id)[named])]
    codes = np.asarray(rows.id.take(pa.array(likely)).dictionary_encode().indices).astype(np.int64)
    shared[likely] = _repeated(rows.patient[likely].astype(np.int64) * (len(likely) + 1) + codes)
    return shared


def _replacing_another_day(rows: Rows, days: Days) -> np.ndarray:
    """Rows that replace a result of another day, and what they replace: what they mean cannot be told within a day."""
    found = np.zeros(len(rows.patient), bool)
    replacing = np.flatnonzero(np.asarray(pc.not_equal(rows.replaces, "")))
    if not len(replacing):
        return found
    wanted = rows.replaces.take(pa.array(replacing)).to_pylist()
    at = np.flatnonzero(np.asarray(pc.is_in(rows.id, value_set=pa.array(wanted, pa.string()))))
    targets: dict[tuple[int, str], list[int]] = {}
    for row, name in zip(at.tolist(), rows.id.take(pa.array(at)).to_pylist(), strict=True):
        targets.setdefault((int(rows.patient[row]), name), []).append(row)
    for row, name in zip(replacing.tolist(), wanted, strict=True):
        for target in targets.get((int(rows.patient[row]), name), ()):
            if rows.test[target] == rows.test[row] and days.of_row[target] != days.of_row[row]:
                found[row] = found[target] = True
    return found


@cache
def families() -> Sequence[Mapping[int, tuple[int, int]]]:
    """Each whole with its parts: part -> the factor that it may exceed it by, as (numerator, denominator); whole -> (0, 1)."""
    names = ["", *tests()]
    found: dict[str, dict[int, tuple[int, int]]] = {}
    for name in tests():
        part = test(name)
        if part.part_of and part.part_margin is not None:
            family = found.setdefault(part.part_of, {names.index(part.part_of): (0, 1)})
            family[names.index(name)] = part.part_margin.as_integer_ratio()
    return list(found.values())


def _too_large(rows: Rows) -> np.ndarray:
    """Parts that are more than the smallest whole of their collection, or cannot be compared with one in whole numbers: which
    whole counts for which part is told with the record."""
    found = np.zeros(len(rows.patient), bool)
    for family in families():
        members = np.flatnonzero(np.isin(rows.test, list(family)) & rows.counts)
        _, instant = np.unique(rows.collected[members], return_inverse=True)
        key = (rows.patient[members].astype(np.int64) * (len(members) + 1) + instant) * 2 + rows.whole[members]
        found[members] = _exceeding(rows, members, key, family)
    return found


def _exceeding(rows: Rows, members: np.ndarray, key: np.ndarray, family: Mapping[int, tuple[int, int]]) -> np.ndarray:
    found = np.zeros(len(members), bool)
    name = next(one for one, (numerator, _) in family.items() if numerator == 0)
    is_whole = (rows.test[members] == name) & (rows.exact[members] | ~rows.fits[members])
    order = np.lexsort((rows.low[members[is_whole]], key[is_whole]))
    keys, wholes = key[is_whole][order], members[is_whole][order]
    if not len(keys):
        return found
    place = np.minimum(np.searchsorted(keys, key), len(keys) - 1)  # the smallest of its key
    other = wholes[place]
    beside = keys[place] == key
    unsure = _of_unsure(keys, wholes, rows)
    for part, (numerator, denominator) in family.items():
        mine = np.flatnonzero(beside & (rows.test[members] == part) & (numerator > 0))
        low, limit = rows.low[members[mine]].astype(np.int64), rows.low[other[mine]].astype(np.int64)
        doubt = ~rows.fits[members[mine]] | np.isin(key[mine], unsure)
        found[mine] = doubt | (low * denominator > limit * numerator)
    return found


def _of_unsure(keys: np.ndarray, wholes: np.ndarray, rows: Rows) -> np.ndarray:
    """Collections of which a whole has more digits than the store."""
    return np.unique(keys[~rows.fits[wholes]])
