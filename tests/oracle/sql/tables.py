"""Tables of rules: each rule true, false or NULL (not ruled out), and what all together come to on the ladders.

`plan` says which tables speak in a review, which rules ask again and again, and which hang on the calendar alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from countwell.model.advice import LADDERS, PRECAUTIONS, RANK, Advice
from countwell.model.pack import Pack
from countwell.model.rules import Rule, Table, facts_of, tables_of
from countwell.vocabulary.tests import groups

from .conditions import printed
from .printed import name
from .sheet import Sheet

SCHEDULE = "schedule"
CALENDAR = frozenset({"state", "since", "condition", "person", "reason", "circumstance", "medicine", "asked"})
PARTS = tuple(LADDERS)


@dataclass(frozen=True)
class Placed:
    """A rule with its table and pack."""

    pack: Pack
    table: Table
    rule: Rule

    @property
    def key(self) -> str:
        """How a person names it."""
        return f"{self.pack.name}/{self.table.name}/{self.rule.name}"

    @property
    def facts(self) -> tuple[str, ...]:
        """Every fact that it reads."""
        return tuple(dict.fromkeys([*facts_of(self.rule.when), *facts_of(self.rule.unless)]))

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables that it reads."""
        return tuple(dict.fromkeys([*tables_of(self.rule.when), *tables_of(self.rule.unless)]))

    @property
    def is_calendar(self) -> bool:
        """Whether it hangs on no result and no table."""
        return not self.tables and all(self.pack.facts[fact].kind in CALENDAR for fact in self.facts)


@dataclass(frozen=True)
class Plan:
    """A protocol with its layers, as a review reads it."""

    packs: Sequence[Pack]

    @cached_property
    def joining(self) -> tuple[tuple[Pack, Table], ...]:
        """Tables that join: always, or where no earlier pack has one of that name; those of other questions are left out."""
        return tuple((pack, table) for pack, table in self.all if not table.asks or "review" in table.asks)

    @property
    def all(self) -> Iterator[tuple[Pack, Table]]:
        for place, pack in enumerate(self.packs):
            named = {table.name for earlier in self.packs[:place] for table in earlier.tables}
            yield from ((pack, table) for table in pack.tables if table.joins == "always" or table.name not in named)

    @cached_property
    def rules(self) -> tuple[Placed, ...]:
        """Every rule that is read."""
        return tuple(Placed(pack, table, rule) for pack, table in self.joining for rule in table.rules)

    @cached_property
    def every(self) -> tuple[Placed, ...]:
        """Rules that ask for tests again and again."""
        return tuple(
            placed for placed in self.rules if placed.rule.due is not None and placed.rule.due.every is not None
        )

    @cached_property
    def scheduled(self) -> tuple[str, ...]:
        """The groups that the schedule names."""
        rows = (placed.rule.due.groups for placed in self.every if placed.table.name == SCHEDULE and placed.rule.due)
        return tuple(dict.fromkeys(group for row in rows for group in row))

    def named(self, table_name: str) -> tuple[tuple[Pack, Table], ...]:
        """The joining tables of that name."""
        return tuple((pack, table) for pack, table in self.joining if table.name == table_name)


def members(group: str) -> tuple[str, ...]:
    """Every test of a group, required ones first; a test stands for itself."""
    return groups()[group].members if group in groups() else (group,)


def held(placed: Placed) -> str:
    """Whether a rule holds: its `when`, unless its `unless` surely holds."""
    when = printed(placed.pack, placed.rule.when, "when")
    if placed.rule.unless is None:
        return when
    return f"CASE WHEN {printed(placed.pack, placed.rule.unless, 'unless')} THEN false ELSE {when} END"


def sources(sheet: Sheet, plan: Plan, pack: Pack, facts: Iterable[str], tables: Iterable[str]) -> str:
    """FROM the cases, joined with these facts of a pack and these tables."""
    joins = [f"JOIN {sheet.fact(pack, fact)} AS {name(fact)} USING (k)" for fact in dict.fromkeys(facts)]
    joins += [
        f"JOIN {named_table(sheet, plan, one)} AS {name(f'table {one}')} USING (k)" for one in dict.fromkeys(tables)
    ]
    return f"FROM {sheet.cases} c\n" + "\n".join(joins)


def read_by(sheet: Sheet, plan: Plan, placed: Sequence[Placed]) -> str:
    """FROM the cases, joined with all that some rules of one pack read."""
    facts = [fact for one in placed for fact in one.facts]
    return sources(sheet, plan, placed[0].pack, facts, [table for one in placed for table in one.tables])


def single_rule(sheet: Sheet, plan: Plan, placed: Placed) -> str:
    """One rule by itself: k and whether it holds."""
    return sheet.make(f"rule {placed.key}", f"SELECT c.k, {held(placed)} AS truth\n{read_by(sheet, plan, [placed])}")


def of_table(pack: Pack, table: Table, *, advice: bool) -> list[Placed]:
    """Those rules of a table that give advice, or those that give none."""
    return [Placed(pack, table, rule) for rule in table.rules if (rule.advice is not None) == advice]


def advice_rules(sheet: Sheet, plan: Plan, pack: Pack, table: Table) -> str:
    """The rules of one table that give advice: one column each, and whether all that the table reads is silent."""
    placed = of_table(pack, table, advice=True)
    facts = dict.fromkeys(fact for rule in table.rules for fact in Placed(pack, table, rule).facts)
    silent = " AND ".join(f"{name(fact)}.silent" for fact in facts) or "true"
    columns = "".join(f",\n    {held(one)} AS {name(one.rule.name)}" for one in placed)
    joined = sources(sheet, plan, pack, facts, [one for rule in placed for one in rule.tables])
    return sheet.make(f"rules {pack.name}/{table.name}", f"SELECT c.k, {silent} AS all_silent{columns}\n{joined}")


def later_rules(sheet: Sheet, plan: Plan, pack: Pack, table: Table) -> str:
    """The rules of one table that give no advice and so may read the advice of all."""
    placed = of_table(pack, table, advice=False)
    columns = "".join(f",\n    {held(one)} AS {name(one.rule.name)}" for one in placed)
    return sheet.make(f"later {pack.name}/{table.name}", f"SELECT c.k{columns}\n{read_by(sheet, plan, placed)}")


def relation_of(sheet: Sheet, placed: Placed) -> str:
    """Where the truth of a rule stands, under its name, once its table has been worked out."""
    kind = "rules" if placed.rule.advice is not None else "later"
    return f"{sheet.schema}.{name(f'{kind} {placed.pack.name}/{placed.table.name}')}"


def rungs(rules: Sequence[tuple[str, Advice]]) -> str:
    """Columns for the ladders, at least and at most, of (SQL truth, advice) pairs; and for the precautions."""
    columns = []
    for part in PARTS:
        steps = [(truth, RANK[getattr(advice, part)]) for truth, advice in rules if RANK[getattr(advice, part)] > 0]
        sure = ", ".join(["0", *(f"CASE WHEN {truth} THEN {rung} ELSE 0 END" for truth, rung in steps)])
        may_be = ", ".join(
            ["0", *(f"CASE WHEN {truth} IS DISTINCT FROM false THEN {rung} ELSE 0 END" for truth, rung in steps)]
        )
        columns += [f"greatest({sure}) AS {part}", f"greatest({may_be}) AS {part}_at_most"]
    for one in PRECAUTIONS:
        held_by = " OR ".join(f"coalesce({truth}, false)" for truth, advice in rules if one in advice.precautions)
        columns.append(f"{held_by or 'false'} AS {one}")
    return ",\n    ".join(columns)


def table_outcome(sheet: Sheet, plan: Plan, pack: Pack, table: Table) -> str:
    """What one table comes to. Silent: all that it reads is, and no rule holds or may hold."""
    source = advice_rules(sheet, plan, pack, table)
    rules = [(f"r.{name(rule.name)}", rule.advice) for rule in table.rules if rule.advice is not None]
    none = " AND ".join(f"{truth} IS NOT DISTINCT FROM false" for truth, _ in rules) or "true"
    silent = f"({none}) AND r.all_silent" if rules else "true"
    return sheet.make(
        f"outcome {pack.name}/{table.name}", f"SELECT r.k, {silent} AS silent,\n    {rungs(rules)}\nFROM {source} r"
    )


def named_table(sheet: Sheet, plan: Plan, table_name: str) -> str:
    """The join of all tables of that name; `advice`: of all tables, without what a named person accepted."""
    if table_name == "advice":
        return f"{sheet.schema}.advice"
    outcomes = [table_outcome(sheet, plan, pack, table) for pack, table in plan.named(table_name)]
    if len(outcomes) == 1:
        return outcomes[0]
    if not outcomes:
        zeros = ", ".join(f"0 AS {part}, 0 AS {part}_at_most" for part in PARTS)
        return sheet.make(f"named {table_name}", f"SELECT k, true AS silent, {zeros} FROM {sheet.cases}")
    most = ", ".join(f"max({part}) AS {part}, max({part}_at_most) AS {part}_at_most" for part in PARTS)
    union = " UNION ALL ".join(f"SELECT * FROM {outcome}" for outcome in outcomes)
    return sheet.make(f"named {table_name}", f"SELECT k, bool_and(silent) AS silent, {most} FROM ({union}) GROUP BY k")
