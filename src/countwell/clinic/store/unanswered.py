"""What stands under Now and nobody answers: since when, and whether that is too long.

Since when something has been as grave as it is, is kept with the standing when the rules run; the rest follows from the acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml
from django.db.models import QuerySet

from countwell.base.dates import whole_day, zone
from countwell.clinic.models import Act, Clinic, Standing
from countwell.clinic.store.acted import ALONE, kinds, named, unanswered
from countwell.clinic.store.hours import hours, today_of
from countwell.model.advice import CALM

Grave = Mapping[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Limits:
    """within: after which an answer is overdue while the list is watched; again, retry: of the message about it."""

    within: timedelta
    again: timedelta
    retry: timedelta


@dataclass(frozen=True, slots=True)
class Overdue:
    """One patient under Now whom nobody has answered for too long: since when, and which episodes those are."""

    patient: int
    since: datetime
    episodes: tuple[str, ...]


@cache
def limits() -> Limits:
    """Those of this release."""
    sent = yaml.safe_load(files("countwell.clinic").joinpath("unanswered.yaml").read_text(encoding="utf-8"))
    return Limits(
        timedelta(minutes=sent["within_minutes"]),
        timedelta(hours=sent["again_hours"]),
        timedelta(minutes=sent["retry_minutes"]),
    )


def called(episodes: Mapping[str, int], place: int, aside: Iterable[str] = ()) -> dict[str, int]:
    """All that calls, with its place: advice that no episode carries under the empty name, then what was put aside."""
    bare = {"": place} if place < min(episodes.values(), default=CALM.place) else {}
    return {**bare, **episodes, **dict.fromkeys(aside, CALM.place)}


def grave_since(before: Grave, episodes: Mapping[str, int], place: int, at: datetime) -> Grave:
    """Of each thing of the gravest tier: since when it has been as grave as now, and how grave. before: the same, as kept."""
    now = {name: found for name, found in called(episodes, place).items() if found in ALONE}
    return {name: _kept(before.get(name), found) or [at.isoformat(), found] for name, found in now.items()}


def _kept(before: Sequence[object] | None, place: int) -> Sequence[object] | None:
    return before if before is not None and int(str(before[1])) <= place else None


def answers_of(calling: QuerySet[Standing]) -> dict[int, list[Act]]:
    """Of each of these patients the acts that answer something or change the owner, oldest first."""
    found: dict[int, list[Act]] = {}
    kept = Act.objects.filter(
        patient__standing__in=calling, undone_by=None, what__in=[*named("answers"), *named("owner")]
    )
    for act in kept.select_related("by").order_by("at", "pk"):
        found.setdefault(act.patient_id, []).append(act)
    return found


def overdue(clinic: Clinic, at: datetime) -> list[Overdue]:
    """Everybody under Now whom nobody has answered for too long, the longest first."""
    calling = Standing.objects.filter(patient__clinic=clinic, place__in=ALONE)
    rows = list(calling.values_list("patient_id", "episodes", "place", "row__grave"))
    acts = answers_of(calling) if rows else {}
    today = today_of(clinic, at)
    found = []
    for patient, episodes, place, grave in rows:
        mine = acts.get(patient, [])
        left = unanswered(called(episodes, place), mine, today)
        since = {name: _since(name, grave or {}, mine, clinic, at) for name, found_ in left.items() if found_ in ALONE}
        long = {name: one for name, one in since.items() if one is not None and at >= too_long(clinic, one)}
        if long:
            found.append(Overdue(patient, min(long.values()), tuple(sorted(long))))
    return sorted(found, key=lambda one: (one.since, one.patient))


def _since(name: str, grave: Grave, acts: Sequence[Act], clinic: Clinic, at: datetime) -> datetime | None:
    """Since when it waits for an answer: since it is so grave, or since an answer ended. None: the rules of this release have
    not run yet."""
    if name not in grave:
        return None
    ends = (one for one in _ends(name, acts, clinic) if one <= at)
    return max([datetime.fromisoformat(str(grave[name][0])), *ends])


def _ends(name: str, acts: Sequence[Act], clinic: Clinic) -> Iterator[datetime]:
    """When answers to an episode ended: their day passed, or somebody else became accountable."""
    for number, one in enumerate(acts):
        if one.episode == name and kinds()[one.what].answers:
            if one.until is not None:
                yield _begin(one.until + timedelta(days=1), clinic)
            yield from (later.at for later in acts[number + 1 :] if kinds()[later.what].owner)


def _begin(day: date, clinic: Clinic) -> datetime:
    return whole_day(day, zone(clinic.zone)).at


def too_long(clinic: Clinic, since: datetime) -> datetime:
    """From when on an answer to what waits since then is overdue: at once, if nobody watches the list."""
    open_ = hours(clinic, since)
    return min(since + limits().within, open_.until) if open_.watched else since
