"""The library of a pack: head, numbers, facts as parameters, atoms, rules, and what each table comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from countwell.base.errors import Fault, PackError
from countwell.cql.atoms import NOTHING_THERE, definitions
from countwell.cql.conditions import is_read, printed, read_for, rule_printed, silence_of
from countwell.cql.facts import ACCEPTED, AS_OF, QUESTION, VIEWS, atoms_of, parameters_of
from countwell.cql.limits import CANNOT_SAY, CANNOT_SAY_HEADING, HOW_TO_READ
from countwell.cql.tables import advice_of_pack, elsewhere, outcome, rule_name, tables_read, together
from countwell.cql.written import AFTER_POINT, LOWEST, comment, decimal, define, is_exact, quoted, text
from countwell.engine.sentences import number_in_words, rule_in_words
from countwell.model.pack import Number, Pack
from countwell.model.rules import Table, numbers_of
from countwell.pack.uses import conditions


def library_name(pack: Pack) -> str:
    """How the library of a pack is called."""
    return f"Countwell_{pack.name.replace('-', '_')}"


def library(pack: Pack) -> str:
    """The text of the library. The same pack gives the same text.

    Raises PackError for what CQL cannot hold: a fact that is read in two ways, a number of too many places.
    """
    sections = (_head(pack), _parameters(pack), _numbers(pack), _atoms(pack), _tables(pack), _together(pack))
    return "\n\n".join(dict.fromkeys(part for section in sections for part in section)) + "\n"


def _head(pack: Pack) -> Iterator[str]:
    draft = " Draft, not for clinical use." if pack.status == "draft" else ""
    title = f"{pack.title}. The conditions of the {pack.kind} {pack.name} {pack.version} ({pack.status}), written by Countwell."
    says = (title, f"It supports and does not replace a clinician.{draft}", *HOW_TO_READ)
    lists = (CANNOT_SAY_HEADING, *(f"- {line}" for line in CANNOT_SAY), *_sources(pack))
    lines = ["\n".join(comment(line) for line in says), *(comment(line, hanging="  ") for line in lists)]
    yield "\n".join(lines)
    yield f"library {library_name(pack)} version {text(pack.version)}"


def _sources(pack: Pack) -> Iterator[str]:
    yield "Sources:"
    for source in pack.sources.values():
        yield f"- {source.id}: {source.title}" + ("" if source.verified else " (not verified)")


def _numbers(pack: Pack) -> Iterator[str]:
    yield comment("Numbers that conditions compare with, each with its unit, source and place.")
    for name in dict.fromkeys(name for _, _, condition in conditions(pack) for name in numbers_of(condition)):
        number = pack.numbers[name]
        cited = comment(f"{name}: {number_in_words(number)}; {_place(number)}")
        yield cited if number.duration is not None else f"{cited}\n{define(name, _value(pack, number))}"
    lowest = comment("The number of what is not there at all, such as a fever that was denied.")
    yield f"{lowest}\n{define(NOTHING_THERE, LOWEST)}"


def _value(pack: Pack, number: Number) -> str:
    if not is_exact(number.value):
        says = f"the number `{number.name}` has more places than CQL ({AFTER_POINT})."
        raise PackError(
            [Fault(f"{pack.path}:{number.line}", says, "Give it fewer, or leave this pack out of the export.")]
        )
    return decimal(number.value)


def _place(number: Number) -> str:
    reading = f", reading {number.reading}" if number.reading else ""
    return f"{number.source}{'' if number.verified else ' (not verified)'}: {number.at}{reading}"


def _parameters(pack: Pack) -> Iterator[str]:
    others = (declared for name in tables_read(pack) for declared in elsewhere(name))
    asked = {AS_OF: "Date", QUESTION: "String", ACCEPTED: "List<String>", VIEWS: "List<String>"}
    yield "\n".join(f"parameter {quoted(name)} {kind}" for name, kind in (*asked.items(), *others))
    yield "\n".join(parameters_of(pack))
    yield "context Unfiltered"


def _atoms(pack: Pack) -> Iterator[str]:
    yield comment("Comparisons, words and outcomes of tables, as all conditions read them.")
    yield from _defined(pair for atom in atoms_of(pack) for pair in definitions(pack, atom))
    yield comment(
        "What silence counts as: no in a rule, yes where there is nothing to do, and nothing in an exception."
    )
    for table in pack.tables:
        yield from _defined(pair for rule in table.rules for pair in silence_of(pack, rule.when, "when"))
        yield from _defined(silence_of(pack, table.clear, "clear"))


def _defined(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield from (define(name, expression) for name, expression in pairs)


def _tables(pack: Pack) -> Iterator[str]:
    for table in pack.tables:
        yield comment(f"Table {table.name}{', ' + table.joins if table.joins != 'always' else ''}")
        if table.asks:
            yield define(is_read(table), read_for(table))
        yield from _rules(pack, table)
        if table.clear is not None:
            yield (
                comment("There is nothing to do:") + "\n" + define(f"{table.name}/clear", printed(table.clear, "clear"))
            )
        yield from _defined(outcome(table))


def _rules(pack: Pack, table: Table) -> Iterator[str]:
    for rule in table.rules:
        yield comment(rule_in_words(pack, rule)) + "\n" + define(rule_name(table, rule), rule_printed(table, rule))


def _together(pack: Pack) -> Iterator[str]:
    yield comment("The pack as a whole; and the tables that conditions read, as all packs together see them.")
    yield from _defined(advice_of_pack(pack))
    for name in tables_read(pack):
        yield from _defined(together(pack, name))
