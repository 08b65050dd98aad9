"""Writes the rules of a plan as one readable Python module: a function per table, the recurring rules, the dates.

A pack cannot write code: names are matched, numbers printed from exact fractions, sentences left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from countwell.cohort import deciding
from countwell.cohort.conditions import Printer, checked, constant, table_constant
from countwell.cohort.plan import Placed, Plan, PlannedTable, tables_behind

HEADER = '''"""The rules of {packs}, written by `countwell.cohort.generate`. Do not change: it is written anew."""

from countwell.cohort.atoms import (
    AT_LEAST, AT_MOST, LESS, MORE, elapsed, is_in, is_not_in, may_be_in, may_not_be_in,
)
from countwell.cohort.came_to import came_to
from countwell.cohort.days import DAYS, MONTHS
from countwell.cohort.shape import (
    HOLDS, MAY_HOLD, MAYBE_DRUG, MAYBE_HIGH, MAYBE_LOW, MAYBE_PATIENT, MAYBE_PRESCRIBER, SAYS_NOTHING, SILENT, SURE_DRUG,
    SURE_PATIENT, SURE_PRESCRIBER, WORDS, compiled,
)
from countwell.cohort.shape import ENDS_HIGH as HIGH
from countwell.cohort.shape import ENDS_LOW as LOW
'''
TABLES = "p, s"
LOCAL = "    span, value, reached, state = p.span[s], p.value[s], p.reached[s], p.state[s]"


def generate(plan: Plan) -> str:
    """The text of the module. Raises ValueError for a name that cannot stand in it."""
    writer = _Writer(plan)
    parts = [
        HEADER.format(
            packs=", ".join(f"{checked(p.name.replace('-', '_'))} {_version(p.version)}" for p in plan.packs)
        ),
        "\n".join(f"{constant(fact)} = {fact.number}" for fact in plan.facts),
        "\n".join(f"{table_constant(plan, name)} = {n}" for n, name in enumerate(plan.read_names)),
        *(writer.table(table) for table in plan.tables),
        writer.in_order(),
        writer.recurring(),
        _deciding(),
    ]
    return "\n\n".join(parts) + "\n"


def _version(version: str) -> str:
    return "".join(sign for sign in version if sign in "0123456789.")


def _deciding() -> str:
    """The text of `deciding` without what it takes from `written`, which the functions above are."""
    lines = Path(deciding.__file__).read_text(encoding="utf-8").splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith("from countwell.cohort.written import"))
    end = next(n for n, line in enumerate(lines) if n >= begin and (")" in line or "(" not in lines[begin]))
    kept = [line for n, line in enumerate(lines) if not begin <= n <= end and "from __future__" not in line]
    return "\n".join(kept)


class _Writer:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.printer = Printer(plan)

    def table(self, table: PlannedTable) -> str:
        """The functions of one table: what gives advice, and what is read after all advice."""
        parts = (("advice", table.advice), ("later", table.later))
        return "\n\n".join(self._function(self._name(table, part), TABLES, rules) for part, rules in parts if rules)

    def _name(self, table: PlannedTable, part: str) -> str:
        pack, name = (checked(text.replace("-", "_")) for text in (table.pack.name, table.name))
        return f"{pack}_{name}_{part}_{table.place}"

    def _function(self, name: str, arguments: str, rules: Sequence[Placed]) -> str:
        lines = [line for rule in rules for line in self._rule(rule)]
        return "\n".join(
            ["@compiled", f"def {name}({arguments}):", LOCAL, *(f"    {line}" for line in lines or ["pass"])]
        )

    def _rule(self, rule: Placed) -> Iterator[str]:
        """A rule holds if it surely holds and nothing surely excepts it, and may hold if it is not ruled out."""
        possibly = self.printer.possibly(rule, rule.when)
        if rule.unless is not None:
            possibly += f" and not {self.printer.surely(rule, rule.unless)}"
        yield f"# {checked(rule.rule.name.replace('-', '_'))}"
        yield f"state[{rule.place}] = 0"
        yield f"if {possibly}:"
        yield f"    state[{rule.place}] = HOLDS if {self.printer.surely(rule, rule.when)} else MAY_HOLD"

    def in_order(self) -> str:
        """All tables that give advice, each followed by what its name came to once all of that name are read."""
        lines = self._calls(self.plan.in_reading_order)
        later = [f"    {self._name(table, 'later')}({TABLES})" for table in self.plan.tables if table.later]
        return "\n".join(
            [
                *("@compiled", "def advice_rules(p, s):", *lines, "", ""),
                *("@compiled", f"def later_rules({TABLES}):", *(later or ["    pass"])),
            ]
        )

    def _calls(self, tables: Sequence[PlannedTable]) -> list[str]:
        lines = []
        for n, table in enumerate(tables):
            if table.advice:
                lines.append(f"    {self._name(table, 'advice')}({TABLES})")
            if table.name in self.plan.read_names and table.name not in {other.name for other in tables[n + 1 :]}:
                lines.append(f"    came_to(p, s, {table_constant(self.plan, table.name)})")
        return lines or ["    pass"]

    def recurring(self) -> str:
        """The recurring rules: of the calendar alone, and of findings, with the tables that these hang on."""
        calendar = [rule for rule in self.plan.every if rule.is_calendar]
        others = [rule for rule in self.plan.every if not rule.is_calendar]
        functions = [self._function("calendar_rules", TABLES, calendar), self._function("other_rules", TABLES, others)]
        calls = self._calls(tables_behind(others, self.plan)) if others else []
        last = "\n".join(["@compiled", "def finding_rules(p, s):", *calls, f"    other_rules({TABLES})"])
        return "\n\n".join([*functions, last])
