"""A plan against the word lists of a store: everything that a walk looks up, as tables of integers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from countwell.cohort import shape as at
from countwell.cohort.columns import (
    CIRCUMSTANCE,
    GENOTYPE,
    HISTORY,
    LABEL,
    LIST_CONFIRMED,
    MEDICINE,
    ORDER,
    SCALE,
    STATES,
    SYMPTOM,
    VACCINATION,
)
from countwell.cohort.days import counted
from countwell.cohort.plan import SCHEDULE, Placed, Plan, members, tables_behind
from countwell.cohort.wanted import EVENTS, Fact
from countwell.cohort.words import Words, words_of
from countwell.model.advice import DRUG, LADDER_OF, LADDERS, PATIENT, PRECAUTIONS, PRESCRIBER, RANK
from countwell.model.rules import AtLeast, Atom, Compare, Holds, IsWord, atoms, facts_of
from countwell.vocabulary.lists import refused_frequency
from countwell.vocabulary.medicines import medicines
from countwell.vocabulary.symptoms import symptoms
from countwell.vocabulary.tests import groups, test

Lists = Mapping[str, Sequence[str]]
WORSE = {"none": 0, "lower": 1, "higher": 2}
OPS = {"<": 0, "<=": 1, ">": 2, ">=": 3}
COURSE_EVENTS = dict(zip(EVENTS, (at.RUN, at.FIRST, at.CHANGE, at.HALT, at.REDUCE), strict=True))
AGAINST = {"baseline": at.BASELINE, "highest": at.HIGHEST, "lowest": at.LOWEST}
HOLD = "hold"


@dataclass
class Bound:
    """The plan's part of a `Walk`, by the names of its fields. words: of each word fact, those that rules ask for."""

    tables: dict[str, at.Ints]
    members: list[int] = field(default_factory=list)

    def put(self, numbers: Iterable[int]) -> tuple[int, int]:
        """Puts a list among the members; where it begins and how many they are."""
        row = list(numbers)
        begin = len(self.members)
        self.members += row
        return begin, len(row)


def bind(plan: Plan, lists: Lists) -> dict[str, at.Ints]:
    """The arrays of the plan's part of a `Walk`. lists: the word lists of the store's manifest."""
    bound = Bound({})
    tests = {name: place for place, name in enumerate(plan.tests)}
    words = words_of(plan)
    made: dict[str, Any] = {
        "fact": [_fact(fact, tests, lists, words, bound) for fact in plan.facts],
        "every": [_every(rule, plan, tests) for rule in plan.every],
        "group": [_group(name, plan, tests) for name in plan.groups],
        "table": _tables(plan, bound),
        "rule": [_rule(rule, plan, lists, bound) for rule in plan.rules],
        "dose": [row for rule in plan.rules for row in _doses(rule, plan)],
        "worse": [WORSE[test(name).worse] for name in plan.tests],
        "test_of": [tests.get(name, at.NONE) for name in lists["tests"]],
        "do_of": [at.DOS.index(name) if name in at.DOS else at.START for name in lists["dos"]],
        "reason_bit": [words.bit("reason", name or "other") for name in lists["reasons"]],
        "refused_frequency": [_is_refused(place, name) for place, name in enumerate(lists["frequencies"])],
        "critical": [row for rule in plan.rules for row in _critical(rule, plan, tests)],
        "recurring_tests": [_bits(tests[n] for rule in plan.every for g in _due_groups(rule) for n in members(g))],
        "finding_tests": [_bits(tests[n] for f in _finding_facts(plan) for n in plan.facts[f].tests)],
        "calendar_facts": _facts_of([rule for rule in plan.every if rule.is_calendar], plan),
        "finding_facts": _finding_facts(plan),
    }
    made["dated"] = [rule.place for rule in dated_rules(plan)]
    made["atom"], made["atom_number"] = _atoms(plan, words, made["rule"])
    made["member"] = bound.members
    return {name: _array(name, rows) for name, rows in made.items()}


_WIDE = {
    "fact": at.FACT_COLUMNS,
    "every": at.EVERY_COLUMNS,
    "group": at.GROUP_COLUMNS,
    "table": at.TABLE_COLUMNS,
    "rule": at.RULE_COLUMNS,
    "dose": at.DOSE_COLUMNS,
    "critical": 6,
    "atom": at.ATOM_COLUMNS,
}


def _array(name: str, rows: Any) -> at.Ints:
    if name in _WIDE:
        return np.array(rows, dtype=np.int64).reshape(len(rows), _WIDE[name])
    return np.array(rows, dtype=np.float64 if name == "atom_number" else np.int64)


def _bits(places: Iterable[int]) -> int:
    return sum(1 << place for place in dict.fromkeys(places))


def _fact(fact: Fact, tests: Mapping[str, int], lists: Lists, words: Words, bound: Bound) -> Sequence[int]:
    row = [0] * at.FACT_COLUMNS
    row[at.KIND] = at.KINDS.index(fact.kind)
    row[at.FROM], row[at.MANY] = bound.put(_members(fact, tests, lists, words))
    row[at.WORSE] = WORSE[fact.worse]
    row[at.EVENT] = COURSE_EVENTS.get(fact.event or "", at.NONE)
    row[at.HANGS_ON] = at.NONE if fact.hangs_on is None else fact.hangs_on
    row[at.WITHIN], row[at.WITHIN_UNIT] = _span(fact, "within", "confirmed", "after", "apart", "weight-within")
    row[at.AGE], row[at.AGE_UNIT] = _span(fact, "limit-within")
    row[at.LIMITS] = fact.words.get("as") == "limits"
    row[at.BETWEEN_LOW], row[at.BETWEEN_HIGH] = (_scaled(end) for end in fact.between or (0, 0))
    row[at.AGAINST] = AGAINST.get(str(fact.words.get("against")), 0)
    row[at.PERCENT] = fact.words.get("as") == "%"
    row[at.FALL] = fact.words.get("direction") == "fall"
    row[at.STEP] = _scaled(fact.numbers.get("step", Fraction(0)))
    row[at.TIMES] = int(fact.numbers.get("times", 0))
    row[at.DETAILS], row[at.WHICH] = _details(fact), _which(fact, lists)
    row[at.READS] = _bits(_READS.get(fact.kind, ()))
    row[at.CAUSE] = _place(lists["causes"], fact.words.get("cause"))
    return row


# Facts that rest on events alone: without one of these kinds they are the same for every patient at every instant.
_READS = {
    "symptom": (SYMPTOM,),
    "medicine": (MEDICINE, LIST_CONFIRMED),
    "history": (HISTORY, LIST_CONFIRMED),
    "circumstance": (CIRCUMSTANCE,),
    "gene": (GENOTYPE, ORDER),
    "pending": (ORDER,),
    "vaccinated": (VACCINATION,),
    "label": (LABEL,),
}


def _span(fact: Fact, *names: str) -> tuple[int, int]:
    return next((fact.spans[name] for name in names if name in fact.spans), (at.NONE, 0))


def _scaled(number: Fraction | int) -> int:
    """A number times SCALE. Raises ValueError if that is not whole."""
    scaled = Fraction(number) * SCALE
    if scaled.denominator != 1:
        raise ValueError(f"{number} has more decimals than the store holds.")
    return int(scaled)


def _place(row: Sequence[str], word: object) -> int:
    return list(row).index(str(word)) if word in row else at.NONE


def _members(fact: Fact, tests: Mapping[str, int], lists: Lists, words: Words) -> Iterable[int]:
    """What a fact is of, as places: tests of the plan, else places in the list of the store."""
    if fact.kind in ("latest", "highest", "baseline", "change", "streak", "recovered"):
        return [tests[name] for name in fact.of]
    if fact.kind == "done":
        return _group(fact.of[0], None, tests)[: at.SCHEDULED]
    if fact.kind in _LISTED:
        return _listed(fact, lists)
    return _bits_of(fact, tests, lists, words)


_LISTED = {
    "symptom": "symptoms",
    "medicine": "medicines",
    "history": "histories",
    "circumstance": "circumstances",
    "accepted": "findings",
}


def _listed(fact: Fact, lists: Lists) -> list[int]:
    """Places of the words that a fact is of; of a class of medicines those of every medicine in it."""
    row = lists[_LISTED[fact.kind]]
    if fact.kind == "medicine":
        return _codes(row, lambda name: _is_a(name, fact.of))
    return [_place(row, name) for name in fact.of]


def _bits_of(fact: Fact, tests: Mapping[str, int], lists: Lists, words: Words) -> list[int]:
    """Of a word fact the bit of each word that it can be; of an order and a gene also under which places they are found."""
    match fact.kind:
        case "pending":
            name = fact.of[0]
            return [tests[name], _place(lists["tests"], name), _place(lists["genes"], test(name).gene)]
        case "gene":
            name, phenotypes = fact.of[0], lists["phenotypes"]
            own = [_place(lists["genes"], name), at.NONE, _place(lists["tests"], name.lower())]
            bits = [words.bit_of(fact, word) for word in phenotypes]
            return [*own, words.bit_of(fact, "untested"), _bits(bits), *bits]
        case "state":
            return [words.bit_of(fact, name) for name in STATES]
        case "reason":
            return [words.bit_of(fact, "none")]
        case "condition":
            return [words.bit_of(fact, name) for name in lists["conditions"]]
        case "person" if fact.of[0] in ("sex", "country"):
            return [words.bit_of(fact, word) for word in lists["sexes" if fact.of[0] == "sex" else "countries"]]
    return []


def _codes(row: Sequence[str], wanted: Callable[[str], bool]) -> list[int]:
    return [place for place, name in enumerate(row) if name and wanted(name)]


def _is_a(name: str, wanted: Sequence[str]) -> bool:
    listed = medicines().get(name)
    if listed is None:
        return name in wanted
    return any(listed.is_a(one) for one in wanted)


def _details(fact: Fact) -> int:
    """Bits of the details that are asked for, two apart as in the store."""
    wanted = fact.words.get("with-any")
    if fact.kind != "symptom" or not isinstance(wanted, tuple):
        return 0
    listed = list(symptoms()[fact.of[0]].details)
    return _bits(2 * listed.index(name) for name in wanted if name in listed)


def _which(fact: Fact, lists: Lists) -> int:
    """What of several things a kind can be about."""
    match fact.kind:
        case "symptom":
            asked = symptoms()[fact.of[0]]
            if fact.words.get("value") is None:
                return at.NONE
            return 0 if asked.without_value is None else _scaled(Fraction(asked.without_value))
        case "dose":
            return int(fact.of[0] == "mg/kg/day")
        case "reason":
            return int(fact.of[0] == "ever")
        case "person":
            return ("age", "sex", "country", "weight-age", "weight-change").index(fact.of[0])
        case "medicine":
            return _place(lists["lists"], "medicines")
        case "history":
            return _place(lists["lists"], "history")
        case "label":
            return int(fact.of[0] == "doubled")
    return 0


def _every(rule: Placed, plan: Plan, tests: Mapping[str, int]) -> Sequence[int]:
    due = rule.rule.due
    assert due is not None and due.every is not None
    row = [0] * at.EVERY_COLUMNS
    row[at.R_PLACE] = rule.place
    row[at.BY], row[at.BY_UNIT] = counted(_duration(rule, due.every))
    row[at.FROM_], row[at.FROM_UNIT] = (at.NONE, 0) if due.from_ is None else counted(_duration(rule, due.from_))
    row[at.ITS_TESTS] = _bits(tests[name] for group in due.groups for name in members(group))
    row[at.MUST_TESTS] = _bits(tests[name] for group in due.groups for name in _required(group))
    row[at.ITS_GROUPS] = _bits(plan.groups.index(group) for group in due.groups)
    row[at.CALENDAR], row[at.OF_SCHEDULE] = int(rule.is_calendar), int(rule.of.name == SCHEDULE)
    return row


def _required(name: str) -> tuple[str, ...]:
    return (*groups()[name].must, *groups()[name].one_of) if name in groups() else (name,)


def _duration(rule: Placed, name: str) -> Any:
    duration = rule.pack.numbers[name].duration
    assert duration is not None
    return duration


def _group(name: str, plan: Plan | None, tests: Mapping[str, int]) -> list[int]:
    group = groups().get(name)
    must = group.must if group is not None else (name,)
    one_of = group.one_of if group is not None else ()
    scheduled = int(plan is not None and name in plan.scheduled)
    return [
        _bits(tests[n] for n in must),
        _bits(tests[n] for n in one_of),
        _bits(tests[n] for n in members(name)),
        scheduled,
    ]


def _tables(plan: Plan, bound: Bound) -> list[list[int]]:
    rows = []
    for table in plan.tables:
        name = plan.read_names.index(table.name) if table.name in plan.read_names else at.NONE
        read = {plan.fact(rule, fact).number for rule in table.rules for fact in _names(rule)}
        begin = table.rules[0].place if table.rules else 0
        rows.append([name, begin, len(table.rules), *bound.put(sorted(read)), int(bool(table.advice))])
    return rows


def _names(rule: Placed) -> Iterable[str]:
    return [*facts_of(rule.when), *facts_of(rule.unless)]


def _rule(rule: Placed, plan: Plan, lists: Lists, bound: Bound) -> list[int]:
    row = [0] * at.RULE_COLUMNS
    advice = rule.rule.advice
    if advice is not None:
        row[at.DRUG], row[at.PATIENT] = DRUG.index(advice.drug), PATIENT.index(advice.patient)
        row[at.PRESCRIBER] = PRESCRIBER.index(advice.prescriber)
        row[at.PRECAUTIONS] = _bits(PRECAUTIONS.index(word) for word in advice.precautions)
        row[at.ADVISES] = 1
    due = rule.rule.due
    if due is not None:
        row[at.DUE] = at.RECURRING if due.every is not None else at.WITHIN_TIME
        row[at.DUE_IN], row[at.DUE_UNIT] = counted(_duration(rule, due.within)) if due.within else (0, 0)
        row[at.DUE_GROUPS] = _bits(plan.groups.index(group) for group in due.groups)
    decide = rule.rule.decide_within
    row[at.DECIDE_IN], row[at.DECIDE_UNIT] = counted(_duration(rule, decide)) if decide else (at.NONE, 0)
    row[at.FINDING] = int(rule.is_finding)
    row[at.SPEAKS] = int(_says_something(rule))
    read = [plan.fact(rule, name).number for name in dict.fromkeys(facts_of(rule.when))]
    row[at.FACTS_FROM], row[at.FACTS_MANY] = bound.put(read)
    row[at.R_TABLE] = rule.table
    row[at.R_EVERY] = plan.every.index(rule) if rule in plan.every else at.NONE
    row[at.FINDING_CODE] = _place(lists["findings"], rule.key)
    row[at.DOSES] = int(rule.rule.dose is not None)
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
    return [rule.place, what, _scaled(Fraction(number.value)), int(number.unit != "mg/day"), 0, 0, at.NONE, plain]


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
        lowest = _scaled(fact.between[0]) if fact.between is not None else SCALE
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


def dated_rules(plan: Plan) -> list[Placed]:
    """The rules that set a date, and those on whose events they hang, these first."""
    setting = [rule for rule in plan.rules if rule.rule.due is not None or rule.rule.decide_within is not None]
    before = [rule for table in tables_behind(setting, plan) for rule in table.advice]
    return list(dict.fromkeys([*before, *setting]))


def _atoms(plan: Plan, words: Words, rules: list[list[int]]) -> tuple[list[list[int]], list[float]]:
    """The atoms of the rules that set a date, and their numbers; where those of a rule stand is written into its row."""
    rows: list[list[int]] = []
    numbers: list[float] = []
    for rule in dated_rules(plan):
        begin = len(rows)
        for atom in atoms(rule.when):
            row, number = _atom(rule, atom, plan, words)
            rows.append(row)
            numbers.append(number)
        rules[rule.place][at.ATOMS_FROM], rules[rule.place][at.ATOMS_MANY] = begin, len(rows) - begin
    return rows, numbers


def _atom(rule: Placed, atom: Atom, plan: Plan, words: Words) -> tuple[list[int], float]:
    context = int(rule.is_context(atom))
    match atom:
        case AtLeast(table, word, negated):
            part = list(LADDERS).index(LADDER_OF[word])
            return [at.A_TABLE, plan.read_names.index(table), 0, part, int(negated), RANK[word], context], 0.0
        case Holds(name, negated):
            return [at.A_YES_NO, plan.fact(rule, name).number, 0, 0, int(negated), 0, context], 0.0
        case IsWord(name, wanted, negated):
            fact = plan.fact(rule, name)
            several = int(fact.kind == "reason" and fact.of[0] == "ever")
            mask = _bits(words.bit_of(fact, word) for word in wanted)
            return [at.A_WORD, fact.number, several, 0, int(negated), mask, context], 0.0
        case Compare(name, op, _, other) if other is not None:
            facts = [plan.fact(rule, one).number for one in (name, other)]
            return [at.A_TWO_FACTS, *facts, OPS[op], 0, 0, context], 0.0
        case Compare(name, op, number):
            fact, limit = plan.fact(rule, name), rule.pack.numbers[number or ""]
            if limit.duration is not None and fact.kind in ("since", "person"):
                count, unit = counted(limit.duration)
                return [at.A_TIME, fact.number, unit, OPS[op], 0, count, context], 0.0
            return [at.A_NUMBER, fact.number, 0, OPS[op], 0, 0, context], float(limit.value)
