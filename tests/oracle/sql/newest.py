"""The newest event behind a rule: of the facts and tables that speak for it."""

from __future__ import annotations

from collections.abc import Sequence

from countwell.model.rules import AtLeast, atoms

from .conditions import atom, facts_in
from .course import course
from .printed import name
from .sheet import Sheet
from .tables import Placed, Plan, of_table, read_by, relation_of

CONTEXT = frozenset({"since", "state", "condition", "person", "reason"})


def _latest(moments: Sequence[str]) -> str:
    return f"greatest({', '.join(['no_moment()', *moments])})"


def _newest(sheet: Sheet, placed: Placed) -> str:
    """The newest event of the facts in the atoms that speak for a rule; calendar and course facts only where nothing else speaks."""
    spoken = [(one, f"({atom(placed.pack, one, 'when')}) IS DISTINCT FROM false") for one in atoms(placed.rule.when)]
    weighty = [(one, truth) for one, truth in spoken if not is_context(placed, one)]
    said, all_said = _latest(_said(weighty)), _latest(_said(spoken))
    any_weighty = " OR ".join(truth for _, truth in weighty) or "false"
    tables = [
        f"CASE WHEN {truth} THEN {name(f'newest {one.table}')}.moment END"
        for one, truth in spoken
        if isinstance(one, AtLeast) and one.table != "advice"
    ]
    known = _latest([f"CASE WHEN {any_weighty} THEN {said} ELSE {all_said} END", *tables])
    return f"coalesce({known}, CASE WHEN r.{name(placed.rule.name)} THEN {begun(placed)} END)"


def begun(placed: Placed) -> str:
    """Of a rule that holds without any dated fact: the newest that it reads beside, else the beginning of the run."""
    beside = _latest([f"{name(fact)}.moment" for one in atoms(placed.rule.when) for fact in facts_in(one)])
    return f"coalesce({beside}, course.run.moment)"


def _said(spoken: Sequence[tuple[object, str]]) -> list[str]:
    return [f"CASE WHEN {truth} THEN {name(fact)}.moment END" for one, truth in spoken for fact in facts_in(one)]  # type: ignore[arg-type]


def is_context(placed: Placed, one: object) -> bool:
    """Whether an atom says when a rule applies, not what happened."""
    kinds = {placed.pack.facts[fact].kind for fact in facts_in(one)}  # type: ignore[arg-type]
    return bool(kinds) and kinds <= CONTEXT


def newest_of_table(sheet: Sheet, plan: Plan, table_name: str) -> str:
    """Of all tables of a name: the newest event of any of their advice rules that hold or may hold."""
    rows = []
    for pack, table in plan.named(table_name):
        for placed in of_table(pack, table, advice=True):
            rows.append(f"SELECT k, moment FROM {newest_event(sheet, plan, placed)} WHERE truth IS DISTINCT FROM false")
    union = " UNION ALL ".join(rows) or f"SELECT k, no_moment() AS moment FROM {sheet.cases} WHERE false"
    return sheet.make(
        f"newest of {table_name}",
        f"SELECT c.k, max(u.moment) AS moment FROM {sheet.cases} c LEFT JOIN ({union}) u USING (k) GROUP BY c.k",
    )


def newest_of_tables(sheet: Sheet, plan: Plan, placed: Placed) -> str:
    """Joins the newest event of each table that a rule reads, under `newest x`."""
    named = (one.table for one in atoms(placed.rule.when) if isinstance(one, AtLeast) and one.table != "advice")
    tables = dict.fromkeys(named)
    return "\n".join(f"JOIN {newest_of_table(sheet, plan, one)} AS {name(f'newest {one}')} USING (k)" for one in tables)


def newest_event(sheet: Sheet, plan: Plan, placed: Placed) -> str:
    """One rule: its truth, its newest event, the tests behind its facts, and whether it is open because a value has lapsed."""
    read = dict.fromkeys(fact for one in atoms(placed.rule.when) for fact in facts_in(one))
    lapsed = " OR ".join(
        f"(({atom(placed.pack, one, 'when')}) IS NULL AND {name(fact)}.lapsed)"
        for one in atoms(placed.rule.when)
        for fact in facts_in(one)
    )
    return sheet.make(
        f"event {placed.key}",
        f"""
SELECT c.k, r.{name(placed.rule.name)} AS truth, {_newest(sheet, placed)} AS moment,
    flatten([{", ".join(f"{name(fact)}.tests" for fact in read)}]::VARCHAR[][]) AS tests,
    {lapsed or "false"} AS only_lapsed
{read_by(sheet, plan, [placed])}
JOIN {relation_of(sheet, placed)} r USING (k) JOIN {course(sheet)} course USING (k)
{newest_of_tables(sheet, plan, placed)}
""",
    )
