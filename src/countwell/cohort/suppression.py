"""Small counts are hidden, and as many others as it takes that no subtraction brings a hidden one back.

A reader knows all printed counts and all sums between them: rows and margins of a table, tables nested in each other, parts
of a whole. What is looked for: of every small count, printed or only implied, as many values remain possible as there are
small counts. All hidden counts bear one mark: a count that only covers another is not told from a small one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countwell.cohort.measures.choices import fewest

Key = Hashable
Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cell:
    """One count. persons: how many people stand behind it. printed: whether a reader sees it if it is not hidden.

    exact: whether the count is of persons themselves, so that both figures are the same.
    """

    count: int
    persons: int
    printed: bool = True

    def is_small(self, least: int) -> bool:
        """Whether it counts somebody, and too few things or too few people."""
        return 0 < self.count < least or 0 < self.persons < least


@dataclass(frozen=True, slots=True)
class Sum:
    """A count that is the sum of others."""

    total: Key
    parts: tuple[Key, ...]

    @property
    def keys(self) -> tuple[Key, ...]:
        """All counts that it ties together."""
        return (self.total, *self.parts)


def hidden(cells: Mapping[Key, Cell], sums: Iterable[Sum], least: int | None = None) -> frozenset[Key]:
    """Which printed counts are not shown.

    cells: every count that is printed, and every one that a reader could work out if all were (`printed=False`).
    sums: all that ties them together. least: the smallest count that is shown; 0 is shown: it counts nobody.
    Raises KeyError for a sum over a count that is not in `cells`, ValueError for a sum that does not add up.
    """
    tied = _Tied(cells, list(sums), fewest() if least is None else least)
    while bare := tied.bare():
        if not tied.cover(bare):
            break
    return frozenset(key for key in tied.unseen if cells[key].printed)


class _Tied:
    """Counts, the sums that tie them together, and which of them nobody sees."""

    def __init__(self, cells: Mapping[Key, Cell], ties: list[Sum], least: int) -> None:
        self.cells, self.ties, self.least = cells, ties, least
        self.small = {key for key, cell in cells.items() if cell.is_small(least)}
        self.unseen = self.small | {key for key, cell in cells.items() if not cell.printed}
        self.at: dict[Key, list[int]] = {}
        for place, tie in enumerate(ties):
            if cells[tie.total].count != sum(cells[part].count for part in tie.parts):
                raise ValueError(
                    f"{tie.total}: not the sum of its {len(tie.parts)} parts. Count them from the same rows."
                )
            for key in tie.keys:
                self.at.setdefault(key, []).append(place)

    def bare(self) -> list[Key]:
        """The small counts that a reader could tell, or narrow down further than a small count may be."""
        found: list[Key] = []
        for keys in self.components():
            small = [place for place, key in enumerate(keys) if key in self.small]
            if small:
                tie = self.coefficients(keys)
                narrow = _width(tie, self.knowns(keys), self.least_of(keys)) < self.least - 2
                told = _settled(tie)
                found += [keys[place] for place in small if narrow[place] or told[place]]
        return found

    def components(self) -> Iterator[list[Key]]:
        """Unseen counts in groups that sums tie together; one that no sum reaches has nothing that could betray it."""
        left = {key for key in self.unseen if key in self.at}
        while left:
            group, new = [], [left.pop()]
            while new:
                key = new.pop()
                group.append(key)
                near = {other for place in self.at[key] for other in self.ties[place].keys} & left
                left -= near
                new.extend(near)
            yield sorted(group, key=lambda key: (self.cells[key].count, repr(key)))

    def _ties_of(self, keys: Sequence[Key]) -> list[Sum]:
        return [self.ties[place] for place in sorted({place for key in keys for place in self.at[key]})]

    def coefficients(self, keys: Sequence[Key]) -> Numbers:
        """One row per sum, one column per unseen count: 1 as a part, -1 as the total."""
        place = {key: number for number, key in enumerate(keys)}
        ties = self._ties_of(keys)
        rows = np.zeros((len(ties), len(keys)))
        for row, tie in zip(rows, ties, strict=True):
            for key in tie.parts:
                if key in place:
                    row[place[key]] += 1
            if tie.total in place:
                row[place[tie.total]] -= 1
        return rows

    def knowns(self, keys: Sequence[Key]) -> Numbers:
        """What each of these sums must come to in the counts that are not seen."""
        return self.coefficients(keys) @ np.array([self.cells[key].count for key in keys], dtype=np.float64)

    def least_of(self, keys: Sequence[Key]) -> Numbers:
        """The least that a reader knows each to be: a hidden mark is never put on 0."""
        return np.array([self.cells[key].printed for key in keys], dtype=np.float64)

    def cover(self, bare: Sequence[Key]) -> bool:
        """Hide one more count beside each bare one, if its sums show any; whether anything was hidden."""
        taken: set[Key] = set()
        for key in bare:
            candidates = self._beside(key)
            if candidates and not taken.intersection(candidates):
                taken.add(min(candidates, key=candidates.__getitem__))
        self.unseen |= taken
        return bool(taken)

    def _beside(self, key: Key) -> dict[Key, tuple[bool, bool, int, str]]:
        """Counts that could cover this one, and how well: a part before a total, in a row that has hidden ones, small."""
        near = [self.ties[place] for place in self.at[key]]
        found = self._seen_in(near)
        if not found:
            group = next((keys for keys in self.components() if key in keys), [])
            found = self._seen_in(self._ties_of(group))
        return found

    def _seen_in(self, ties: Iterable[Sum]) -> dict[Key, tuple[bool, bool, int, str]]:
        others = ((tie, key) for tie in ties for key in tie.keys if key not in self.unseen and self.cells[key].count)
        return {
            key: (key == tie.total, not self._in_hidden_row(key), self.cells[key].count, repr(key))
            for tie, key in others
        }

    def _in_hidden_row(self, key: Key) -> bool:
        """Whether another count of the same row (the second part of a key) is hidden already: rather one row than two."""
        if not isinstance(key, tuple):
            return False
        return any(
            isinstance(other, tuple) and other[1:] == key[1:] and self.cells[other].printed for other in self.unseen
        )


def _width(ties: Numbers, known: Numbers, least: Numbers) -> Numbers:
    """How far apart the ends are between which each unseen count must lie, by subtracting again and again."""
    low, high = least.copy(), np.full(len(least), np.inf)
    parts, minus = np.maximum(ties, 0), np.maximum(-ties, 0)
    for _ in range(len(least) + 2):
        before = low.copy(), high.copy()
        for row, plus, total in zip(known, parts, minus, strict=True):
            _tighten(low, high, row, plus > 0, total > 0)
        if np.array_equal(before[0], low) and np.array_equal(before[1], high):
            break
    return high - low


def _tighten(low: Numbers, high: Numbers, known: float, plus: Mask, minus: Mask) -> None:
    """One sum: plus - minus = known; each count is what the others leave of it."""
    top, bottom = _sum(high, plus), _sum(low, plus)
    most, fewest_ = _sum(high, minus), _sum(low, minus)
    rest_high, rest_low = known + most, known + fewest_
    with np.errstate(invalid="ignore"):
        high[plus] = np.minimum(high[plus], rest_high - (bottom - low[plus]))
        others = np.where(np.isinf(high[plus]), _others(high, plus), top - high[plus])
        low[plus] = np.maximum(low[plus], np.nan_to_num(rest_low - others, nan=-np.inf, neginf=-np.inf))
        high[minus] = np.minimum(high[minus], top - known)
        low[minus] = np.maximum(low[minus], bottom - known)


def _sum(ends: Numbers, which: Mask) -> float:
    return float(ends[which].sum())


def _others(high: Numbers, which: Mask) -> Numbers:
    """For each the sum of the upper ends of the others."""
    ends = high[which]
    endless = np.isinf(ends)
    finite = float(ends[~endless].sum())
    return np.where(endless & (endless.sum() == 1), finite, np.inf)


def _settled(ties: Numbers) -> Mask:
    """Which counts all sums together settle, by elimination (Gauss and Jordan): those whose row has nothing free left in it."""
    left, pivots = ties.copy(), list[int]()
    for column in range(left.shape[1]):
        row = len(pivots)
        if row == left.shape[0]:
            break
        best = row + int(np.argmax(np.abs(left[row:, column])))
        if abs(left[best, column]) < _NOTHING:
            continue
        left[[row, best]] = left[[best, row]]
        left[row] /= left[row, column]
        others = left[:, column].copy()
        others[row] = 0
        left -= np.outer(others, left[row])
        pivots.append(column)
    settled = np.zeros(left.shape[1], dtype=bool)
    free = np.setdiff1d(np.arange(left.shape[1]), pivots)
    settled[pivots] = ~(np.abs(left[: len(pivots)][:, free]) > _NOTHING).any(axis=1)
    return settled


_NOTHING = float(np.sqrt(np.finfo(np.float64).eps))
