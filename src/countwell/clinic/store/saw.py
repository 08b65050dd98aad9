"""Who had seen, or acted on, a result that was changed afterwards: they are told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from countwell.clinic.models import Act, Audit, Event, Patient, Person


@dataclass(frozen=True, slots=True)
class Saw:
    """One person, what they did while the old value stood, and when last."""

    person: Person
    what: str
    at: datetime


def who_saw(patient: Patient, results: Iterable[str]) -> list[Saw]:
    """Everybody who opened the chart or acted between the coming of one of these results and of what replaced it."""
    found: dict[tuple[int, str], Saw] = {}
    people = Person.objects.filter(clinic_id=patient.clinic_id).in_bulk()
    for came, replaced in _stretches(patient, set(results)):
        reads = Audit.objects.filter(patient=patient.pid, action="read", at__gte=came, at__lt=replaced)
        acts = Act.objects.filter(patient=patient, at__gte=came, at__lt=replaced)
        rows = [(pk, "opened the chart", at) for pk, at in reads.order_by("at").values_list("person", "at")]
        rows += [(pk, "acted", at) for pk, at in acts.order_by("at").values_list("by", "at")]
        found.update({(pk, what): Saw(people[pk], what, at) for pk, what, at in rows if pk in people})
    return sorted(found.values(), key=lambda saw: saw.at)


def _stretches(patient: Patient, results: set[str]) -> list[tuple[datetime, datetime]]:
    """From when to when each of these results stood in the store."""
    rows = [
        (json.loads(event.body), event)
        for event in Event.objects.filter(patient=patient, kind="result").order_by("position")
    ]
    came = {body["id"]: event.recorded_at for body, event in rows if body.get("id") in results}
    gone = {body["replaces"]: event.recorded_at for body, event in rows if body.get("replaces") in came}
    newest = max((event.recorded_at for _, event in rows), default=None)
    return [(at, gone.get(name) or newest or at) for name, at in came.items()]
