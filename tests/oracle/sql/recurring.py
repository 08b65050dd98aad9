"""What asks again and again: which recurring rules held at which instant, from where each runs, and which results have lapsed.

A rule held at an instant as the patient stood then; one that reads a table (closer tests after a low count) needs to know what
had lapsed by then, which hangs on earlier instants alone. So all instants are worked out at once, again until nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from countwell.vocabulary.tests import groups

from .course import DECISION
from .laboratory import DONE, lasts, seen
from .printed import duration_of, months_and_days, word, words
from .sheet import Sheet
from .tables import SCHEDULE, Placed, Plan, members, single_rule

RESCHEDULES = ("start", "restart", "raise", "reduce", "transfer-in")

INSTANTS = """
WITH instant AS (
    SELECT a.a, s.instant, s.day FROM asking a JOIN {seen} s ON s.a = a.a AND s.collected <= a.stamp AND s.status IN {done}
    UNION ALL SELECT a.a, d.instant, d.day FROM asking a JOIN decision d ON d.patient = a.patient AND d.stamp <= a.stamp
    UNION ALL SELECT a.a, CASE WHEN e.whole THEN end_of_day(e.at_day, a.zone) ELSE e.began END, e.at_day
        FROM asking a JOIN happening e ON e.patient = a.patient AND e.began <= a.stamp AND e.kind IN ('medicine', 'list-confirmed')
    UNION ALL SELECT a, stamp, day FROM asking
),
one_each AS (SELECT i.a, least(i.instant, a.stamp) AS stamp, max(i.day) AS day FROM instant i JOIN asking a USING (a) GROUP BY ALL)
SELECT row_number() OVER (ORDER BY i.a, i.stamp) AS k, i.a, a.patient, a.zone, i.stamp, i.day, a.known, i.stamp = a.stamp AS is_now, a.role
FROM one_each i JOIN asking a USING (a)
"""


def every_rule(sheet: Sheet, plan: Plan, subjects: Iterable[tuple[str, Placed]], relation: str) -> str:
    """What recurs: for each subject (a test, a group) its rules with their intervals, also from when a test is due."""
    rows = []
    for subject, placed in subjects:
        due = placed.rule.due
        assert due is not None
        months, days = months_and_days(duration_of(placed.pack, due.every))
        from_months, from_days = months_and_days(duration_of(placed.pack, due.from_ or due.every))
        rows.append(
            f"({word(subject)}, {word(placed.key)}, {months}, {days}, {from_months}, {from_days}, {str(placed.is_calendar).lower()})"
        )
    values = ", ".join(rows) or "('-', '-', 0, 0, 0, 0, false)"
    columns = "subject, rule, months, days, from_months, from_days, is_calendar"
    return sheet.shared(relation, f"SELECT * FROM (VALUES {values}) AS e({columns})")


def of_tests(plan: Plan) -> list[tuple[str, Placed]]:
    """Each test with each rule that asks for it again and again."""
    pairs = [(test, placed) for placed in plan.every for group in _groups(placed) for test in members(group)]
    return list({(test, placed.key): (test, placed) for test, placed in pairs}.values())


def of_scheduled(plan: Plan) -> list[tuple[str, Placed]]:
    """Each group of the schedule with its rules there."""
    return [
        (group, placed)
        for group in plan.scheduled
        for placed in plan.every
        if placed.table.name == SCHEDULE and group in _groups(placed)
    ]


def _groups(placed: Placed) -> tuple[str, ...]:
    return placed.rule.due.groups if placed.rule.due is not None else ()


def _required(placed: Placed) -> list[str]:
    """The tests that the groups of a rule must have; of one-of members all, since any may be the missing one."""
    return [
        test
        for group in _groups(placed)
        for test in ((*groups()[group].must, *groups()[group].one_of) if group in groups() else (group,))
    ]


def anchors(subject: str, every: str, held: str) -> str:
    """From where each recurring rule runs. subject: k, a, patient, at, day, subject, and `last`, the moment of the last test
    with its `last_instant` (NULL: never complete).

    From the last test, by the rules that held then; and from every later decision on the dose, by those that held there. A test
    taken while none held runs from its own day by the rules of the restart.
    """
    return f"""
subject AS ({subject}),
own AS (SELECT s.k, s.subject, e.rule, s.last.day AS anchor FROM subject s JOIN {every} e USING (subject)
    JOIN past p ON p.a = s.a AND p.stamp = least(s.last_instant, s.stamp) JOIN {held} h ON h.k = p.k AND h.rule = e.rule),
decided AS (SELECT s.k, s.subject, s.a, s.stamp AS as_of, s.day AS today, s.last, d.n, d.verb, d.day, d.instant FROM subject s
    JOIN decision d ON d.patient = s.patient AND d.stamp <= s.stamp AND d.verb IN {words(RESCHEDULES)}
    WHERE s.last IS NULL OR d.day > s.last.day OR d.stamp > s.last.stamp),
from_decision AS (SELECT d.k, d.subject, e.rule, d.day AS anchor FROM decided d JOIN {every} e USING (subject)
    JOIN past p ON p.a = d.a AND p.stamp = least(d.instant, d.as_of) JOIN {held} h ON h.k = p.k AND h.rule = e.rule),
restart AS (SELECT * FROM decided WHERE verb = 'restart' AND last IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY k, subject ORDER BY n) = 1),
from_restart AS (SELECT r.k, r.subject, e.rule, r.last.day AS anchor FROM restart r ANTI JOIN own o ON o.k = r.k AND o.subject = r.subject
    JOIN {every} e ON e.subject = r.subject AND (r.day < r.today OR e.is_calendar)
    JOIN past p ON p.a = r.a AND p.stamp = least(r.instant, r.as_of) JOIN {held} h ON h.k = p.k AND h.rule = e.rule),
anchor AS (SELECT * FROM own UNION SELECT * FROM from_decision UNION SELECT * FROM from_restart),
dated AS (SELECT a.*, earlier(a.anchor, e.months, e.days) AS due_by,
    least(earlier(a.anchor, e.from_months, e.from_days), due_by) AS due_from FROM anchor a JOIN {every} e USING (subject, rule))
"""


def lapsed(sheet: Sheet, plan: Plan, tests: Sequence[str], held: str) -> str:
    """Which tests have lapsed in which case: the next one is past due since the last was done, on an earlier day."""
    subject = f"""
SELECT c.k, c.a, c.patient, c.stamp, c.day, l.test AS subject, l.moment AS last,
    CASE WHEN l.moment.whole THEN end_of_day(l.moment.day, c.zone) ELSE l.moment.stamp END AS last_instant
FROM {sheet.cases} c JOIN {lasts(sheet)} l USING (k) WHERE l.test IN {words(tests)} AND l.moment.day <> c.day
"""
    every = every_rule(sheet, plan, of_tests(plan), "every_test")
    return sheet.make(
        "lapsed",
        f"WITH {anchors(subject, every, held)} SELECT DISTINCT d.k, d.subject AS test FROM dated d JOIN {sheet.cases} c USING (k) WHERE c.day > d.due_by",
    )


def required(sheet: Sheet, plan: Plan, held: str) -> str:
    """Which tests the calendar in force requires in which case."""
    pairs = ", ".join(
        f"({word(placed.key)}, {word(test)})"
        for placed in plan.every
        if placed.is_calendar
        for test in _required(placed)
    )
    return sheet.make(
        "required",
        f"""
SELECT DISTINCT c.k, r.test FROM {sheet.cases} c JOIN {held} h USING (k)
JOIN (VALUES {pairs or "('-', '-')"}) AS r(rule, test) ON r.rule = h.rule
""",
    )


def held_at_all_instants(sheet: Sheet, plan: Plan) -> str:
    """Which recurring rules held at every instant from which one may run: the table `held` with k and rule."""
    sheet.shared("decision", DECISION)
    sheet.shared("past", INSTANTS.format(seen=seen(sheet), done=DONE))
    calendar = sheet.beside("past_calendar", "SELECT * FROM past")
    plain = [single_rule(calendar, plan, one) for one in plan.every if one.is_calendar]
    held = _held(sheet, "held_calendar", [one for one in plan.every if one.is_calendar], plain, also=None)
    others = [one for one in plan.every if not one.is_calendar]
    while others:
        previous, held = held, _round(sheet, plan, others, held)
        if _same(sheet, previous, held):
            break
    return sheet.shared("held", f"SELECT * FROM {held}")


def _round(sheet: Sheet, plan: Plan, others: Sequence[Placed], held: str) -> str:
    """The rules that read results, given what had held before: k and rule, beside those of the calendar."""
    number = sum(text.startswith("CREATE SCHEMA round_") for text in sheet.texts)
    past = sheet.beside(f"round_{number}", "SELECT * FROM past")
    lapsed(past, plan, _tests_behind(plan, others), held)
    required(past, plan, held)
    return _held(
        sheet, f"held_{number}", others, [single_rule(past, plan, one) for one in others], also="held_calendar"
    )


def _tests_behind(plan: Plan, rules: Sequence[Placed]) -> list[str]:
    """The tests that rules read, also through tables."""
    seen_tables: set[str] = set()
    tests: list[str] = []
    waiting = list(rules)
    while waiting:
        placed = waiting.pop()
        tests += [test for fact in placed.facts for test in placed.pack.facts[fact].of]
        for table_name in set(placed.tables) - seen_tables:
            seen_tables.add(table_name)
            waiting += [Placed(pack, table, rule) for pack, table in plan.named(table_name) for rule in table.rules]
    return list(dict.fromkeys(tests))


def _held(sheet: Sheet, relation: str, rules: Sequence[Placed], tables: Sequence[str], also: str | None) -> str:
    rows = [
        f"SELECT k, {word(placed.key)} AS rule FROM {table} WHERE truth IS DISTINCT FROM false"
        for placed, table in zip(rules, tables, strict=True)
    ]
    rows += [f"SELECT * FROM {also}"] if also is not None else []
    return sheet.shared(relation, " UNION ALL ".join(rows) or "SELECT 0 AS k, '' AS rule WHERE false")


def _same(sheet: Sheet, one: str, other: str) -> bool:
    differing = f"(SELECT * FROM {one} EXCEPT SELECT * FROM {other}) UNION ALL (SELECT * FROM {other} EXCEPT SELECT * FROM {one})"
    return not sheet.db.execute(f"SELECT count(*) FROM ({differing})").fetchone()[0]  # type: ignore[index]
