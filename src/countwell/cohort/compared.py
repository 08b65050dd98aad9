"""Two sets of rules over a whole store, row group by row group: everybody under A, and everybody under B."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from countwell.cohort.compare import alarms, asked_for, differences, listed
from countwell.cohort.in_order import in_order
from countwell.cohort.measured import NUMBERS, Moved, day_number
from countwell.cohort.measures.happened import delays
from countwell.cohort.measures.on_time import DUE, on_time
from countwell.cohort.measures.schedules import Schedule, schedule
from countwell.cohort.measures.seen import Coded, Seen
from countwell.cohort.measures.tally import Tally
from countwell.cohort.passes import replay_of, status_of
from countwell.cohort.plan import Plan, plan
from countwell.cohort.report import comparison
from countwell.cohort.report.told import Told
from countwell.cohort.store import Arrays, RowGroup, Store

SEPARATOR = "+"
Row = tuple[str, str, str, str]


@dataclass
class Compared:
    """What was counted. listed: (id, kind, advice of A, of B) of those treated differently, if asked for."""

    a: Plan
    b: Plan
    as_of: date
    patients: int = 0
    differences: Tally = field(default_factory=Tally)
    alarms: Tally = field(default_factory=Tally)
    demand: Tally = field(default_factory=Tally)
    came: Tally = field(default_factory=Tally)
    listed: list[Row] = field(default_factory=list)

    def add(self, other: Compared) -> None:
        """Add what was counted of further patients."""
        self.patients += other.patients
        self.listed += other.listed
        for name in ("differences", "alarms", "demand", "came"):
            getattr(self, name).add(getattr(other, name))

    @property
    def rules(self) -> str:
        """Whose rules, as of when."""
        return f"A: {named(self.a)}. B: {named(self.b)}. As of {self.as_of.isoformat()}."

    def told(self) -> list[Told]:
        """The comparison, ready to be printed."""
        return [
            comparison.tell_differences(self.differences, self.rules),
            comparison.tell_alarms(self.alarms, self.rules),
            comparison.tell_tests(self.demand, self.came, self.rules),
        ]

    def about(self, store: str) -> dict[str, str]:
        """What was compared on what."""
        return {
            "Register": f"{store}, {self.patients:,} patients",
            "A": named(self.a),
            "B": named(self.b),
            "As of": self.as_of.isoformat(),
        }


def named(rules: Plan) -> str:
    """The packs of a plan with their versions."""
    return ", ".join(f"{pack.name} {pack.version}" for pack in rules.packs)


def rules_named(text: str) -> Plan:
    """The plan of `protocol` with its own layers, or of `protocol+layer+layer`; `protocol+` has none.

    A protocol or layer is a name or the path of a file. Raises PackError as `plan`.
    """
    protocol, separator, layers = text.partition(SEPARATOR)
    return plan(protocol, [layer for layer in layers.split(SEPARATOR) if layer] if separator else None)


def compared(
    store: Store, a: Plan, b: Plan, as_of: date, *, listed: bool = False, moved: Moved | None = None
) -> Compared:
    """Everybody under A and under B, whatever their own protocol. listed: name those who would be treated differently."""
    found = Compared(a, b, as_of)
    groups = store.row_groups(patients=[*NUMBERS, "id"] if listed else None)
    for part in in_order(groups, lambda group: _counted(Compared(a, b, as_of), group, listed)):
        found.add(part)
        if moved is not None:
            moved(part.patients)
    return found


def _counted(found: Compared, group: RowGroup, names: bool) -> Compared:
    points = [replay_of(group, rules, found.as_of) for rules in (found.a, found.b)]
    seen = [_seen(found, group, rules, rows) for rules, rows in zip((found.a, found.b), points, strict=True)]
    found.patients += seen[0].size
    found.differences.add(differences(*seen))
    found.alarms.add(alarms(points[0], points[1], seen[0].mine, seen[0].first))
    for which, rules, one in zip("AB", (found.a, found.b), seen, strict=True):
        schedules = {name: schedule(rules, name) for name in rules.scheduled}
        found.demand.add(asked_for(one, schedules, which))
        found.came.add(_came(one, schedules, which))
    if names:
        found.listed += listed(seen[0], seen[1], group.patients["id"])
    return found


def _seen(found: Compared, group: RowGroup, rules: Plan, points: Arrays) -> Seen:
    everybody = np.ones(len(group.patients["patient"]), dtype=bool)
    return Seen(
        group,
        day_number(found.as_of),
        everybody,
        status_of(group, rules, found.as_of),
        None,
        delays(points, len(rules.groups)),
        tuple(rule.key for rule in rules.rules),
        rules.groups,
    )


def _came(seen: Seen, schedules: Mapping[str, Schedule], which: str) -> Tally:
    """Due dates that came, by group and set of rules."""
    rules = {"rules": Coded(np.zeros(seen.size, dtype=np.int64), (which,))}
    counts = on_time(seen, schedules, rules, (("group", "rules"),))
    return Tally({key: row for key, row in counts.items() if key[0] == DUE})
