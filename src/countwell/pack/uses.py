"""What each part of a pack makes use of: numbers, facts, sources and readings, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from countwell.model.pack import FactDefinition, Pack
from countwell.model.rules import Condition, Dose, Rule, Table, facts_of, numbers_of
from countwell.pack.kinds import KINDS

SLOT = re.compile(r"\{([^{}]*)\}")
_FACT_PLACES = ("fact", "event or fact")
_NUMBER_PLACES = ("span", "limits", "%", "count")


def rules(pack: Pack) -> Iterator[tuple[Table, Rule]]:
    """Every rule with its table, in order."""
    for table in pack.tables:
        for rule in table.rules:
            yield table, rule


def conditions(pack: Pack) -> Iterator[tuple[int, str, Condition]]:
    """Every condition with its line and how it is called."""
    for table in pack.tables:
        for rule in table.rules:
            yield rule.line, f"rule `{table.name}/{rule.name}`, `when`", rule.when
            if rule.unless is not None:
                yield rule.line, f"rule `{table.name}/{rule.name}`, `unless`", rule.unless
        if table.clear is not None:
            yield table.line, f"table `{table.name}`, `clear`", table.clear


def condition_numbers(rule: Rule) -> set[str]:
    """The numbers with which a rule compares."""
    return {*numbers_of(rule.when), *numbers_of(rule.unless)}


def rule_numbers(rule: Rule) -> set[str]:
    """Every number of a rule: in its conditions and in what follows."""
    named: list[str | None] = [*condition_numbers(rule), rule.decide_within]
    if rule.due is not None:
        named += [rule.due.every, rule.due.from_, rule.due.within]
    if rule.dose is not None:
        named += dose_numbers(rule.dose)
    if rule.window is not None:
        named += [rule.window.low, rule.window.high]
    if rule.reserve is not None:
        named += [rule.reserve.days, rule.reserve.share]
    return {name for name in named if name}


def dose_numbers(dose: Dose) -> list[str | None]:
    """Every number of a dose part, absent ones as None."""
    return [dose.first, *(dose.target or ()), dose.ceiling, dose.times, dose.confirm, dose.step, dose.step_every]


def fact_numbers(fact: FactDefinition) -> set[str]:
    """The numbers among the parameters of a fact."""
    return _params(fact, _NUMBER_PLACES)


def fact_facts(fact: FactDefinition) -> set[str]:
    """The other facts that a fact names. An event of the course stands among them too."""
    own = set(fact.of) if "fact" in KINDS[fact.kind].of else set()
    return own | _params(fact, _FACT_PLACES)


def _params(fact: FactDefinition, places: tuple[str, ...]) -> set[str]:
    named = (value for key, value in fact.params.items() if KINDS[fact.kind].params[key] in places)
    return {name for value in named for name in ((value,) if isinstance(value, str) else value)}


def slots(text: str) -> list[str]:
    """What stands in braces in a text for people."""
    return SLOT.findall(text)


def numbers_used(pack: Pack) -> set[str]:
    """Every number that a rule, a `clear` or a fact uses."""
    in_rules = {name for _, rule in rules(pack) for name in rule_numbers(rule)}
    in_clear = {name for table in pack.tables for name in numbers_of(table.clear)}
    return in_rules | in_clear | {name for fact in pack.facts.values() for name in fact_numbers(fact)}


def facts_used(pack: Pack) -> set[str]:
    """Every fact that a condition, a dose, a text or another fact uses."""
    used = {name for _, _, condition in conditions(pack) for name in facts_of(condition)}
    used |= {rule.dose.of for _, rule in rules(pack) if rule.dose is not None and rule.dose.of is not None}
    used |= {name for _, rule in rules(pack) for text in rule.tell.values() for name in slots(text)}
    return used | {name for fact in pack.facts.values() for name in fact_facts(fact)}


def sources_used(pack: Pack) -> set[str]:
    """Every source on which something stands."""
    used = {rule.source for _, rule in rules(pack) if rule.source is not None}
    used |= {number.source for number in pack.numbers.values()}
    return used | {statement.source for statement in (*pack.statements, *pack.gaps)}


def readings_used(pack: Pack) -> set[str]:
    """Every reading to which a number or a rule points."""
    named = [*(number.reading for number in pack.numbers.values()), *(rule.reading for _, rule in rules(pack))]
    return {name for name in named if name is not None}
