"""What may be given from today: range, options in tablets, a dated plan with gates.

Every limit comes from the dose rules; here they only meet the tablets. Nothing is clamped: a dose fits or is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from countwell.base.dates import add
from countwell.engine.decide import Decided
from countwell.engine.doses import DoseLimits, Limit
from countwell.engine.findings import finding_of
from countwell.engine.outcomes import State
from countwell.engine.sentences import rule_in_words
from countwell.engine.standing import Standing
from countwell.engine.words import finding_in_words, number_in_words
from countwell.facts.past import Weighed
from countwell.questions.tablets import Tablets, as_json, makeable, pieces_of, tablets_for

SHOWN = Decimal(1) / 100
TENTH = Decimal(1) / 10
FURTHEST_STEPS = 100


def upper_limit(limits: DoseLimits) -> Limit | None:
    """The tighter of the target's high end and the lowest ceiling."""
    found = [limit for limit in (limits.high, limits.ceiling) if limit is not None]
    unknown = [limit for limit in found if limit.mg is None]
    return unknown[0] if unknown else min(found, key=lambda limit: limit.mg or Decimal(0), default=None)


def dose_details(decided: Decided) -> dict[str, Any]:
    """`details` of the questions `dose` and `start`."""
    limits = decided.dose
    aimed_at = None if _is_forbidden(decided) else range_mg(limits)
    details: dict[str, Any] = {"range_mg_per_day": aimed_at, "options": [], "plan": [], "because": []}
    if limits.factor is not None:
        details["dose_factor"] = {"to": number_in_words(limits.factor)}
    if limits.forbids or _on_hold(decided):
        details["because"] = [*why_none(decided), *why_held(decided)]
        return details
    if decided.course.state == "proposed":
        return details | _first(decided, limits) | {"plan": _plan(decided, limits)}
    if (capped := cap(limits)) is not None:
        return details | _capped(decided, *capped)
    return details | {"options": _options(decided, limits), "plan": _plan(decided, limits)}


def restart(decided: Decided) -> dict[str, Any]:
    """`details` of `restart`: whether anything stands against it. No dose is computed: the prescriber names it."""
    against = [*_why_called(decided), *why_none(decided)]
    return {"allowed": False if against else None, "because": against, "range_mg_per_day": None, "options": []}


def _is_forbidden(decided: Decided) -> bool:
    """Whether it is to be stopped, or surely forbidden, not only until something is done first: then no target is shown."""
    sure = (state for state in decided.dose.none if state.truth is True)
    return decided.at_least.at_least("stop") or any(state.placed.rule.gate is None for state in sure)


def range_mg(limits: DoseLimits) -> list[str] | None:
    """The target in mg a day, inwards to a tenth; None where a limit of it is not known, a ceiling lies below it, or there is
    no target."""
    upper = upper_limit(limits)
    if limits.low is None or limits.low.mg is None or upper is None or upper.mg is None or cap(limits) is not None:
        return None
    high = limits.high.mg if limits.high is not None and limits.high.mg is not None else upper.mg
    return [_shown(limits.low.mg, ROUND_CEILING), _shown(high, ROUND_FLOOR)]


def _shown(mg: Decimal, rounding: str) -> str:
    """A limit of the range for display: to a tenth of a mg, inwards, so that it never reads wider than it is."""
    return number_in_words(mg.quantize(TENTH, rounding))


def _on_hold(decided: Decided) -> bool:
    return decided.at_least.at_least("hold") or decided.course.state in ("held", "stopped", "ended", "died")


def why_held(decided: Decided) -> list[str]:
    """What holds the treatment, in words, each with its rule; and a course that does not go on."""
    state = decided.course.state
    return [*_why_called(decided), *([f"the course is {state}"] if state not in ("active", "proposed") else [])]


def _why_called(decided: Decided) -> list[str]:
    """The findings that hold or stop, in words."""
    today = decided.standing.as_of.day
    return [
        f"{finding_in_words(f, today)} [{f.layer}/{f.table}/{f.rule}]"
        for f in decided.findings
        if f.holds == "yes" and f.accepted is None and f.advice.at_least("hold")
    ]


def why_none(decided: Decided) -> list[str]:
    """Why no dose may be given, in words: what surely forbids it first, then what cannot be worked out."""
    limits = decided.dose
    ranked = sorted(limits.none, key=lambda state: (state.truth is not True, state.placed.rule.gate is not None))
    unknown = [limit.state for limit in limits.ceilings if limit.mg is None]
    cannot = [
        f"Weight or dose not known, so this cannot be worked out: {why(decided.standing, state)}" for state in unknown
    ]
    return [*(why(decided.standing, state) for state in ranked), *cannot]


def why(standing: Standing, state: State) -> str:
    """The rule in words: its own sentence or gate, and its name."""
    rule = state.placed.rule
    told = finding_of(standing, state).tell.get("clinician")
    said = f"needed first: {rule.gate}" if rule.gate else told or rule_in_words(state.placed.pack, rule)
    open_ = "" if state.truth is True or said == told else "Not ruled out: "
    return f"{open_}{said} [{state.placed.key}]"


def _first(decided: Decided, limits: DoseLimits) -> dict[str, Any]:
    """A proposed course: the first dose, the target below `target`."""
    course = decided.standing.past.record.course
    target = _in_range(decided, limits, limits.low.mg if limits.low is not None else None)
    options = []
    upper = upper_limit(limits)
    if limits.first is not None and limits.first.mg is not None:
        tablets = tablets_for(course, limits.first.mg)
        fits = upper is None or upper.mg is None or limits.first.mg <= upper.mg
        options = [_option(limits.first.mg, tablets, decided)] if tablets is not None and fits else []
    return {"options": options, "target": {"range_mg_per_day": range_mg(limits), "options": target}}


def _options(decided: Decided, limits: DoseLimits) -> list[dict[str, Any]]:
    """An active course: from the present dose to the ceiling; those below the target say so."""
    if limits.low is None or limits.low.mg is None:
        return []
    now, upper = decided.course.mg_per_day, upper_limit(limits)
    in_reach = now is not None and upper is not None and upper.mg is not None and now <= upper.mg
    return _in_range(decided, limits, now if in_reach else limits.low.mg)


def cap(limits: DoseLimits) -> tuple[Decimal, State] | None:
    """A ceiling below the target, in mg a day, and whose it is: then the target is not aimed at."""
    ceiling, low = limits.ceiling, limits.low
    if ceiling is None or ceiling.mg is None or low is None or low.mg is None or ceiling.mg >= low.mg:
        return None
    return ceiling.mg, ceiling.state


def _capped(decided: Decided, mg: Decimal, state: State) -> dict[str, Any]:
    """Under a ceiling below the target: the highest dose that the tablets make up to it, and why no higher one."""
    doses = makeable(pieces_of(decided.standing.past.record.course), mg)
    because = f"not above {number_in_words(mg)} mg a day, below the target: {why(decided.standing, state)}"
    return {"options": [_option(most, doses[most], decided) for most in sorted(doses)[-1:]], "because": [because]}


def _in_range(decided: Decided, limits: DoseLimits, lowest: Decimal | None) -> list[dict[str, Any]]:
    upper = upper_limit(limits)
    if lowest is None or upper is None or upper.mg is None:
        return []
    doses = makeable(pieces_of(decided.standing.past.record.course), upper.mg)
    return [_option(mg, tablets, decided) for mg, tablets in doses.items() if mg >= lowest]


def _option(mg: Decimal, tablets: Tablets | None, decided: Decided) -> dict[str, Any]:
    limits = decided.dose
    option = as_json(mg, tablets) | {"mg_per_kg": per_kg(mg, limits.weight)}
    if limits.low is not None and limits.low.mg is not None and mg < limits.low.mg:
        option["below_target"] = True
    if reasons := to_confirm(decided, mg):
        option["confirm"] = True
        option["why"] = " ".join(reasons)
    return option


def to_confirm(decided: Decided, mg: Decimal) -> tuple[str, ...]:
    """Why a named person confirms a dose that the rules allow: unusually large, or more than a step above the one in force."""
    confirm = decided.dose.confirm
    large = confirm is not None and confirm.mg is not None and mg > confirm.mg
    unusual = (why(decided.standing, confirm.state),) if large and confirm is not None else ()
    return (*unusual, *_more_than_a_step(decided, mg))


def _more_than_a_step(decided: Decided, mg: Decimal) -> Iterator[str]:
    """A slip of one digit may stay below every ceiling. The plan's own next dose is a step, however coarse the tablets are."""
    now, step = decided.course.mg_per_day, decided.dose.step
    if decided.course.state != "active" or now is None or step is None or step.mg is None or mg <= now + step.mg:
        return
    pieces = pieces_of(decided.standing.past.record.course)
    if mg == _next_dose(sorted(makeable(pieces, mg)), now, step.mg):
        return
    more = f"{_times(mg, now)} the dose in force, {number_in_words(now)} mg a day"
    yield f"{more}; a step is {_shown(step.mg, ROUND_FLOOR)} mg [{step.state.placed.key}]"


def _times(mg: Decimal, now: Decimal) -> str:
    """By how much more, rounded down: 250 mg are 10 times 25 mg."""
    return f"{number_in_words((mg / now).quantize(TENTH, ROUND_FLOOR))} times"


def per_kg(mg: Decimal, weight: Weighed | None) -> str | None:
    """mg per kg a day for display, two digits; never used for a decision."""
    if weight is None or not weight.kg.exact:
        return None
    return number_in_words((mg / weight.kg.low).quantize(SHOWN, ROUND_HALF_UP))


def _plan(decided: Decided, limits: DoseLimits) -> list[dict[str, Any]]:
    """Dated steps from the first (or present) dose to the lowest that reaches the target, each behind its gates."""
    if limits.step_mg is None or limits.step_every is None or limits.low is None or limits.low.mg is None:
        return []
    return list(_steps(decided, limits))


def _steps(decided: Decided, limits: DoseLimits) -> Iterator[dict[str, Any]]:
    upper = _target_high(limits)
    start = (
        decided.course.mg_per_day if decided.course.state == "active" else (limits.first.mg if limits.first else None)
    )
    if start is None or upper is None or limits.step_every is None or limits.low is None or limits.low.mg is None:
        return
    day, mg = decided.standing.as_of.day, start
    change = decided.standing.facts.course.change
    if decided.course.state == "proposed":
        yield _step(day, mg, decided, limits, first=True)
    elif change is not None:
        day = change.at.day
    doses = sorted(makeable(pieces_of(decided.standing.past.record.course), upper))
    for count in range(FURTHEST_STEPS):
        if mg >= limits.low.mg:
            return
        higher = _next_dose(doses, mg, limits.step_mg or Decimal(0))
        if higher is None:
            return
        day = max(add(day, limits.step_every, "later"), decided.standing.as_of.day)
        mg = higher
        yield _step(day, mg, decided, limits, first=count == 0 and decided.course.state == "active")


def _target_high(limits: DoseLimits) -> Decimal | None:
    """The end of the plan: the target's high end; the gates that hold the present dose are listed, not obeyed, in a plan."""
    return limits.high.mg if limits.high is not None else None


def _next_dose(doses: Sequence[Decimal], mg: Decimal, step: Decimal) -> Decimal | None:
    """The largest dose within one step; if the tablets make none, the next higher one."""
    higher = [dose for dose in doses if dose > mg]
    within = [dose for dose in higher if dose <= mg + step]
    return within[-1] if within else (higher[0] if higher else None)


def _step(day: date, mg: Decimal, decided: Decided, limits: DoseLimits, *, first: bool) -> dict[str, Any]:
    tablets = tablets_for(decided.standing.past.record.course, mg)
    gates = [
        {
            "gate": gate.text,
            "met": gate.met if first else False,
            "why": gate.why if first else "to be read before this step",
        }
        for gate in limits.gates
    ]
    return {"from": day.isoformat()} | as_json(mg, tablets) | {"mg_per_kg": per_kg(mg, limits.weight), "gates": gates}
