"""Which results stand alone and become columns at once, and which have to be read together with others of their patient.

Alone is a final, readable value that replaces nothing, the only one of its test on its day, with an id of its own, and no more than
the whole that it is a part of. All rows of a day that are not alone go together: corrections and disputes are settled there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from countwell.vocabulary.tests import test, tests

DAYS = 2**18  # more than there are days in living memory
SOME_DAY = DAYS // 2


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one bucket as columns of one length. patient: a number; day: of collection; test: place in the store's list, 0 if none.

    single: a plain row in itself; told: the numbers tell it all; low: thousandths; exact: low is the value itself.
    """

    patient: np.ndarray
    test: np.ndarray
    day: np.ndarray
    collected: np.ndarray
    whole: np.ndarray
    low: np.ndarray
    exact: np.ndarray
    single: np.ndarray
    told: np.ndarray
    id: pa.Array
    replaces: pa.Array


def alone(rows: Rows) -> np.ndarray:
    """Whether each row stands alone."""
    many = np.int64(len(tests()) + 1)
    series = rows.patient.astype(np.int64) * many + rows.test
    day = series * DAYS + rows.day + SOME_DAY
    together = ~rows.single
    together |= _of_keys(series, series[~rows.told & (rows.test > 0)])
    together |= _of_keys(day, day[_repeated(day)])
    shared = _ids_shared(rows)
    together |= _of_keys(day, day[shared])
    together |= _of_keys(series, series[_replacing_another_day(rows, day)])
    together |= _of_keys(day, day[together])
    together |= _families(rows, together)
    return ~together


def _of_keys(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    if not len(wanted):
        return np.zeros(len(keys), bool)
    return np.isin(keys, np.unique(wanted))


def _repeated(keys: np.ndarray) -> np.ndarray:
    """Whether the key of each row stands in other rows too."""
    order = np.argsort(keys, kind="stable")
    same = keys[order][1:] == keys[order][:-1]
    twice = np.zeros(len(keys), bool)
    twice[order[1:][same]] = True
    twice[order[:-1][same]] = True
    return twice


def _ids_shared(rows: Rows) -> np.ndarray:
    """Rows whose id another row of the same patient bears."""
    encoded = rows.id.dictionary_encode()
    codes = np.asarray(encoded.indices).astype(np.int64)
    named = np.asarray(pc.not_equal(rows.id, ""))
    if len(encoded.dictionary) >= named.sum() + (not named.all()):
        return np.zeros(len(codes), bool)
    often = np.bincount(codes)[codes] > 1
    places = np.flatnonzero(often & named)
    shared = np.zeros(len(codes), bool)
    shared[places] = _repeated(rows.patient[places].astype(np.int64) * (codes.max() + 1) + codes[places])
    return shared


def _replacing_another_day(rows: Rows, day: np.ndarray) -> np.ndarray:
    """Rows that replace a result of another day: what they mean cannot be told within their day."""
    found = np.zeros(len(day), bool)
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
            if rows.test[target] == rows.test[row] and day[target] != day[row]:
                found[row] = found[target] = True
    return found


@cache
def families() -> Sequence[Mapping[int, tuple[int, int]]]:
    """Each whole with its parts: {part: (numerator, denominator) of the factor that it may exceed the whole by}, the whole as {whole: (0, 1)}."""
    names = ["", *tests()]
    found: dict[str, dict[int, tuple[int, int]]] = {}
    for name in tests():
        if test(name).part_of and test(name).part_margin is not None:
            family = found.setdefault(test(name).part_of, {names.index(test(name).part_of): (0, 1)})
            family[names.index(name)] = test(name).part_margin.as_integer_ratio()
    return list(found.values())


def _families(rows: Rows, together: np.ndarray) -> np.ndarray:
    """Rows of a day on which a part is more than its whole, or one of the family is not alone: then none of them is."""
    found = np.zeros(len(together), bool)
    for family in families():
        members = np.flatnonzero(np.isin(rows.test, list(family)))
        day = rows.patient[members].astype(np.int64) * DAYS + rows.day[members] + SOME_DAY
        drawn_in = together[members] | _too_large(rows, members, day, family)
        found[members] = _of_keys(day, day[drawn_in])
    return found


def _too_large(rows: Rows, members: np.ndarray, day: np.ndarray, family: Mapping[int, tuple[int, int]]) -> np.ndarray:
    """Of the members, the parts that exceed their whole, or that cannot be compared with it in whole numbers."""
    whole = next(name for name, (numerator, _) in family.items() if numerator == 0)
    is_whole = rows.test[members] == whole
    wholes = members[is_whole]
    order = np.argsort(day[is_whole], kind="stable")
    days, wholes = day[is_whole][order], wholes[order]
    found = np.zeros(len(members), bool)
    if not len(days):
        return found
    place = np.minimum(np.searchsorted(days, day), len(days) - 1)
    other = wholes[place]
    same = (days[place] == day) & (rows.collected[members] == rows.collected[other])
    same &= (rows.whole[members] == rows.whole[other]) & ~is_whole
    for part, (numerator, denominator) in family.items():
        mine = np.flatnonzero(same & (rows.test[members] == part))
        low, limit = rows.low[members[mine]].astype(np.int64), rows.low[other[mine]].astype(np.int64)
        unsure = ~(rows.exact[members[mine]] & rows.exact[other[mine]])
        found[mine] = unsure | (low * denominator > limit * numerator)
    return found
