"""From packs to a flat plan: tables in the order of reading, rules with their places, the facts they read, each once.

Laid out from the packs alone, without the engine. The question is `review`: tables that only answer another one are left out,
as are tables that join only where no earlier pack has one of that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from countwell.cohort.wanted import Fact, Facts
from countwell.model.pack import Pack
from countwell.model.rules import AtLeast, Atom, Compare, Condition, Rule, Table, atoms, normal, tables_of
from countwell.pack.load import load
from countwell.vocabulary.tests import groups

SCHEDULE = "schedule"
ALL_ADVICE = "advice"
CALENDAR_KINDS = frozenset({"state", "since", "condition", "person", "reason", "circumstance", "medicine", "asked"})
CONTEXT_KINDS = frozenset({"since", "state", "condition", "person", "reason"})
MEASURED_KINDS = ("latest", "highest", "change", "streak")


@dataclass(frozen=True, eq=False)
class Placed:
    """One rule. place: its bit in STATUS; table: the place of its table; when, unless: with `not` at the atoms."""

    place: int
    table: int
    pack: Pack
    of: Table
    rule: Rule
    when: Condition
    unless: Condition | None

    @property
    def key(self) -> str:
        """How a person names it: `pack/table/rule`."""
        return f"{self.pack.name}/{self.of.name}/{self.rule.name}"

    def atoms(self) -> Iterator[Atom]:
        """Every atom of the rule, those of `unless` last."""
        yield from atoms(self.when)
        yield from atoms(self.unless)

    @property
    def is_calendar(self) -> bool:
        """Whether it hangs on no result and no table."""
        return all(not isinstance(a, AtLeast) and self._kinds(a) <= CALENDAR_KINDS for a in self.atoms())

    @property
    def is_finding(self) -> bool:
        """Whether its tests are wanted for a finding rather than by the calendar."""
        if self.rule.due is None:
            return False
        return self.rule.due.within is not None or any(self._measures(atom) for atom in atoms(self.when))

    def _measures(self, atom: Atom) -> bool:
        if isinstance(atom, AtLeast):
            return True
        return isinstance(atom, Compare) and self.pack.facts[atom.fact].kind in MEASURED_KINDS

    def is_context(self, atom: Atom) -> bool:
        """Whether an atom says when a rule applies, not what happened."""
        return not isinstance(atom, AtLeast) and self._kinds(atom) <= CONTEXT_KINDS

    def _kinds(self, atom: Atom) -> frozenset[str]:
        return frozenset(self.pack.facts[name].kind for name in names_in(atom))


def names_in(atom: Atom) -> tuple[str, ...]:
    """The facts that an atom reads."""
    if isinstance(atom, AtLeast):
        return ()
    other = atom.other if isinstance(atom, Compare) else None
    return (atom.fact,) if other is None else (atom.fact, other)


@dataclass(frozen=True, eq=False)
class PlannedTable:
    """One table with its rules, in order. advice, later: rules with advice, and those that may read the advice of all."""

    place: int
    pack: Pack
    name: str
    rules: tuple[Placed, ...]

    @property
    def advice(self) -> tuple[Placed, ...]:
        """The rules that give advice."""
        return tuple(rule for rule in self.rules if rule.rule.advice is not None)

    @property
    def later(self) -> tuple[Placed, ...]:
        """The rules that give none."""
        return tuple(rule for rule in self.rules if rule.rule.advice is None)

    def reads(self) -> frozenset[str]:
        """The names of the tables that its advice hangs on."""
        parts = (part for rule in self.advice for part in (rule.when, rule.unless))
        return frozenset(name for part in parts for name in tables_of(part))


@dataclass(frozen=True, eq=False)
class Plan:
    """A protocol with its layers, laid out. rules: in the order of their bits; facts: in the order of their numbers."""

    packs: tuple[Pack, ...]
    tables: tuple[PlannedTable, ...]
    rules: tuple[Placed, ...]
    wanted: Facts

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that are read, those that others hang on first."""
        return self.wanted.all

    def fact(self, rule: Placed, name: str) -> Fact:
        """The fact that a rule means by a name."""
        return self.wanted.of(rule.pack, name)

    @cached_property
    def every(self) -> tuple[Placed, ...]:
        """The rules that ask for tests again and again."""
        return tuple(rule for rule in self.rules if rule.rule.due is not None and rule.rule.due.every is not None)

    @cached_property
    def scheduled(self) -> tuple[str, ...]:
        """The groups that the schedule names, in order."""
        return _unique(name for rule in self.every if rule.of.name == SCHEDULE for name in _groups(rule))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Every group (or single test) that a rule wants: those of the schedule first."""
        return _unique([*self.scheduled, *(name for rule in self.rules for name in _groups(rule))])

    @cached_property
    def tests(self) -> tuple[str, ...]:
        """Every test that a fact or a group reads."""
        of_groups = (test for name in self.groups for test in members(name))
        return _unique([*(test for fact in self.facts for test in fact.tests), *of_groups])

    @cached_property
    def in_reading_order(self) -> tuple[PlannedTable, ...]:
        """The tables, each after those that its advice hangs on."""
        order: list[PlannedTable] = []
        for table in self.tables:
            self._put(table, order)
        return tuple(order)

    def _put(self, table: PlannedTable, order: list[PlannedTable]) -> None:
        if table in order:
            return
        for other in self.tables:
            if other.name in table.reads() and other is not table:
                self._put(other, order)
        order.append(table)

    @cached_property
    def read_names(self) -> tuple[str, ...]:
        """The names of tables whose outcome some rule reads, `advice` last."""
        named = {name for rule in self.rules for part in (rule.when, rule.unless) for name in tables_of(part)}
        known = _unique(table.name for table in self.tables)
        return (*(name for name in known if name in named), ALL_ADVICE)

    def named(self, name: str) -> tuple[PlannedTable, ...]:
        """The tables of that name, of every pack."""
        return tuple(table for table in self.tables if table.name == name)


def members(name: str) -> tuple[str, ...]:
    """The tests of a group, required ones first; a test stands for itself."""
    return groups()[name].members if name in groups() else (name,)


def _groups(rule: Placed) -> tuple[str, ...]:
    return rule.rule.due.groups if rule.rule.due is not None else ()


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def plan(protocol: str, layers: Sequence[str] | None = None) -> Plan:
    """The plan of a protocol with its own layers, or with those named. Raises PackError as `pack.load.load`."""
    return plan_of(load(protocol, layers, cases=False).packs)


def plan_of(packs: Sequence[Pack]) -> Plan:
    """The plan of packs that have been read, the protocol first."""
    tables: list[PlannedTable] = []
    rules: list[Placed] = []
    for pack, table in _joining(packs):
        placed = [
            Placed(len(rules) + n, len(tables), pack, table, rule, normal(rule.when), _normal(rule.unless))
            for n, rule in enumerate(table.rules)
        ]
        tables.append(PlannedTable(len(tables), pack, table.name, tuple(placed)))
        rules += placed
    return Plan(tuple(packs), tuple(tables), tuple(rules), Facts(_read(rules)))


def _normal(condition: Condition | None) -> Condition | None:
    return normal(condition) if condition is not None else None


def _joining(packs: Sequence[Pack]) -> Iterator[tuple[Pack, Table]]:
    seen: set[str] = set()
    for pack in packs:
        for table in pack.tables:
            if not table.asks and (table.joins == "always" or table.name not in seen):
                yield pack, table
        seen.update(table.name for table in pack.tables)


def _read(rules: Iterable[Placed]) -> Iterator[tuple[Pack, str]]:
    """Every fact that a rule reads: in its conditions, and a dose that it multiplies."""
    for rule in rules:
        for atom in rule.atoms():
            for name in names_in(atom):
                yield rule.pack, name
        if rule.rule.dose is not None and rule.rule.dose.of is not None:
            yield rule.pack, rule.rule.dose.of


def tables_behind(rules: Iterable[Placed], plan: Plan) -> tuple[PlannedTable, ...]:
    """The tables on which rules hang, through other tables too, in the order of reading."""
    wanted = {name for rule in rules for part in (rule.when, rule.unless) for name in tables_of(part)}
    while more := {name for table in plan.tables if table.name in wanted for name in table.reads()} - wanted:
        wanted |= more
    return tuple(table for table in plan.in_reading_order if table.name in wanted)
