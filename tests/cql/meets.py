"""One standing twice: what the reference says of each rule and table, and what the libraries of its packs say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from countwell.cql.facts import ACCEPTED, AS_OF, QUESTION, VIEWS
from countwell.cql.parameters import Parameters
from countwell.cql.tables import elsewhere, tables_read
from countwell.engine.joined import Joined, Placed
from countwell.engine.outcomes import Outcome
from countwell.engine.standing import Standing
from countwell.model.advice import LADDERS, NOTHING, PRECAUTIONS, Advice
from countwell.model.pack import Pack
from countwell.pack.words import ALL_TABLES

from .engine import Run

SILENT = "is silent"


class Difference(NamedTuple):
    """One thing of which the two say something else."""

    what: str
    reference: Any
    cql: Any


class Libraries:
    """The libraries of a protocol and its layers, run together. texts: those of some packs, in place of the printed ones."""

    def __init__(self, joined: Joined, texts: Mapping[str, str] | None = None) -> None:
        self.joined = joined
        self.runs = {pack.name: Run(pack, (texts or {}).get(pack.name)) for pack in joined.packs}
        self._facts = {pack.name: Parameters(pack) for pack in joined.packs}
        self._reads = {
            pack.name: [
                (table, name.rpartition(" elsewhere")[2]) for table in tables_read(pack) for name, _ in elsewhere(table)
            ]
            for pack in joined.packs
        }
        self._joining = {(placed.pack.name, placed.table.name) for placed in joined.tables if placed.advising}
        self._known: dict[str, dict[str, Any]] = {}
        self._given: dict[str, dict[str, Any]] = {}

    def give(self, standing: Standing, outcomes: Mapping[str, Outcome] | None = None) -> None:
        """The facts of a standing; then what each pack's tables come to is told to the others until nothing changes.

        outcomes: of tables, as a worked case of the one pack gives them; what all tables come to is then not worked out.
        """
        left_out = _accepted(standing) if outcomes is None else {rule.key for rule in self.joined.rules}
        self._known = {pack.name: self._of_patient(pack, standing, left_out) for pack in self.joined.packs}
        self._given = {}
        while changed := {
            pack.name: given
            for pack in self.joined.packs
            if (given := self._elsewhere(pack, outcomes or {})) != self._given.get(pack.name)
        }:
            self._given |= changed
            for name, given in changed.items():
                self.runs[name].give(self._known[name] | given)

    def _of_patient(self, pack: Pack, standing: Standing, left_out: set[str]) -> dict[str, Any]:
        return {
            **self._facts[pack.name].of(lambda name: standing.facts.value(pack, name)),
            AS_OF: standing.as_of.day,
            QUESTION: standing.asked.question,
            ACCEPTED: [key.removeprefix(f"{pack.name}/") for key in left_out if key.startswith(f"{pack.name}/")],
            VIEWS: [view.table.name for view in self.joined.views if view.pack is pack],
        }

    def _elsewhere(self, pack: Pack, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
        """What other packs say in the tables that a pack reads."""
        return {
            f"table {table} elsewhere{ending}": self._others_say(pack, table, ending, outcomes.get(table))
            for table, ending in self._reads[pack.name]
        }

    def _others_say(self, reader: Pack, table: str, ending: str, outcome: Outcome | None) -> Any:
        if outcome is not None:
            return said(outcome)[ending.lstrip(", ")]
        found = [run[f"table {table}{ending}"] for run in self._others(reader, table)]
        return all(found) if ending.endswith(SILENT) else max(found, default=0)

    def _others(self, reader: Pack, table: str) -> Iterator[Run]:
        """The other packs that have a table of that name which joins; those that nothing has been told yet are left out."""
        for pack in self.joined.packs:
            speaks = table == ALL_TABLES or (pack.name, table) in self._joining
            if speaks and pack is not reader and pack.name in self._given:
                yield self.runs[pack.name]

    def advice(self) -> dict[str, Any]:
        """What all tables of all packs come to."""
        return {
            name: max(run[f"table {ALL_TABLES}, {name}"] for run in self.runs.values())
            for name in said(Outcome(NOTHING, NOTHING, (), False))
            if name != SILENT
        }


def _accepted(standing: Standing) -> set[str]:
    """The rules that a named person has accepted, by `pack/table/rule`."""
    states = (state for placed in standing.joined.tables for state in standing.states(placed))
    return {state.placed.key for state in states if state.accepted is not None}


def said(outcome: Outcome) -> dict[str, Any]:
    """An outcome as the definitions of a library say it."""
    ends: dict[str, Advice] = {"least": outcome.at_least, "most": outcome.at_most}
    places = {
        f"{part} at {end}": ladder.index(getattr(advice, part))
        for part, ladder in LADDERS.items()
        for end, advice in ends.items()
    }
    cautions = {f"{word} at {end}": word in advice.precautions for word in PRECAUTIONS for end, advice in ends.items()}
    return {**places, **cautions, SILENT: outcome.silent}


def differences(standing: Standing, libraries: Libraries, tables: list[Placed] | None = None) -> Iterator[Difference]:
    """Every rule and table of which the libraries say something else; `give` has been called."""
    joined = standing.joined
    for placed in tables if tables is not None else [*joined.tables, *joined.views]:
        yield from of_table(standing, libraries.runs[placed.pack.name], placed)
    if tables is None:
        yield from _differing("advice", _without_silence(standing.outcome_named(ALL_TABLES)), libraries.advice())


def _without_silence(outcome: Outcome) -> dict[str, Any]:
    return {name: value for name, value in said(outcome).items() if name != SILENT}


def of_table(standing: Standing, run: Run, placed: Placed) -> Iterator[Difference]:
    """The same of one table: its rules, when there is nothing to do, and what it comes to."""
    where = f"{placed.pack.name}/{placed.table.name}"
    reference: dict[str, Any] = {}
    for rule in placed.rules:
        state = standing.state(rule) if placed.is_read(standing.asked.question) else None
        reference[rule.rule.name] = False if state is None else state.truth
    if placed.clear is not None:
        reference["clear"] = placed.clear(standing)
    yield from _differing(where, reference, {name: run[f"{placed.table.name}/{name}"] for name in reference})
    if placed.advising:
        comes_to = said(standing.outcome(placed))
        yield from _differing(where, comes_to, _comes_to(run, placed, comes_to, standing))


def _comes_to(run: Run, placed: Placed, names: Mapping[str, Any], standing: Standing) -> dict[str, Any]:
    """The reference works out the silence of a table only if a rule reads it."""
    found = {name: run[_defined(placed.table.name, name)] for name in names}
    if placed.is_read(standing.asked.question) and placed.table.name not in standing.joined.read_again:
        found[SILENT] = False
    return found


def _defined(table: str, name: str) -> str:
    return f"table {table} {name}" if name == SILENT else f"table {table}, {name}"


def _differing(where: str, reference: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    for name, wanted in reference.items():
        if found[name] is not wanted and (type(found[name]) is not type(wanted) or found[name] != wanted):
            yield Difference(f"{where}: {name}", wanted, found[name])


def compared(standing: Standing) -> int:
    """How many things `differences` compares: rules, clears, and the parts of outcomes."""
    parts = len(said(Outcome(NOTHING, NOTHING, (), False)))
    tables = [*standing.joined.tables, *standing.joined.views]
    each = (len(one.rules) + (one.clear is not None) + (parts if one.advising else 0) for one in tables)
    return sum(each) + parts - 1
