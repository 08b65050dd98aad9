"""A table that several protocols take along is proven once: the same rules over the same tables and facts are one proof."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator

from countwell.engine.prove.claims import Amount, Level, Step
from countwell.engine.prove.symbols import Formula, Symbol
from countwell.engine.prove.verdict import Verdict
from countwell.engine.prove.world import ALL_TABLES, Place, World
from countwell.model.pack import Pack
from countwell.model.rules import tables_of


class Proven:
    """What has been proven so far, of packs that are read from files that do not change meanwhile."""

    def __init__(self) -> None:
        self._verdicts: dict[Hashable, list[Verdict]] = {}
        self._packs: list[tuple[Pack, ...]] = []

    def verdicts(self, key: Hashable, world: World, prove: Callable[[], Iterable[Verdict]]) -> list[Verdict]:
        """The verdicts of that key, proven now if they were not before. The packs are kept: a key names them by identity."""
        if key not in self._verdicts:
            self._verdicts[key] = list(prove())
            self._packs.append(world.packs)
        return self._verdicts[key]


def hangs_on(world: World, place: Place, symbols: Iterable[Symbol]) -> Hashable:
    """All that the proof of a table is made of: its rules and those it reads; of each fact its words, times and worse side."""
    read = list(_read(world, place))
    loaded = any(pack.kind == "protocol" for pack in world.packs) if any(_names(one) for one in read) else None
    facts = [(one.key, one.worse(place.pack.name), one.words, frozenset(one.durations)) for one in symbols]
    return loaded, tuple((id(one.pack), one.table.name, one.joins) for one in read), tuple(facts)


def amounts_in(level: Level) -> list[Formula]:
    """The formulas in a level: a dose may hang on the patient."""
    match level:
        case Amount(value, _, _, weight):
            return [value, weight]
        case Step(by):
            return [by.value, by.weight]
        case _:
            return []


def _read(world: World, place: Place) -> Iterator[Place]:
    """The table and, one after the other, every table that is read to know it."""
    seen: set[int] = set()
    waiting = [place]
    while waiting:
        one = waiting.pop()
        if one.at not in seen:
            seen.add(one.at)
            yield one
            names = _names(one)
            waiting += [other for other in world.places if ALL_TABLES in names or other.table.name in names]


def _names(place: Place) -> set[str]:
    """The tables that the rules of a table read, by name."""
    table = place.table
    read = [table.clear, *(rule.when for rule in table.rules), *(rule.unless for rule in table.rules)]
    return {name for condition in read for name in tables_of(condition)}
