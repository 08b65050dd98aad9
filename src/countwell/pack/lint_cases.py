"""Checks the worked cases: every table has one, and every limit has one below it, one at it and one above it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from countwell.base.dates import Duration, add
from countwell.model.pack import Number, Pack
from countwell.model.rules import Compare, Table, atoms
from countwell.pack.cases import number_given, time_given
from countwell.pack.faults import Faults

_SIDES = {-1: "just under", 0: "exactly at", 1: "just over"}
_JANUARY = datetime.min.replace(tzinfo=UTC)


def check_cases(pack: Pack, faults: Faults) -> None:
    """Every table and every comparison with a number."""
    tried = {case.table for case in pack.cases}
    for table in pack.tables:
        if table.name not in tried:
            faults.add(table.line, f"table `{table.name}` has no case.", "Add one under `cases`.")
    for (fact, number), tables in _comparisons(pack).items():
        missing = _SIDES.keys() - _sides(pack, fact, pack.numbers[number], tables)
        for side in sorted(missing):
            what = f"number `{number}` has no case {_SIDES[side]} it for `{fact}`."
            faults.add(pack.numbers[number].line, what, f"Add one to a case of table `{min(tables)}`.")


def _comparisons(pack: Pack) -> dict[tuple[str, str], set[str]]:
    """Every fact with each number it is compared with, and the tables that do so."""
    found: dict[tuple[str, str], set[str]] = {}
    for table in pack.tables:
        for atom in _atoms(table):
            if atom.number is not None:
                found.setdefault((atom.fact, atom.number), set()).add(table.name)
    return found


def _atoms(table: Table) -> list[Compare]:
    conditions = [table.clear, *(part for rule in table.rules for part in (rule.when, rule.unless))]
    return [atom for condition in conditions for atom in atoms(condition) if isinstance(atom, Compare)]


def _sides(pack: Pack, fact: str, number: Number, tables: set[str]) -> set[int]:
    """On which sides of a number the cases of these tables give the fact."""
    given = (case.given[fact] for case in pack.cases if case.table in tables and fact in case.given)
    return {side for text in given if (side := _side(text, number)) is not None}


def _side(text: str, number: Number) -> int | None:
    if number.duration is not None:
        return _side_of_time(text, number.duration)
    value = number_given(text)
    return None if value is None else (value > number.value) - (value < number.value)


def _side_of_time(text: str, duration: Duration) -> int | None:
    given = time_given(text)
    return None if given is None else (_end(given) > _end(duration)) - (_end(given) < _end(duration))


def _end(duration: Duration) -> datetime:
    """Where a time ends that begins with some January: tells times of different units apart by the calendar."""
    if duration.unit == "hours":
        return _JANUARY + timedelta(hours=duration.count)
    return datetime.combine(add(_JANUARY.date(), duration, "earlier"), time(), UTC)
