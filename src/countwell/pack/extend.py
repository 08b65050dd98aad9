"""A pack that extends another: the other's rules with some of its numbers changed, each with a source and two names.

It is put together before it is read, so that everything else sees one whole pack. Nothing but numbers, and the sentences that
speak of them, can be changed. What is taken over bears the line of `extends`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from countwell.model.pack import Pack
from countwell.model.rules import Compare, Rule, Table, atoms, facts_of
from countwell.pack import uses
from countwell.pack.faults import Faults, meant
from countwell.pack.strict import Items, Keys, Node, Text

OWN = ("pack", "kind", "version", "status", "title", "extends", "sources", "readings", "numbers", "tell", "cases")
TAKEN_ONCE = ("pack", "kind", "version", "status", "title", "cases")
TWO = 2


def extended(own: Keys, base: Keys, pack: Pack, faults: Faults) -> Keys:
    """The whole pack. base, pack: the extended one, as a tree and as read. What is wrong goes to `faults`."""
    line = own.of["extends"].line
    for key in own.of.keys() - OWN:
        faults.add(own.of[key].line, f"a pack that extends another changes no `{key}`.", "Change numbers only.")
    changed = _entries(own, "numbers")
    _check_version(own, pack, faults)
    _check_numbers(own, pack, changed, faults)
    parts = {key: moved(node, line) for key, node in base.of.items() if key not in TAKEN_ONCE}
    parts |= {
        key: node for key, node in own.of.items() if key in ("pack", "kind", "version", "status", "title", "extends")
    }
    parts["numbers"] = Keys({**_entries(parts, "numbers"), **changed}, line)
    parts["tables"] = _retold(parts["tables"], own.of.get("tell"), pack, faults)
    parts["cases"] = Keys({**_kept_cases(base, pack, changed, line), **_entries(own, "cases")}, line)
    _add_named(parts, own, line)
    _check_sentences(own, pack, changed, faults)
    return Keys(parts, own.line)


def _entries(parts: Keys | Mapping[str, Node], key: str) -> Mapping[str, Node]:
    found = (parts.of if isinstance(parts, Keys) else parts).get(key)
    return found.of if isinstance(found, Keys) else {}


def moved(node: Node, line: int) -> Node:
    """The same with every line set to one."""
    match node:
        case Text(text):
            return Text(text, line)
        case Items(of):
            return Items(tuple(moved(item, line) for item in of), line)
        case Keys(of):
            return Keys({key: moved(value, line) for key, value in of.items()}, line)


def _check_version(own: Keys, pack: Pack, faults: Faults) -> None:
    """Rules are taken over in the version that was read by those who agreed, and in no other."""
    wanted = _entries(own, "extends").get("version")
    if isinstance(wanted, Text) and wanted.text != pack.version:
        what = f"this extends {pack.name} {wanted.text}, and {pack.name} is {pack.version} here."
        faults.add(
            wanted.line, what, "Read what differs (`countwell packs diff`), have it agreed, and set the version."
        )


def _check_numbers(own: Keys, pack: Pack, changed: Mapping[str, Node], faults: Faults) -> None:
    if not changed:
        faults.add(own.of["extends"].line, "no number is changed.", f"Use {pack.name} as it is.")
    sources = _entries(own, "sources")
    for name in sources.keys() & pack.sources.keys():
        faults.add(sources[name].line, f"source `{name}` is one of {pack.name}.", "Name your own source otherwise.")
    for name, node in changed.items():
        if name not in pack.numbers:
            faults.add(node.line, f"{pack.name} has no number `{name}`.", meant(name, pack.numbers))
        elif isinstance(node, Keys):
            _check_number(name, node, pack, sources, faults)


def _check_number(name: str, node: Keys, pack: Pack, sources: Mapping[str, Node], faults: Faults) -> None:
    before = pack.numbers[name]
    unit, value, source = (_text(node.of.get(key)) for key in ("unit", "value", "source"))
    if unit != before.unit:
        faults.add(
            node.line, f"number `{name}` is in {before.unit} there, in {unit} here.", f"Give it in {before.unit}."
        )
    if (value, unit) == (f"{before.value:f}", before.unit):
        faults.add(node.line, f"number `{name}` is {value} {unit} there too.", "Take it out, or change it.")
    if source not in sources:
        faults.add(node.line, f"number `{name}` needs a source of this pack.", "Name the decision under `sources`.")
    names = {text.strip().casefold() for text in _texts(node.of.get("agreed"))}
    if len(names) < TWO:
        faults.add(node.line, f"number `{name}` needs two names.", "agreed: [who decided, who checked]")


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Text) else ""


def _texts(node: Node | None) -> list[str]:
    return [_text(item) for item in node.of] if isinstance(node, Items) else []


def _retold(tables: Node, tell: Node | None, pack: Pack, faults: Faults) -> Node:
    """The tables with the sentences that are told anew."""
    if not isinstance(tables, Keys) or not isinstance(tell, Keys):
        return tables
    told = dict(tables.of)
    for name, rules in tell.of.items():
        table = told.get(name)
        if not isinstance(table, Keys) or not isinstance(rules, Keys):
            faults.add(rules.line, f"{pack.name} has no table `{name}`.", meant(name, tables.of))
            continue
        told[name] = Keys(dict(_retold_rules(name, table, rules, faults)), table.line)
    return Keys(told, tables.line)


def _retold_rules(name: str, table: Keys, rules: Keys, faults: Faults) -> Iterator[tuple[str, Node]]:
    for missing in rules.of.keys() - table.of.keys():
        faults.add(rules.of[missing].line, f"table `{name}` has no rule `{missing}`.", meant(missing, table.of))
    for rule, node in table.of.items():
        said = rules.of.get(rule)
        yield (
            rule,
            Keys(_with_told(node, said), node.line) if isinstance(node, Keys) and isinstance(said, Keys) else node,
        )


def _with_told(rule: Keys, said: Keys) -> dict[str, Node]:
    """A gate stands beside what is told."""
    before = rule.of.get("tell")
    own = {key: node for key, node in said.of.items() if key != "gate"}
    tell = Keys({**(before.of if isinstance(before, Keys) else {}), **own}, said.line)
    return {
        **rule.of,
        **({"tell": tell} if tell.of else {}),
        **({"gate": said.of["gate"]} if "gate" in said.of else {}),
    }


def _kept_cases(base: Keys, pack: Pack, changed: Mapping[str, Node], line: int) -> dict[str, Node]:
    """The cases that give no fact that is compared with a changed number: those the author brings anew."""
    cases = _entries(base, "cases")
    return {
        case.name: moved(cases[case.name], line)
        for case in pack.cases
        if not _touches(case.table, case.given, pack, changed)
    }


def _touches(table: str, given: Mapping[str, str], pack: Pack, changed: Mapping[str, Node]) -> bool:
    found = pack.table(table)
    compared = {atom.fact for atom in _compared(found) if atom.number in changed} if found else set()
    measured = {name for name in given if name in pack.facts and uses.fact_numbers(pack.facts[name]) & changed.keys()}
    return bool((compared | measured) & given.keys())


def _compared(table: Table) -> list[Compare]:
    conditions = [table.clear, *(part for rule in table.rules for part in (rule.when, rule.unless))]
    return [atom for condition in conditions for atom in atoms(condition) if isinstance(atom, Compare)]


def _add_named(parts: dict[str, Node], own: Keys, line: int) -> None:
    """Sources and readings of both, without those that only the changed numbers rested on."""
    for section, key in (("sources", "source"), ("readings", "reading")):
        mine = _entries(own, section)
        used = set(_named_under(Keys({name: node for name, node in parts.items() if name != section}, line), key))
        kept = {name: node for name, node in _entries(parts, section).items() if name in used}
        parts[section] = Keys({**kept, **mine}, line)


def _named_under(node: Node, key: str) -> Iterator[str]:
    """Every text that stands under a key of that name, however deep."""
    if isinstance(node, Keys):
        for name, value in node.of.items():
            if name == key and isinstance(value, Text):
                yield value.text
            yield from _named_under(value, key)


def _check_sentences(own: Keys, pack: Pack, changed: Mapping[str, Node], faults: Faults) -> None:
    """A sentence that names the old figure would contradict the rule."""
    tell = _entries(own, "tell")
    for name in changed.keys() & pack.numbers.keys():
        old = f"{pack.numbers[name].value:f}"
        figure = re.compile(rf"(?<![\d.]){re.escape(old)}(?![\d.]*\d)")
        for table, rule in uses.rules(pack):
            told = _entries(Keys(dict(_entries(Keys(dict(tell), 0), table.name)), 0), rule.name)
            for where, text in _sentences(rule):
                if where not in told and figure.search(text) and name in _numbers(pack, rule):
                    what = f"number `{name}` is changed, and `{table.name}/{rule.name}` still says {old} ({where})."
                    faults.add(
                        changed[name].line,
                        what,
                        f"Say it anew: tell: {{{table.name}: {{{rule.name}: {{{where}: …}}}}}}",
                    )


def _sentences(rule: Rule) -> Iterator[tuple[str, str]]:
    yield from rule.tell.items()
    if rule.gate is not None:
        yield "gate", rule.gate


def _numbers(pack: Pack, rule: Rule) -> set[str]:
    """The numbers that a rule hangs on, through its facts too."""
    facts = {fact for part in (rule.when, rule.unless) for fact in facts_of(part)}
    return uses.rule_numbers(rule) | {name for fact in facts for name in uses.fact_numbers(pack.facts[fact])}
