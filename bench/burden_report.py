"""The tables of the alert burden, as they stand in docs/burden.md."""

from collections import Counter
from collections.abc import Sequence

from burden_silent import rules_of_packs, silent

from countwell.simulate.parameters import DAYS_PER_MONTH, parameters

GOALS = {1: 0.5, 2: 2.0, 3: 12.0}
NAMES = {1: "interruptive", 2: "task", 3: "passive"}
OVERDUE_GOAL = 5.0
CAUSES = {
    "late": "a required test is late or was never complete",
    "preliminary": "a preliminary report waits for its final one",
    "no-upper-limit": "an upper limit was not sent",
    "lapsed": "a list was not gone through for a year",
    "not-asked": "a symptom or its details were not asked",
    "missing": "a test or baseline is missing",
}
NEVER = "none"


def report(counted, standing) -> None:
    """Everything as tables. standing: the same patients with teams that accept nothing."""
    months = counted.days / DAYS_PER_MONTH
    print(f"{months:.0f} patient-months on treatment, {counted.reviews['all']} reviews\n")
    _tiers(counted, 100 / months)
    print("The same if nobody accepts a finding:\n")
    _tiers(standing, 100 / months)
    _accepting(counted, standing, 100 / months)
    _conditions(counted)
    _reviews(counted)
    _open(counted)
    _calibration(counted)
    print(f"stop-level draws: {counted.stops['all']}, of these in tier 1 or 2: {counted.stops['in tier 1 or 2']}")
    for missed in counted.missed_stops[:10]:
        print("  not:", *missed)
    print()
    _rules(counted, 100 / months)
    _silent(counted)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table as Markdown, numbers with two decimals."""
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(f'{cell:.2f}' if isinstance(cell, float) else str(cell) for cell in row)} |")
    print()


def _tiers(counted, per: float) -> None:
    rows: list[Sequence[object]] = []
    for tier, goal in GOALS.items():
        told = counted.symptom_items[tier]
        items = counted.items[tier]
        rows.append((NAMES[tier], items, items * per, (items - told) * per, told * per, f"≤ {goal}"))
    rows.append(("overdue (episodes)", counted.overdue, counted.overdue * per, "", "", f"≤ {OVERDUE_GOAL}"))
    table(("items per 100 patient-months", "items", "all", "from results", "from symptoms told", "goal"), rows)


def _accepting(counted, standing, per: float) -> None:
    """What acceptance changes: the rules that begin or stand less often, or more."""
    found = [("any task", "", "", counted.reviews["a task stands"], standing.reviews["a task stands"])]
    for key in sorted({*counted.rules, *standing.rules}):
        if counted.held_by[key[0]] != standing.held_by[key[0]]:
            begins = (counted.rules[key] * per, standing.rules[key] * per)
            found.append((key[0], *begins, counted.held_by[key[0]], standing.held_by[key[0]]))
    table(("rule", "begins, accepting", "nobody accepts", "stands at reviews, accepting", "nobody accepts"), found)


def _conditions(counted) -> None:
    kinds = sorted(counted.condition_days)
    per = {kind: 100 * DAYS_PER_MONTH / counted.condition_days[kind] for kind in kinds}
    rows = [(NAMES[tier], *(counted.by_condition[kind, tier] * per[kind] for kind in kinds)) for tier in GOALS]
    table(("items per 100 patient-months", *kinds), rows)


def _reviews(counted) -> None:
    total = counted.reviews["all"]
    names = ("continue", "a task stands")
    table(("reviews", "number", "share"), [(n, counted.reviews[n], f"{counted.reviews[n] / total:.1%}") for n in names])
    layers = [(name, count, f"{count / total:.1%}") for name, count in counted.layers.most_common()]
    table(("layer decides", "reviews", "share"), layers)


def _open(counted) -> None:
    total = counted.reviews["all"]
    by_cause = Counter()
    for (why, _), count in counted.open_for.items():
        by_cause[why] += count
    left = by_cause.total()
    in_date = left - by_cause["late"]
    final = in_date - by_cause["preliminary"]
    sums = {"all": left, "no test late": in_date, "no test late, no report waited for": final}
    rows = [(CAUSES.get(why, why), count, f"{count / total:.1%}") for why, count in by_cause.most_common()]
    table(("left open because", "reviews", "share"), rows)
    table(("left open", "reviews", "share"), [(name, count, f"{count / total:.1%}") for name, count in sums.items()])
    rows = [(why, facts, n, f"{n / total:.2%}") for (why, facts), n in counted.open_for.most_common(25)]
    table(("left open because", "facts left open", "reviews", "share"), rows)
    unknown = [(*key, n, f"{n / total:.1%}") for key, n in counted.unknown.most_common() if n >= total / 1000]
    table(("fact", "why", "tests", "reviews", "share"), unknown)


def _calibration(counted) -> None:
    given = parameters()["fraser22"]
    patients = counted.beyond["patients"]
    rows = [
        (test, f"{given['shares'][test]:.1%}", f"{counted.beyond[test] / patients:.1%}") for test in given["shares"]
    ]
    table(("patients with a value beyond the limit", "Fraser 2022", "here"), rows)


def _rules(counted, per: float) -> None:
    rows = [
        (name, tier, begun, begun * per, f"{begun * per / GOALS[tier]:.0%}", counted.held_by[name])
        for (name, tier), begun in sorted(counted.rules.items(), key=lambda item: (item[0][1], -item[1], item[0][0]))
    ]
    table(("rule", "tier", "begins", "per 100 patient-months", "of the goal", "reviews at which it holds"), rows)
    print(f"{len({name for name, _ in counted.rules})} of {len(rules_of_packs())} rules with advice began to hold\n")


def _silent(counted) -> None:
    found = silent(set(counted.held_by), parameters())
    rows = [(lacking or NEVER, len(names), ", ".join(names)) for lacking, names in sorted(found.items())]
    print(f"rules with advice that never held: {sum(count for _, count, _ in rows)}\n")
    table(("what no patient of the register has", "rules", "names"), rows)
