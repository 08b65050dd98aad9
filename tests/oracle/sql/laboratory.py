"""Facts that rest on results: the newest of a test, the highest of several, the baseline before the first start.

`measured`: every specimen that an asking sees, its span as it is or as multiples of its upper limit. A value that is disputed,
lapsed or followed by one that is not final is a half-line.
"""

from __future__ import annotations

from countwell.model.pack import FactDefinition, Pack
from countwell.vocabulary.tests import test

from .course import course
from .macros import EVERYTHING, FINE, UNIT
from .printed import moved, word
from .sheet import SEEN, Sheet

DONE = "('final', 'disputed')"
NOT_YET = "('preliminary', 'unreadable')"


def seen(sheet: Sheet) -> str:
    """What each asking knows of results."""
    return sheet.shared("seen", SEEN)


def settled(sheet: Sheet) -> str:
    """Those of them that were done, with a final value."""
    return f"(SELECT * FROM {seen(sheet)} WHERE status IN {DONE})"


def lasts(sheet: Sheet) -> str:
    """When each test was last done, with a final value."""
    return sheet.make(
        "lasts",
        f"""
SELECT c.k, s.test, arg_max(moment(s.collected, s.day, s.whole), (s.collected, s.ref)) AS moment
FROM {sheet.cases} c JOIN {settled(sheet)} s ON s.a = c.a AND s.collected <= c.stamp GROUP BY c.k, s.test
""",
    )


def measured(sheet: Sheet, pack: Pack, definition: FactDefinition, test_name: str) -> str:
    """The specimens of one test with their spans in the measure of a fact."""
    if definition.param("as") != "limits":
        return as_value(sheet, test_name)
    between = definition.params.get("limit-between")
    limits = [pack.numbers[one].value for one in between] if isinstance(between, tuple) else []
    return _in_limits(sheet, pack, test_name, definition.param("limit-within"), [int(one * 1000) for one in limits])


SPECIMEN = "m.a, m.collected, m.day, m.whole, m.ref, m.status, moment(m.collected, m.day, m.whole) AS moment"
PLAIN = f"span(m.low * {FINE}::HUGEINT, m.low_open, m.high * {FINE}::HUGEINT, m.high_open)"


def as_value(sheet: Sheet, test_name: str) -> str:
    return sheet.shared(
        f"value of {test_name}",
        f"""
SELECT *, CASE WHEN s.span.low <> s.span.high THEN 'censored' END AS why FROM (
    SELECT {SPECIMEN}, CASE WHEN m.low IS NOT NULL THEN {PLAIN} END AS span
    FROM {seen(sheet)} m WHERE m.test = {word(test_name)} AND m.status <> 'withdrawn') s
""",
    )


def _in_limits(sheet: Sheet, pack: Pack, test_name: str, age: str | None, between: list[int]) -> str:
    """By the limit of the report; else by the same laboratory's last one in time; else by the span of limits in use."""
    found = (
        f"({_lab_limit(sheet, pack, test_name, age)})"
        if age is not None
        else "(SELECT NULL AS a, NULL AS collected, NULL AS ref, NULL AS upper, NULL AS upper_open)"
    )
    least, most = (str(min(between)), str(max(between))) if between else ("NULL", "NULL")
    return sheet.shared(
        f"limits of {test_name} by {age or '-'} {'-'.join(map(str, between))}".strip(" -"),
        f"""
WITH limited AS (
    SELECT m.*, CASE WHEN m.upper IS NOT NULL THEN m.upper WHEN e.upper IS NOT NULL THEN e.upper ELSE {least} END AS least,
        CASE WHEN m.upper IS NOT NULL THEN m.upper + m.upper_open::INT WHEN e.upper IS NOT NULL THEN e.upper + e.upper_open::INT
            ELSE {most} END AS most,
        CASE WHEN m.upper IS NOT NULL THEN m.upper_open ELSE coalesce(e.upper_open, false) END AS between_two
    FROM {seen(sheet)} m LEFT JOIN {found} e ON e.a = m.a AND e.collected = m.collected AND e.ref = m.ref
    WHERE m.test = {word(test_name)} AND m.status <> 'withdrawn'
)
SELECT * EXCLUDE (exact), CASE WHEN s.span.low = s.span.high THEN NULL WHEN s.exact THEN 'no-upper-limit' ELSE 'censored' END AS why FROM (
SELECT {SPECIMEN}, m.low = m.high AS exact, CASE WHEN m.low IS NULL THEN NULL WHEN m.least IS NULL THEN span(0, false, {EVERYTHING}, true) ELSE span(
        CASE WHEN m.low * {FINE}::HUGEINT = -{EVERYTHING} THEN -{EVERYTHING} ELSE m.low * {UNIT}::HUGEINT // m.most END,
        m.low_open OR m.between_two,
        CASE WHEN m.high * {FINE}::HUGEINT = {EVERYTHING} THEN {EVERYTHING} ELSE m.high * {UNIT}::HUGEINT // m.least END,
        m.high_open OR m.between_two) END AS span
FROM limited m) s
""",
    )


def _lab_limit(sheet: Sheet, pack: Pack, test_name: str, age: str) -> str:
    return f"""
SELECT m.a, m.collected, m.ref, arg_max(e.upper, (e.collected, e.ref)) AS upper, arg_max(e.upper_open, (e.collected, e.ref)) AS upper_open
FROM {seen(sheet)} m JOIN {seen(sheet)} e ON e.a = m.a AND e.test = m.test AND e.lab = m.lab AND e.upper IS NOT NULL
    AND (e.collected, e.whole) <= (m.collected, m.whole) AND e.day >= {moved("before", "m.day", pack, age)}
WHERE m.test = {word(test_name)} AND m.upper IS NULL GROUP BY ALL
"""


def newest(sheet: Sheet, test_name: str, source: str) -> str:
    """The newest result of one test for each case. sent: there is one; own: its span as it is; was: that, if it has lapsed."""
    worse = word(test(test_name).worse)
    return sheet.make(
        f"newest {source}".replace('"', ""),
        f"""
WITH one_each AS (SELECT * FROM {source} WHERE status IN {DONE} QUALIFY row_number() OVER (PARTITION BY a, collected ORDER BY ref DESC) = 1),
last AS (SELECT c.k, m.* EXCLUDE (a) FROM {sheet.cases} c ASOF JOIN one_each m ON c.a = m.a AND c.stamp >= m.collected),
later AS (
    SELECT c.k, row_number() OVER (PARTITION BY c.k ORDER BY m.collected, m.ref) AS n, m.span, m.moment
    FROM {sheet.cases} c JOIN {source} m ON m.a = c.a AND m.collected <= c.stamp LEFT JOIN last l ON l.k = c.k
    WHERE m.status IN {NOT_YET} AND (l.k IS NULL OR (m.day = l.day AND (m.whole OR l.whole)) OR m.collected > l.collected)
),
standing AS (
    SELECT c.k, l.k IS NOT NULL AS done, done AND l.status <> 'disputed' AND gone.k IS NOT NULL AS lapsed, l.span AS own,
        CASE WHEN NOT done THEN everything() WHEN l.status = 'disputed' OR lapsed THEN half_line(l.span, {worse}) ELSE l.span END AS span,
        l.moment, CASE WHEN NOT done THEN 'missing' WHEN l.status = 'disputed' THEN 'disputed' WHEN lapsed THEN 'lapsed' ELSE l.why END AS why
    FROM {sheet.cases} c LEFT JOIN last l USING (k)
    LEFT JOIN {sheet.schema}.lapsed gone ON gone.k = c.k AND gone.test = {word(test_name)}
),
candidate AS (SELECT k, 0 AS n, span, moment FROM standing UNION ALL SELECT k, n, span, moment FROM later WHERE span IS NOT NULL),
worst AS (SELECT k, half_line(arg_max(span, {{'badness': badness(span, {worse}), 'first': -n}}), {worse}) AS span FROM candidate GROUP BY k),
shown AS (SELECT w.k, w.span, (arg_min({{'moment': c.moment}}, c.n)).moment AS moment
    FROM worst w JOIN candidate c ON c.k = w.k AND half_line(c.span, {worse}) = w.span GROUP BY ALL),
followed AS (SELECT DISTINCT k FROM later),
alone AS (
    SELECT k, list({{'moment': moment, 'span': span}}) AS parts FROM (
        SELECT k, moment, CASE WHEN why = 'disputed' THEN span ELSE own END AS span FROM standing WHERE done
        UNION ALL SELECT k, moment, CASE WHEN span IS NULL THEN everything() ELSE half_line(span, {worse}) END FROM later) GROUP BY k)
SELECT s.k, CASE WHEN f.k IS NULL THEN s.span ELSE w.span END AS span,
    f.k IS NULL AND (NOT s.done OR s.lapsed) AND q.k IS NULL AS silent, f.k IS NULL AND s.lapsed AS lapsed,
    CASE WHEN f.k IS NULL THEN s.moment ELSE w.moment END AS moment,
    CASE WHEN f.k IS NULL THEN s.why ELSE 'preliminary' END AS why, s.done OR f.k IS NOT NULL AS sent, s.own,
    CASE WHEN f.k IS NULL AND s.lapsed THEN s.own END AS was,
    CASE WHEN sent THEN [{word(test_name)}] ELSE [] END::VARCHAR[] AS tests, a.parts
FROM standing s LEFT JOIN followed f USING (k) LEFT JOIN shown w USING (k) LEFT JOIN alone a USING (k)
LEFT JOIN {sheet.schema}.required q ON q.k = s.k AND q.test = {word(test_name)}
""",
    )


def latest(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """The newest result of one test."""
    name = definition.of[0]
    return (
        f"SELECT k, span, silent, lapsed, was, moment, tests, parts FROM {newest(sheet, name, as_value(sheet, name))}"
    )


def _highest_span(span: str) -> str:
    low, high = (
        f"{{'end': {span}.low, 'closed': NOT {span}.low_open}}",
        f"{{'end': {span}.high, 'closed': NOT {span}.high_open}}",
    )
    return f'span(max({low})."end", NOT max({low}).closed, max({high})."end", NOT max({high}).closed)'


HIGHEST = f"""
{_highest_span("span")} AS span,
max_by({{'moment': moment, 'why': why}}, {{'low': span.low, 'high': span.high, 'first': -n}}) AS top,
min_by(why, n) FILTER (span.low <> span.high AND why IS NOT NULL AND why <> 'censored') AS named
"""


def highest(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """The highest of several tests; a member that lapsed beside one in date counts as it was."""
    if (within := definition.param("within")) is not None:
        return _highest_of_window(sheet, pack, definition, within)
    members = " UNION ALL ".join(
        f"SELECT *, {n} AS n FROM {newest(sheet, one, measured(sheet, pack, definition, one))}"
        for n, one in enumerate(definition.of)
    )
    return f"""
WITH member AS ({members}),
together AS (SELECT k, bool_or(sent AND NOT lapsed) AND bool_or(sent AND lapsed) AS mixed, bool_and(silent) AS all_silent, bool_or(sent) AS any_sent
    FROM member GROUP BY k),
counted AS (SELECT m.k, m.n, CASE WHEN t.mixed AND m.lapsed THEN m.own ELSE m.span END AS span, NOT (t.mixed AND m.lapsed) AND m.silent AS silent,
    m.was, m.moment, CASE WHEN t.mixed AND m.lapsed THEN 'censored' ELSE m.why END AS why, m.tests, m.parts FROM member m JOIN together t USING (k) WHERE m.sent),
joined AS (SELECT k, {HIGHEST}, {_highest_span("was")} AS was, bool_and(silent) AS silent, flatten(list(tests)) AS tests,
    flatten(list(parts)) AS parts FROM counted GROUP BY k)
SELECT t.k, CASE WHEN t.any_sent THEN j.span ELSE everything() END AS span, CASE WHEN j.silent THEN j.was END AS was,
    CASE WHEN t.any_sent THEN j.silent ELSE t.all_silent END AS silent,
    t.any_sent AND j.span.low <> j.span.high AND coalesce(j.named, j.top.why, '') = 'lapsed' AS lapsed,
    j.top.moment AS moment, coalesce(j.tests, []::VARCHAR[]) AS tests, j.parts
FROM together t LEFT JOIN joined j USING (k)
"""


def _highest_of(sheet: Sheet, rows: str, tests: tuple[str, ...], *, silent_if_none: bool) -> str:
    """The highest of some specimens that stand as they are: k, n, span, moment, why."""
    return f"""
WITH row AS ({rows}), joined AS (SELECT k, {HIGHEST}, list(test) AS tests, list({{'moment': moment, 'span': span}}) AS parts FROM row GROUP BY k)
SELECT c.k, CASE WHEN j.k IS NULL THEN everything() ELSE j.span END AS span, no_span() AS was,
    j.k IS NULL AND {str(silent_if_none).lower()} AS silent, false AS lapsed, j.top.moment AS moment, coalesce(j.tests, []::VARCHAR[]) AS tests, j.parts
FROM {sheet.cases} c LEFT JOIN joined j USING (k)
"""


def _highest_of_window(sheet: Sheet, pack: Pack, definition: FactDefinition, within: str) -> str:
    rows = " UNION ALL ".join(
        f"""SELECT c.k, {n} * 1000000 + row_number() OVER (PARTITION BY c.k ORDER BY m.collected, m.ref) AS n, m.span, m.moment, m.why, {word(one)} AS test
    FROM {sheet.cases} c JOIN {measured(sheet, pack, definition, one)} m ON m.a = c.a AND m.collected <= c.stamp
    WHERE m.status IN {DONE} AND m.day >= {moved("before", "c.day", pack, within)}"""
        for n, one in enumerate(definition.of)
    )
    return _highest_of(sheet, rows, definition.of, silent_if_none=True)


def before_start(sheet: Sheet, pack: Pack, within: str | None, source: str) -> str:
    """The last final specimen on or before the day of the first start (none begun: of today), recent enough: k and the specimen.

    From when a patient taken over was treated may not be known: then there is none.
    """
    in_time = f"AND m.day >= {moved('before', 'o.day', pack, within)}" if within is not None else ""
    return f"""
WITH opening AS (
    SELECT c.k, c.a, c.stamp, CASE WHEN s.first_start IS NULL THEN c.day WHEN s.first_start.since_day IS NOT NULL THEN s.first_start.since_day
        WHEN s.first_start.verb <> 'transfer-in' THEN s.first_start.day END AS day
    FROM {sheet.cases} c JOIN {course(sheet)} s USING (k))
SELECT o.k, m.* EXCLUDE (a) FROM opening o JOIN {source} m ON m.a = o.a AND m.collected <= o.stamp AND m.day <= o.day {in_time}
WHERE m.status = 'final' QUALIFY row_number() OVER (PARTITION BY o.k ORDER BY m.collected DESC, m.ref DESC) = 1
"""


def baseline(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """A laboratory fact as it was before the first start; without it not known."""
    of = pack.facts[definition.of[0]]
    rows = " UNION ALL ".join(
        f"SELECT k, {n} AS n, span, moment, why, {word(one)} AS test FROM ({before_start(sheet, pack, definition.param('within'), measured(sheet, pack, of, one))})"
        for n, one in enumerate(of.of)
    )
    return _highest_of(sheet, rows, of.of, silent_if_none=False)
