"""Conditions over the definitions of their atoms, and rules over conditions, with silence as it is heard in each place.

What is silent is *no* in `when`, *yes* in `clear`, and not known in `unless`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from countwell.cql.atoms import name_of, silence, silences, unheard
from countwell.cql.facts import QUESTION
from countwell.cql.written import case, joined, quoted, texts
from countwell.model.pack import Pack
from countwell.model.rules import And, AtLeast, Atom, Compare, Condition, Holds, IsWord, Not, Or, Rule, Table, atoms

Mode = Literal["when", "clear", "unless"]
HEARD_AS: dict[Mode, str | None] = {"when": "no", "clear": "yes", "unless": None}


def printed(condition: Condition, mode: Mode) -> str:
    """A condition as an expression: true, false, or null for not known."""
    match condition:
        case And(of):
            return joined([printed(part, mode) for part in of], "and")
        case Or(of):
            return joined([printed(part, mode) for part in of], "or")
        case Not():
            raise AssertionError("conditions of a pack are normal")
        case Compare() | Holds() | IsWord() | AtLeast():
            return _heard(condition, HEARD_AS[mode])


def _heard(atom: Atom, says: str | None) -> str:
    negated = not isinstance(atom, Compare) and atom.negated
    known = f"not {quoted(name_of(atom))}" if negated else quoted(name_of(atom))
    if says is None:
        return known
    heard = (quoted(unheard(subject, says)) for subject in silences(atom))
    return f"Coalesce({', '.join([known, *heard])})"


def silence_of(pack: Pack, condition: Condition | None, mode: Mode) -> Iterator[tuple[str, str]]:
    """The definitions of what silence counts as, by name, for all that a condition reads."""
    says = HEARD_AS[mode]
    if says is not None:
        yield from (pair for atom in atoms(condition) for pair in silence(pack, atom, says))


def rule_printed(table: Table, rule: Rule) -> str:
    """A rule: true if it holds, false if not, null if it is not ruled out. An exception removes it only if known to be so."""
    when = printed(rule.when, "when")
    if table.asks:
        when = f"{quoted(is_read(table))} and {when}"
    if rule.unless is None:
        return when
    return case((printed(rule.unless, "unless"), "false"), otherwise=when)


def is_read(table: Table) -> str:
    """The name of the definition that says whether a table is read for what is asked."""
    return f"table {table.name} is read"


def read_for(table: Table) -> str:
    """Whether a table is read for what is asked; not known as long as nothing is said of it."""
    return f"if {quoted(QUESTION)} is null then null else {quoted(QUESTION)} in {texts(table.asks)}"
