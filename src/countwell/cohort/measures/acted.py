"""Abnormal, then acted: after an alarm about a result, how soon was there a decision on the dose, or a repeat of the test?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from countwell.cohort.columns import DISPUTED, FINAL, NEVER_DAY
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.courses import decisions_of
from countwell.cohort.measures.nearest import ByDay
from countwell.cohort.measures.seen import Coded, Ints, Seen, words
from countwell.cohort.measures.tally import By, Tally, counted

ACTS = ("hold", "reduce", "stop", "raise")
NO_TIER = "without a tier"


def alarms(days: int) -> str:
    """The name of the denominator."""
    return f"alarms begun at least {days} days before"


def acted_within(days: int) -> str:
    """The name of the numerator."""
    return f"alarms acted on within {days} days"


def not_acted_within(days: int) -> str:
    """The rest of the denominator."""
    return f"alarms not acted on within {days} days"


def acted(
    seen: Seen,
    tiers: Mapping[str, int],
    tests: Mapping[str, frozenset[str]],
    by: Mapping[str, Coded],
    tables: tuple[By, ...],
) -> Tally:
    """Alarms of rules that read a result, and how many were acted on within so many days (`acted_within_days`).

    tiers, tests: by rule (`pack/table/rule`). tables: crossed from `by`, "tier" and "rule".
    An act is a hold, reduction, stop or raise on the day the alarm began or later, or a test of the same kind collected on a
    later day. Left out: alarms that began so late that the days are not over.
    """
    assert seen.episodes is not None
    rows = seen.of(seen.episodes, ("rule", "begun_day"))
    known = np.array([rule in tiers and rule in tests for rule in seen.rules], dtype=bool)
    rows = {name: column[known[rows["rule"]] & (rows["begun_day"] <= seen.as_of)] for name, column in rows.items()}
    after = first_act(seen, rows, tests) - rows["begun_day"]
    columns = {name: column.of(rows["patient"]) for name, column in by.items()} | rule_columns(
        rows["rule"], seen.rules, tiers
    )
    found = Tally()
    for days in choice("acted_within_days"):
        over = rows["begun_day"] + days <= seen.as_of
        for what, mask in (
            (alarms(days), over),
            (acted_within(days), over & (after <= days)),
            (not_acted_within(days), over & (after > days)),
        ):
            found.add(counted(what, rows["patient"][mask], {n: c.of(mask) for n, c in columns.items()}, tables))
    return found


def rule_columns(rule: Ints, rules: tuple[str, ...], tiers: Mapping[str, int]) -> dict[str, Coded]:
    """The columns "rule" and "tier" of episodes."""
    names = (*sorted({f"tier {tier}" for tier in tiers.values()}), NO_TIER)
    places = [names.index(f"tier {tiers[name]}") if name in tiers else len(names) - 1 for name in rules]
    return {"rule": Coded(rule.astype(np.int64), rules), "tier": Coded(np.array(places, dtype=np.int64)[rule], names)}


def first_act(seen: Seen, rows: Mapping[str, Ints], tests: Mapping[str, frozenset[str]]) -> Ints:
    """The day of the first act after each alarm; NEVER_DAY if there was none by the day looked at."""
    decisions = decisions_of(seen)
    acts = decisions.only(decisions.which(*ACTS))
    first = ByDay(acts.patient, acts.day).next_day(rows["patient"], rows["begun_day"], NEVER_DAY).astype(np.int64)
    for read in {tests[rule] for rule in seen.rules if rule in tests}:
        here = np.isin(rows["rule"], [number for number, rule in enumerate(seen.rules) if tests.get(rule) == read])
        if here.any():
            repeats = repeated(seen, read)
            again = repeats.next_day(rows["patient"][here], rows["begun_day"][here] + 1, NEVER_DAY)
            first[here] = np.minimum(first[here], again)
    return first


def repeated(seen: Seen, read: frozenset[str]) -> ByDay:
    """Every finished result of these tests, by the day it was collected."""
    labs = seen.group.labs
    places = [place for place, name in enumerate(words(seen.group.manifest, "tests")) if name in read]
    done = (
        np.isin(labs["test"], places)
        & np.isin(labs["status"], (FINAL, DISPUTED))
        & (labs["collected_day"] <= seen.as_of)
    )
    rows = seen.of(labs, ("collected_day",), done)
    return ByDay(rows["patient"], rows["collected_day"])
