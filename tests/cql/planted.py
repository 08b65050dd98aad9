"""Faults planted in a library, one definition at a time: whether the worked cases of its pack would see them.

    cd tests; python -m cql.planted --pack cidp

Turns each comparison with a number from one that holds at its limit into one that does not, and back; drops each exception.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from countwell.base.spans import Op
from countwell.cql import library
from countwell.cql.atoms import definitions, name_of
from countwell.cql.conditions import rule_printed
from countwell.cql.facts import atoms_of, is_time
from countwell.cql.tables import rule_name
from countwell.model.pack import Pack
from countwell.model.rules import Atom, Compare, Table, atoms
from countwell.pack.load import shipped
from countwell.pack.uses import rules

from .test_cases import faults, pack_named

Planted = tuple[str, str, set[str]]
OTHER_SIDE: dict[Op, Op] = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


def with_body(text: str, name: str, body: str) -> str:
    """A library with another body of one definition. Raises ValueError if there is no such definition."""
    changed, count = re.subn(
        rf'^define "{re.escape(name)}":.*?(?=\n\n|\Z)',
        lambda _: f'define "{name}": {body}',
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    if count != 1:
        raise ValueError(f"{name} is defined {count} times.")
    return changed


def limits_moved(pack: Pack) -> Iterator[Planted]:
    """Every comparison with a number, its library with the limit on the other side, and the tables that read it."""
    text = library(pack)
    for atom in atoms_of(pack):
        if isinstance(atom, Compare) and atom.number is not None and not is_time(pack.facts[atom.fact]):
            other = replace(atom, op=OTHER_SIDE[atom.op])
            body = dict(definitions(pack, other))[name_of(other)]
            yield (
                name_of(atom),
                with_body(text, name_of(atom), body),
                {t.name for t in pack.tables if atom in read_by(t)},
            )


def read_by(table: Table) -> set[Atom]:
    """The atoms of all conditions of a table."""
    conditions = [part for rule in table.rules for part in (rule.when, rule.unless)]
    return {atom for condition in (*conditions, table.clear) for atom in atoms(condition)}


def exceptions_dropped(pack: Pack) -> Iterator[Planted]:
    """Every rule with an exception, its library without it, and its table."""
    text = library(pack)
    for table, rule in rules(pack):
        if rule.unless is not None:
            name = rule_name(table, rule)
            yield name, with_body(text, name, rule_printed(table, replace(rule, unless=None))), {table.name}


def is_seen(pack: Pack, text: str, tables: set[str]) -> bool:
    """Whether a case of these tables comes out otherwise."""
    asked = replace(pack, cases=tuple(case for case in pack.cases if case.table in tables))
    return any(faults(asked, {pack.name: text}))


def main(arguments: Sequence[str]) -> int:
    """Print what was planted and not seen. 0 always: cases are asked for the limits of rules, not for every exception."""
    parser = argparse.ArgumentParser(prog="cql.planted", description=__doc__)
    parser.add_argument("--pack", action="append", help="default: all")
    for name in parser.parse_args(arguments).pack or shipped():
        pack = pack_named(name)
        for what, planted in (("limits moved", limits_moved(pack)), ("exceptions dropped", exceptions_dropped(pack))):
            seen = {planted_at: is_seen(pack, text, tables) for planted_at, text, tables in planted}
            missed = [planted_at for planted_at, found in seen.items() if not found]
            sys.stdout.write(
                f"{name}: {sum(seen.values())} of {len(seen)} {what} are seen; not: {', '.join(missed) or 'none'}\n"
            )
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
