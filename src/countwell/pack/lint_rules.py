"""Checks each table and each rule: where it stands, what follows from it, and what it may read."""

from __future__ import annotations

from collections.abc import Iterator

from countwell.model.advice import LADDER_OF
from countwell.model.pack import Pack
from countwell.model.rules import AtLeast, Condition, Due, Rule, Table, atoms, facts_of, tables_of
from countwell.pack import uses
from countwell.pack.faults import Faults, meant
from countwell.pack.known import words
from countwell.pack.lint_doses import dose_faults
from countwell.pack.words import ALL_TABLES

Found = Iterator[tuple[str, str]]


def check_rules(pack: Pack, faults: Faults) -> None:
    """Everything about rules and tables that does not need the facts' units."""
    for table, rule in uses.rules(pack):
        for what, do in _rule_faults(pack, table, rule):
            faults.add(rule.line, f"rule `{table.name}/{rule.name}`: {what}", do)
    if pack.kind == "layer" and pack.layers:
        faults.add(1, "a layer has no layers of its own.", "Take out `with:`; the protocol names them all.")
    for name in sorted(set(pack.reads) - _reads_used(pack)):
        faults.add(1, f"`reads` names `{name}`, which no rule reads.", "Take it out.")
    for table in pack.tables:
        for what, do in _table_faults(pack, table):
            faults.add(table.line, f"table `{table.name}`: {what}", do)


def _reads_used(pack: Pack) -> set[str]:
    return {name for _, _, condition in uses.conditions(pack) for name in tables_of(condition)}


def _rule_faults(pack: Pack, table: Table, rule: Rule) -> Found:
    yield from _whereabouts(rule)
    yield from _consequences(rule)
    yield from _hold(rule)
    yield from _due(rule.due)
    yield from dose_faults(pack, rule)
    yield from _slots(pack, rule)
    for condition in (rule.when, rule.unless):
        yield from _tables_read(pack, table, condition, any_table=_is_late(rule))


def _whereabouts(rule: Rule) -> Found:
    if (rule.source is None) != (rule.at is None):
        yield "`source` and `at` go together.", "Give both, or neither."
    elif rule.source is None and not uses.condition_numbers(rule):
        yield "it uses no cited number and has no source.", "Add `source:` and `at:`."


def _consequences(rule: Rule) -> Found:
    follows = (rule.advice, rule.due, rule.dose, rule.words, rule.window, rule.reserve, rule.tell)
    if not any(part is not None and part != frozenset() and part != {} for part in follows):
        yield "nothing follows from it.", "Add `advice:`, `due:`, `dose:`, `words:`, `window:` or `tell:`."
    if rule.gate is not None and rule.dose is None:
        yield "`gate` stands beside a dose part only.", "Add `dose:`, or take the gate out."


def _hold(rule: Rule) -> Found:
    drug = rule.advice.drug if rule.advice is not None else ""
    until = rule.advice.until if rule.advice is not None else None
    if drug == "hold" and rule.decide_within is None:
        yield "a hold has no `decide-within`.", "Say in `advice` how soon a person decides about it."
    if drug != "hold" and (rule.decide_within is not None or until is not None):
        yield "`decide-within` and `until` belong to a hold.", "Take them out, or advise `drug: hold`."
    if until is not None:
        yield from _groups((until,))


def _due(due: Due | None) -> Found:
    if due is None:
        return
    if (due.every is None) == (due.within is None):
        yield "`due` wants either `every` or `within`.", "every: again and again; within: once, after what happened."
    if due.from_ is not None and due.every is None:
        yield "`from` goes with `every`.", "Take it out."
    yield from _groups(due.groups)


def _groups(names: tuple[str, ...]) -> Found:
    known = {*words("group"), *words("test")}
    for name in names:
        if name not in known:
            yield f"there is no test or group of tests `{name}`.", meant(name, known)


def _slots(pack: Pack, rule: Rule) -> Found:
    for whom, text in rule.tell.items():
        if "{" in uses.SLOT.sub("", text) or "}" in uses.SLOT.sub("", text):
            yield f"`tell` to the {whom}: a brace is not closed, or not opened.", "Write {fact}."
        for name in uses.slots(text):
            if name not in pack.facts:
                yield f"`tell` to the {whom}: there is no fact `{name}`.", meant(name, pack.facts)


def _is_late(rule: Rule) -> bool:
    """Whether a rule is read after all advice: it has nothing but due and dose parts."""
    return rule.advice is None and not rule.words and rule.window is None and (rule.due or rule.dose) is not None


def _table_faults(pack: Pack, table: Table) -> Found:
    if not table.rules:
        yield "it has no rules.", "Add one, or take the table out."
    if table.clear is None:
        if any(rule.advice is not None for rule in table.rules):
            yield "it gives advice and has no `clear`.", "Say when there is nothing to do."
        return
    read = {name for rule in table.rules for part in (rule.when, rule.unless) for name in facts_of(part)}
    for name in sorted(set(facts_of(table.clear)) - read):
        yield f"`clear` reads `{name}`, which no rule of the table reads.", "Use the facts of its rules only."
    yield from _tables_read(pack, table, table.clear, any_table=False)


def _tables_read(pack: Pack, table: Table, condition: Condition | None, *, any_table: bool) -> Found:
    for atom in atoms(condition):
        if isinstance(atom, AtLeast) and atom.word not in LADDER_OF:
            yield f"`{atom.word}` is no rung of advice above the lowest.", meant(atom.word, LADDER_OF)
    for name in tables_of(condition):
        yield from _table_read(pack, table, name, any_table)


def _table_read(pack: Pack, table: Table, name: str, any_table: bool) -> Found:
    names = [other.name for other in pack.tables]
    if name == ALL_TABLES:
        if not any_table:
            yield "`advice` (all tables together) is for rules with due or dose parts only.", "Name one earlier table."
    elif name not in pack.reads and not any_table and names.index(name) >= names.index(table.name):
        yield f"it reads `{name}`, which does not come earlier.", "Move one of the two tables."
    elif (other := pack.table(name)) is not None and all(rule.advice is None for rule in other.rules):
        yield f"it reads the outcome of `{name}`, which never gives advice.", "Read another table."
