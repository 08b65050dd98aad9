"""Who sees to somebody's patients while they are away: from one day to another, by the clinic's calendar, once accepted.

Whoever is away stays accountable. The one who stands in has these patients in their care for those days, as if it were shared.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q, QuerySet

from countwell.clinic.models import Clinic, Person, StandIn
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.store.chase import check_not_far
from countwell.clinic.store.hours import today_of

NOBODY = "Choose a colleague of this clinic who treats patients."
A_PRESCRIBER = "Only a prescriber stands in for a prescriber: what asks for a stop is closed by one."
DAYS = "Give the first and the last day, from today on, the first before the last."
AWAY = "{} is away on some of these days too. Choose somebody else, or other days."
ASKED = "{} is asked for some of these days already."
OVER = "These days are over, or it was called off."


def in_force(at: datetime, clinic: Clinic) -> QuerySet[StandIn]:
    """All that were accepted and hold on the clinic's day. Not of somebody who has left, or does not treat any more."""
    rows = _today(clinic, at).filter(accepted=True, person__is_active=True, person__role__in=CLINICAL)
    return rows.select_related("absent", "person").order_by("last", "pk")


def _today(clinic: Clinic, at: datetime) -> QuerySet[StandIn]:
    today = today_of(clinic, at)
    return _overlapping(today, today).filter(absent__clinic=clinic, absent__is_active=True)


def absent_ones(person: Person, at: datetime) -> QuerySet[StandIn, int]:
    """Those for whom this person stands in now, as numbers."""
    return in_force(at, person.clinic).filter(person=person).order_by().values_list("absent", flat=True)


def of(person: Person, at: datetime) -> QuerySet[StandIn]:
    """What concerns somebody, as the one away or the one asked, and is not over."""
    rows = StandIn.objects.filter(Q(absent=person) | Q(person=person), ended_at=None)
    return rows.filter(last__gte=today_of(person.clinic, at)).select_related("absent", "person").order_by("first", "pk")


def unmanned(clinic: Clinic, at: datetime) -> list[StandIn]:
    """Of those who are away on the clinic's day and asked somebody: each for whom nobody has accepted."""
    there = set(in_force(at, clinic).values_list("absent", flat=True))
    asked = _today(clinic, at).select_related("absent", "person").order_by("first", "pk")
    return list({one.absent_id: one for one in asked if one.absent_id not in there}.values())


def ask(by: Person, to: Person | None, first: date | None, last: date | None, at: datetime) -> StandIn:
    """Asks a colleague. Until they accept nobody stands in. Raises NotUsable, saying what is wrong."""
    if to is None or to == by or not to.is_active or to.role not in CLINICAL or to.clinic_id != by.clinic_id:
        raise NotUsable(NOBODY)
    if by.role == "prescriber" and to.role != "prescriber":
        raise NotUsable(A_PRESCRIBER)
    today = today_of(by.clinic, at)
    if first is None or last is None or not today <= first <= last:
        raise NotUsable(DAYS)
    check_not_far(last, today)
    _check_there(to, first, last)
    if _overlapping(first, last).filter(absent=by, person=to).exists():
        raise NotUsable(ASKED.format(to))
    return StandIn.objects.create(absent=by, person=to, first=first, last=last, asked_at=at)


def _check_there(to: Person, first: date, last: date) -> None:
    """Raises NotUsable if they are away themselves: their own stand-in does not see a third person's patients."""
    if _overlapping(first, last).filter(absent=to).exists():
        raise NotUsable(AWAY.format(to))


def _overlapping(first: date, last: date) -> QuerySet[StandIn]:
    return StandIn.objects.filter(ended_at=None, first__lte=last, last__gte=first)


def answer(number: int, by: Person, at: datetime, *, accept: bool) -> StandIn:
    """The colleague accepts, declines, or gives back what they accepted. Raises NotThere; NotUsable once it is over."""
    found = _open(number, at, person=by)
    if accept:
        _check_there(by, found.first, found.last)
    found.answered_at, found.accepted = at, accept
    found.save(update_fields=["answered_at", "accepted"])
    return found


def end(number: int, by: Person, at: datetime) -> StandIn:
    """Whoever is away calls it off, or is back early. Raises NotThere; NotUsable once it is over."""
    found = _open(number, at, absent=by)
    found.ended_at = at
    found.save(update_fields=["ended_at"])
    return found


def _open(number: int, at: datetime, **whose: Person) -> StandIn:
    found = StandIn.objects.select_for_update().filter(pk=number, **whose).select_related("absent", "person").first()
    if found is None:
        raise NotThere
    if found.ended_at is not None or found.last < today_of(found.absent.clinic, at):
        raise NotUsable(OVER)
    return found
