"""A pack: one source's rules with their numbers, facts, sources, readings and worked cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from countwell.base.dates import Duration
from countwell.model.rules import Table

STATUSES = ("draft", "reviewed", "in-use", "withdrawn")


@dataclass(frozen=True, slots=True)
class Source:
    """Where something is said. verified: no = recalled, or this project's own choice."""

    id: str
    title: str
    kind: str
    verified: bool
    cite: str | None = None
    url: str | None = None
    doi: str | None = None
    file: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """How an ambiguous sentence was read, and what was rejected."""

    id: str
    says: str
    read: str
    because: str
    rejected: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit, source and place. Durations also as `duration`. agreed: who changed it from another pack's."""

    name: str
    value: Decimal
    unit: str
    source: str
    at: str
    verified: bool
    reading: str | None = None
    duration: Duration | None = None
    agreed: tuple[str, ...] = ()
    line: int = 0

    @property
    def factor(self) -> Decimal:
        """The number as a factor: 25 % is 0.25, a multiple (`times`) is itself."""
        return self.value / 100 if self.unit == "%" else self.value


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """Which value of a patient is meant: a kind of the closed list, what it is of, and its parameters.

    of: test names, medicine names or classes, or one word. worse: lower, higher or none.
    """

    name: str
    kind: str
    of: tuple[str, ...]
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    worse: str = "none"
    line: int = 0

    def param(self, name: str) -> str | None:
        """A parameter of one word, or None."""
        value = self.params.get(name)
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Statement:
    """What the source says that needs no rule, or (as a gap) what it leaves blank."""

    name: str
    says: str
    source: str
    at: str
    audience: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """A worked case: facts given to one table, and what must hold."""

    name: str
    table: str
    given: Mapping[str, str]
    expected: Mapping[str, object]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Extended:
    """The pack whose rules another takes over, and the file it was read from."""

    pack: str
    version: str
    path: str


@dataclass(frozen=True, slots=True)
class Pack:
    """One protocol or layer. conditions: what it speaks for; extends: whose rules it takes over; path: serves faults."""

    name: str
    kind: str
    version: str
    status: str
    title: str
    conditions: tuple[str, ...]
    layers: tuple[str, ...]
    reads: tuple[str, ...]
    sources: Mapping[str, Source]
    readings: Mapping[str, Reading]
    numbers: Mapping[str, Number]
    facts: Mapping[str, FactDefinition]
    tables: tuple[Table, ...]
    statements: tuple[Statement, ...]
    gaps: tuple[Statement, ...]
    cases: tuple[Case, ...]
    path: str = ""
    extends: Extended | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it was read from."""
        return (self.path,) if self.extends is None else (self.path, self.extends.path)

    def table(self, name: str) -> Table | None:
        """The table of that name, if this pack has it."""
        return next((table for table in self.tables if table.name == name), None)
