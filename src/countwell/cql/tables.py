"""What the tables of a pack come to: of each part of advice at least and at most, as places on its ladder.

An outcome that a condition reads is that of all packs run together. What the others say is given: `elsewhere`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from countwell.cql.conditions import is_read
from countwell.cql.facts import ACCEPTED, VIEWS
from countwell.cql.written import case, joined, quoted, text
from countwell.model.advice import LADDERS, PRECAUTIONS, RANK
from countwell.model.pack import Pack
from countwell.model.rules import Rule, Table, facts_of, tables_of
from countwell.pack.uses import conditions
from countwell.pack.words import ALL_TABLES

Held = tuple[str, Rule]
WHERE_SILENT = "where-silent"


def rule_name(table: Table, rule: Rule) -> str:
    """How a rule is called in its library."""
    return f"{table.name}/{rule.name}"


def tables_read(pack: Pack) -> tuple[str, ...]:
    """The tables whose outcome a condition of the pack reads."""
    return tuple(dict.fromkeys(name for _, _, condition in conditions(pack) for name in tables_of(condition)))


def elsewhere(name: str) -> Iterator[tuple[str, str]]:
    """The parameters of what all other packs say in the tables of a name, with their types."""
    for part in LADDERS:
        for end in ("least", "most"):
            yield f"table {name} elsewhere, {part} at {end}", "Integer"
    if name != ALL_TABLES:
        yield f"table {name} elsewhere is silent", "Boolean"


def outcome(table: Table) -> Iterator[tuple[str, str]]:
    """The definitions of what a table comes to; of a table that gives no advice none."""
    held = [(rule_name(table, rule), rule) for rule in table.rules if rule.advice is not None]
    if held:
        yield from _advice(table.name, [(quoted(name), rule) for name, rule in held])
        yield f"table {table.name} is silent", _silent(table, [name for name, _ in held])


def _advice(name: str, held: list[Held]) -> Iterator[tuple[str, str]]:
    for part in LADDERS:
        yield f"table {name}, {part} at least", _place(part, held, sure=True)
        yield f"table {name}, {part} at most", _place(part, held, sure=False)
    for word in PRECAUTIONS:
        asked = [(rule, said) for rule, said in held if said.advice is not None and word in said.advice.precautions]
        yield f"table {name}, {word} at least", f"Coalesce({_any(asked, sure=True)}, false)" if asked else "false"
        yield f"table {name}, {word} at most", _any(asked, sure=False)


def _place(part: str, held: Iterable[Held], *, sure: bool) -> str:
    """The highest place that a rule which holds (or may hold) calls for."""
    at: dict[int, list[Held]] = {}
    for name, rule in held:
        at.setdefault(RANK[getattr(rule.advice, part)], []).append((name, rule))
    places = sorted((place for place in at if place), reverse=True)
    return case(*((_any(at[place], sure=sure), str(place)) for place in places), otherwise="0") if places else "0"


def _any(held: Iterable[Held], *, sure: bool) -> str:
    """Whether one of these holds (or may hold): true if so."""
    names = [name if sure else f"Coalesce({name}, true)" for name, _ in held]
    return joined(names, "or") if names else "false"


def _silent(table: Table, advising: list[str]) -> str:
    """A table is silent if it is not read, or if none of its rules may hold and nothing that it reads was said."""
    facts = dict.fromkeys(fact for rule in table.rules for part in (rule.when, rule.unless) for fact in facts_of(part))
    quiet = [f"not Coalesce({quoted(name)}, true)" for name in advising]
    unsaid = [f"Coalesce({quoted(f'{fact} is silent')}, false)" for fact in facts]
    silent = joined([*quiet, *unsaid], "and")
    return f"not Coalesce({quoted(is_read(table))}, true) or {silent}" if table.asks else silent


def advice_of_pack(pack: Pack) -> Iterator[tuple[str, str]]:
    """The definitions of what all tables of a pack come to, without accepted rules and tables that are only views."""
    held = [
        (f"({quoted(rule_name(table, rule))} and not {_is_left_out(table, rule)})", rule)
        for table in pack.tables
        for rule in table.rules
        if rule.advice is not None
    ]
    yield from _advice(ALL_TABLES, held)


def _is_left_out(table: Table, rule: Rule) -> str:
    accepted = f"Coalesce({text(rule_name(table, rule))} in {quoted(ACCEPTED)}, false)"
    return f"({accepted} or {_is_view(table)})" if table.joins == WHERE_SILENT else accepted


def _is_view(table: Table) -> str:
    return f"Coalesce({text(table.name)} in {quoted(VIEWS)}, false)"


def together(pack: Pack, name: str) -> Iterator[tuple[str, str]]:
    """The definitions of what the tables of a name come to in all packs: the worst of each part."""
    own = None if name == ALL_TABLES else pack.table(name)
    speaks = name == ALL_TABLES or (own is not None and any(rule.advice is not None for rule in own.rules))
    view = _is_view(own) if own is not None and own.joins == WHERE_SILENT else None
    for part in LADDERS:
        for end, unknown in (("least", 0), ("most", len(LADDERS[part]) - 1)):
            which = f"{part} at {end}"
            mine = _unless_view(quoted(f"table {name}, {which}"), "0", view) if speaks else "0"
            yield f"table {name} together, {which}", _worse(quoted(f"table {name} elsewhere, {which}"), mine, unknown)
    mine = _unless_view(quoted(f"table {name} is silent"), "true", view) if speaks else "true"
    given = f"Coalesce({quoted(f'table {name} elsewhere is silent')}, false)"
    yield f"table {name} together is silent", "false" if name == ALL_TABLES else f"{given} and {mine}"


def _unless_view(own: str, nothing: str, view: str | None) -> str:
    return own if view is None else f"(if {view} then {nothing} else {own})"


def _worse(given: str, own: str, unknown: int) -> str:
    """The higher of two places. What is not given is, at least, nothing, and at most everything."""
    if not unknown:
        return case((f"{given} > {own}", given), otherwise=own)
    return case((f"{given} is null", str(unknown)), (f"{given} > {own}", given), otherwise=own)
