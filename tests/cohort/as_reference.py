"""What the reference decides, as the columns of STATUS: the side against which the pass and the SQL are held."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from countwell.base.dates import Moment, end_of_day, of_instant
from countwell.cohort.columns import NO_DAY, NO_VALUE, SCALE, STATES
from countwell.cohort.integers import day_number
from countwell.cohort.plan import Plan
from countwell.engine import findings
from countwell.engine.decide import Decided, decide
from countwell.engine.doses import Limit
from countwell.engine.joined import Joined, PlacedRule
from countwell.facts.asked import NOTHING_ASKED
from countwell.facts.past import Past
from countwell.model.advice import DRUG, PATIENT, PRECAUTIONS, PRESCRIBER

DUE_STATES = ("", "not-due", "due", "overdue", "never-done")
WORD = 64
Columns = dict[str, Any]


def without_sentences() -> None:
    """In this process findings are decided and not told: twice as fast, and no column of STATUS hangs on a sentence."""
    findings.because = lambda *_: ()  # type: ignore[assignment]
    findings.cited = lambda *_: ()  # type: ignore[assignment]
    findings._told = lambda *_: {}  # type: ignore[assignment]
    findings._not_ruled_out = lambda *_: {}  # type: ignore[assignment]


def moment_of(past: Past, instant: datetime | date) -> Moment:
    """The instant that is asked about, on the patient's own calendar; a day is read at its end."""
    zone = past.time_zone
    return of_instant(instant, zone) if isinstance(instant, datetime) else end_of_day(instant, zone)


def status(past: Past, joined: Joined, plan: Plan, as_of: datetime | date, known_at: datetime | None = None) -> Columns:
    """One patient's row of STATUS; `surely` and `possibly` are lists of 64-bit words, the columns by group lists in order."""
    when = moment_of(past, as_of)
    known = when if known_at is None else moment_of(past, known_at)
    decided = decide(joined, past, as_of=when, known_at=known, asked=NOTHING_ASKED)
    return {**_advice(decided), **_rules(decided, plan), **_dates(decided, plan), **_dose(decided)}


def _advice(decided: Decided) -> Columns:
    least, most = decided.at_least, decided.at_most
    return {
        "state": STATES.index(decided.course.state),
        "drug": DRUG.index(least.drug),
        "drug_at_most": DRUG.index(most.drug),
        "contact": PATIENT.index(least.patient),
        "contact_at_most": PATIENT.index(most.patient),
        "prescriber": PRESCRIBER.index(least.prescriber),
        "prescriber_at_most": PRESCRIBER.index(most.prescriber),
        "precautions": sum(1 << place for place, word in enumerate(PRECAUTIONS) if word in least.precautions),
        "decide_by": _day(least.decide_by),
    }


def _day(day: date | None) -> int:
    return NO_DAY if day is None else day_number(day)


def _rules(decided: Decided, plan: Plan) -> Columns:
    """The bits of the rules that hold, also of accepted ones; of the dead none."""
    standing = decided.standing
    states = [] if decided.over else [(place, standing.state(one)) for place, one in _placed(standing.joined, plan)]
    surely = [place for place, state in states if state is not None and state.truth is True]
    possibly = [place for place, state in states if state is not None]
    return {"surely": bits(surely, plan), "possibly": bits(possibly, plan)}


def bits(places: list[int], plan: Plan) -> list[int]:
    """The places of rules as words of 64 bits."""
    whole = sum(1 << place for place in places)
    return [whole >> WORD * word & (1 << WORD) - 1 for word in range(-(-len(plan.rules) // WORD))]


def _placed(joined: Joined, plan: Plan) -> list[tuple[int, PlacedRule]]:
    """The places of the rules in the plan, each with the rule as the reference knows it."""
    if "in_order" not in joined.__dict__:
        by_key = {placed.key: placed for placed in joined.rules}
        joined.__dict__["in_order"] = [(rule.place, by_key[rule.key]) for rule in plan.rules]
    found: list[tuple[int, PlacedRule]] = joined.__dict__["in_order"]
    return found


def _dates(decided: Decided, plan: Plan) -> Columns:
    rows = {row.group: row for row in decided.schedule}
    tests = decided.at_least.tests
    return {
        "last": [_day(rows[group].last) if group in rows else NO_DAY for group in plan.groups],
        "due_by": [_day(rows[group].due_by) if group in rows else NO_DAY for group in plan.groups],
        "due_state": [DUE_STATES.index(rows[group].state) if group in rows else 0 for group in plan.groups],
        "tests": [_day(tests.get(group)) for group in plan.groups],
    }


def _dose(decided: Decided) -> Columns:
    dose = decided.dose
    limits = {"first_mg": dose.first, "low_mg": dose.low, "high_mg": dose.high, "ceiling_mg": dose.ceiling}
    return {**{name: _mg(limit) for name, limit in limits.items()}, "no_dose": int(bool(dose.forbids))}


def _mg(limit: Limit | None) -> int:
    """Thousandths of a mg; a limit per kg of a weight may have more decimals: then the thousandth below."""
    return NO_VALUE if limit is None or limit.mg is None else int(limit.mg * Decimal(SCALE))
