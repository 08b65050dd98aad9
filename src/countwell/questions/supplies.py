"""May the repeat be released and for how long; what to carry on a journey."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

from countwell.base.dates import Duration, add
from countwell.base.errors import UsageError
from countwell.engine.decide import Decided, may_have_stopped
from countwell.engine.findings import finding_of
from countwell.engine.words import days_in_words, finding_in_words, group_in_words, number_in_words
from countwell.questions.supposed import Said
from countwell.questions.tablets import Tablets, tablets_for


def supply(decided: Decided) -> dict[str, Any]:
    """`details` of `supply`: release, short or withhold, until when, and why."""
    kind = _kind(decided)
    days = [*(row.due_by for row in decided.schedule if row.due_by is not None), *decided.at_least.tests.values()]
    until = min(days).isoformat() if days and kind != "withhold" and min(days) >= decided.standing.as_of.day else None
    return {"release": kind != "withhold", "supply": kind, "until": until, "because": _because(decided, kind)}


def _kind(decided: Decided) -> str:
    kind = decided.at_least.supply
    late = any(row.overdue_days > 0 or row.state == "never-done" for row in decided.schedule) or _late_besides(decided)
    open_ = decided.at_least.drug != decided.at_most.drug
    return "short" if kind == "release" and (late or open_ or _in_doubt(decided)) else kind


def _late_besides(decided: Decided) -> dict[str, int]:
    """Of the tests that a finding asked for, and no schedule calls late: by how many days they are."""
    today, told = decided.standing.as_of.day, {row.group for row in decided.schedule if row.overdue_days > 0}
    days = {group: (today - day).days for group, day in decided.at_least.tests.items()}
    return {group: late for group, late in sorted(days.items()) if late > 0 and group not in told}


def _in_doubt(decided: Decided) -> list[str]:
    """Of the inputs that were not used, why those that may lie past a limit were not."""
    return [item.says for item in decided.refused if item.critical] if decided.input_wanting else []


def _because(decided: Decided, kind: str) -> list[str]:
    if decided.course.state != "active":
        return [f"The course is {decided.course.state}."]
    today = decided.standing.as_of.day
    sure = (f for f in decided.findings if f.holds == "yes" and f.accepted is None)
    found = [finding_in_words(f, today) for f in sure if f.advice.at_least("do-not-raise")]
    days = {row.group: row.overdue_days for row in decided.schedule if row.overdue_days > 0} | _late_besides(decided)
    late = [
        f"{group_in_words(group)} {days_in_words(overdue)} late: a short supply only until it is done."
        for group, overdue in days.items()
    ]
    open_ = [f"Not known: {unknown.settle}" for unknown in decided.unknown]
    lost = ["What was decided is in doubt."] if any(map(may_have_stopped, decided.refused)) else []
    doubt = [f"{says} A short supply only until it is settled." for says in _in_doubt(decided)]
    return [*lost, *found, *late, *doubt, *open_] if kind != "release" else [_calm(decided)]


def _calm(decided: Decided) -> str:
    """Why a whole supply; who is to hear of something is not told that there is nothing."""
    called = decided.at_least.at_least("this-week") or decided.at_least.at_least("tell")
    return f"Tests are in date and nothing {'found withholds it' if called else 'calls for a change'}."


def travel(decided: Decided, said: Said) -> dict[str, Any]:
    """`details` of `travel`: tablets with the reserve that the packs name, in two bags, and what to see to."""
    first, last = _days(said)
    days = (last - first).days + 1
    carried = days + _reserve_days(decided, days)
    course = decided.standing.past.record.course
    mg = decided.course.mg_per_day
    tablets = tablets_for(course, mg) if mg is not None and decided.course.state == "active" else None
    rows = [_row(strength, Decimal(count), carried) for strength, count in _per_day(tablets)]
    total = sum((int(row["tablets"]) for row in rows), 0)
    return {
        "days": days,
        "days_carried": carried,
        "tablets_needed": total if rows else None,
        "bag_one": (total + 1) // 2 if rows else None,
        "bag_two": total // 2 if rows else None,
        "by_strength": rows,
        "tests_due": [row.to_json() for row in decided.schedule if row.due_by is not None and row.due_by <= last],
        "checklist": _checklist(decided),
    }


def _days(said: Said) -> tuple[date, date]:
    try:
        first, last = (date.fromisoformat(said[key][0]) for key in ("from", "to"))
    except (KeyError, ValueError) as error:
        raise UsageError("travel needs from=2026-07-01 and to=2026-07-14.") from error
    if last < first:
        raise UsageError("travel: `to` lies before `from`.")
    return first, last


def _reserve_days(decided: Decided, days: int) -> int:
    """The largest reserve that a rule names: days, or a share of the journey, rounded up. Nothing named: none."""
    reserves = [0]
    for placed in decided.standing.joined.rules:
        reserve = placed.rule.reserve
        state = decided.standing.state(placed) if reserve is not None else None
        if reserve is None or state is None:
            continue
        if reserve.days is not None:
            reserves.append(_length(decided, placed.duration(reserve.days)))
        if reserve.share is not None:
            share = placed.pack.numbers[reserve.share].factor
            reserves.append(int((days * share).to_integral_value(ROUND_CEILING)))
    return max(reserves)


def _length(decided: Decided, duration: Duration) -> int:
    today = decided.standing.as_of.day
    return (add(today, duration, "later") - today).days


def _per_day(tablets: Tablets | None) -> list[tuple[str, str]]:
    if tablets is None:
        return []
    return [(row["strength_mg"], row["count"]) for row in tablets.to_json()]


def _row(strength: str, count: Decimal, days: int) -> dict[str, str]:
    whole = (count * days).to_integral_value(ROUND_CEILING)
    return {"strength_mg": strength, "a_day": number_in_words(count), "tablets": number_in_words(whole)}


def _checklist(decided: Decided) -> list[str]:
    """What rules and statements about journeys tell the patient."""
    told = [
        finding_of(decided.standing, state).tell.get("patient", "")
        for placed in decided.standing.joined.tables
        if "travel" in placed.table.asks
        for rule in placed.rules
        if (state := decided.standing.state(rule)) is not None
    ]
    stated = [
        statement.says
        for pack in decided.standing.joined.packs
        for statement in pack.statements
        if statement.name.startswith("travel")
    ]
    return [text for text in dict.fromkeys([*told, *stated]) if text]
