"""Which tests are due by when: the schedule by group, and the dates that findings set.

Due on the last day of the interval, overdue the day after. Nothing here moves because a day has passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from countwell.base.dates import Moment, add
from countwell.engine.came_about import any_lapsed, counted_from, newest_event
from countwell.engine.joined import SCHEDULE, PlacedRule
from countwell.engine.outcomes import State
from countwell.engine.standing import Standing
from countwell.model.advice import earliest_tests
from countwell.model.answers import DueGroup
from countwell.vocabulary.tests import groups

NOT_SCHEDULED = ("died", "ended")


def schedule(standing: Standing) -> list[DueGroup]:
    """Every group that the schedule in force wants, with its dates. Of the dead and those treated elsewhere: none."""
    if standing.facts.course.state in NOT_SCHEDULED:
        return []
    if standing.rows is None:
        rows = (_group(standing, name) for name in standing.joined.scheduled_groups)
        standing.rows = [row for row in rows if row is not None]
    return standing.rows


def _group(standing: Standing, name: str) -> DueGroup | None:
    last, missing = last_of_group(standing, name)
    rules = [rule for rule in _rules_for(standing, name) if rule.table.name == SCHEDULE]
    if last is None:
        rules = [rule for rule in rules if rule.is_calendar]
    wanted_now = [rule for rule in rules if standing.state(rule) is not None]
    if not wanted_now:
        return None
    running = standing.anchors(rules, last)
    if not running and last is not None:
        return None
    return _dated(standing, name, last, missing, running, wanted_now)


def last_of(standing: Standing, test: str) -> Moment | None:
    """When a test was last done."""
    row = standing.facts.settled(test)
    return row[-1].collected if row else None


def last_of_group(standing: Standing, name: str) -> tuple[Moment | None, list[str]]:
    """When a group was last complete (its oldest required member), and which of its tests are missing."""
    group = groups().get(name)
    if group is None:
        last = last_of(standing, name)
        return last, [] if last is not None else [name]
    moments = {test: last_of(standing, test) for test in group.must}
    if group.one_of:
        any_of = [moment for test in group.one_of if (moment := last_of(standing, test)) is not None]
        moments[" or ".join(group.one_of)] = max(any_of, default=None)
    missing = [test for test, moment in moments.items() if moment is None]
    known = [moment for moment in moments.values() if moment is not None]
    return (None if missing else min(known)), missing


def _rules_for(standing: Standing, name: str) -> list[PlacedRule]:
    members = groups()[name].members if name in groups() else (name,)
    rules = standing.joined.every.get(members[0], [])
    return [rule for rule in rules if rule.rule.due is not None and name in rule.rule.due.groups]


def _dated(
    standing: Standing,
    name: str,
    last: Moment | None,
    missing: Sequence[str],
    running: Sequence[tuple[PlacedRule, Moment]],
    wanted_now: Sequence[PlacedRule],
) -> DueGroup:
    dated = sorted(((_by(rule, anchor.day), _from(rule, anchor.day), rule.key) for rule, anchor in running), key=_first)
    due_by, due_from, rule = dated[0] if dated else (None, None, wanted_now[0].key)
    day = standing.as_of.day
    overdue = max((day - due_by).days, 0) if due_by is not None else 0
    state = _state(day, last, due_from, due_by)
    return DueGroup(name, last.day if last else None, due_from, due_by, overdue, state, tuple(missing), rule)


def _first(row: tuple[date, date, str]) -> tuple[date, date]:
    return row[0], row[1]


def _by(rule: PlacedRule, anchor: date) -> date:
    assert rule.every is not None
    return add(anchor, rule.every, "earlier")


def _from(rule: PlacedRule, anchor: date) -> date:
    assert rule.rule.due is not None
    if rule.rule.due.from_ is None:
        return _by(rule, anchor)
    return min(add(anchor, rule.duration(rule.rule.due.from_), "earlier"), _by(rule, anchor))


def _state(day: date, last: Moment | None, due_from: date | None, due_by: date | None) -> str:
    if last is None:
        return "never-done"
    assert due_from is not None and due_by is not None
    if day > due_by:
        return "overdue"
    return "due" if day >= due_from else "not-due"


def set_by_findings(standing: Standing, states: Iterable[State]) -> dict[str, dict[str, date]]:
    """By rule: the tests that it wants within a time of its newest event and that have not been done since."""
    return {state.placed.key: tests for state in states if (tests := within(standing, state))}


def within(standing: Standing, state: State) -> dict[str, date]:
    """The test dates that one rule sets. No preliminary report puts one off: what it had set before each of them stands."""
    dates = _within(standing, state)
    for before, known in held_before(standing, state.placed):
        dates = earliest_tests(dates, _within(before, known))
    return dates


def held_before(standing: Standing, placed: PlacedRule) -> Iterator[tuple[Standing, State]]:
    """How a rule stood before each preliminary report came, where it held or could not be ruled out."""
    for before in standing.as_reports_came:
        state = before.state(placed)
        if state is not None:
            yield before, state


def _within(standing: Standing, state: State) -> dict[str, date]:
    """The test dates that one rule sets. Of a rule that only may hold: none if it gives advice, else at once."""
    rule = state.placed.rule
    if rule.due is None or state.accepted is not None or standing.facts.course.state in NOT_SCHEDULED:
        return {}
    if state.truth is None and rule.advice is not None:
        return {}
    if rule.due.every is not None:
        if state.truth is None and _only_lapsed(standing, state):
            return {}
        return _sooner(standing, state, _from_table(standing, state))
    if rule.due.within is None:
        return {}
    trigger = frozenset(_refs(standing, state))
    dates: dict[str, date] = {}
    for since in counted_from(standing, state):
        by = add(since.day, state.placed.duration(rule.due.within), "earlier")
        undone = {group: by for group in rule.due.groups if not _done_since(standing, group, since, trigger)}
        dates = earliest_tests(dates, undone)
    return dates


def _only_lapsed(standing: Standing, state: State) -> bool:
    """Whether a rule is open because a value has lapsed: the schedule says so itself, and no date moves by time alone."""
    return any_lapsed(standing, state.placed, state.placed.atoms)


def _sooner(standing: Standing, state: State, dates: dict[str, date]) -> dict[str, date]:
    """Of a calendar rule beside the schedule only the dates that are sooner than the schedule's own."""
    if state.placed.is_finding:
        return dates
    rows = {row.group: row for row in schedule(standing)}
    return {group: day for group, day in dates.items() if _adds(rows.get(group), day)}


def _adds(row: DueGroup | None, day: date) -> bool:
    """Whether a date says more than the schedule: it is sooner, and the group is not already wanted as never complete."""
    return row is None or (row.state != "never-done" and row.due_by is not None and day < row.due_by)


def _from_table(standing: Standing, state: State) -> dict[str, date]:
    """A recurring rule that hangs on a finding: its date is a finding's date too, from the finding if no test is complete."""
    assert state.placed.rule.due is not None
    dates: dict[str, date] = {}
    for group in state.placed.rule.due.groups:
        last = last_of_group(standing, group)[0] or newest_event(standing, state)
        days = [_by(rule, anchor.day) for rule, anchor in standing.anchors([state.placed], last)]
        if days:
            dates = earliest_tests(dates, {group: min(days)})
    return dates


def _refs(standing: Standing, state: State) -> Iterable[str]:
    for name in state.placed.facts:
        yield from standing.facts.value(state.placed.pack, name).events


def _done_since(standing: Standing, name: str, moment: Moment, trigger: frozenset[str]) -> bool:
    """Whether the group was done at or after the event; later than it, if the event is a result of the same group."""
    group = groups().get(name)
    members = group.members if group is not None else (name,)
    later = any(s.reading.ref in trigger for test in members for s in standing.facts.specimens(test))
    must = list(group.must) if group is not None else [name]
    done = all(_was_done(standing, test, moment, later=later) for test in must)
    if group is None or not group.one_of:
        return done
    return done and any(_was_done(standing, test, moment, later=later) for test in group.one_of)


def _was_done(standing: Standing, test: str, moment: Moment, *, later: bool) -> bool:
    row = standing.facts.settled(test)
    if not row:
        return False
    last = row[-1].collected
    if last.whole_day or moment.whole_day:
        return last.day > moment.day if later else last.day >= moment.day
    return last.at > moment.at if later else last.at >= moment.at
