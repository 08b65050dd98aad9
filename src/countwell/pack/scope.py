"""What has been read of a pack so far: what later parts may name, and where faults go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from countwell.model.pack import FactDefinition, Number, Reading, Source
from countwell.pack.faults import Faults, meant
from countwell.pack.known import SPAN_UNITS
from countwell.pack.strict import Node
from countwell.pack.words import Names


@dataclass(slots=True)
class Scope:
    """Filled from the top of a pack to its end. fact_nodes: the facts as written, so that one may name a later one."""

    faults: Faults
    sources: Mapping[str, Source] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    sets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    numbers: Mapping[str, Number] = field(default_factory=dict)
    fact_nodes: Mapping[str, Node] = field(default_factory=dict)
    facts: Mapping[str, FactDefinition] = field(default_factory=dict)
    tables: Mapping[str, Node] = field(default_factory=dict)
    reads: tuple[str, ...] = ()

    @property
    def names(self) -> Names:
        """What a condition may name."""
        return Names(self.fact_nodes, self.numbers, {*self.tables, *self.reads}, self.sets)

    def number(self, name: str | None, line: int, what: str) -> str | None:
        """The name again, once there is such a number."""
        return self._known(name, line, what, "number", self.numbers)

    def span(self, name: str | None, line: int, what: str) -> str | None:
        """The name again, once there is such a number and it is a time."""
        if name is not None and name in self.numbers and self.numbers[name].duration is None:
            unit = self.numbers[name].unit
            self.faults.add(line, f"{what}: `{name}` is in {unit}; a time is wanted.", f"In {', '.join(SPAN_UNITS)}.")
        return self.number(name, line, what)

    def source(self, name: str | None, line: int, what: str) -> str | None:
        """The name again, once there is such a source."""
        return self._known(name, line, what, "source", self.sources)

    def reading(self, name: str | None, line: int, what: str) -> str | None:
        """The name again, once there is such a reading."""
        return self._known(name, line, what, "reading", self.readings)

    def fact(self, name: str | None, line: int, what: str) -> str | None:
        """The name again, once there is such a fact."""
        return self._known(name, line, what, "fact", self.fact_nodes)

    def _known(self, name: str | None, line: int, what: str, kind: str, known: Mapping[str, object]) -> str | None:
        if name is not None and name not in known:
            self.faults.add(line, f"{what}: there is no {kind} `{name}`.", meant(name, known))
        return name
