"""Counting rows by columns: how many, and of how many people. Tallies of row groups add up: a patient is in one alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product

import numpy as np

from countwell.cohort.measures.seen import Coded, Ints
from countwell.cohort.suppression import Cell, Sum, hidden

By = tuple[str, ...]
Where = tuple[tuple[str, str], ...]
Key = tuple[str, Where]


class Tally(dict[Key, Ints]):
    """By what is counted and where (pairs of column and word): an array that adds up, [count, people] unless said otherwise."""

    def add(self, others: Mapping[Key, Ints]) -> None:
        """Add the tally of another row group."""
        for key, numbers in others.items():
            self[key] = self[key] + numbers if key in self else numbers

    def count(self, what: str, where: Where = ()) -> int:
        """How many there are; 0 of what was never met."""
        return int(self[what, where][0]) if (what, where) in self else 0

    def people(self, what: str, where: Where = ()) -> int:
        """Of how many people."""
        return int(self[what, where][1]) if (what, where) in self else 0

    def words_of(self, column: str) -> tuple[str, ...]:
        """Every word of a column that was met, in the order of the alphabet."""
        return tuple(sorted({word for _, where in self for name, word in where if name == column}))


def where(**words: str) -> Where:
    """The place of one count: `where(group="cbc", phase="steady")`."""
    return tuple(sorted(words.items()))


def counted(what: str, patient: Ints, columns: Mapping[str, Coded], tables: Iterable[By]) -> Tally:
    """Rows counted by every table, and by every part of it. patient: from 0; columns: one word per row.

    tables: which columns are crossed, () for all rows together.
    """
    found = Tally()
    size = int(patient.max(initial=-1)) + 1
    for by in closed(tables):
        place, names = crossed(columns, by, len(patient))
        counts = np.bincount(place, minlength=len(names))
        met = np.zeros(len(names) * size, dtype=bool)
        met[place * size + patient] = True
        people = met.reshape(len(names), size).sum(axis=1)
        found |= {(what, names[n]): np.array([counts[n], people[n]]) for n in np.flatnonzero(counts)}
    return found


def added(what: str, patient: Ints, amount: Ints, columns: Mapping[str, Coded], tables: Iterable[By]) -> Tally:
    """Amounts (such as days on treatment) added up by every table: [sum, people]."""
    found = Tally()
    for by in closed(tables):
        place, names = crossed(columns, by, len(patient))
        sums, people = np.bincount(place, amount, minlength=len(names)), np.bincount(place, minlength=len(names))
        found |= {(what, names[n]): np.array([sums[n], people[n]]) for n in np.flatnonzero(people)}
    return found


def spread(what: str, value: Ints, most: int, columns: Mapping[str, Coded], tables: Iterable[By]) -> Tally:
    """How often each whole number from 0 to `most` occurs, by every table; larger ones count as `most`."""
    found = Tally()
    inside = np.clip(value, 0, most).astype(np.int64)
    for by in closed(tables):
        place, names = crossed(columns, by, len(value))
        table = np.bincount(place * (most + 1) + inside, minlength=len(names) * (most + 1)).reshape(
            len(names), most + 1
        )
        found |= {(what, names[n]): table[n] for n in np.flatnonzero(table.any(axis=1))}
    return found


def closed(tables: Iterable[By]) -> list[By]:
    """These tables and all their margins, each once."""
    parts = (tuple(sorted(part)) for by in tables for size in range(len(by) + 1) for part in combinations(by, size))
    return sorted(dict.fromkeys([(), *parts]), key=lambda by: (len(by), by))


def crossed(columns: Mapping[str, Coded], by: By, rows: int) -> tuple[Ints, list[Where]]:
    """One place per row in the cross of some columns, and what each place means."""
    place = np.zeros(rows, dtype=np.int64)
    for name in by:
        place = place * len(columns[name].names) + columns[name].place
    words = product(*(columns[name].names for name in by))
    return place, [tuple(zip(by, row, strict=True)) for row in words]


def not_shown(
    tally: Tally,
    printed: Mapping[str, Sequence[By]],
    wholes: Mapping[str, Sequence[str]] | None = None,
    more: Sequence[Sum] = (),
) -> frozenset[Key]:
    """Which counts are hidden.

    printed: what is shown, and in which tables (columns crossed, () for all together). wholes: what is the sum of what
    (`{"due": ("on time", "late")}`), so that a part that is not printed is protected too. more: further sums between counts.
    """
    wholes = wholes or {}
    shown = {what: {tuple(sorted(by)) for by in tables} for what, tables in printed.items()}
    whats = dict.fromkeys([*printed, *(name for whole, parts in wholes.items() for name in (whole, *parts))])
    tables = closed(by for bys in printed.values() for by in bys)
    words = {column: tally.words_of(column) for by in tables for column in by}
    cells, sums = dict[Key, Cell](), list(more)
    for by in tables:
        for place in product(*(words[name] for name in by)):
            here = tuple(zip(by, place, strict=True))
            for what in whats:
                is_printed = by in shown.get(what, ())
                cells[what, here] = Cell(tally.count(what, here), tally.people(what, here), is_printed)
            sums += [Sum((whole, here), tuple((part, here) for part in parts)) for whole, parts in wholes.items()]
            sums += [Sum(*tie) for what in whats for tie in _margins(what, here, by, tables, words)]
    return frozenset(hidden(cells, sums))  # type: ignore[arg-type]


def _margins(
    what: str, here: Where, by: By, tables: Sequence[By], words: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Key, tuple[Key, ...]]]:
    """The sums whose total stands here: over each further column that is crossed with these."""
    for wider in tables:
        if len(wider) == len(by) + 1 and set(by) < set(wider):
            (more,) = set(wider) - set(by)
            yield (what, here), tuple((what, tuple(sorted((*here, (more, word))))) for word in words[more])
