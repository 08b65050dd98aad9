"""Whom a clinic writes to when nobody answers what stands under Now: the number alone, once for each, again the next day."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from countwell.base.dates import zone
from countwell.clinic.models import Clinic, Run
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.unanswered import Overdue, limits, overdue

ASKS = "Sign in to Countwell, or call whoever is on duty. This message names no patient."
CALLED = "called"  # a run of this name is one message; its words are what it was about


def call(clinic: Clinic, at: datetime) -> Run | None:
    """Writes to the clinic's address for alarms if something is overdue of which it has not been told yet, or not for a day.

    None if nothing was written. A message that did not go is a fault of its run, and is tried again after a while.
    """
    late = overdue(clinic, at) if clinic.alarm_email else []
    if not set(_named(late)) - _told(clinic, at) or _failed_lately(clinic, at):
        return None
    why = _written(clinic, late, at)
    return Run.objects.create(
        what=CALLED, clinic=clinic, began_at=at, ended_at=at, patients=len(late), faults=int(bool(why)),
        says=why or json.dumps(_named(late)),
    )  # fmt: skip


def _named(late: Sequence[Overdue]) -> list[str]:
    return [f"{one.patient} {episode}" for one in late for episode in one.episodes]


def _told(clinic: Clinic, at: datetime) -> set[str]:
    since = at - limits().again
    runs = Run.objects.filter(what=CALLED, clinic=clinic, faults=0, began_at__gt=since, began_at__lte=at)
    return {name for says in runs.values_list("says", flat=True) for name in json.loads(says)}


def _failed_lately(clinic: Clinic, at: datetime) -> bool:
    since = at - limits().retry
    return Run.objects.filter(what=CALLED, clinic=clinic, faults__gt=0, began_at__gt=since, began_at__lte=at).exists()


def _written(clinic: Clinic, late: Sequence[Overdue], at: datetime) -> str:
    """By mail, or as a file into the data folder where no mail is set up. Why it did not go; empty if it did."""
    subject, body = _words(clinic, late)
    try:
        if settings.EMAIL_HOST:
            EmailMessage(subject=subject, body=body, to=[clinic.alarm_email]).send()
        else:
            folder = Path(settings.DATA) / "outbox"
            folder.mkdir(parents=True, exist_ok=True)
            told = {"to": clinic.alarm_email, "subject": subject, "text": body}
            (folder / f"alarm-{clinic.pk}-{at:%Y%m%dT%H%M%S}.json").write_text(json.dumps(told), encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: an address that no mail can have
        return type(error).__name__
    return ""


def _words(clinic: Clinic, late: Sequence[Overdue]) -> tuple[str, str]:
    since = late[0].since.astimezone(zone(clinic.zone))
    many = "1 patient waits" if len(late) == 1 else f"{len(late)} patients wait"
    longest = f"{since:%H:%M} on {since:%-d %b %Y} ({clinic.zone})"
    body = f"{many} under Now, the longest since {longest}. Nobody has answered. {ASKS}"
    return f"Countwell, {clinic.name}: {many} for an answer", body


def write_to(clinic: Clinic, address: str) -> None:
    """Who is written to from now on. Raises NotUsable if it is no address; empty: nobody."""
    text = address.strip()
    try:
        validate_email(text)
    except ValidationError:
        raise NotUsable("This is no e-mail address. Give that of somebody who is on duty after hours, too.") from None
    clinic.alarm_email = text
    clinic.save(update_fields=["alarm_email"])
