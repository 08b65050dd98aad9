"""What came for a stranger and waits: it follows whoever is taken on later, by the same comparison as on arrival.

Nothing is filed by it. What would have been filed by itself, had it come now, is offered to a person, who files it with one
press; what only may be somebody's takes the laboratory's word and a second person, like everything else that is held.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from countwell.base.errors import CountwellError
from countwell.clinic.models import Clinic, Held, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.held import SECOND, intake_of, placed, still_open
from countwell.clinic.store.intake import UNKNOWN, events_of, file_to, if_filed, is_ahead, who_of, would_halt
from countwell.clinic.store.matching import nearest, patient_of

CAME_BEFORE = "came-before"
SINCE = "When it came, nobody here had this number, or this name and birth date. Since then somebody has."
NOT_PLAIN_NOW = "It is not plain any more whose it is. Look at the message again."


def of_nobody(clinic: Clinic) -> QuerySet[Held]:
    """What waits and stands in nobody's chart."""
    waits = Held.objects.filter(clinic=clinic, settled_at=None, message__isnull=False)
    return waits.filter(Q(patient=None) | Q(outcome="file")).exclude(why=SECOND)


def look_again(patient: Patient, at: datetime) -> None:
    """Marks what came before this patient was here, and may be theirs, in their chart."""
    wanted = Q(as_sent__icontains=_as_text(patient.number))
    if patient.born:
        wanted |= Q(as_sent__contains=str(patient.born))
    follow(of_nobody(patient.clinic).filter(wanted), at)


def _as_text(number: str) -> str:
    """A number as it stands in JSON text."""
    return json.dumps(number.strip(), ensure_ascii=False)[1:-1]


def follow(waits: Iterable[Held], at: datetime) -> None:
    """Marks each message at everybody near it now. A danger that was seen once stays marked."""
    for held in waits:
        intake = intake_of(held)
        near = [one.patient for one in nearest(held.clinic, who_of(intake))] if intake else []
        new = set(near) - set(held.may_be.all())
        if intake is None or not new:
            continue
        held.may_be.add(*new)
        held.critical = held.critical or would_halt(intake, near, at, held.clinic)
        if held.why == UNKNOWN:
            held.why, held.says = CAME_BEFORE, SINCE
        held.save(update_fields=["critical", "why", "says"])


def plainly(held: Held, at: datetime) -> Patient | None:
    """Whose chart it would go into by itself if it came now; None if arrival would hold it."""
    if placed(held) or held.why == SECOND or held.settled_at is not None or not held.may_be.all():
        return None
    intake = intake_of(held)
    patient = patient_of(nearest(held.clinic, who_of(intake))) if intake else None
    if intake is None or patient is None or is_ahead(intake, at):
        return None
    try:
        if_filed(patient, events_of(intake.document), at)
    except CountwellError:
        return None
    return patient


@transaction.atomic
def file_plain(held: Held, reach: Collection[Patient], by: Person, at: datetime) -> tuple[Patient, int]:
    """Files it to whose it plainly is, as arrival would now; to whom, and how many of its events were new there.

    reach: the patients that `by` may file to. Raises NotUsable if it is settled, or not plainly one of theirs.
    """
    still_open(held)
    patient, intake = plainly(held, at), intake_of(held)
    if patient is None or patient not in reach or intake is None or held.message is None:
        raise NotUsable(NOT_PLAIN_NOW)
    held.patient, held.outcome, held.settled_by, held.settled_at = patient, "file", by, at
    said = (
        f"{at:%Y-%m-%d %H:%M} {by.name}: filed it; all that was sent agrees with this patient and nobody else is near"
    )
    held.note = "\n".join(filter(None, [held.note, said]))
    held.save()
    _, known = file_to(patient, intake, held.message, by, at)
    return patient, len(events_of(intake.document)) - known
