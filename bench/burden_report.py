"""The tables of the alert burden."""

from collections.abc import Sequence

from common import table

from countwell.pack.load import load
from countwell.simulate.parameters import DAYS_PER_MONTH

GOALS = {1: 0.5, 2: 2.0, 3: 12.0}
NAMES = {1: "interruptive", 2: "task", 3: "passive"}
OVERDUE_GOAL = 5.0
PROTOCOLS = ("cidp", "mg", "aih")


def report(counted) -> None:
    """Everything as tables."""
    months = counted.days / DAYS_PER_MONTH
    print(f"{months:.0f} patient-months on treatment, {counted.reviews['all']} reviews\n")
    _tiers(counted, 100 / months)
    _conditions(counted)
    _reviews(counted)
    _rules(counted, 100 / months)
    table(
        ("left open by", "why", "tests", "reviews"), [(*key, count) for key, count in counted.unknown.most_common(20)]
    )
    print(f"stop-level draws: {counted.stops['all']}, of these in tier 1 or 2: {counted.stops['in tier 1 or 2']}")
    for missed in counted.missed_stops[:10]:
        print("  not:", *missed)
    never = sorted(rules_of_packs() - set(counted.held_by))
    print(f"\nrules with advice that never held ({len(never)}):\n  " + "\n  ".join(never))


def _tiers(counted, per: float) -> None:
    rows: list[Sequence[object]] = []
    for tier, goal in GOALS.items():
        told = counted.symptom_items[tier]
        items = counted.items[tier]
        rows.append((NAMES[tier], items, items * per, (items - told) * per, told * per, f"≤ {goal}"))
    rows.append(("overdue (episodes)", counted.overdue, counted.overdue * per, "", "", f"≤ {OVERDUE_GOAL}"))
    table(("items per 100 patient-months", "items", "all", "from results", "from symptoms told", "goal"), rows)


def _conditions(counted) -> None:
    kinds = sorted(counted.condition_days)
    per = {kind: 100 * DAYS_PER_MONTH / counted.condition_days[kind] for kind in kinds}
    rows = [(NAMES[tier], *(counted.by_condition[kind, tier] * per[kind] for kind in kinds)) for tier in GOALS]
    table(("items per 100 patient-months", *kinds), rows)


def _reviews(counted) -> None:
    total = counted.reviews["all"]
    names = ("continue", "open", "open, no test late", "open by other than a preliminary report")
    table(("reviews", "number", "share"), [(n, counted.reviews[n], f"{counted.reviews[n] / total:.1%}") for n in names])
    layers = [(name, count, f"{count / total:.1%}") for name, count in counted.layers.most_common()]
    table(("layer decides", "reviews", "share"), layers)


def _rules(counted, per: float) -> None:
    rows = [
        (name, tier, begun, begun * per, counted.held_by[name]) for (name, tier), begun in counted.rules.most_common(45)
    ]
    table(("rule", "tier", "begins", "per 100 patient-months", "reviews at which it holds"), rows)


def rules_of_packs() -> set[str]:
    """Every rule that gives advice in the packs of the three conditions."""
    return {
        f"{pack.name}/{told.name}/{rule.name}"
        for protocol in PROTOCOLS
        for pack in load(protocol, None).packs
        for told in pack.tables
        for rule in told.rules
        if rule.advice is not None and not told.asks
    }
