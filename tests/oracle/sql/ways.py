"""From when the dates of a rule count: in each way in which it holds or may hold, the newest event. One way more puts off no test.

A way is a set of atoms that must all be true. It counts if none of them is false, and none open because a value has lapsed.
"""

from __future__ import annotations

from collections.abc import Sequence

from countwell.model.rules import AtLeast, Atom, Compare, atoms, ways

from .conditions import atom, facts_in
from .course import course
from .moments import last_settled
from .newest import begun, is_context, newest_event, newest_of_tables
from .printed import compared, compared_spans, name, number
from .sheet import Sheet
from .tables import Placed, Plan, read_by

BEGINNINGS = ("symptom", "medicine", "circumstance")
OF_PARTS = ("latest", "highest")
RESULTS = ("change", "streak")
NONE = "[]::STRUCT(stamp BIGINT, day INTEGER, whole BOOLEAN)[]"


def counted_from(sheet: Sheet, plan: Plan, placed: Placed) -> str:
    """One rule: k, its truth, the tests behind its facts, and `since`: the moments of all its ways; of a rule that holds without
    any, when it began."""
    found = [_of_way(placed, way) for way in ways(placed.rule.when)]
    of_results = dict.fromkeys(fact for one in atoms(placed.rule.when) for fact in _results(placed, one))
    settled = "\n".join(
        f"JOIN {last_settled(sheet, placed.pack.facts[fact].of)} AS {name(f'settled {fact}')} USING (k)"
        for fact in of_results
    )
    return sheet.make(
        f"since {placed.key}",
        f"""
SELECT c.k, e.truth, e.tests, flatten([{", ".join(found)}]) AS "of ways",
    CASE WHEN len("of ways") = 0 AND e.truth THEN alone({begun(placed)}) ELSE "of ways" END AS since
{read_by(sheet, plan, [placed])}
JOIN {newest_event(sheet, plan, placed)} e USING (k) JOIN {course(sheet)} course USING (k)
{newest_of_tables(sheet, plan, placed)}
{settled}
""",
    )


def _results(placed: Placed, one: Atom) -> list[str]:
    return [fact for fact in facts_in(one) if placed.pack.facts[fact].kind in RESULTS]


def _of_way(placed: Placed, way: Sequence[Atom]) -> str:
    """The moments at which one way can have come about: the newest of its facts' moments, for each choice of these."""
    truths = [(one, f"({atom(placed.pack, one, 'when')})") for one in way]
    open_by_lapse = [f"({truth} IS NULL AND {name(fact)}.lapsed)" for one, truth in truths for fact in facts_in(one)]
    so = [f"{truth} IS DISTINCT FROM false" for _, truth in truths] + [f"NOT {each}" for each in open_by_lapse]
    sure = " AND ".join(f"coalesce({truth}, false)" for _, truth in truths)
    return f"CASE WHEN {' AND '.join(so)} THEN {_newest_of_each_choice(_choices(placed, way, sure))} ELSE {NONE} END"


def _choices(placed: Placed, way: Sequence[Atom], sure: str) -> list[str]:
    """The moments of each fact of a way, then of each table; calendar and course facts only if there is nothing else."""
    speaking = [one for one in way if not is_context(placed, one)] or way
    facts = dict.fromkeys((one, fact) for one in speaking for fact in facts_in(one))
    tables = [one.table for one in speaking if isinstance(one, AtLeast) and one.table != "advice"]
    return [_beginnings(placed, one, fact, sure) for one, fact in facts] + [
        f"alone({name(f'newest {table}')}.moment)" for table in tables
    ]


def _beginnings(placed: Placed, one: Atom, fact: str, sure: str) -> str:
    """When a fact came about: each symptom, medicine or result by itself; what is not done has no moment; of a course of results
    that only may be so, the last that was done before. Of a fact of which nothing could be read there is none."""
    kind, moment = placed.pack.facts[fact].kind, f"{name(fact)}.moment"
    if kind in BEGINNINGS:
        return f"coalesce({name(fact)}.starts, {NONE})"
    if kind == "done":
        return f"alone(CASE WHEN {name(fact)}.truth THEN {moment} END)"
    if kind in OF_PARTS and isinstance(one, Compare) and one.fact == fact:
        parts = _parts(placed, one)
        return f"CASE WHEN {moment} IS NULL OR len({parts}) = 0 THEN alone({moment}) ELSE {parts} END"
    if kind not in RESULTS:
        return f"alone({moment})"
    settled = f"{name(f'settled {fact}')}.moment"
    earlier = f"NOT ({sure}) AND coalesce({settled}.stamp < {moment}.stamp, false)"
    return f"alone(CASE WHEN {earlier} THEN {settled} ELSE {moment} END)"


def _parts(placed: Placed, one: Compare) -> str:
    """When each result came that alone makes a comparison so, or leaves it open; of several tests none if all must be low."""
    pack, parts = placed.pack, f"coalesce({name(one.fact)}.parts, [])"
    if pack.facts[one.fact].kind == "highest" and one.op in ("<", "<="):
        return NONE
    if one.other is not None:
        alone = compared_spans("x.span", one.op, f"{name(one.other)}.span")
    else:
        alone = compared("x.span", one.op, number(pack.numbers[one.number or ""].value))
    return f"list_transform(list_filter({parts}, lambda x: ({alone}) IS DISTINCT FROM false), lambda x: x.moment)"


def _newest_of_each_choice(choices: Sequence[str]) -> str:
    """Of lists of moments, each moment that is the newest of some choice of one from each; a whole day is later than its midnight."""
    found = []
    for place, moments in enumerate(choices):
        others = [f"coalesce(first_of({other}) <= x, true)" for number, other in enumerate(choices) if number != place]
        found.append(f"list_filter({moments}, lambda x: {' AND '.join(others) or 'true'})")
    return f"flatten([{', '.join(found)}])" if found else NONE
