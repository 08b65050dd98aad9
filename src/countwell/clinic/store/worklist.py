"""The worklist, worked out when it is read: worst first, one row a patient, nothing late hidden, the sum on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from countwell.base.dates import zone
from countwell.clinic.models import Act, Person, Standing
from countwell.clinic.store.scope import patients_of
from countwell.clinic.store.standing import late_days, run_all

GROUPS = ("Now", "Today", "This week", "Late", "Held, no day", "Something not known", "Nothing called for")
CALM = 11
HALTED = ("held", "stopped")
AT_ONCE = 100  # patients whose rules are run while somebody waits for the list; the others are said


@dataclass(frozen=True, slots=True)
class Item:
    """One row. late: days that its latest test is late, today."""

    standing: Standing
    late: int
    group: str
    owner: Person | None
    acted: Act | None

    @property
    def words(self) -> str:
        """The advice word; late where only that is wrong."""
        late_alone = self.late and self.standing.place >= CALM
        return f"Late {self.late} d" if late_alone else self.standing.words


@dataclass(frozen=True, slots=True)
class List:
    """All rows of a person's list in their groups; hidden: how many a filter leaves out."""

    groups: Sequence[tuple[str, Sequence[Item]]]
    total: int
    hidden: int
    not_run: int

    @property
    def shown(self) -> int:
        """How many rows stand on the page."""
        return sum(len(items) for _, items in self.groups)

    @property
    def sum(self) -> str:
        """The sum in words: it adds up, or says that it does not."""
        parts = [f"{len(items)} {group.lower()}" for group, items in self.groups]
        parts += [f"{self.hidden} hidden by your filter"] if self.hidden else []
        if self.shown + self.hidden != self.total:
            return f"The list is not complete: {self.total} patients, but {' + '.join(parts)}."
        return f"{self.total} {'patient' if self.total == 1 else 'patients'} = {' + '.join(parts) or '0'}"


def worklist(person: Person, at: datetime, wanted: Mapping[str, str]) -> List:
    """The list of a person as of an instant. wanted: `whose` (mine, all), `kind` (a group), `protocol`."""
    mine = patients_of(person, at).select_related("owner", "clinic")
    today = at.astimezone(zone(person.clinic.zone)).date()
    stale = mine.exclude(standing__day__gte=today)
    run_all(stale.order_by("standing__place")[:AT_ONCE], at)
    acts = _newest_acts(person, at)
    rows = Standing.objects.filter(patient__in=mine).select_related("patient", "patient__owner").defer("answer")
    items = [_item(row, today, acts.get(row.patient_id)) for row in rows]
    shown = [item for item in items if _wanted(item, person, wanted)]
    placed = sorted(shown, key=_place)
    groups = [(group, [item for item in placed if item.group == group]) for group in GROUPS]
    total = mine.count()
    return List([found for found in groups if found[1]], total, len(items) - len(shown), stale.count())


def _newest_acts(person: Person, at: datetime) -> dict[int, Act]:
    acts = Act.objects.filter(patient__in=patients_of(person, at)).order_by("at")
    return {act.patient_id: act for act in acts}


def _item(row: Standing, today: date, acted: Act | None) -> Item:
    late = 0 if row.state in ("died", "ended") else late_days(row.due, today)
    return Item(row, late, _group(row, late), row.patient.owner, acted)


def _group(row: Standing, late: int) -> str:
    if row.place < CALM:
        return GROUPS[row.tier - 1]
    if late:
        return "Late"
    if row.state == "held" and row.decide_by is None:
        return "Held, no day"
    return "Something not known" if row.open else "Nothing called for"


def _wanted(item: Item, person: Person, wanted: Mapping[str, str]) -> bool:
    mine = wanted.get("whose") != "mine" or (item.owner is not None and item.owner.pk == person.pk)
    return mine and wanted.get("kind", item.group) == item.group


def _place(item: Item) -> tuple[int, int, int, int, str]:
    """By group, advice, what cannot be ruled out, lateness, and name."""
    row = item.standing
    return GROUPS.index(item.group), row.place, row.place_at_most, -item.late, row.patient.name
