"""The course of treatment: what named persons decided, folded by asking for the last decision of each kind.

Of one instant the safer decision comes last; after a death nothing is decided.
"""

from __future__ import annotations

from countwell.cohort.columns import NEVER_DAY, NO_DAY, NO_VALUE
from countwell.model.pack import FactDefinition, Pack

from .printed import listed, moved, word, words
from .sheet import Sheet

SAFER_LAST = "start restart transfer-in raise reduce accept refuse transfer-out hold stop".split()
RUNS = ("start", "restart", "transfer-in")
CHANGES = ("start", "restart", "transfer-in", "raise", "reduce")
HALTS = ("hold", "stop")
STATE_AFTER = {
    "start": "active",
    "restart": "active",
    "transfer-in": "active",
    "hold": "held",
    "stop": "stopped",
    "transfer-out": "ended",
}
EVENTS = ("run", "first-start", "change", "stop", "reduce")
COLUMN_OF = {"run": "run", "first-start": "first_start", "change": "change", "stop": "halt", "reduce": "reduction"}

DECISION = f"""
WITH decision AS (
    SELECT e.patient, e.ref, dos.word AS verb, e.moment, e.began AS stamp, e.at_day AS day,
        CASE WHEN e.whole THEN end_of_day(e.at_day, p.zone) ELSE e.began END AS instant,
        nullif(e.value, {NO_VALUE}) AS mg, nullif(frequencies.word, '') AS frequency,
        CASE WHEN dos.word = 'accept' THEN findings.word ELSE nullif(reasons.word, '') END AS said,
        nullif(e.bits, {NO_DAY}) AS since_day, nullif(e.end_day, {NEVER_DAY}) AS last_day,
        row_number() OVER (PARTITION BY e.patient ORDER BY e.began, list_position({listed(SAFER_LAST)}, dos.word),
            -coalesce(nullif(e.value, {NO_VALUE}), 0), e.ref) AS n
    FROM happening e JOIN patient p USING (patient)
    JOIN word dos ON dos.list = 'dos' AND dos.place = e.code
    JOIN word frequencies ON frequencies.list = 'frequencies' AND frequencies.place = e.other
    LEFT JOIN word reasons ON reasons.list = 'reasons' AND reasons.place = e.more
    LEFT JOIN word findings ON findings.list = 'findings' AND findings.place = e.more
    WHERE e.kind = 'decision'
),
death AS (SELECT patient, min(began) AS stamp FROM happening WHERE kind = 'died' GROUP BY patient),
moving AS (
    SELECT patient, n, map_from_entries([{", ".join(f"({word(k)}, {word(v)})" for k, v in STATE_AFTER.items())}])[verb] AS state
    FROM decision WHERE verb IN {words(STATE_AFTER)}
)
SELECT d.*, m.state, m.state IS DISTINCT FROM lag(m.state) OVER (PARTITION BY d.patient, m.state IS NULL ORDER BY d.n) AS turns
FROM decision d LEFT JOIN moving m USING (patient, n) LEFT JOIN death USING (patient)
WHERE death.stamp IS NULL OR d.stamp <= death.stamp
"""


def _last(column: str, verbs: tuple[str, ...], also: str = "true") -> str:
    return f"arg_max({column}, d.n) FILTER (d.verb IN {words(verbs)} AND {also})"


def course(sheet: Sheet) -> str:
    """One row for each case: the state, and the decisions from which facts and schedules run."""
    sheet.shared("decision", DECISION)
    sheet.shared(
        "death", "SELECT patient, min_by(moment, began) AS moment FROM happening WHERE kind = 'died' GROUP BY patient"
    )
    return sheet.make(
        "course",
        f"""
WITH folded AS (
    SELECT c.k, arg_max(d.state, d.n) FILTER (d.state IS NOT NULL) AS state,
        arg_max(d.moment, d.n) FILTER (d.state IS NOT NULL AND d.turns) AS turned,
        (arg_max({{'day': d.last_day}}, d.n) FILTER (d.state IS NOT NULL)).day AS decide_by,
        {_last("d", RUNS)} AS run, arg_min(d, d.n) FILTER (d.verb IN {words(RUNS)}) AS first_start,
        {_last("d", CHANGES)} AS change, {_last("d", ("reduce",))} AS reduction, {_last("d", HALTS)} AS halt,
        ({_last("{'mg': d.mg}", CHANGES, "NOT (d.verb = 'restart' AND d.mg IS NULL)")}).mg AS mg,
        {_last("d.frequency", CHANGES, "d.frequency IS NOT NULL")} AS frequency,
        list(coalesce(d.said, 'other') ORDER BY d.n) FILTER (d.verb IN {words(HALTS)}) AS reasons
    FROM {sheet.cases} c JOIN decision d ON d.patient = c.patient AND d.stamp <= c.stamp GROUP BY c.k
)
SELECT c.k, coalesce(death.moment.stamp <= c.stamp, false) AS died,
    CASE WHEN died THEN 'died' ELSE coalesce(f.state, 'proposed') END AS state,
    CASE WHEN died THEN death.moment ELSE f.turned END AS turned,
    CASE WHEN NOT died AND f.state IN ('held', 'stopped') THEN f.decide_by END AS decide_by,
    f.run, f.first_start, f.change, f.reduction,
    CASE WHEN f.run IS NULL OR f.halt.n > f.run.n THEN f.halt END AS halt,
    f.mg, f.frequency, coalesce(f.reasons, []::VARCHAR[]) AS reasons
FROM {sheet.cases} c LEFT JOIN folded f USING (k) LEFT JOIN death USING (patient)
""",
    )


def state(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """The state, as a word."""
    return f"SELECT k, [state] AS words, false AS several, false AS silent, false AS lapsed, turned AS moment, []::VARCHAR[] AS tests FROM {course(sheet)}"


def reason(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Why it was last held or stopped, or every reason there ever was."""
    ever = definition.of[0] == "ever"
    said = "reasons" if ever else "[coalesce(reasons[-1], 'none')]"
    return f"SELECT k, {said} AS words, {str(ever).lower()} AS several, false AS silent, false AS lapsed, halt.moment AS moment, []::VARCHAR[] AS tests FROM {course(sheet)}"


def condition(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """What is treated."""
    return f"""
SELECT c.k, CASE WHEN p.condition IS NOT NULL THEN [p.condition] END AS words, false AS several, false AS silent, false AS lapsed,
    no_moment() AS moment, []::VARCHAR[] AS tests
FROM {sheet.cases} c JOIN patient p USING (patient)
"""


def since(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """The time since an event: between two days, for a patient taken over may have begun long before. Silent before it."""
    event = definition.of[0]
    d = COLUMN_OF[event]
    unknown = f"({d}.verb = 'transfer-in' AND {str(event not in ('stop', 'reduce')).lower()})"
    after = definition.param("after")
    first, last = (
        f"CASE WHEN {unknown} THEN {d}.since_day ELSE {d}.day END",
        f"CASE WHEN {unknown} THEN coalesce({d}.since_day, {d}.day) ELSE {d}.day END",
    )
    if after is not None:
        first, last = moved("later", f"({first})", pack, after), moved("later", f"({last})", pack, after)
    begun = f"{d} IS NOT NULL" if after is None else f"{d} IS NOT NULL AND c.day >= {last}"
    return f"""
WITH clock AS (SELECT c.k, c.zone, {begun} AS begun, {first} AS first_day, {last} AS last_day, {d}.moment AS moment
    FROM {sheet.cases} c JOIN {course(sheet)} USING (k))
SELECT k, everything() AS span, begun, first_day, last_day, NOT begun AS silent, false AS lapsed,
    CASE WHEN begun THEN moment END AS moment, []::VARCHAR[] AS tests,
    CASE WHEN begun THEN moment(begin_of_day(last_day, zone), last_day, true) END AS beginning
FROM clock
"""


def accepted(sheet: Sheet, pack: Pack, definition: FactDefinition) -> str:
    """Whether the newest acceptance of a finding has not run out."""
    return f"""
WITH newest AS (SELECT c.k, arg_max(d, d.n) AS d FROM {sheet.cases} c JOIN decision d ON d.patient = c.patient AND d.stamp <= c.stamp
    WHERE d.verb = 'accept' AND d.said = {word(definition.of[0])} GROUP BY c.k)
SELECT c.k, d IS NOT NULL AND (d.last_day IS NULL OR c.day <= d.last_day) AS truth, false AS silent, false AS lapsed,
    CASE WHEN truth THEN d.moment END AS moment, []::VARCHAR[] AS tests
FROM {sheet.cases} c LEFT JOIN newest USING (k)
"""
