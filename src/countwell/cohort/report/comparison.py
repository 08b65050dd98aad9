"""Tells a comparison of two sets of rules: who is treated differently, when each would have alarmed, tests per patient-year."""

from __future__ import annotations

from collections.abc import Sequence

from countwell.cohort import compare as of
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.on_time import DUE
from countwell.cohort.measures.quantiles import HALF, may_be_shown, quantile
from countwell.cohort.measures.tally import Tally, Where, not_shown, where
from countwell.cohort.report.told import ALL, HIDDEN, NONE, Shown, Table, Told
from countwell.model.advice import DRUG
from countwell.paper.plain import fact
from countwell.paper.words import LADDERS

LEFT_OUT = "patients passed on to another clinic, patients who died"


def tell_differences(tally: Tally, rules: str) -> Told:
    """Who would be treated differently today."""
    tables = ((), ("kind",), ("A", "B"), ("A",), ("B",))
    shown = Shown(tally, not_shown(tally, {of.PATIENTS: tables}))
    kinds = [
        (kind, shown.count(of.PATIENTS, w := where(kind=kind)), _percent(shown, w))
        for kind in of.KINDS
        if tally.count(of.PATIENTS, where(kind=kind))
    ]
    rows = [*kinds, (ALL, shown.count(of.PATIENTS), _percent(shown, ()))]
    return Told(
        "differences",
        "Who would be treated differently",
        "patients of whom B says something else than A, by the first kind that fits",
        "patients reviewed on the day under both",
        LEFT_OUT,
        rules,
        (Table("Kinds of difference", ("difference", "patients", "share"), tuple(rows)), _crossed(shown)),
    )


def _percent(shown: Shown, here: Where) -> str:
    number, total = shown.number(of.PATIENTS, here), shown.number(of.PATIENTS)
    if number is None or total is None:
        return HIDDEN
    return f"{100 * number / total:.1f} %" if total else NONE


def _crossed(shown: Shown) -> Table:
    """Advice on the drug under A (rows) and B (columns)."""
    met_b = [word for word in DRUG if word in shown.tally.words_of("B")]
    met_a = [word for word in DRUG if word in shown.tally.words_of("A")]
    rows = [
        (
            LADDERS["drug"][a],
            *(shown.count(of.PATIENTS, where(A=a, B=b)) for b in met_b),
            shown.count(of.PATIENTS, where(A=a)),
        )
        for a in met_a
    ]
    rows.append((ALL, *(shown.count(of.PATIENTS, where(B=b)) for b in met_b), shown.count(of.PATIENTS)))
    head = ("A, tablets", *(f"B: {LADDERS['drug'][b]}" for b in met_b), ALL)
    return Table("Advice on the tablets, A down and B across", head, tuple(rows))


def tell_alarms(tally: Tally, rules: str) -> Told:
    """When each set of rules would have alarmed."""
    printed = (of.ALARMS_A, of.ALARMS_B, of.BOTH, of.ONLY_A, of.ONLY_B, of.EARLIER, of.TOGETHER, of.LATER)
    wholes = {of.ALARMS_A: (of.BOTH, of.ONLY_A), of.BOTH: (of.EARLIER, of.TOGETHER, of.LATER)}
    shown = Shown(tally, not_shown(tally, dict.fromkeys(printed, (("advice",),)), wholes))
    met = [word for word in DRUG if word in tally.words_of("advice")]
    rows = [(f"{LADDERS['drug'][word]} or graver", *_alarm_cells(shown, where(advice=word), printed)) for word in met]
    return Told(
        "alarms",
        "How many days earlier or later each would have alarmed",
        "times during which the advice on the tablets reached a grade",
        "all results and decisions of the register as they were, decided again at each of them",
        f"nothing; two alarms are one if they overlap or begin no more than {choice('same_spell_days')} days apart",
        rules,
        (Table("Alarms by grade", ("grade", *printed, "median days from A to B"), tuple(rows)),),
        (),
        ("A negative number of days: B would have alarmed first. One alarm of B can answer two of A.",),
    )


def _alarm_cells(shown: Shown, here: Where, printed: Sequence[str]) -> list[str]:
    return [*(shown.count(what, here) for what in printed), _median(shown, here)]


def _median(shown: Shown, here: Where) -> str:
    if (of.APART, here) not in shown.tally or not shown.tally[of.APART, here].any():
        return NONE
    if not may_be_shown(shown.people(of.BOTH, here), HALF):
        return HIDDEN
    found = quantile(shown.tally[of.APART, here], HALF)
    return NONE if found is None else f"{found - of.MOST_APART:+d}"


def tell_tests(demand: Tally, came: Tally, rules: str) -> Told:
    """Tests per patient-year of each schedule. came: due dates counted by `rules` and `group`, as replayed."""
    hidden = not_shown(came, {DUE: (("group", "rules"),)})
    shown = Shown(came, hidden)
    groups = demand.words_of("group")
    rows = [
        (f"{fact(group)}, {which}", *_test_cells(demand, shown, where(group=group, rules=which)))
        for group in groups
        for which in ("A", "B")
    ]
    return Told(
        "tests",
        "Tests per patient-year",
        "tests that the calendar of a schedule asks for at the least; due dates that came in the replay, closer tests included",
        "years on treatment, holds included",
        "tests before the start and after the end of treatment",
        rules,
        (
            Table(
                "Tests per patient-year",
                ("test group", "patient-years", "by the calendar", "due dates in the replay"),
                tuple(rows),
            ),
        ),
    )


def _test_cells(demand: Tally, shown: Shown, here: Where) -> list[str]:
    days = float(demand[of.TREATED_DAYS, here][0]) if (of.TREATED_DAYS, here) in demand else 0
    years = days / choice("days_per_year")
    if not years:
        return [NONE, NONE, NONE]
    asked = float(demand[of.ASKED, here][0]) / years
    due = shown.number(DUE, here)
    return [f"{years:,.0f}", f"{asked:.1f}", HIDDEN if due is None else f"{due / years:.1f}"]
