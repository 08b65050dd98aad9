"""Test dates: the schedule by group, and the dates that findings set from the newest event that made them true."""

from __future__ import annotations

from collections.abc import Sequence

from countwell.model.rules import AtLeast, Compare, atoms

from .acts import group_of
from .course import course
from .laboratory import lasts
from .newest import newest_event
from .printed import moved, name, word, words
from .recurring import anchors, every_rule, of_scheduled
from .sheet import Sheet
from .tables import SCHEDULE, Placed, Plan, members, relation_of
from .ways import counted_from

MEASURED = ("latest", "highest", "change", "streak")
ELSEWHERE = ("died", "ended")


def _speaks(sheet: Sheet, placed: Placed, event: str, may_be: str) -> str:
    """The cases in which a rule sets test dates: it holds, or it gives no advice and may hold, if `may_be`."""
    may_be = f"(e.truth IS NULL AND {may_be})" if placed.rule.advice is None else "false"
    return f"""
SELECT e.* FROM {event} e JOIN {course(sheet)} USING (k) ANTI JOIN {sheet.schema}.accepted x ON x.k = e.k AND x.rule = {word(placed.key)}
WHERE (e.truth OR {may_be}) AND state NOT IN {words(ELSEWHERE)}
"""


def standings(sheet: Sheet) -> str:
    """For each patient as it stands now (k) every way to look at it: as it is, and as it was before each mere report came (seen)."""
    return sheet.make(
        "standings",
        f"""
SELECT m.k, s.k AS seen FROM {sheet.cases} m JOIN {sheet.cases} s ON s.patient = m.patient AND s.role <> 'accept' WHERE m.role = 'main'
""",
    )


def wanted_by_findings(sheet: Sheet, plan: Plan) -> str:
    """Each date that a finding sets: k, group, day. What it had set before a mere report came stands, while the rule still speaks."""
    rows = [
        _still(sheet, placed, _within(sheet, plan, placed))
        for placed in plan.rules
        if placed.rule.due is not None and placed.rule.due.within
    ]
    rows += [
        _still(sheet, placed, _again(sheet, plan, placed))
        for placed in plan.every
        if is_finding(placed) or placed.table.name != SCHEDULE
    ]
    return sheet.make("wanted", " UNION ALL ".join(rows))


def _still(sheet: Sheet, placed: Placed, dates: str) -> str:
    """The dates of a rule in each standing, for a patient of whom it now holds, or gives no advice and may hold."""
    rule = f"r.{name(placed.rule.name)}"
    truth = f"{rule} IS DISTINCT FROM false" if placed.rule.advice is None else rule
    return f"""
SELECT s.k, d.wanted, d.day FROM ({dates}) d JOIN {standings(sheet)} s ON s.seen = d.k JOIN {relation_of(sheet, placed)} r ON r.k = s.k
ANTI JOIN {sheet.schema}.accepted x ON x.k = s.k AND x.rule = {word(placed.key)} WHERE {truth}
"""


def is_finding(placed: Placed) -> bool:
    """Whether the tests of a rule are wanted for a finding rather than by the calendar."""
    if placed.rule.due is not None and placed.rule.due.within is not None:
        return True
    return any(
        isinstance(one, AtLeast) or (isinstance(one, Compare) and placed.pack.facts[one.fact].kind in MEASURED)
        for one in atoms(placed.rule.when)
    )


def _within(sheet: Sheet, plan: Plan, placed: Placed) -> str:
    """Within a time of every moment from which its dates count, unless done since."""
    due = placed.rule.due
    assert due is not None
    event = counted_from(sheet, plan, placed)
    since = f"SELECT k, unnest(list_distinct(since)) AS since, tests FROM ({_speaks(sheet, placed, event, 'true')})"
    rows = [
        f"""SELECT s.k, {word(group)} AS wanted, {moved("earlier", "s.since.day", placed.pack, due.within)} AS day
    FROM ({since}) s JOIN {_last_of_each(sheet, plan)} l USING (k) WHERE NOT {_done_since(group)}"""
        for group in due.groups
    ]
    return " UNION ALL ".join(rows)


def _last_of_each(sheet: Sheet, plan: Plan) -> str:
    """When each test was last done, one column for each test that any group has."""
    groups = dict.fromkeys(group for placed in plan.rules if placed.rule.due for group in placed.rule.due.groups)
    tests = dict.fromkeys(test for group in groups for test in members(group))
    columns = ", ".join(f"any_value(l.moment) FILTER (l.test = {word(test)}) AS {name(test)}" for test in tests)
    return sheet.make(
        "last of each", f"SELECT c.k, {columns} FROM {sheet.cases} c LEFT JOIN {lasts(sheet)} l USING (k) GROUP BY c.k"
    )


def _done_since(group: str) -> str:
    """Whether a group was done at or after s.since; later than it, if the event is a result of the same group."""
    must, one_of = group_of(group)
    later = f"list_has_any(s.tests, [{', '.join(word(test) for test in members(group))}])"
    done = [f"coalesce(was_done(l.{name(test)}, s.since, {later}), false)" for test in (*must, *one_of)]
    parts = done[: len(must)]
    if one_of:
        parts.append("(" + " OR ".join(done[len(must) :]) + ")")
    return "(" + " AND ".join(parts) + ")"


def last_of_groups(sheet: Sheet, groups: Sequence[str]) -> str:
    """When each group was last complete: its oldest required member. A group that never was has no row."""
    rows = []
    for group in groups:
        must, one_of = group_of(group)
        rows.append(f"""
SELECT m.k, {word(group)} AS wanted, CASE WHEN m.moment IS NULL OR o.moment < m.moment THEN o.moment ELSE m.moment END AS moment
FROM (SELECT c.k, count(l.test) AS n, min(l.moment) AS moment FROM {sheet.cases} c
    LEFT JOIN {lasts(sheet)} l ON l.k = c.k AND l.test IN {words(must)} GROUP BY c.k) m
LEFT JOIN (SELECT k, max(moment) AS moment FROM {lasts(sheet)} WHERE test IN {words(one_of)} GROUP BY k) o USING (k)
WHERE m.n = {len(must)} AND {"o.k IS NOT NULL" if one_of else "true"}""")
    return " UNION ALL ".join(rows) or "SELECT 0 AS k, '' AS wanted, NULL AS moment WHERE false"


INSTANT = "CASE WHEN {0}.whole THEN end_of_day({0}.day, c.zone) ELSE {0}.stamp END"


def schedule(sheet: Sheet, plan: Plan) -> str:
    """Each scheduled group with its last date, when it is due and how it stands. A group that nothing wants has no row."""
    every = every_rule(sheet, plan, of_scheduled(plan), "every_scheduled")
    subject = f"""
SELECT c.k, c.a, c.patient, c.stamp, c.day, g.wanted AS subject, l.moment AS last, {INSTANT.format("l.moment")} AS last_instant
FROM {sheet.cases} c CROSS JOIN (SELECT DISTINCT subject AS wanted FROM {every}) g
LEFT JOIN ({last_of_groups(sheet, plan.scheduled)}) l ON l.k = c.k AND l.wanted = g.wanted
"""
    return sheet.make(
        "schedule",
        f"""
WITH {anchors(subject, every, "held")},
wanted AS (SELECT s.k, s.subject FROM subject s JOIN {every} e USING (subject) JOIN held h ON h.k = s.k AND h.rule = e.rule
    WHERE s.last IS NOT NULL OR e.is_calendar GROUP BY ALL),
first AS (SELECT d.k, d.subject, min({{'by': d.due_by, 'from': d.due_from}}) AS due FROM dated d JOIN subject s USING (k, subject)
    JOIN {every} e USING (subject, rule) WHERE s.last IS NOT NULL OR e.is_calendar GROUP BY ALL)
SELECT s.k, s.subject AS wanted, s.last.day AS last_day, f.due."by" AS due_by,
    CASE WHEN s.last IS NULL THEN 'never-done' WHEN s.day > f.due."by" THEN 'overdue' WHEN s.day >= f.due."from" THEN 'due' ELSE 'not-due' END AS state
FROM subject s JOIN wanted w USING (k, subject) LEFT JOIN first f USING (k, subject) JOIN {course(sheet)} c USING (k)
WHERE c.state NOT IN {words(ELSEWHERE)} AND (s.last IS NULL OR f.k IS NOT NULL)
""",
    )


def _again(sheet: Sheet, plan: Plan, placed: Placed) -> str:
    """A recurring rule that hangs on a finding or stands beside the schedule: of the latter only what is sooner than that."""
    due = placed.rule.due
    assert due is not None
    every = every_rule(sheet, plan, [(group, placed) for group in due.groups], f"every {placed.key}")
    event = newest_event(sheet, plan, placed)
    speaks = _speaks(sheet, placed, event, "NOT coalesce(e.only_lapsed, false)")
    subject = f"""
SELECT c.k, c.a, c.patient, c.stamp, c.day, g.wanted AS subject, coalesce(l.moment, e.moment) AS last,
    {INSTANT.format("coalesce(l.moment, e.moment)")} AS last_instant
FROM {sheet.cases} c JOIN ({speaks}) e USING (k) CROSS JOIN (SELECT DISTINCT subject AS wanted FROM {every}) g
LEFT JOIN ({last_of_groups(sheet, due.groups)}) l ON l.k = c.k AND l.wanted = g.wanted
"""
    sooner = "true" if is_finding(placed) else "s.k IS NULL OR (s.state <> 'never-done' AND d.due_by < s.due_by)"
    return f"""
SELECT d.k, d.subject AS wanted, d.due_by AS day FROM (WITH {anchors(subject, every, "held")} SELECT k, subject, min(due_by) AS due_by FROM dated GROUP BY ALL) d
LEFT JOIN {schedule(sheet, plan)} s ON s.k = d.k AND s.wanted = d.subject WHERE {sooner}
"""


def decide_by(sheet: Sheet, plan: Plan) -> str:
    """The day by which a person decides, of each rule that holds and names one; no mere report puts it off."""
    rows = [
        f"""SELECT s.k, {moved("earlier", "e.moment.day", placed.pack, placed.rule.decide_within)} AS day
    FROM {newest_event(sheet, plan, placed)} e JOIN {standings(sheet)} s ON s.seen = e.k JOIN {relation_of(sheet, placed)} r ON r.k = s.k
    ANTI JOIN {sheet.schema}.accepted x ON x.k = s.k AND x.rule = {word(placed.key)}
    WHERE r.{name(placed.rule.name)} AND e.truth AND e.moment IS NOT NULL"""
        for placed in plan.rules
        if placed.rule.decide_within is not None
    ]
    union = " UNION ALL ".join(rows) or "SELECT 0 AS k, 0 AS day WHERE false"
    return sheet.make("decide by", f"SELECT k, min(day) AS day FROM ({union}) GROUP BY k")
