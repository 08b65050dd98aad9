"""A protocol with its layers, laid out for running: which tables speak, in which order, and which are only views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from countwell.base.dates import Duration
from countwell.model.pack import Pack
from countwell.model.rules import Rule, Table, atoms, facts_of
from countwell.vocabulary.tests import groups

SCHEDULE = "schedule"
CALENDAR_KINDS = frozenset({"state", "since", "condition", "person", "reason", "circumstance", "medicine", "asked"})


@dataclass(frozen=True, slots=True)
class Placed:
    """A table with the pack it stands in."""

    pack: Pack
    table: Table


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A rule with its table and pack."""

    pack: Pack
    table: Table
    rule: Rule

    @property
    def key(self) -> str:
        """How a person names it: `pack/table/rule`."""
        return f"{self.pack.name}/{self.table.name}/{self.rule.name}"

    def duration(self, number: str) -> Duration:
        """The duration that a number of this rule stands for."""
        duration = self.pack.numbers[number].duration
        assert duration is not None
        return duration


@dataclass
class Joined:
    """The packs in order, protocol first. critical: which values were found to call for a hold, so as to ask once."""

    packs: Sequence[Pack]
    critical: dict[object, bool] = field(default_factory=dict)

    @property
    def protocol(self) -> Pack:
        """The protocol itself."""
        return self.packs[0]

    @cached_property
    def tables(self) -> list[Placed]:
        """Every table that joins, in order."""
        return [placed for placed, joins in self._all if joins]

    @cached_property
    def views(self) -> list[Placed]:
        """Tables of layers that only show how another source sees it."""
        return [placed for placed, joins in self._all if not joins]

    @cached_property
    def _all(self) -> list[tuple[Placed, bool]]:
        placed = []
        named: set[str] = set()
        for pack in self.packs:
            for table in pack.tables:
                placed.append((Placed(pack, table), table.joins == "always" or table.name not in named))
            named |= {table.name for table in pack.tables}
        return placed

    def facts_read(self, placed: Placed) -> tuple[str, ...]:
        """Every fact that a table's rules read."""
        return self._facts_read[(placed.pack.name, placed.table.name)]

    @cached_property
    def _facts_read(self) -> dict[tuple[str, str], tuple[str, ...]]:
        return {(one.pack.name, one.table.name): _facts_read(one.table) for one, _ in self._all}

    @cached_property
    def by_name(self) -> dict[str, list[Placed]]:
        """Joining tables by name."""
        names: dict[str, list[Placed]] = {}
        for placed in self.tables:
            names.setdefault(placed.table.name, []).append(placed)
        return names

    @cached_property
    def every(self) -> dict[str, list[PlacedRule]]:
        """By test: the rules that ask for it again and again."""
        by_test: dict[str, list[PlacedRule]] = {}
        for placed in self._rules():
            if placed.rule.due is not None and placed.rule.due.every is not None:
                for name in tests_of(placed.rule.due.groups):
                    by_test.setdefault(name, []).append(placed)
        return by_test

    def _rules(self) -> Iterator[PlacedRule]:
        for placed in self.tables:
            for rule in placed.table.rules:
                yield PlacedRule(placed.pack, placed.table, rule)

    @cached_property
    def rules(self) -> list[PlacedRule]:
        """Every rule that joins, in order."""
        return list(self._rules())

    @cached_property
    def calendar(self) -> list[PlacedRule]:
        """Recurring rules that hang on the calendar and the course alone: these say which tests are required."""
        return [
            placed
            for placed in self._rules()
            if placed.rule.due is not None
            and placed.rule.due.every is not None
            and is_calendar(placed.pack, placed.rule)
        ]

    def scheduled_groups(self) -> list[str]:
        """The groups that the schedule in force names, in order."""
        names = (
            group
            for placed in self.rules
            if placed.table.name == SCHEDULE and placed.rule.due is not None and placed.rule.due.every is not None
            for group in placed.rule.due.groups
        )
        return list(dict.fromkeys(names))


def _facts_read(table: Table) -> tuple[str, ...]:
    names = (name for rule in table.rules for part in (rule.when, rule.unless) for name in facts_of(part))
    return tuple(dict.fromkeys(names))


def is_calendar(pack: Pack, rule: Rule) -> bool:
    """Whether a rule hangs on no result and no table."""
    plain = all(not hasattr(atom, "table") for part in (rule.when, rule.unless) for atom in atoms(part))
    return plain and all(
        pack.facts[name].kind in CALENDAR_KINDS for part in (rule.when, rule.unless) for name in facts_of(part)
    )


def tests_of(names: Sequence[str]) -> list[str]:
    """The tests of these groups (a test stands for itself): required members, one-of members, and those that may come along."""
    return [test for name in names for test in (groups()[name].members if name in groups() else (name,))]


def required_tests(names: Sequence[str]) -> list[str]:
    """The tests that these groups must have; of one-of members all, since any of them may be the missing one."""
    return [
        test
        for name in names
        for test in ((*groups()[name].must, *groups()[name].one_of) if name in groups() else (name,))
    ]
