"""Alert burden: alarms that began while on treatment, per 100 patient-months, by rule and tier."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from countwell.cohort.measures.acted import rule_columns
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.courses import ON_TREATMENT, days_on_treatment, decisions_of, spells_of, state_on
from countwell.cohort.measures.seen import Coded, Seen
from countwell.cohort.measures.tally import By, Tally, Where, added, counted
from countwell.cohort.suppression import Sum

ALERTS, DAYS, TREATED = "alerts begun", "days on treatment", "patients treated"
PER_MONTHS = 100


def burden(seen: Seen, tiers: Mapping[str, int], by: Mapping[str, Coded], tables: tuple[By, ...]) -> Tally:
    """Alarms begun on treatment and days on treatment, holds included.

    tiers: by rule; rules without one alarm nobody. tables: crossed from `by`, "tier" and "rule".
    Left out: alarms before the start and after the end of treatment.
    """
    assert seen.episodes is not None
    spells = spells_of(decisions_of(seen), seen.as_of)
    rows = seen.of(seen.episodes, ("rule", "begun_day"))
    state = state_on(spells, rows["patient"], rows["begun_day"])
    alerting = np.array([rule in tiers for rule in seen.rules], dtype=bool)
    treated = np.isin(state, [spells.states.index(name) for name in ON_TREATMENT])
    mask = alerting[rows["rule"]] & treated & (rows["begun_day"] <= seen.as_of)
    patient, rule = rows["patient"][mask], rows["rule"][mask]
    columns = {name: column.of(patient) for name, column in by.items()} | rule_columns(rule, seen.rules, tiers)
    found = counted(ALERTS, patient, columns, tables)
    found.add(_time(seen, days_on_treatment(spells, seen.size), by, tables))
    return found


def _time(seen: Seen, days: np.ndarray, by: Mapping[str, Coded], tables: tuple[By, ...]) -> Tally:
    who = np.flatnonzero((days > 0) & seen.mine)
    columns, own = {name: column.of(who) for name, column in by.items()}, _own(by, tables)
    found = added(DAYS, who, days[who], columns, own)
    found.add(counted(TREATED, who, columns, own))
    return found


def _own(by: Mapping[str, Coded], tables: tuple[By, ...]) -> tuple[By, ...]:
    return tuple(dict.fromkeys(tuple(column for column in table if column in by) for table in tables))


def per_100_months(alerts: int, days: float) -> float | None:
    """Alerts per 100 patient-months; None without any time."""
    months = days / choice("days_per_month")
    return PER_MONTHS * alerts / months if months else None


def rules_in_tiers(tally: Tally, tiers: Mapping[str, int]) -> list[Sum]:
    """That the alerts of a tier are those of its rules: a sum that the columns alone do not show."""

    def key(column: str, word: str) -> tuple[str, Where]:
        return ALERTS, ((column, word),)

    met = tally.words_of("rule")
    return [
        Sum(key("tier", tier), tuple(key("rule", rule) for rule in met if f"tier {tiers[rule]}" == tier))
        for tier in tally.words_of("tier")
    ]
