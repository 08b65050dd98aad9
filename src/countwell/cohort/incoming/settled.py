"""Results that meet others of their day, settled by columns where it is plain how: one that is not final or cannot be read, a
preliminary one and its final, a correction or withdrawal and what it follows, two finals that differ.

What is not plain is left to be read with the record. The meaning is that of `countwell.cohort.resolve`; a test compares them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from countwell.cohort import columns as c
from countwell.exchange.results import STATUSES

WITHDRAWN_RANK = 2 + 1
UNNAMED = -1
RANKS = {"preliminary": 0, "final": 1, "corrected": 2, "amended": 2}
RANK_OF = np.array([*(RANKS.get(status, WITHDRAWN_RANK) for status in STATUSES), WITHDRAWN_RANK])  # the last: no status


class Met(NamedTuple):
    """Rows of days that are not plain, as columns. group: the day of the patient and test; place: of the row in its bucket.

    easy: without order and version; replaces: whether it names a result; usable: readable; worse: which way is worse for its
    test (-1 lower, 1 higher, 0 neither); lab: number of the laboratory, UNNAMED where none is.
    """

    place: np.ndarray
    group: np.ndarray
    collected: np.ndarray
    whole: np.ndarray
    known: np.ndarray
    status: np.ndarray
    usable: np.ndarray
    exact: np.ndarray
    low: np.ndarray
    easy: np.ndarray
    replaces: np.ndarray
    worse: np.ndarray
    lab: np.ndarray


class States(NamedTuple):
    """States over time. place: the row whose value, limit and laboratory count; since, until: rows whose receipt began and
    ended it (until below 0: it stands); status: as the store has it."""

    place: np.ndarray
    since: np.ndarray
    until: np.ndarray
    status: np.ndarray


class Settled(NamedTuple):
    """states: of the days that are plain; unread: rows that cannot be used, and are not withdrawn; left: for the record."""

    states: States
    unread: np.ndarray
    left: np.ndarray


def settled(met: Met) -> Settled:
    """What each day comes to."""
    order = np.lexsort((met.place, met.known, met.group))
    rows = Met(*(column[order] for column in met))
    starts = np.flatnonzero(np.diff(rows.group, prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    one, first = starts[sizes == 1], starts[sizes == 2]
    one = one[rows.easy[one]]
    followed, disputed = _followed(rows, first, first + 1), _disputed(rows, first, first + 1)
    states = [_alone(rows, one), *_following(rows, first[followed]), *_disputing(rows, first[disputed])]
    done = np.zeros(len(order), bool)
    done[one] = True
    for both in (first[followed], first[disputed]):
        done[both] = done[both + 1] = True
    joined = States(*(np.concatenate(columns) for columns in zip(*states, strict=True)))
    unread = done & ~rows.usable & (RANK_OF[rows.status] < WITHDRAWN_RANK)
    return Settled(_in_places(rows, joined), rows.place[unread], rows.place[~done])


def _in_places(rows: Met, states: States) -> States:
    until = np.where(states.until < 0, -1, rows.place[np.maximum(states.until, 0)])
    return States(rows.place[states.place], rows.place[states.since], until, states.status)


def _own(rows: Met, which: np.ndarray) -> np.ndarray:
    """What a result comes to while it is the only one that is known."""
    rank = RANK_OF[rows.status[which]]
    readable = np.where(rank == 0, c.PRELIMINARY, c.FINAL)
    return np.where(rank == WITHDRAWN_RANK, c.WITHDRAWN, np.where(rows.usable[which], readable, c.UNREADABLE))


def _alone(rows: Met, one: np.ndarray) -> States:
    return States(one, one, np.full(len(one), -1), _own(rows, one))


def _meet(rows: Met, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whether two rows are of one collection, and neither has an order or a version."""
    return (rows.collected[a] == rows.collected[b]) & (rows.whole[a] == rows.whole[b]) & rows.easy[a] & rows.easy[b]


def _stronger(rows: Met, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(the one that gives way, the one that speaks last) of each pair."""
    second = RANK_OF[rows.status[b]] > RANK_OF[rows.status[a]]
    return np.where(second, a, b), np.where(second, b, a)


def _followed(rows: Met, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pairs of which one plainly gives way: a preliminary to a final, either to a correction or a withdrawal."""
    weak, strong = _stronger(rows, a, b)
    low, high = RANK_OF[rows.status[weak]], RANK_OF[rows.status[strong]]
    one_lab = (rows.lab[a] == rows.lab[b]) | (np.minimum(rows.lab[a], rows.lab[b]) == UNNAMED)
    plain = (low < high) & (low <= RANKS["final"]) & rows.usable[weak] & ~rows.replaces[weak] & one_lab
    return _meet(rows, a, b) & plain & (rows.usable[strong] | (high == WITHDRAWN_RANK))


def _following(rows: Met, a: np.ndarray) -> list[States]:
    weak, strong = _stronger(rows, a, a + 1)
    known_before = rows.known[weak] < rows.known[strong]
    weak, ended = weak[known_before], strong[known_before]
    earlier = States(weak, weak, ended, _own(rows, weak))
    return [earlier, States(strong, strong, np.full(len(strong), -1), _own(rows, strong))]


def _disputed(rows: Met, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pairs of finals of one collection that differ, neither correcting the other; one of them may be unreadable."""
    both = (RANK_OF[rows.status[a]] == RANKS["final"]) & (RANK_OF[rows.status[b]] == RANKS["final"])
    differ = rows.usable[a] & rows.usable[b] & rows.exact[a] & rows.exact[b] & (rows.low[a] != rows.low[b])
    one = rows.usable[a] != rows.usable[b]
    told = (rows.worse[a] != 0) & ~rows.replaces[a] & ~rows.replaces[b]
    return _meet(rows, a, b) & both & (differ | one) & told


def _disputing(rows: Met, a: np.ndarray) -> list[States]:
    b = a + 1
    lower = np.where(rows.worse[a] < 0, rows.low[a] < rows.low[b], rows.low[a] > rows.low[b])
    first_counts = np.where(rows.usable[a] & rows.usable[b], lower, rows.usable[a])
    before = rows.known[a] < rows.known[b]
    alone = States(a[before], a[before], b[before], _own(rows, a[before]))
    chosen = np.where(first_counts, a, b)
    return [alone, States(chosen, b, np.full(len(a), -1), np.full(len(a), c.DISPUTED))]
