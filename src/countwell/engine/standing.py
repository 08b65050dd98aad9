"""The rules at one instant: which conditions are true, false, not known or silent, and what each table comes to.

Worked out when first asked for; an instant in the past is another standing of the same patient, read with what is known now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import cached_property

from countwell.base.dates import Moment, add, end_of_day
from countwell.base.spans import Truth
from countwell.engine.joined import Joined, Placed, PlacedRule, required_tests
from countwell.engine.outcomes import STILL, Outcome, State, is_worse, outcome_of
from countwell.engine.ready import SILENT, Heard, ReadyAtom
from countwell.facts.asked import Asked
from countwell.facts.course import RESCHEDULES
from countwell.facts.of_patient import Facts
from countwell.facts.past import Past
from countwell.facts.treatment import acceptance
from countwell.model.advice import join
from countwell.model.answers import DueGroup
from countwell.model.records import Decision


class Unheard(Enum):
    """An atom that has not been asked yet."""

    UNHEARD = "unheard"


UNHEARD = Unheard.UNHEARD


@dataclass
class Standing:
    """One patient under one protocol at one instant. reports_before: later preliminary reports do not count."""

    joined: Joined
    past: Past
    as_of: Moment
    known_at: Moment
    asked: Asked
    reports_before: datetime | None = None
    others: dict[datetime, Standing] = field(default_factory=dict)
    newest: dict[PlacedRule, Moment | None] = field(default_factory=dict)
    _heard: dict[ReadyAtom, Heard] = field(default_factory=dict)
    _states: dict[PlacedRule, State | None] = field(default_factory=dict)
    _outcomes: dict[Placed, Outcome] = field(default_factory=dict)
    _named: dict[str, Outcome] = field(default_factory=dict)
    _due: dict[tuple[str, datetime], date | None] = field(default_factory=dict)
    _required: frozenset[str] | None = None
    rows: list[DueGroup] | None = None

    def __post_init__(self) -> None:
        self.facts = Facts(self.past, self.as_of, self.known_at, self, self.asked, self.reports_before)
        self.others.setdefault(self.as_of.at, self)

    def at(self, moment: Moment) -> Standing:
        """The same patient at an earlier instant; a whole day is read at its end."""
        instant = end_of_day(moment.day, self.past.time_zone) if moment.whole_day else moment
        if instant.at >= self.as_of.at:
            return self
        if instant.at not in self.others:
            self.others[instant.at] = Standing(
                self.joined, self.past, instant, self.known_at, self.asked, self.reports_before, self.others
            )
        return self.others[instant.at]

    @cached_property
    def as_reports_came(self) -> list[Standing]:
        """The same patient before each preliminary report came: before the first, before the second …"""
        came = self.past.timeline(self.known_at).mere_reports(self.as_of) if self.reports_before is None else []
        return [Standing(self.joined, self.past, self.as_of, self.known_at, self.asked, begin) for begin in came]

    # What is true

    def heard(self, atom: ReadyAtom) -> Heard:
        """One atom: true, false, not known, or silent."""
        found = self._heard.get(atom, UNHEARD)
        if found is UNHEARD:
            found = self._heard[atom] = atom.ask(self)
        return found

    def truth(self, atom: ReadyAtom) -> Truth:
        """One atom as a rule hears it: what is silent is not so."""
        heard = self.heard(atom)
        return False if heard is SILENT else heard

    # What tables come to

    @cached_property
    def awake(self) -> list[Placed]:
        """The tables that are read for what is asked, those apart of whose subject nobody spoke."""
        read = (placed for placed in self.joined.tables if placed.is_read(self.asked.question))
        return [placed for placed in read if self._is_awake(placed.topics)]

    def _is_awake(self, topics: frozenset[str] | None) -> bool:
        return topics is None or not topics.isdisjoint(self.facts.spoken)

    def outcome_named(self, name: str) -> Outcome:
        """The join of all tables of that name; `advice` is the join of all, without what a named person accepted."""
        if name not in self._named:
            of_table = self._all_advice() if name == "advice" else self._join(self.joined.by_name.get(name, []))
            self._named[name] = of_table
        return self._named[name]

    def _all_advice(self) -> Outcome:
        states = tuple(s for one in self.awake for s in self.outcome(one).states if s.accepted is None)
        return outcome_of(states, silent=False)

    def _join(self, tables: Sequence[Placed]) -> Outcome:
        outcomes = [self.outcome(one) for one in tables]
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
        outcome = self._outcomes.get(placed)
        if outcome is None:
            outcome = self._outcomes[placed] = self._work_out(placed)
        return outcome

    def _work_out(self, placed: Placed) -> Outcome:
        if not placed.advising or not placed.is_read(self.asked.question):
            return STILL
        states = self._holding(placed.advising)
        asked_for = not states and placed.table.name in self.joined.read_again
        return outcome_of(states, silent=asked_for and self._all_silent(placed))

    def states(self, placed: Placed) -> list[State]:
        """Every rule of a table that holds or may hold: advice first, then what may read the advice of all."""
        later = placed.others if placed.is_read(self.asked.question) else ()
        return [*self.outcome(placed).states, *self._holding(later)]

    def _holding(self, rules: Sequence[PlacedRule]) -> list[State]:
        awake = (rule for rule in rules if self._is_awake(rule.topics))
        return [state for rule in awake if (state := self.state(rule)) is not None]

    def _all_silent(self, placed: Placed) -> bool:
        return all(self.facts.value(placed.pack, name).silent for name in placed.facts)

    def state(self, placed: PlacedRule) -> State | None:
        """Whether a rule holds or cannot be ruled out; None if it does not hold."""
        if placed not in self._states:
            self._states[placed] = self._judged(placed)
        return self._states[placed]

    def _judged(self, placed: PlacedRule) -> State | None:
        when = placed.when(self)
        if when is False or (placed.unless is not None and placed.unless(self) is True):
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
        """Against what was known when it was accepted: of a day without a clock its end, and never later than what is asked."""
        taken = end_of_day(decision.at.day, self.past.time_zone) if decision.at.whole_day else decision.at
        as_of, known = min(taken, self.as_of, key=_instant), min(taken, self.known_at, key=_instant)
        then = Standing(self.joined, self.past, as_of, known, self.asked)
        return any(
            is_worse(
                placed.pack.facts[name].worse, self.facts.value(placed.pack, name), then.facts.value(placed.pack, name)
            )
            for name in placed.facts
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
        judged = [rule for rule in rules if restart.day < self.as_of.day or rule.is_calendar]
        return [(rule, collected) for rule in judged if self._held(rule, restart)]

    def _held(self, rule: PlacedRule, moment: Moment) -> bool:
        return self.at(moment).state(rule) is not None


def _instant(moment: Moment) -> datetime:
    return moment.at


def _is_later(at: Moment, collected: Moment | None) -> bool:
    return collected is None or at.day > collected.day or at.at > collected.at


def _next(rule: PlacedRule, day: date) -> date:
    assert rule.every is not None
    return add(day, rule.every, "earlier")
