"""A patient's record out of the store, and events into it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from countwell import read_record
from countwell.clinic.models import Event, Patient, Person
from countwell.model.records import SCHEMA, Record

Sent = Mapping[str, object]


def record_of(patient: Patient, position: int | None = None) -> Record:
    """The record as `countwell.record/1`, read: all events, or those up to a position."""
    return read_record(text_of(patient, position))


def text_of(patient: Patient, position: int | None = None) -> str:
    """The record as JSON text; events stand in it as they came, word for word."""
    rows = patient.events.order_by("position")
    rows = rows if position is None else rows.filter(position__lte=position)
    events = ",".join(rows.values_list("body", flat=True))
    head = json.dumps({"schema": SCHEMA, **json.loads(patient.head)}, ensure_ascii=False)
    return f'{head[:-1]}, "events": [{events}]}}'


@transaction.atomic
def append(patient: Patient, events: Iterable[Sent], by: Person | None, at: datetime, source: str = "") -> list[Event]:
    """Appends events; the record's version rises if any is new. Content that is there already is left out.

    The patient's row is locked meanwhile, so positions follow each other without gaps. The rules run again afterwards.
    """
    from countwell.clinic.store.standing import run_rules

    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    last = locked.events.aggregate(last=Max("position"))["last"] or 0
    known = set(locked.events.values_list("digest", flat=True))
    made: list[Event] = []
    for body in dict.fromkeys(canonical(event) for event in events):
        digest = hashlib.sha256(body.encode()).hexdigest()
        if digest not in known:
            kind = str(json.loads(body).get("kind", ""))[:30]
            last += 1
            made.append(
                Event(
                    patient=locked,
                    position=last,
                    kind=kind,
                    body=body,
                    digest=digest,
                    recorded_at=at,
                    recorded_by=by,
                    source=source,
                )
            )
    Event.objects.bulk_create(made)
    if made:
        _changed(patient, locked)
        run_rules(patient, at)
    return made


def touched(patient: Patient) -> None:
    """Something was recorded that is no event (an act, an owner): forms made before it are out of date."""
    _changed(patient, Patient.objects.select_for_update().get(pk=patient.pk))


def _changed(patient: Patient, locked: Patient) -> None:
    locked.version += 1
    locked.save(update_fields=["version"])
    patient.version = locked.version


def canonical(event: Sent) -> str:
    """An event as the text under which it is kept: the same content is the same text."""
    return json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
