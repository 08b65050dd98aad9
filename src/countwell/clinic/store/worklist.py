"""The worklist, worked out when it is read: worst first, one row a patient, nothing late hidden, the sum on the page.

All patients are placed from a few columns; only the rows that stand on the page are then read whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from countwell.clinic.models import Clinic, Held, Person, Standing
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.acted import unanswered
from countwell.clinic.store.hours import today_of
from countwell.clinic.store.scope import patients_of
from countwell.clinic.store.standing import TIER_OF, run_all
from countwell.clinic.store.telling import untold_of
from countwell.clinic.store.unanswered import answers_of, called, overdue
from countwell.model.advice import CALM, RANKS

TIERS = ("Now", "Today", "This week")
TELL = "Tell the patient"  # of a stop or hold
CALMLY, ANSWERED = "Nothing called for", "Answered, and watched"
GROUPS = (
    "Now", "Today", "Hold past its day", "Result changed", TELL, "This week", "Late", "Held, no day", "A result may be waiting",
    "Something not known", ANSWERED, CALMLY,
)  # fmt: skip
FOLDED = (ANSWERED, CALMLY)  # in the sum and behind a link; all others stand on the page
OVER = ("died", "ended")
CHANGED = "changed "  # before the id of a result that was put aside
ANYBODY = -1
AT_ONCE = 100  # patients whose rules are run while somebody waits for the list; the others are said
ON_PAGE = 50  # rows of a group that are written out; a link shows the others
WORDS_OF = {rank.place: rank.words for _, rank in RANKS}
CHOICES = {"whose": ("mine", "all", "none"), "order": ("worst", "late", "name")}
COLUMNS = (
    "patient_id", "patient__name", "patient__owner_id", "place", "place_at_most", "state", "decide_by", "due_by", "open",
    "protocol",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One patient in the list. late: days that its latest test is late, today; place: of what nobody has answered yet;
    waiting: a held message may be theirs; since: under Now, since when nobody has answered, if that is too long;
    untold: of what was done here the patient does not know yet, `stop` or `hold`.

    owner: None, too, if that account is closed or does not treat any more: the row stands with those whom nobody owns.
    """

    patient: int
    name: str
    owner: int | None
    group: str
    place: int
    at_most: int
    late: int
    protocol: str
    waiting: bool
    since: datetime | None = None
    untold: str = ""

    @property
    def words(self) -> str:
        """The advice word; the name of the group where nothing is advised; the days where something is late."""
        if self.group == "Late":
            return f"Late {self.late} d"
        return WORDS_OF.get(self.place, self.group) if self.group in TIERS else self.group


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one group: all of them, and those that stand on the page."""

    name: str
    items: Sequence[Item]
    shown: Sequence[Item]

    @property
    def slug(self) -> str:
        """Its name in an address."""
        return slug(self.name)

    @property
    def left(self) -> int:
        """How many more a link shows."""
        return len(self.items) - len(self.shown)


@dataclass(frozen=True, slots=True)
class List:
    """A person's list. total: everybody in their care; hidden: how many a filter leaves out; counts: before the filter."""

    groups: Sequence[Group]
    total: int
    hidden: int
    not_run: int
    counts: Mapping[str, int] = field(default_factory=dict)
    whose: Mapping[str, int] = field(default_factory=dict)
    protocols: Sequence[str] = ()

    @property
    def placed(self) -> int:
        """How many have a place in the list."""
        return sum(len(group.items) for group in self.groups)

    @property
    def complete(self) -> bool:
        """Whether the sum is that of all patients."""
        return self.placed + self.hidden == self.total

    @property
    def to_do(self) -> int:
        """How many want a person."""
        return sum(len(group.items) for group in self.groups if group.name not in FOLDED)

    @property
    def oldest(self) -> int:
        """How many days late the latest test of all is."""
        return max((item.late for group in self.groups for item in group.items), default=0)

    @property
    def sum(self) -> str:
        """The sum in words: it adds up, or says that it does not."""
        parts = [f"{len(group.items)} {group.name.lower()}" for group in self.groups]
        parts += [f"{self.hidden} hidden by your filter"] if self.hidden else []
        if not self.complete:
            return f"The list is not complete: {self.total} patients, but {' + '.join(parts) or '0'}."
        return f"{self.total} {'patient' if self.total == 1 else 'patients'} = {' + '.join(parts) or '0'}"


def slug(name: str) -> str:
    """A group's name in an address: `hold-past-its-day`."""
    return name.lower().replace(",", "").replace(" ", "-")


def worklist(person: Person, at: datetime, wanted: Mapping[str, str]) -> List:
    """The list of a person as of an instant. wanted: `whose` (all, mine, none), `kind` (a group), `protocol`, `order`, and
    `all` (every row of the group). Raises NotUsable for a filter that there is not."""
    _check(wanted)
    mine, rows = patients_of(person, at), _rows(person, at)
    total = mine.count()
    if _not_run(rows, total, at):
        stale = mine.exclude(standing__holds_until__gt=at).select_related("clinic")
        run_all(stale.order_by("standing__place")[:AT_ONCE], at)
        rows = _rows(person, at)
    items = _items(person.clinic, rows, at)
    shown = [item for item in items if _wanted(item, person, wanted)]
    return List(
        groups=_groups(sorted(shown, key=ORDERS[wanted.get("order", "worst")]), wanted),
        total=total,
        hidden=len(items) - len(shown),
        not_run=_not_run(rows, total, at),
        counts=Counter(item.group for item in items),
        whose={"all": _owned(items, ANYBODY), "mine": _owned(items, person.pk), "none": _owned(items, None)},
        protocols=sorted({item.protocol for item in items}),
    )


def everybody(clinic: Clinic, at: datetime) -> list[Item]:
    """All patients of a clinic as the rules left them, worst first: for what is read without the service."""
    rows = Standing.objects.filter(patient__clinic=clinic).values_list("holds_until", *COLUMNS)
    return sorted(_items(clinic, rows, at), key=_worst)


def _rows(person: Person, at: datetime) -> list[Sequence[Any]]:
    return list(Standing.objects.filter(patient__in=patients_of(person, at)).values_list("holds_until", *COLUMNS))


def _not_run(rows: Iterable[Sequence[Any]], total: int, at: datetime) -> int:
    """For how many the rules have not run on this day of theirs, or not at all."""
    return total - sum(1 for until, *_ in rows if until > at)


def _check(wanted: Mapping[str, str]) -> None:
    kinds = tuple(map(slug, GROUPS))
    for name, allowed in {**CHOICES, "kind": kinds}.items():
        if wanted.get(name, allowed[0]) not in allowed:
            raise NotUsable(f"There is no such filter. {name} is one of: {', '.join(allowed)}.")


def _items(clinic: Clinic, rows: Iterable[Sequence[Any]], at: datetime) -> list[Item]:
    today = today_of(clinic, at)
    left, late = _left_to_answer(clinic, today), {one.patient: one.since for one in overdue(clinic, at)}
    untold = {patient: one.do for patient, one in untold_of(clinic).items()}
    waiting = set(Held.objects.filter(clinic=clinic, settled_at=None).values_list("may_be", flat=True))
    there = set(Person.objects.filter(clinic=clinic, is_active=True, role__in=CLINICAL).values_list("pk", flat=True))
    return [
        replace(
            _item(row, today, left.get(row[0]), row[0] in waiting, there, untold.get(row[0], "")),
            since=late.get(row[0]),
        )
        for _, *row in rows
    ]


def _left_to_answer(clinic: Clinic, today: date) -> dict[int, dict[str, int]]:
    """Of each patient for whom something calls: the episodes that nobody has answered; `changed …` is a result put aside."""
    calling = Standing.objects.filter(patient__clinic=clinic).exclude(place=CALM.place, changed=0)
    aside = dict(calling.exclude(changed=0).values_list("patient_id", "row__changed"))
    acts = answers_of(calling)
    rows = calling.values_list("patient_id", "episodes", "place")
    return {
        pk: unanswered(called(more, place, [f"{CHANGED}{one}" for one in aside.get(pk, ())]), acts.get(pk, ()), today)
        for pk, more, place in rows
    }


def _item(
    row: Sequence[Any],
    today: date,
    left: Mapping[str, int] | None,
    waiting: bool,
    there: set[int],
    untold: str,
) -> Item:
    patient, name, owner, place, at_most, state, decide_by, due_by, open_, protocol = row
    over = state in OVER
    late = 0 if over or due_by is None else max(0, (today - due_by).days)
    called, bare = _called(left or {})
    worst, past = min(called, bare), state == "held" and decide_by is not None and decide_by < today
    group = next(name for name, holds in (
        ("Now", TIER_OF.get(worst) == 1), ("Hold past its day", past and TIER_OF.get(called) != 2),
        ("Today", TIER_OF.get(worst) == 2), ("Result changed", any(name.startswith(CHANGED) for name in left or ())),
        (TELL, bool(untold)), ("This week", called < CALM.place), ("Late", late > 0),
        ("Held, no day", state == "held" and decide_by is None),
        ("This week", bare < CALM.place), ("A result may be waiting", waiting), (ANSWERED, place < CALM.place),
        ("Something not known", open_ and not over), (CALMLY, True),
    ) if holds)  # fmt: skip
    return Item(
        patient, name, owner if owner in there else None, group, worst, at_most, late, protocol, waiting, untold=untold
    )


def _called(left: Mapping[str, int]) -> tuple[int, int]:
    """How grave the gravest finding is that nobody has answered, and the advice that no finding carries (late, held …)."""
    named_ = [place for name, place in left.items() if name]
    return min(named_, default=CALM.place), left.get("", CALM.place)


def _wanted(item: Item, person: Person, wanted: Mapping[str, str]) -> bool:
    whose = wanted.get("whose", "all")
    owned = whose == "all" or item.owner == (person.pk if whose == "mine" else None)
    protocol = wanted.get("protocol") or item.protocol
    return owned and protocol == item.protocol and wanted.get("kind", slug(item.group)) == slug(item.group)


def _owned(items: Iterable[Item], owner: int | None) -> int:
    """Of those that want a person, how many have this owner."""
    return sum(1 for item in items if owner in (item.owner, ANYBODY) and item.group not in FOLDED)


def _groups(items: Sequence[Item], wanted: Mapping[str, str]) -> list[Group]:
    found = [(group, [item for item in items if item.group == group]) for group in GROUPS]
    return [Group(name, rows, _on_page(name, rows, wanted)) for name, rows in found if rows]


def _on_page(name: str, rows: Sequence[Item], wanted: Mapping[str, str]) -> Sequence[Item]:
    if name in FOLDED and "kind" not in wanted:
        return ()
    return rows if wanted.get("all") and wanted.get("kind") else rows[:ON_PAGE]


def _worst(item: Item) -> tuple[int, bool, int, int, int, str]:
    """By group, what nobody has answered for too long, advice, what cannot be ruled out, lateness, and name."""
    return *_first(item), item.place, item.at_most, -item.late, item.name


def _latest(item: Item) -> tuple[int, bool, int, str]:
    return *_first(item), -item.late, item.name


def _by_name(item: Item) -> tuple[int, bool, str]:
    return *_first(item), item.name


def _first(item: Item) -> tuple[int, bool]:
    return GROUPS.index(item.group), item.since is None


ORDERS = {"worst": _worst, "late": _latest, "name": _by_name}
