"""The rules at one instant: which conditions are true, false, not known or silent, and what each table comes to.

Worked out when first asked for; an instant in the past is another standing of the same patient, read with what is known now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from countwell.base.dates import Moment, add, end_of_day
from countwell.base.spans import NO, YES, Truth, compare_spans, negate
from countwell.engine.joined import Joined, Placed, PlacedRule, is_calendar, required_tests
from countwell.engine.outcomes import HEARD_AS, SILENT, Mode, Outcome, Silence, State, heard, is_worse, outcome_of
from countwell.facts.asked import Asked
from countwell.facts.course import RESCHEDULES
from countwell.facts.of_patient import Facts
from countwell.facts.past import Past
from countwell.facts.treatment import acceptance
from countwell.model.advice import NOTHING, join
from countwell.model.answers import DueGroup
from countwell.model.facts import compare_value, is_word
from countwell.model.pack import Pack
from countwell.model.records import Decision
from countwell.model.rules import And, AtLeast, Atom, Compare, Condition, Holds, IsWord, Or, Rule, facts_of


@dataclass
class Standing:
    """One patient under one protocol at one instant."""

    joined: Joined
    past: Past
    as_of: Moment
    known_at: Moment
    asked: Asked
    others: dict[datetime, Standing] = field(default_factory=dict)
    _outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    _due: dict[tuple[str, datetime], date | None] = field(default_factory=dict)
    _required: frozenset[str] | None = None
    rows: list[DueGroup] | None = None

    def __post_init__(self) -> None:
        self.facts = Facts(self.past, self.as_of, self.known_at, self, self.asked)
        self.others.setdefault(self.as_of.at, self)

    def at(self, moment: Moment) -> Standing:
        """The same patient at an earlier instant; a whole day is read at its end."""
        instant = end_of_day(moment.day, self.past.time_zone) if moment.whole_day else moment
        if instant.at >= self.as_of.at:
            return self
        if instant.at not in self.others:
            self.others[instant.at] = Standing(self.joined, self.past, instant, self.known_at, self.asked, self.others)
        return self.others[instant.at]

    # What is true

    def truth(self, pack: Pack, condition: Condition, mode: Mode) -> Truth:
        """Whether a condition holds; silence counts as `mode` says."""
        match condition:
            case And(of):
                return self._all(pack, of, mode)
            case Or(of):
                return self._any(pack, of, mode)
            case _:
                atom = self.atom(pack, condition)  # type: ignore[arg-type]
                return HEARD_AS[mode] if atom is SILENT else atom

    def _all(self, pack: Pack, parts: Sequence[Condition], mode: Mode) -> Truth:
        known: Truth = True
        for part in parts:
            truth = self.truth(pack, part, mode)
            if truth is False:
                return False
            if truth is None:
                known = None
        return known

    def _any(self, pack: Pack, parts: Sequence[Condition], mode: Mode) -> Truth:
        known: Truth = False
        for part in parts:
            truth = self.truth(pack, part, mode)
            if truth is True:
                return True
            if truth is None:
                known = None
        return known

    def atom(self, pack: Pack, atom: Atom) -> Truth | Silence:
        """One atom: true, false, not known, or silent."""
        match atom:
            case Compare():
                return self._compare(pack, atom)
            case Holds(fact, negated):
                value = self.facts.value(pack, fact)
                truth: Truth = True if value.span == YES else (False if value.span == NO else None)
                return heard(truth, negated, value.silent)
            case IsWord(fact, words, negated):
                value = self.facts.value(pack, fact)
                return heard(is_word(value, words), negated, value.silent)
            case AtLeast(table, word, negated):
                outcome = self.outcome_named(table)
                reached = outcome.at_least.at_least(word)
                truth = True if reached else (None if outcome.at_most.at_least(word) else False)
                return SILENT if outcome.silent else (negate(truth) if negated else truth)

    def _compare(self, pack: Pack, atom: Compare) -> Truth | Silence:
        value = self.facts.value(pack, atom.fact)
        if atom.other is not None:
            other = self.facts.value(pack, atom.other)
            return heard(compare_spans(value.span, atom.op, other.span), False, value.silent or other.silent)
        if value.silent and value.origin is None and value.why == "not-asked":
            return SILENT
        number = pack.numbers[atom.number or ""]
        return heard(compare_value(value, atom.op, number.value, number.duration), False, value.silent)

    # What tables come to

    def outcome_named(self, name: str) -> Outcome:
        """The join of all tables of that name; `advice` is the join of all, without what a named person accepted."""
        if name == "advice":
            return self._all_advice()
        return self._join([self.outcome(one) for one in self.joined.by_name.get(name, [])])

    def _all_advice(self) -> Outcome:
        states = tuple(s for one in self.joined.tables for s in self.outcome(one).states if s.accepted is None)
        return outcome_of(states, silent=False)

    def _join(self, outcomes: Sequence[Outcome]) -> Outcome:
        if len(outcomes) == 1:
            return outcomes[0]
        return Outcome(
            join(one.at_least for one in outcomes),
            join(one.at_most for one in outcomes),
            tuple(state for one in outcomes for state in one.states),
            all(one.silent for one in outcomes),
        )

    def outcome(self, placed: Placed) -> Outcome:
        """What one table comes to, advice rules only."""
        key = (placed.pack.name, placed.table.name)
        if key not in self._outcomes:
            self._outcomes[key] = self._work_out(placed)
        return self._outcomes[key]

    def _work_out(self, placed: Placed) -> Outcome:
        rules = [rule for rule in self._read(placed) if rule.advice is not None]
        if not rules:
            return Outcome(NOTHING, NOTHING, (), True)
        states = self._states(placed, rules)
        return outcome_of(states, silent=not states and self._all_silent(placed))

    def states(self, placed: Placed) -> list[State]:
        """Every rule of a table that holds or may hold: advice first, then what may read the advice of all."""
        later = [rule for rule in self._read(placed) if rule.advice is None]
        return [*self.outcome(placed).states, *self._states(placed, later)]

    def _read(self, placed: Placed) -> Sequence[Rule]:
        """A table's rules, if it is read for what is being asked."""
        asks = placed.table.asks
        return placed.table.rules if not asks or self.asked.question in asks else ()

    def _states(self, placed: Placed, rules: Sequence[Rule]) -> list[State]:
        states = (self.state(PlacedRule(placed.pack, placed.table, rule)) for rule in rules)
        return [state for state in states if state is not None]

    def _all_silent(self, placed: Placed) -> bool:
        return all(self.facts.value(placed.pack, name).silent for name in self.joined.facts_read(placed))

    def state(self, placed: PlacedRule) -> State | None:
        """Whether a rule holds or cannot be ruled out; None if it does not hold."""
        rule = placed.rule
        when = self.truth(placed.pack, rule.when, "when")
        if when is False:
            return None
        if rule.unless is not None and self.truth(placed.pack, rule.unless, "unless") is True:
            return None
        return State(placed, when, self._acceptance(placed))

    def _acceptance(self, placed: PlacedRule) -> Decision | None:
        """A named person's acceptance of this rule, unless something worse has come since."""
        if not self.facts.course.decisions:
            return None
        decision = acceptance(self.facts.course, placed.key, self.as_of)
        if decision is None or self._is_worse_than_at(placed, decision):
            return None
        return decision

    def _is_worse_than_at(self, placed: PlacedRule, decision: Decision) -> bool:
        known = end_of_day(decision.at.day, self.past.time_zone) if decision.at.whole_day else decision.at
        then = Standing(self.joined, self.past, known, known, self.asked)
        return any(
            is_worse(
                placed.pack.facts[name].worse, self.facts.value(placed.pack, name), then.facts.value(placed.pack, name)
            )
            for name in facts_of(placed.rule.when)
        )

    # What the schedule requires: the answers that facts ask for

    def requires(self, test: str) -> bool:
        """Whether a calendar rule in force requires this test now."""
        if self._required is None:
            self._required = frozenset(
                name
                for placed in self.joined.calendar
                if self.state(placed) is not None and placed.rule.due is not None
                for name in required_tests(placed.rule.due.groups)
            )
        return test in self._required

    def due_by(self, test: str, collected: Moment) -> date | None:
        """The last day on which a result collected then still vouches; None while nothing can ask for the test again."""
        rules = self.joined.every.get(test, [])
        if not rules or all(self.as_of.day <= _next(rule, collected.day) for rule in rules):
            return None
        key = (test, collected.at)
        if key not in self._due:
            dates = (_next(rule, begin.day) for rule, begin in self._running(rules, collected, passed_only=True))
            self._due[key] = min((day for day in dates if day < self.as_of.day), default=None)
        return self._due[key]

    def anchors(self, rules: Sequence[PlacedRule], collected: Moment | None) -> list[tuple[PlacedRule, Moment]]:
        """Each recurring rule with each moment it runs from: the last test, and every later decision on the dose."""
        return self._running(rules, collected, passed_only=False)

    def _running(
        self, rules: Sequence[PlacedRule], collected: Moment | None, *, passed_only: bool
    ) -> list[tuple[PlacedRule, Moment]]:
        """passed_only: leave out decisions whose date has not passed; they cannot make a result lapse."""
        later = [d for d in self.facts.course.decisions if d.do in RESCHEDULES and _is_later(d.at, collected)]
        runs = self._from_test(rules, collected, later) if collected is not None else []
        for decision in later:
            due = [rule for rule in rules if not passed_only or _next(rule, decision.at.day) < self.as_of.day]
            runs += [(rule, decision.at) for rule in due if self._held(rule, decision.at)]
        return runs

    def _from_test(
        self, rules: Sequence[PlacedRule], collected: Moment, later: Sequence[Decision]
    ) -> list[tuple[PlacedRule, Moment]]:
        """The rules that ran when the test was taken. A test taken when none did (while the drug was stopped) runs from its own
        day by the rules of the restart: it vouches for no longer than a new one would."""
        own = [(rule, collected) for rule in rules if self._held(rule, collected)]
        restart = next((decision.at for decision in later if decision.do == "restart"), None)
        if own or restart is None:
            return own
        judged = [rule for rule in rules if restart.day < self.as_of.day or is_calendar(rule.pack, rule.rule)]
        return [(rule, collected) for rule in judged if self._held(rule, restart)]

    def _held(self, rule: PlacedRule, moment: Moment) -> bool:
        return self.at(moment).state(rule) is not None


def _is_later(at: Moment, collected: Moment | None) -> bool:
    return collected is None or at.day > collected.day or at.at > collected.at


def _next(rule: PlacedRule, day: date) -> date:
    assert rule.rule.due is not None and rule.rule.due.every is not None
    return add(day, rule.duration(rule.rule.due.every), "earlier")
