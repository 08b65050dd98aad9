"""The rules of a plan as rows of integers: the atoms of their conditions, and the order in which they are read.

A condition is the row of its atoms in the order in which it names them. Where an atom leads, if it holds and if it does not,
stands beside it, so that whoever walks along asks no more than it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, product
from math import nan

from countwell.cohort import shape as at
from countwell.cohort.bound_facts import bits
from countwell.cohort.days import counted
from countwell.cohort.plan import Placed, Plan, PlannedTable, names_in, tables_behind
from countwell.cohort.words import Words
from countwell.model.advice import LADDER_OF, LADDERS, RANK
from countwell.model.rules import And, AtLeast, Atom, Compare, Condition, Holds, IsWord, Not, Or, atoms

OPS = {"<": 0, "<=": 1, ">": 2, ">=": 3}
Row = list[int]


def conditions(plan: Plan, words: Words, rules: Sequence[Row]) -> tuple[list[Row], list[float]]:
    """The atoms of all rules, and the numbers they are held against; where those of a rule stand is written into its row."""
    rows: list[Row] = []
    numbers: list[float] = []
    for rule in plan.rules:
        row = rules[rule.place]
        row[at.ATOMS_FROM], row[at.ATOMS_MANY] = len(rows), len(list(atoms(rule.when)))
        row[at.UNLESS_FROM] = at.NONE if rule.unless is None else len(rows) + row[at.ATOMS_MANY]
        for condition in (rule.when, rule.unless):
            for atom, then, otherwise in jumps(condition, len(rows)) if condition is not None else ():
                fields, number = _atom(rule, atom, plan, words)
                rows.append([*fields, int(rule.is_context(atom)), then, otherwise])
                numbers.append(number)
    return rows, numbers


def ways(plan: Plan, rules: Sequence[Row]) -> tuple[list[Row], Row]:
    """The ways in which each rule that wants tests within a time can hold: where the atoms of each begin among those that come
    second, and how many they are; which ways are those of a rule is written into its row."""
    rows: list[Row] = []
    taken: Row = []
    for rule in plan.rules:
        row = rules[rule.place]
        row[at.WAYS_FROM] = len(rows)
        for way in ways_of(rule.when, row[at.ATOMS_FROM]) if rule.rule.due is not None and rule.rule.due.within else ():
            rows.append([len(taken), len(way)])
            taken += way
        row[at.WAYS_MANY] = len(rows) - row[at.WAYS_FROM]
    return rows, taken


def ways_of(condition: Condition, begin: int) -> list[tuple[int, ...]]:
    """The ways in which a condition can hold: each the atoms that must all hold. `a and (b or c)` has two."""
    if not isinstance(condition, And | Or):
        return [(begin,)]
    parts = [ways_of(part, own) for part, own in zip(condition.of, _begins(condition, begin), strict=False)]
    if isinstance(condition, Or):
        return [way for part in parts for way in part]
    return [tuple(chain.from_iterable(each)) for each in product(*parts)]


def _begins(condition: And | Or, begin: int) -> list[int]:
    """Where each part begins, and where the last ends."""
    return list(accumulate((len(list(atoms(part))) for part in condition.of), initial=begin))


def jumps(
    condition: Condition, begin: int, met: int = at.MET, not_met: int = at.NOT_MET
) -> Iterator[tuple[Atom, int, int]]:
    """The atoms of a condition whose first stands at `begin`: each with what is asked next if it holds, and if it does not."""
    assert not isinstance(condition, Not), "`not` stands at the atoms"
    if not isinstance(condition, And | Or):
        yield condition, met, not_met
        return
    begins = _begins(condition, begin)
    for part, own, following in zip(condition.of, begins, begins[1:], strict=False):
        last = following == begins[-1]
        if isinstance(condition, And):
            yield from jumps(part, own, met if last else following, not_met)
        else:
            yield from jumps(part, own, met, not_met if last else following)


def _atom(rule: Placed, atom: Atom, plan: Plan, words: Words) -> tuple[Row, float]:
    """What an atom is, of what, and against what it is held (A_KIND to A_MASK); beside it its number, if it has one."""
    match atom:
        case AtLeast(table, word, negated):
            part = list(LADDERS).index(LADDER_OF[word])
            return [at.A_TABLE, plan.read_names.index(table), 0, part, int(negated), RANK[word]], nan
        case Holds(name, negated):
            return [at.A_YES_NO, plan.fact(rule, name).number, 0, 0, int(negated), 0], nan
        case IsWord(name, wanted, negated):
            fact = plan.fact(rule, name)
            several = int(fact.kind == "reason" and fact.of[0] == "ever")
            mask = bits(words.bit_of(fact, word) for word in wanted)
            return [at.A_WORD, fact.number, several, 0, int(negated), mask], nan
        case Compare(name, op, _, other) if other is not None:
            return [at.A_TWO_FACTS, *(plan.fact(rule, one).number for one in (name, other)), OPS[op], 0, 0], nan
        case Compare(name, op, number):
            fact, limit = plan.fact(rule, name), rule.pack.numbers[number or ""]
            if limit.duration is not None and fact.kind in ("since", "person"):
                count, unit = counted(limit.duration)
                return [at.A_TIME, fact.number, unit, OPS[op], 0, count], nan
            return [at.A_NUMBER, fact.number, 0, OPS[op], 0, 0], float(limit.value)


def steps(plan: Plan) -> tuple[Row, Row]:
    """The rules in the order in which they are read, and what each name of tables came to after the last of that name; where
    each part (`shape.ADVICE` …) begins, and where the last ends."""
    calendar = [rule for rule in plan.every if rule.is_calendar]
    of_findings = [rule for rule in plan.every if not rule.is_calendar]
    behind = _advice(plan, tables_behind(of_findings, plan)) if of_findings else []
    parts = [
        _advice(plan, plan.in_reading_order),
        [rule.place for table in plan.tables for rule in table.later],
        [rule.place for rule in calendar],
        [*behind, *(rule.place for rule in of_findings)],
    ]
    return [step for part in parts for step in part], list(accumulate(map(len, parts), initial=0))


def _advice(plan: Plan, tables: Sequence[PlannedTable]) -> Row:
    row = []
    for n, table in enumerate(tables):
        row += [rule.place for rule in table.advice]
        if table.name in plan.read_names and table.name not in {other.name for other in tables[n + 1 :]}:
            row.append(-1 - plan.read_names.index(table.name))
    return row


def readers(plan: Plan) -> list[Row]:
    """The rules that read each fact, and after these what each name of tables came to, one bit each; at the end those that
    hang on the day, and those that are asked at every instant: they are read for the schedule too, before all is known."""
    scheduling = {*plan.every, *(rule for table in tables_behind(plan.every, plan) for rule in table.rules)}
    rows = [[0] * (len(plan.rules) // at.BITS_IN_A_WORD + 1) for _ in range(len(plan.facts) + len(plan.read_names) + 2)]
    for rule in plan.rules:
        for row in {*_read(rule, plan), *([-1] if rule in scheduling else [])}:
            rows[row][rule.place // at.BITS_IN_A_WORD] |= 1 << rule.place % at.BITS_IN_A_WORD
    return rows


def _read(rule: Placed, plan: Plan) -> Iterator[int]:
    """The rows of `readers` in which a rule stands."""
    for atom in rule.atoms():
        facts = [plan.fact(rule, name) for name in names_in(atom)]
        yield from (fact.number for fact in facts)
        if isinstance(atom, AtLeast):
            yield len(plan.facts) + plan.read_names.index(atom.table)
        elif any(fact.kind in ("since", "person") for fact in facts):
            yield -2


def dated_rules(plan: Plan) -> list[Placed]:
    """The rules that set a date, and those on whose events they hang, these first."""
    setting = [rule for rule in plan.rules if rule.rule.due is not None or rule.rule.decide_within is not None]
    before = [rule for table in tables_behind(setting, plan) for rule in table.advice]
    return list(dict.fromkeys([*before, *setting]))
