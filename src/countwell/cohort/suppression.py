"""Small counts are hidden, and as many others as it takes that no subtraction brings a hidden one back.

A reader knows all printed counts and all sums between them: rows and margins of a table, tables nested in each other, parts of
a whole. What is promised: of every small count, printed or only implied, as many values remain possible as there are small counts.
All hidden counts bear one mark, so that a count that only covers another is not told from a small one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from countwell.cohort.measures.choices import fewest

Key = Hashable


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
    least = fewest() if least is None else least
    ties = list(sums)
    _check(cells, ties)
    unseen = {key for key, cell in cells.items() if not cell.printed or cell.is_small(least)}
    while bare := _bare(cells, ties, unseen, least):
        covers = set(_covers(bare, cells, ties, unseen))
        if not covers:
            break
        unseen |= covers
    return frozenset(key for key in unseen if cells[key].printed)


def _check(cells: Mapping[Key, Cell], ties: Sequence[Sum]) -> None:
    for tie in ties:
        if cells[tie.total].count != sum(cells[part].count for part in tie.parts):
            raise ValueError(f"{tie.total}: not the sum of its {len(tie.parts)} parts. Count them from the same rows.")


def _bare(cells: Mapping[Key, Cell], ties: Sequence[Sum], unseen: set[Key], least: int) -> list[Key]:
    """The small counts that a reader could narrow down further than a small count may be."""
    wanted = least - 2
    found = []
    for group in _components(ties, unseen):
        keys = sorted(group, key=lambda key: (cells[key].count, repr(key)))
        small = [place for place, key in enumerate(keys) if cells[key].is_small(least)]
        if small:
            room = _room(keys, cells, ties)
            found += [keys[place] for place in small if room[place] < wanted]
    return found


def _components(ties: Sequence[Sum], unseen: set[Key]) -> Iterator[set[Key]]:
    """Unseen counts in groups that sums tie together; a count that no sum reaches has nothing that could betray it."""
    touching: dict[Key, list[int]] = {}
    for place, tie in enumerate(ties):
        for key in tie.keys:
            if key in unseen:
                touching.setdefault(key, []).append(place)
    left = set(touching)
    while left:
        group, new = set(), [left.pop()]
        while new:
            key = new.pop()
            group.add(key)
            near = {other for place in touching[key] for other in ties[place].keys} & left
            left -= near
            new.extend(near)
        yield group


def _room(keys: Sequence[Key], cells: Mapping[Key, Cell], ties: Sequence[Sum]) -> np.ndarray:
    """How far each of these unseen counts can be moved, at least, with all sums still right and no count below its least."""
    moves = _moves(_coefficients(keys, ties))
    spare = np.array([cells[key].count - (1 if cells[key].printed else 0) for key in keys], dtype=np.float64)
    up, down = _steps(moves, spare), _steps(-moves, spare)
    forth = np.maximum(moves * up, -moves * down).max(axis=1, initial=0)
    back = np.maximum(-moves * up, moves * down).max(axis=1, initial=0)
    return forth + back


def _steps(moves: np.ndarray, spare: np.ndarray) -> np.ndarray:
    """How many whole steps each move can be made before a count would fall below its least; at most a large number."""
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(moves < 0, np.floor(np.maximum(spare, 0)[:, None] / -moves), np.inf)
    return np.minimum(steps.min(axis=0, initial=np.inf), 1 + spare.sum())


def _coefficients(keys: Sequence[Key], ties: Sequence[Sum]) -> np.ndarray:
    place = {key: number for number, key in enumerate(keys)}
    rows = []
    for tie in ties:
        row = np.zeros(len(keys))
        for key in tie.parts:
            if key in place:
                row[place[key]] += 1
        if tie.total in place:
            row[place[tie.total]] -= 1
        if row.any():
            rows.append(row)
    return np.array(rows).reshape(len(rows), len(keys))


def _moves(ties: np.ndarray) -> np.ndarray:
    """Ways in which unseen counts can change together so that no sum notices: columns of whole numbers."""
    left, pivots = _eliminated(ties.copy())
    free = [column for column in range(ties.shape[1]) if column not in set(pivots)]
    moves = np.zeros((ties.shape[1], len(free)))
    for number, column in enumerate(free):
        moves[column, number] = 1
        moves[pivots, number] = -left[: len(pivots), column]
    moves = np.round(moves)
    return moves[:, ~(ties @ moves).any(axis=0)]


def _eliminated(left: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Gauss and Jordan: the reduced rows, and the column that each of them settles."""
    pivots: list[int] = []
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
    return left, pivots


_NOTHING = float(np.sqrt(np.finfo(np.float64).eps))


def _covers(bare: Sequence[Key], cells: Mapping[Key, Cell], ties: Sequence[Sum], unseen: set[Key]) -> Iterator[Key]:
    """For each bare count one more to be hidden beside it: the smallest of its own row or column, else the sum itself."""
    taken: set[Key] = set()
    for key in bare:
        candidates = _beside(key, cells, ties, unseen)
        if candidates and not taken.intersection(cover for _, _, cover in candidates):
            cover = min(candidates, key=lambda one: (one[0], one[1], repr(one[2])))[2]
            taken.add(cover)
            yield cover


def _beside(key: Key, cells: Mapping[Key, Cell], ties: Sequence[Sum], unseen: set[Key]) -> list[tuple[int, int, Key]]:
    """Counts that are seen and share a sum with this one, or, if there is none, with an unseen one tied to it."""

    def seen_in(near: Iterable[Sum]) -> list[tuple[int, int, Key]]:
        others = ((tie, other) for tie in near for other in tie.keys if other not in unseen and cells[other].count)
        return [(int(other == tie.total), cells[other].count, other) for tie, other in others]

    if found := seen_in(tie for tie in ties if key in tie.keys):
        return found
    group = next((group for group in _components(ties, unseen) if key in group), set())
    return seen_in(tie for tie in ties if group.intersection(tie.keys))
