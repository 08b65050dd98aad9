"""A sheet: some cases (one patient at one instant) and, table by table, what has been worked out for them.

`asking` is who is asked about as of when, with what was known when (`reports_before`: of mere reports only those collected
before); a case is such an asking looked at from its instant or an earlier one. Every fact is a table with one row for each case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import duckdb

from countwell.model.pack import FactDefinition, Pack

from .printed import name

SEEN = """
SELECT a.a, r.* EXCLUDE (known, until, no_receipt) FROM asking a
JOIN result r ON r.patient = a.patient AND r.known <= a.known AND a.known < r.until
WHERE NOT (r.mere AND coalesce(r.collected >= a.reports_before, false))
"""

Printer = Callable[["Sheet", Pack, FactDefinition], str]


@dataclass
class Sheet:
    """The tables of one set of cases, in a schema of their own. kinds: how each kind of fact is printed."""

    db: duckdb.DuckDBPyConnection
    schema: str
    kinds: Mapping[str, Printer]
    made: set[str] = field(default_factory=set)
    common: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)

    def begin(self, cases: str) -> None:
        """Open the schema with its cases: k, a, patient, zone, at, day."""
        self.run(f"CREATE SCHEMA {self.schema}")
        self.make("cases", cases)

    def run(self, text: str) -> None:
        """Run one statement and remember it, so that all that was done can be read."""
        self.texts.append(text)
        self.db.execute(text)

    def make(self, relation: str, select: str) -> str:
        """A table of this sheet, made once. Gives its name for FROM."""
        qualified = f"{self.schema}.{name(relation)}"
        if qualified not in self.made:
            self.made.add(qualified)
            self.run(f"CREATE TABLE {qualified} AS {select.strip()}")
        return qualified

    def shared(self, relation: str, select: str) -> str:
        """A table that all sheets share, made once: it knows askings, not cases."""
        if name(relation) not in self.common:
            self.common.add(name(relation))
            self.run(f"CREATE TABLE {name(relation)} AS {select.strip()}")
        return name(relation)

    def beside(self, schema: str, cases: str) -> Sheet:
        """Another sheet with its own cases and the same shared tables."""
        other = Sheet(self.db, schema, self.kinds, texts=self.texts, common=self.common)
        other.begin(cases)
        return other

    @property
    def cases(self) -> str:
        """The name of the cases for FROM."""
        return f"{self.schema}.cases"

    def fact(self, pack: Pack, fact_name: str) -> str:
        """The table of a fact, worked out when first asked for."""
        relation = f"{pack.name}.{fact_name}"
        if f"{self.schema}.{name(relation)}" not in self.made:
            definition = pack.facts[fact_name]
            return self.make(relation, self.kinds[definition.kind](self, pack, definition))
        return f"{self.schema}.{name(relation)}"
