"""Tells what became of alarms (acted on within so many days) and how many there were (alert burden)."""

from __future__ import annotations

from collections.abc import Mapping

from countwell.cohort.measures.acted import acted_within, alarms, not_acted_within
from countwell.cohort.measures.burden import ALERTS, DAYS, TREATED, per_100_months, rules_in_tiers
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.tally import By, Tally, Where, not_shown
from countwell.cohort.report.told import HIDDEN, NONE, Shown, Table, Told, rows_of, spelled

READ_IT = (
    "An alarm is a rule that begins to hold. A decision on the same day counts, whatever the hour; a repeat is a test "
    "collected on a later day. That nobody acted may be right: the register does not say why."
)


def tables_of(by: str | None) -> tuple[By, ...]:
    """The tables of both measures."""
    return ((), ("tier",), ("rule",), *(((by,), (by, "tier")) if by else ()))


def tell_acted(tally: Tally, by: str | None, rules: str, steps: int = 1) -> Told:
    """Abnormal, then acted."""
    days = choice("acted_within_days")
    tables: tuple[By, ...] = ((), ("tier",), *(((by,),) if by else ()))
    printed = {name: tables for number in days for name in (alarms(number), acted_within(number))}
    wholes = {alarms(number): (acted_within(number), not_acted_within(number)) for number in days}
    shown = Shown(tally, not_shown(tally, printed, wholes), steps)
    return Told(
        "acted",
        "Abnormal, then acted",
        "alarms after which the dose was held, reduced, stopped or raised, or the test was repeated, within so many days",
        "alarms that began at least as many days before the day looked at, of rules that read a laboratory result",
        "alarms about symptoms and other facts alone, rules without a tier, alarms whose days are not over",
        rules,
        tuple(_acted_by(shown, column) for column in ("tier", by) if column),
        (),
        (READ_IT,),
    )


def _acted_by(shown: Shown, column: str) -> Table:
    days = choice("acted_within_days")
    rows = [
        (word, shown.count(alarms(days[0]), where), *(_of(shown, number, where) for number in days))
        for word, where in rows_of(shown.tally.words_of(column), column)
    ]
    head = (spelled(column), "alarms", *(f"within {number} {'day' if number == 1 else 'days'}" for number in days))
    return Table(f"Acted on by {spelled(column)}", head, tuple(rows))


def _of(shown: Shown, days: int, where: Where) -> str:
    percent = shown.percent(acted_within(days), alarms(days), where)
    if percent in (HIDDEN, NONE):
        return percent
    return f"{percent} ({shown.count(acted_within(days), where)} of {shown.count(alarms(days), where)})"


def tell_burden(tally: Tally, by: str | None, tiers: Mapping[str, int], rules: str, steps: int = 1) -> Told:
    """Alert burden."""
    own: tuple[By, ...] = ((by, "tier"),) if by else ()
    alone: tuple[By, ...] = ((), *(((by,),) if by else ()))
    printed = {ALERTS: ((), ("tier",), ("rule",), *own)}
    shown = Shown(
        tally, not_shown(tally, printed, more=rules_in_tiers(tally, tiers)) | not_shown(tally, {TREATED: alone}), steps
    )
    return Told(
        "burden",
        "Alert burden",
        "alarms that began while on treatment",
        "months on treatment of all patients together, holds included",
        "alarms before the start and after the end of treatment; rules that call for no more than a test",
        rules,
        (_by_tier(shown, by), _by_rule(shown, tiers)),
        (),
        ("Tier 1 interrupts, 2 is a task, 3 sits in the page. Rules that begin with one result count each by itself.",),
    )


def _by_tier(shown: Shown, by: str | None) -> Table:
    tiers = shown.tally.words_of("tier")
    rows = [
        (
            word,
            shown.count(TREATED, where),
            _months(shown, where),
            *_rates(shown, where, tiers),
        )
        for word, where in (rows_of(shown.tally.words_of(by), by) if by else [("all", ())])
    ]
    head = (
        spelled(by) if by else "",
        "patients treated",
        "patient-months",
        *(f"{tier} per 100 months" for tier in tiers),
    )
    return Table("Alarms per 100 patient-months by tier", head, tuple(rows))


def _rates(shown: Shown, where: Where, tiers: tuple[str, ...]) -> list[str]:
    return [_rate(shown, (*where, ("tier", tier)), where) for tier in tiers]


def _by_rule(shown: Shown, tiers: Mapping[str, int]) -> Table:
    met = sorted(shown.tally.words_of("rule"), key=lambda rule: (tiers[rule], rule))
    if shown.steps > 1:
        met = [rule for rule in met if shown.number(ALERTS, (("rule", rule),))]
    rows = [(rule, str(tiers[rule]), shown.count(ALERTS, w := (("rule", rule),)), _rate(shown, w, ())) for rule in met]
    return Table("Alarms by rule", ("rule", "tier", "alarms", "per 100 patient-months"), tuple(rows))


def _days(shown: Shown, where: Where) -> float:
    return float(shown.tally[DAYS, where][0]) if (DAYS, where) in shown.tally else 0


def _months(shown: Shown, where: Where) -> str:
    if shown.number(TREATED, where) is None:
        return HIDDEN
    months = _days(shown, where) / choice("days_per_month")
    return f"{months:,.0f}" if shown.steps == 1 else f"{shown.rounded(months):,}"


def _rate(shown: Shown, where: Where, time: Where) -> str:
    number = shown.number(ALERTS, tuple(sorted(where)))
    if number is None or shown.number(TREATED, time) is None:
        return HIDDEN
    days = _days(shown, time)
    if shown.steps > 1:
        days = shown.rounded(days / choice("days_per_month")) * choice("days_per_month")
    rate = per_100_months(number, days)
    return NONE if rate is None else f"{rate:.2f}"
