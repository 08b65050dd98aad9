"""A protocol with its layers, laid out for running: which tables speak, in which order, and which are only views.

All that is the same for every patient is worked out here, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from countwell.base.dates import Duration
from countwell.engine.cited import cited
from countwell.engine.ready import Ask, ReadyAtom, ReadyPack
from countwell.engine.sentences import rule_in_words
from countwell.model.answers import Cited
from countwell.model.pack import Pack
from countwell.model.rules import AtLeast, Compare, Condition, Rule, Table, atoms, facts_of, tables_of, ways
from countwell.vocabulary.tests import groups

SCHEDULE = "schedule"
CALENDAR_KINDS = frozenset({"state", "since", "condition", "person", "reason", "circumstance", "medicine", "asked"})
RESULT_KINDS = frozenset({"latest", "highest", "change", "streak"})


@dataclass(frozen=True, eq=False)
class PlacedRule:
    """A rule with its table and pack."""

    pack: Pack
    table: Table
    rule: Rule
    ready: ReadyPack

    @cached_property
    def key(self) -> str:
        """How a person names it: `pack/table/rule`."""
        return f"{self.pack.name}/{self.table.name}/{self.rule.name}"

    def duration(self, number: str) -> Duration:
        """The duration that a number of this rule stands for."""
        duration = self.pack.numbers[number].duration
        assert duration is not None
        return duration

    def is_read(self, question: str) -> bool:
        """Whether its table is read for that question."""
        return not self.table.asks or question in self.table.asks

    @cached_property
    def when(self) -> Ask:
        """Its condition."""
        return self.ready.condition(self.rule.when, "when")

    @cached_property
    def unless(self) -> Ask | None:
        """Its exception."""
        return self.ready.condition(self.rule.unless, "unless") if self.rule.unless is not None else None

    @cached_property
    def topics(self) -> frozenset[str] | None:
        """Of what something must have been said for it to hold, one of these; None if it may hold without."""
        return self.ready.topics(self.rule.when)

    @cached_property
    def atoms(self) -> tuple[ReadyAtom, ...]:
        """The atoms of its condition, left to right."""
        return self._atoms(self.rule.when)

    @cached_property
    def ways(self) -> tuple[tuple[ReadyAtom, ...], ...]:
        """The ways in which its condition can hold: each the atoms that must all be true."""
        return tuple(tuple(self.ready.atom(atom) for atom in way) for way in ways(self.rule.when))

    @cached_property
    def excepting(self) -> tuple[ReadyAtom, ...]:
        """The atoms of its exception."""
        return self._atoms(self.rule.unless)

    def _atoms(self, condition: Condition | None) -> tuple[ReadyAtom, ...]:
        return tuple(self.ready.atom(atom) for atom in atoms(condition))

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts of its condition, each once."""
        return tuple(dict.fromkeys(facts_of(self.rule.when)))

    @cached_property
    def told(self) -> tuple[str, ...]:
        """The facts that its sentences name."""
        sentences = self.rule.tell.values()
        return tuple(name for name in self.pack.facts if any(f"{{{name}}}" in sentence for sentence in sentences))

    @cached_property
    def in_words(self) -> str:
        """When it holds and what follows, as a sentence."""
        return rule_in_words(self.pack, self.rule)

    @cached_property
    def sources(self) -> tuple[Cited, ...]:
        """Where it stands."""
        return tuple(cited(self.pack, self.rule))

    @cached_property
    def every(self) -> Duration | None:
        """How often it asks for its tests."""
        due = self.rule.due
        return self.duration(due.every) if due is not None and due.every is not None else None

    @cached_property
    def is_calendar(self) -> bool:
        """Whether it hangs on no result and no table."""
        read = (*self.atoms, *self.excepting)
        return all(not isinstance(each.atom, AtLeast) and each.kinds <= CALENDAR_KINDS for each in read)

    @cached_property
    def is_finding(self) -> bool:
        """Whether its due dates speak for a finding rather than the calendar."""
        due = self.rule.due
        if due is None:
            return False
        return due.within is not None or any(_is_of_finding(self.pack, each) for each in self.atoms)


def _is_of_finding(pack: Pack, ready: ReadyAtom) -> bool:
    match ready.atom:
        case AtLeast():
            return True
        case Compare(fact):
            return pack.facts[fact].kind in RESULT_KINDS
        case _:
            return False


@dataclass(frozen=True, eq=False)
class Placed:
    """A table with the pack it stands in."""

    pack: Pack
    table: Table
    ready: ReadyPack

    @cached_property
    def rules(self) -> tuple[PlacedRule, ...]:
        """Its rules, in order."""
        return tuple(PlacedRule(self.pack, self.table, rule, self.ready) for rule in self.table.rules)

    @cached_property
    def advising(self) -> tuple[PlacedRule, ...]:
        """Those that give advice."""
        return tuple(placed for placed in self.rules if placed.rule.advice is not None)

    @cached_property
    def others(self) -> tuple[PlacedRule, ...]:
        """Those that give none, and may read the advice of all."""
        return tuple(placed for placed in self.rules if placed.rule.advice is None)

    @cached_property
    def topics(self) -> frozenset[str] | None:
        """Of what something must have been said for any of its rules to hold; None if one may hold without."""
        each = [placed.topics for placed in self.rules]
        return None if None in each else frozenset(name for topics in each if topics for name in topics)

    @cached_property
    def clear(self) -> Ask | None:
        """Whether there is nothing to do."""
        return self.ready.condition(self.table.clear, "clear") if self.table.clear is not None else None

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """Every fact that its rules read."""
        names = (name for rule in self.table.rules for part in (rule.when, rule.unless) for name in facts_of(part))
        return tuple(dict.fromkeys(names))

    def is_read(self, question: str) -> bool:
        """Whether it is read for that question."""
        return not self.table.asks or question in self.table.asks


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
            ready = ReadyPack(pack)
            for table in pack.tables:
                placed.append((Placed(pack, table, ready), table.joins == "always" or table.name not in named))
            named |= {table.name for table in pack.tables}
        return placed

    @cached_property
    def by_name(self) -> dict[str, list[Placed]]:
        """Joining tables by name."""
        names: dict[str, list[Placed]] = {}
        for placed in self.tables:
            names.setdefault(placed.table.name, []).append(placed)
        return names

    @cached_property
    def read_again(self) -> frozenset[str]:
        """The tables whose outcome a rule reads."""
        return frozenset(table for placed in self.rules for table in tables_of(placed.rule.when)) | frozenset(
            table for placed in self.rules for table in tables_of(placed.rule.unless)
        )

    @cached_property
    def every(self) -> dict[str, list[PlacedRule]]:
        """By test: the rules that ask for it again and again."""
        by_test: dict[str, list[PlacedRule]] = {}
        for placed in self.recurring:
            for name in tests_of(placed.rule.due.groups if placed.rule.due is not None else ()):
                by_test.setdefault(name, []).append(placed)
        return by_test

    @cached_property
    def rules(self) -> list[PlacedRule]:
        """Every rule that joins, in order."""
        return [rule for placed in self.tables for rule in placed.rules]

    @cached_property
    def dosing(self) -> list[PlacedRule]:
        """The rules on the dose."""
        return [placed for placed in self.rules if placed.rule.dose is not None]

    @cached_property
    def gates(self) -> list[PlacedRule]:
        """The rules that stand before a higher dose."""
        return [placed for placed in self.rules if placed.rule.gate is not None]

    @cached_property
    def recurring(self) -> list[PlacedRule]:
        """The rules that ask for tests again and again."""
        return [placed for placed in self.rules if placed.every is not None]

    @cached_property
    def calendar(self) -> list[PlacedRule]:
        """Recurring rules that hang on the calendar and the course alone: these say which tests are required."""
        return [placed for placed in self.recurring if placed.is_calendar]

    @cached_property
    def scheduled_groups(self) -> list[str]:
        """The groups that the schedule in force names, in order."""
        due = (placed.rule.due for placed in self.recurring if placed.table.name == SCHEDULE)
        return list(dict.fromkeys(group for each in due if each is not None for group in each.groups))

    @cached_property
    def looked_at(self) -> tuple[str, ...]:
        """The tests that a fact may read."""
        definitions = (definition for pack in self.packs for definition in pack.facts.values())
        read = (definition.of for definition in definitions if definition.kind in ("latest", "highest"))
        return tuple(sorted({name for names in read for name in names}))


def tests_of(names: Sequence[str]) -> Iterator[str]:
    """The tests of these groups (a test stands for itself): required members, one-of members, and those that may come along."""
    for name in names:
        yield from groups()[name].members if name in groups() else (name,)


def required_tests(names: Sequence[str]) -> Iterator[str]:
    """The tests that these groups must have; of one-of members all, since any of them may be the missing one."""
    for name in names:
        yield from (*groups()[name].must, *groups()[name].one_of) if name in groups() else (name,)
