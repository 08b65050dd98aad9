"""A plan against the word lists of a store: everything that a walk looks up, as tables of integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from countwell.cohort import shape as at
from countwell.cohort.bound_facts import WORSE, Lists, Members, bits, fact_row, group_row, place, scaled
from countwell.cohort.bound_rules import OPS, conditions, dated_rules, readers, steps, ways
from countwell.cohort.columns import SCALE
from countwell.cohort.days import counted
from countwell.cohort.plan import SCHEDULE, Placed, Plan, members, tables_behind
from countwell.cohort.words import words_of
from countwell.model.advice import DRUG, PATIENT, PRECAUTIONS, PRESCRIBER
from countwell.model.rules import Compare, atoms, facts_of
from countwell.vocabulary.lists import refused_frequency
from countwell.vocabulary.tests import groups, test

HOLD = "hold"


def bind(plan: Plan, lists: Lists) -> dict[str, at.Ints]:
    """The arrays of the plan's part of a `Walk`. lists: the word lists of the store's manifest."""
    in_all = Members()
    tests = {name: place for place, name in enumerate(plan.tests)}
    words = words_of(plan)
    made: dict[str, Any] = {
        "fact": [fact_row(fact, tests, lists, words, in_all) for fact in plan.facts],
        "every": [_every(rule, plan, tests) for rule in plan.every],
        "group": [group_row(name, plan, tests) for name in plan.groups],
        "table": _tables(plan, in_all),
        "rule": [_rule(rule, plan, lists, in_all) for rule in plan.rules],
        "dose": [row for rule in plan.rules for row in _doses(rule, plan)],
        "worse": [WORSE[test(name).worse] for name in plan.tests],
        "test_of": [tests.get(name, at.NONE) for name in lists["tests"]],
        "do_of": [at.DOS.index(name) if name in at.DOS else at.START for name in lists["dos"]],
        "reason_bit": [words.bit("reason", name or "other") for name in lists["reasons"]],
        "refused_frequency": [_is_refused(place, name) for place, name in enumerate(lists["frequencies"])],
        "critical": [row for rule in plan.rules for row in _critical(rule, plan, tests)],
        "recurring_tests": [bits(tests[n] for rule in plan.every for g in _due_groups(rule) for n in members(g))],
        "finding_tests": [bits(tests[n] for f in _finding_facts(plan) for n in plan.facts[f].tests)],
        "calendar_facts": _facts_of([rule for rule in plan.every if rule.is_calendar], plan),
        "finding_facts": _finding_facts(plan),
    }
    made["dated"] = [rule.place for rule in dated_rules(plan)]
    made["step"], made["step_from"] = steps(plan)
    made["readers"] = readers(plan)
    made["atom"], made["atom_number"] = conditions(plan, words, made["rule"])
    made["way"], made["way_atom"] = ways(plan, made["rule"])
    made["member"] = in_all.all
    return {name: _array(name, rows) for name, rows in made.items()}


_WIDE = {
    "fact": at.FACT_COLUMNS,
    "every": at.EVERY_COLUMNS,
    "group": at.GROUP_COLUMNS,
    "table": at.TABLE_COLUMNS,
    "rule": at.RULE_COLUMNS,
    "dose": at.DOSE_COLUMNS,
    "critical": 6,
    "way": 2,
    "atom": at.ATOM_COLUMNS,
}


def _array(name: str, rows: Any) -> at.Ints:
    if name in _WIDE:
        return np.array(rows, dtype=np.int64).reshape(len(rows), _WIDE[name])
    return np.array(rows, dtype=np.float64 if name == "atom_number" else np.int64)


def _every(rule: Placed, plan: Plan, tests: Mapping[str, int]) -> Sequence[int]:
    due = rule.rule.due
    assert due is not None and due.every is not None
    row = [0] * at.EVERY_COLUMNS
    row[at.R_PLACE] = rule.place
    row[at.BY], row[at.BY_UNIT] = counted(_duration(rule, due.every))
    row[at.FROM_], row[at.FROM_UNIT] = (at.NONE, 0) if due.from_ is None else counted(_duration(rule, due.from_))
    row[at.ITS_TESTS] = bits(tests[name] for group in due.groups for name in members(group))
    row[at.MUST_TESTS] = bits(tests[name] for group in due.groups for name in _required(group))
    row[at.ITS_GROUPS] = bits(plan.groups.index(group) for group in due.groups)
    row[at.CALENDAR], row[at.OF_SCHEDULE] = int(rule.is_calendar), int(rule.of.name == SCHEDULE)
    return row


def _required(name: str) -> tuple[str, ...]:
    return (*groups()[name].must, *groups()[name].one_of) if name in groups() else (name,)


def _duration(rule: Placed, name: str) -> Any:
    duration = rule.pack.numbers[name].duration
    assert duration is not None
    return duration


def _tables(plan: Plan, in_all: Members) -> list[list[int]]:
    rows = []
    for table in plan.tables:
        name = plan.read_names.index(table.name) if table.name in plan.read_names else at.NONE
        read = {plan.fact(rule, fact).number for rule in table.rules for fact in _names(rule)}
        begin = table.rules[0].place if table.rules else 0
        rows.append([name, begin, len(table.rules), *in_all.put(sorted(read)), int(bool(table.advice))])
    return rows


def _names(rule: Placed) -> Iterable[str]:
    return [*facts_of(rule.when), *facts_of(rule.unless)]


def _rule(rule: Placed, plan: Plan, lists: Lists, in_all: Members) -> list[int]:
    row = [0] * at.RULE_COLUMNS
    advice = rule.rule.advice
    if advice is not None:
        row[at.DRUG], row[at.PATIENT] = DRUG.index(advice.drug), PATIENT.index(advice.patient)
        row[at.PRESCRIBER] = PRESCRIBER.index(advice.prescriber)
        row[at.PRECAUTIONS] = bits(PRECAUTIONS.index(word) for word in advice.precautions)
        row[at.ADVISES] = 1
    due = rule.rule.due
    if due is not None:
        row[at.DUE] = at.RECURRING if due.every is not None else at.WITHIN_TIME
        row[at.DUE_IN], row[at.DUE_UNIT] = counted(_duration(rule, due.within)) if due.within else (0, 0)
        row[at.DUE_GROUPS] = bits(plan.groups.index(group) for group in due.groups)
    decide = rule.rule.decide_within
    row[at.DECIDE_IN], row[at.DECIDE_UNIT] = counted(_duration(rule, decide)) if decide else (at.NONE, 0)
    row[at.FINDING] = int(rule.is_finding)
    row[at.SPEAKS] = int(_says_something(rule))
    read = [plan.fact(rule, name).number for name in dict.fromkeys(facts_of(rule.when))]
    row[at.FACTS_FROM], row[at.FACTS_MANY] = in_all.put(read)
    row[at.R_TABLE] = rule.table
    row[at.R_EVERY] = plan.every.index(rule) if rule in plan.every else at.NONE
    row[at.FINDING_CODE] = place(lists["findings"], rule.key)
    return row


def _says_something(rule: Placed) -> bool:
    of = rule.rule
    if of.advice is not None or of.words or of.window is not None:
        return True
    if of.due is not None:
        return rule.is_finding or rule.of.name != SCHEDULE
    return bool(of.tell) and of.dose is None and of.reserve is None


def _doses(rule: Placed, plan: Plan) -> Iterable[list[int]]:
    dose = rule.rule.dose
    if dose is None:
        return
    if dose.first:
        yield _limit(rule, at.FIRST_DOSE, dose.first)
    if dose.target:
        yield _limit(rule, at.LOW_DOSE, dose.target[0])
        yield _limit(rule, at.HIGH_DOSE, dose.target[1])
    if dose.times:
        factor = Fraction(rule.pack.numbers[dose.times].factor)
        of = plan.fact(rule, dose.of or "").number
        yield [rule.place, at.CEILING, 0, 0, factor.numerator, factor.denominator, of, 0]
    elif dose.ceiling:
        yield _limit(rule, at.CEILING, dose.ceiling)
    if dose.none:
        yield [rule.place, at.NO_DOSE, 0, 0, 0, 0, at.NONE, 0]


def _limit(rule: Placed, what: int, name: str) -> list[int]:
    number = rule.pack.numbers[name]
    plain = int(rule.rule.gate is None)
    return [rule.place, what, scaled(Fraction(number.value)), int(number.unit != "mg/day"), 0, 0, at.NONE, plain]


def _is_refused(place: int, name: str) -> int:
    """Whether azathioprine is never given so often; place 0: nothing was said, 1: no list knows it."""
    return int(place == 1 or (place > 1 and bool(refused_frequency(name))))


def _critical(rule: Placed, plan: Plan, tests: Mapping[str, int]) -> Iterable[list[int]]:
    """The comparisons of results at which a rule holds or stops: test, op, number up and down, and how limits count."""
    if rule.rule.advice is None or not rule.rule.advice.at_least(HOLD):
        return
    for atom in atoms(rule.when):
        if not isinstance(atom, Compare) or atom.number is None:
            continue
        fact = plan.fact(rule, atom.fact)
        if fact.kind not in ("latest", "highest"):
            continue
        limits = fact.words.get("as") == "limits"
        lowest = scaled(fact.between[0]) if fact.between is not None else SCALE
        number = Fraction(rule.pack.numbers[atom.number].value)
        for name in fact.of:
            row = [tests[name], OPS[atom.op], number.numerator, number.denominator, int(limits), lowest]
            yield row


def _due_groups(rule: Placed) -> tuple[str, ...]:
    return rule.rule.due.groups if rule.rule.due is not None else ()


def _finding_facts(plan: Plan) -> list[int]:
    return _facts_of([rule for rule in plan.every if not rule.is_calendar], plan)


def _facts_of(rules: Sequence[Placed], plan: Plan) -> list[int]:
    """The facts that rules read, through tables too, those that others hang on first."""
    wanted = {plan.fact(rule, name).number for rule in rules for name in _names(rule)}
    for table in tables_behind(rules, plan):
        wanted |= {plan.fact(rule, name).number for rule in table.rules for name in _names(rule)}
    pending = list(wanted)
    while pending:
        other = plan.facts[pending.pop()].hangs_on
        if other is not None and other not in wanted:
            wanted.add(other)
            pending.append(other)
    return sorted(wanted)
