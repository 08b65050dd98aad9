"""Facts about movement: how far a test has changed, and how many times in a row it fell or rose. Too few values: silent."""

from __future__ import annotations

from countwell.model.pack import FactDefinition, Pack

from .laboratory import DONE, as_value, before_start
from .macros import FINE, UNIT
from .moments import event_moment
from .printed import moved, number, word
from .sheet import Sheet


def change(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Against the baseline, or an extreme of the time before, in percent or absolutely. Of preliminary values the worst."""
    name, worse = definition.of[0], word(definition.worse)
    source = as_value(sheet, name)
    against_baseline = definition.param("against") == "baseline"
    reference = (
        f"(SELECT k, collected, day, whole, span FROM ({before_start(sheet, pack, definition.param('within'), source)}))"
        if against_baseline
        else _extreme(sheet, pack, definition, source)
    )
    meets = (
        "r.k = n.k AND (r.collected, r.day, r.whole) < (n.collected, n.day, n.whole)"
        if against_baseline
        else "r.a = n.a AND r.collected = n.collected AND r.ref = n.ref"
    )
    return f"""
WITH so_far AS (SELECT c.k, m.*, row_number() OVER (PARTITION BY c.k ORDER BY m.collected, m.ref) AS n
    FROM {sheet.cases} c JOIN {source} m ON m.a = c.a AND m.collected <= c.stamp WHERE m.span IS NOT NULL),
done AS (SELECT k, max(n) AS n FROM so_far WHERE status IN {DONE} GROUP BY k),
now AS (SELECT s.* FROM so_far s LEFT JOIN done d USING (k) WHERE d.n IS NULL OR s.n >= d.n),
move AS (SELECT n.k, n.n, n.status, n.moment, {_move(definition)} AS span FROM now n JOIN {reference} r ON {meets} WHERE r.span.low > 0),
counted AS (SELECT k, count(*) = 1 AND bool_and(status <> 'preliminary') AS plain,
    arg_max(m, {{'badness': badness(m.span, {worse}), 'first': -m.n}}) AS worst FROM move m GROUP BY k)
SELECT c.k, CASE WHEN m.k IS NULL THEN everything() WHEN m.plain THEN m.worst.span ELSE half_line(m.worst.span, {worse}) END AS span,
    m.k IS NULL AS silent, false AS lapsed, m.worst.moment AS moment, CASE WHEN m.k IS NULL THEN [] ELSE [{word(name)}] END::VARCHAR[] AS tests
FROM {sheet.cases} c LEFT JOIN counted m USING (k)
"""


def _move(definition: FactDefinition) -> str:
    """How far from the reference r to the newest n, upwards or downwards, between the ends of both."""
    in_percent = str(definition.param("as") == "%").lower()
    if definition.param("direction") == "fall":
        return (
            f"span(difference(-n.span.high, -r.span.low, {in_percent}), n.span.high_open OR r.span.low_open,"
            f" difference(-n.span.low, -r.span.high, {in_percent}), n.span.low_open OR r.span.high_open)"
        )
    return (
        f"span(difference(n.span.low, r.span.high, {in_percent}), n.span.low_open OR r.span.high_open,"
        f" difference(n.span.high, r.span.low, {in_percent}), n.span.high_open OR r.span.low_open)"
    )


def _extreme(sheet: Sheet, pack: Pack, definition: FactDefinition, source: str) -> str:
    """For each specimen the highest or lowest exact final value of the time before it."""
    most = "max" if definition.param("against") == "highest" else "min"
    return f"""(
    SELECT n.a, n.collected, n.ref, exactly({most}(e.span.low)) AS span FROM {source} n
    JOIN {source} e ON e.a = n.a AND e.status IN {DONE} AND e.span.low = e.span.high
        AND (e.collected, e.day, e.whole) < (n.collected, n.day, n.whole) AND e.day >= {moved("before", "n.day", pack, definition.param("within"))}
    GROUP BY ALL)"""


def streak(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """How many successive steps, each of more than `step` percent, end at the newest exact final value."""
    name = definition.of[0]
    step = number(pack.numbers[str(definition.param("step"))].value)
    sign = -1 if definition.param("direction") == "fall" else 1
    since = definition.param("since")
    begin = (
        f"JOIN {event_moment(sheet, pack, since)} e ON e.k = c.k AND m.day >= e.moment.day" if since is not None else ""
    )
    return f"""
WITH row AS (SELECT c.k, m.moment, CAST(m.span.low // {FINE}::HUGEINT AS HUGEINT) AS value,
        row_number() OVER (PARTITION BY c.k ORDER BY m.collected, m.ref) AS n,
        lag(value) OVER (PARTITION BY c.k ORDER BY m.collected, m.ref) AS was
    FROM {sheet.cases} c JOIN {as_value(sheet, name)} m ON m.a = c.a AND m.collected <= c.stamp {begin}
    WHERE m.status IN {DONE} AND m.span.low = m.span.high),
step AS (SELECT *, was > 0 AND (value - was) * {sign} * {100 * UNIT}::HUGEINT > {step} * was AS steps FROM row),
counted AS (SELECT k, max(n) - max(n) FILTER (NOT coalesce(steps, false)) AS steps, arg_max(moment, n) AS moment FROM step GROUP BY k HAVING max(n) > 1)
SELECT c.k, CASE WHEN s.k IS NULL THEN everything() ELSE exactly(s.steps * {UNIT}::HUGEINT) END AS span, s.k IS NULL AS silent, false AS lapsed,
    s.moment, CASE WHEN s.k IS NULL THEN [] ELSE [{word(name)}] END::VARCHAR[] AS tests
FROM {sheet.cases} c LEFT JOIN counted s USING (k)
"""
