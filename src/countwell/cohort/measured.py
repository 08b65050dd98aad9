"""Every measure over a whole store, row group by row group: each patient under their own protocol, or all under one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from countwell.cohort.in_order import in_order
from countwell.cohort.measures import acted, burden, dose_reached, levels, on_time, openness, persistence, values
from countwell.cohort.measures.happened import delays, episodes
from countwell.cohort.measures.schedules import Target, results_read, schedule, target, tiers
from countwell.cohort.measures.seen import Coded, Seen
from countwell.cohort.measures.tally import Tally
from countwell.cohort.passes import replay_of, status_of
from countwell.cohort.plan import Plan
from countwell.cohort.protocols import parted, plans_of
from countwell.cohort.report import alarms, timeliness, treatment
from countwell.cohort.store import RowGroup, Store

TALLIES = ("on_time", "acted", "burden", "persistence", "openness", "values")
DRAWN = ("wbc", "neutrophils", "platelets", "alt")
NUMBERS = ("born", "sex", "country", "zone", "condition", "protocol")
Moved = Callable[[int], None]


@dataclass
class Measured:
    """What was counted of a store. plans: by protocol; patients: by protocol, "" for those of none, who are left out.

    tiers: the alert tier of every rule of every plan. doses: by target, since protocols have their own or none.
    """

    as_of: date
    by: str | None
    plans: dict[str, Plan]
    tiers: dict[str, int]
    patients: dict[str, int] = field(default_factory=dict)
    on_time: Tally = field(default_factory=Tally)
    acted: Tally = field(default_factory=Tally)
    burden: Tally = field(default_factory=Tally)
    persistence: Tally = field(default_factory=Tally)
    openness: Tally = field(default_factory=Tally)
    values: Tally = field(default_factory=Tally)
    doses: dict[Target, Tally] = field(default_factory=dict)

    def add(self, other: Measured) -> None:
        """Add what was counted of further patients."""
        for name, patients in other.patients.items():
            self.patients[name] = self.patients.get(name, 0) + patients
        for name in TALLIES:
            getattr(self, name).add(getattr(other, name))
        for wanted, tally in other.doses.items():
            self.doses.setdefault(wanted, Tally()).add(tally)

    @property
    def rules(self) -> str:
        """Whose rules, as of when: the sentence that stands under every measure."""
        packs = dict.fromkeys(f"{pack.name} {pack.version}" for one in self.plans.values() for pack in one.packs)
        return f"Rules of {', '.join(packs)} as of {self.as_of.isoformat()}."


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return int(np.datetime64(day, "D").astype(np.int64))


def measured(
    store: Store, as_of: date, by: str | None, protocol: str | None = None, moved: Moved | None = None
) -> Measured:
    """Every measure, as of the end of a day on the patients' own calendar.

    by: a column to break down by besides (see `levels.column`, which refuses others). protocol: follow this one for everybody,
    instead of each patient's own. moved: told how many patients have been done.
    """
    plans = plans_of(store, protocol)
    found = Measured(as_of, by, plans, {key: tier for one in plans.values() for key, tier in tiers(one).items()})
    for part in in_order(groups(store, by), lambda group: _counted(found, group, protocol)):
        found.add(part)
        if moved is not None:
            moved(sum(part.patients.values()))
    return found


def _counted(whole: Measured, group: RowGroup, protocol: str | None) -> Measured:
    """What is counted of one row group."""
    found = Measured(whole.as_of, whole.by, whole.plans, whole.tiers)
    for name, part in parted(group, protocol):
        found.patients[name] = len(part.patients["patient"])
        if name:
            _add(found, looked_at(part, found.plans[name], found.as_of), found.plans[name])
    return found


def groups(store: Store, by: str | None) -> Iterator[RowGroup]:
    """The row groups of a store, with the text column that is asked for."""
    own = [name for name in store.manifest["further"] if by in (name, name.removeprefix(levels.OWN))]
    if own:
        return store.row_groups(patients=[*NUMBERS, *own])
    return store.row_groups()


def looked_at(group: RowGroup, rules: Plan, as_of: date) -> Seen:
    """A row group with what the pass says of it."""
    points = replay_of(group, rules, as_of)
    return Seen(
        group,
        day_number(as_of),
        np.ones(len(group.patients["patient"]), dtype=bool),
        status_of(group, rules, as_of),
        episodes(points, len(rules.rules)),
        delays(points, len(rules.groups)),
        tuple(rule.key for rule in rules.rules),
        rules.groups,
    )


def _add(found: Measured, seen: Seen, rules: Plan) -> None:
    by: dict[str, Coded] = {found.by: levels.column(seen, found.by)} if found.by else {}
    ranked, wanted = tiers(rules), target(rules)
    schedules = {group: schedule(rules, group) for group in rules.groups}
    found.on_time.add(on_time.on_time(seen, schedules, by, timeliness.tables_of(found.by)))
    found.acted.add(acted.acted(seen, ranked, results_read(rules), by, alarms.tables_of(found.by)))
    found.burden.add(burden.burden(seen, ranked, by, alarms.tables_of(found.by)))
    found.persistence.add(persistence.persistence(seen, by, treatment.tables_of(found.by)))
    found.openness.add(openness.openness(seen, by, treatment.tables_of(found.by)))
    found.values.add(values.values(seen, DRAWN))
    if wanted is not None:
        tables = (("month",), *(((found.by, "month"),) if found.by else ()))
        found.doses.setdefault(wanted, Tally()).add(dose_reached.dose_reached(seen, wanted, by, tables))
