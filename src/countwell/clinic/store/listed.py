"""The rows that stand on the page, read whole: a fixed number of queries, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from django.db.models import Max

from countwell.clinic.banner import banner_token
from countwell.clinic.models import Audit, Patient, Person, Standing
from countwell.clinic.store.chase import Rung, failed_letters, next_rung, of_due, supplies_of, tries_of, words
from countwell.clinic.store.hours import today_of
from countwell.clinic.store.worklist import TELL, TIERS, Group, Item, List
from countwell.model.advice import CALM
from countwell.paper.levels import sign

# Groups that have a mark of their own; in the others it is that of the advice.
SIGNS = {
    TELL: "watch", "Hold past its day": "watch", "Result changed": "watch", "Late": "late", "Held, no day": "unknown",
    "A result may be waiting": "unknown", "Something not known": "unknown", "Nothing called for": "calm",
}  # fmt: skip


# The page on which the work of a row is done, and what its button says.
BUTTONS = {
    **dict.fromkeys(TIERS, ("act", "Act on it")),
    TELL: ("tell", "Tell the patient"),
    "Hold past its day": ("plan", "Decide on the hold"),
    "Held, no day": ("plan", "Decide on the hold"),
    "Result changed": ("told", "See who saw it"),
    "Late": ("contact", "Log a call"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row. opened: when its owner last opened the chart; waiting: since the finding came about; rung: the next step.

    following: the place of the next row in the page, where the focus goes after an act.
    """

    item: Item
    standing: Standing
    opened: datetime | None
    waiting: str
    rung: Rung | None
    tried: str
    failed: str
    supply_until: date | None
    token: str
    by: str
    following: str

    @property
    def patient(self) -> Patient:
        """Whose row it is."""
        return self.standing.patient

    @property
    def sign(self) -> str:
        """The class of its mark."""
        return SIGNS.get(self.item.group) or str(self.standing.row.get("sign") or "unknown")

    @property
    def button(self) -> tuple[str, str]:
        """The address where its work is done, and the words for it."""
        return BUTTONS.get(self.item.group, ("chart", "Open the chart"))

    @property
    def mark(self) -> str:
        """Its mark, as markup."""
        return sign(self.sign)


def lines(found: List, person: Person, at: datetime) -> list[tuple[Group, list[Line]]]:
    """The rows of each group that stand on the page."""
    shown = [item.patient for group in found.groups for item in group.shown]
    whole = Standing.objects.filter(pk__in=shown).select_related("patient__owner").defer("answer").in_bulk()
    opened = _opened([row.patient for row in whole.values()])
    tries, failed, supply = tries_of(shown), failed_letters(shown), supplies_of(shown)
    today = today_of(person.clinic, at)

    following = {pk: f"p{whole[after].patient.pid}" for pk, after in pairwise(shown) if after in whole}

    def line(item: Item) -> Line:
        row, pk = whole[item.patient], item.patient
        mine = of_due(tries.get(pk, ()), row.due_by) if row.due_by else []
        rung = next_rung(row.due_by, mine, today, supply.get(pk)) if row.due_by and item.late else None
        seen = opened.get((row.patient.pid, row.patient.owner_id))
        last = words(mine[-1]) if mine else ""
        return Line(
            item, row, seen, _waiting(row, at), rung, last, failed.get(pk, ""), supply.get(pk), banner_token(row.patient),
            _by(item, row), following.get(pk, ""),
        )  # fmt: skip

    return [(group, [line(item) for item in group.shown if item.patient in whole]) for group in found.groups]


def _opened(patients: Sequence[Patient]) -> dict[tuple[str, int | None], datetime]:
    """When each person last opened the chart of each of these patients."""
    reads = Audit.objects.filter(patient__in=[one.pid for one in patients], route="chart", action="read")
    rows = reads.values_list("patient", "person").annotate(last=Max("at"))
    return {(pid, person): last for pid, person, last in rows}


def _waiting(row: Standing, at: datetime) -> str:
    """For how long the finding has stood: minutes of the first hour, hours of two days, then days."""
    since = row.row.get("since")
    if row.place >= CALM.place or not since:
        return ""
    minutes = int((at - datetime.fromisoformat(since)).total_seconds() // 60)
    hours = minutes // 60
    return f"{hours // 24} d" if hours >= 48 else f"{hours} h" if hours else f"{max(minutes, 0)} min"


def _by(item: Item, row: Standing) -> str:
    """By when somebody acts, in words."""
    decide = f"decide by {row.decide_by:%-d %b %Y}" if row.decide_by else ""
    return decide or {"Now": "now", "Today": "today", "This week": "this week"}.get(item.group, "")
