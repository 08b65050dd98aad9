"""A source into the store: each entry filed, held for a person or refused, and the three add up to what came.

The same source twice is one message; the same content twice is one event. Whoever is not plainly one of ours is held. A
source of which something was held is looked at again when it comes again: it may be plain by now whose it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from countwell import read_record
from countwell.base.dates import Moment, of_instant, zone
from countwell.base.errors import CountwellError
from countwell.clinic.models import Clinic, Held, Message, Patient, Person, Relation, Standing
from countwell.clinic.store.acted import act
from countwell.clinic.store.matching import nearest, patient_of
from countwell.clinic.store.records import append, canonical, record_of, text_of
from countwell.clinic.store.standing import answer_for, here
from countwell.exchange.csv_mapping import LabMapping
from countwell.exchange.entries import Entry, Intake, beside
from countwell.exchange.intake import read_bytes
from countwell.model.answers import Answer
from countwell.model.records import Decision, Died, Record, Result
from countwell.model.records import Patient as SentPatient
from countwell.questions.ask import ask

IDENTITY, UNKNOWN, NOT_DECIDED, LATER = "identity", "unknown-patient", "not-decided", "later"
CAME_PLAIN = "came-plain"  # of what waited: it came again and was filed on arrival
NOT_PLAIN = "It is not plain whose this is."
AHEAD = "It holds a death or a decision that is dated later than the day on which it came."
NOBODY = "Nobody here has this number, or this name and birth date."


@dataclass(frozen=True, slots=True)
class Sums:
    """What became of the entries of a source. known: of those filed, how many stood in the record before."""

    received: int
    filed: int
    held: int
    refused: int
    known: int = 0

    def __add__(self, other: Sums) -> Sums:
        """Both together."""
        return Sums(*(mine + theirs for mine, theirs in zip(self._all, other._all, strict=True)))

    @property
    def _all(self) -> tuple[int, ...]:
        return self.received, self.filed, self.held, self.refused, self.known

    @property
    def add_up(self) -> bool:
        """Whether everything that came is accounted for."""
        return self.received == self.filed + self.held + self.refused


NOTHING = Sums(0, 0, 0, 0)


@transaction.atomic
def take_in(
    clinic: Clinic,
    source: bytes,
    by: Person | None,
    at: datetime,
    *,
    name: str = "",
    mapping: LabMapping | None = None,
    take_on: Person | None = None,
    protocol: str | None = None,
) -> Sums:
    """Takes a source into the store: a Countwell record, FHIR R4, or laboratory CSV with its mapping.

    name: of the sender. take_on: who becomes accountable for patients that are not here yet; left out, their entries are
    held. protocol: which one these follow where the source names none; without either they are held.

    Raises RecordError if the source as a whole cannot be read; nothing is kept of it then.
    """
    digest = hashlib.sha256(source).hexdigest()
    before = Message.objects.filter(clinic=clinic, digest=digest).first()
    if before is not None and not before.held:
        return Sums(before.received, before.filed, before.held, before.refused, before.filed)
    intakes = read_bytes(source, mapping, clinic.zone)
    new = {"source": name[:100], "received_at": at, "by": by, "received": 0, "filed": 0, "held": 0, "refused": 0}
    message, _ = Message.objects.update_or_create(clinic=clinic, digest=digest, defaults=new)
    sums = sum((_one(message, intake, take_on, protocol) for intake in intakes), NOTHING)
    said = [{"where": e.where, "says": e.says} for intake in intakes for e in intake.refused]
    counts = {"received": sums.received, "filed": sums.filed, "held": sums.held, "refused": sums.refused}
    Message.objects.filter(pk=message.pk).update(**counts, known=sums.known, says=said)
    return sums


def _one(message: Message, intake: Intake, take_on: Person | None, protocol: str | None) -> Sums:
    """One patient of a message."""
    from countwell.clinic.store.came_before import look_again

    found = nearest(message.clinic, who_of(intake))
    patient = patient_of(found)
    follows = intake.record.course.protocol or protocol
    if patient is None and (found or take_on is None or not follows):
        near = [one.patient for one in found]
        _hold_all(message, intake, near, *((IDENTITY, NOT_PLAIN) if near else (UNKNOWN, NOBODY)))
        return Sums(intake.received, 0, intake.received, 0)
    if is_ahead(intake, message.received_at):
        _hold_all(message, intake, [one.patient for one in found], LATER, AHEAD)
        return Sums(intake.received, 0, intake.received, 0)
    try:
        with transaction.atomic():
            if patient is None:
                assert take_on is not None
                assert follows
                patient = taken_on(message.clinic, intake.document, take_on, message.received_at, follows)
            intake, known = file_to(patient, intake, message, message.by, message.received_at)
            _came_plain(message, intake, patient)
            if not found:
                look_again(patient, message.received_at)
    except CountwellError as error:
        near = [one.patient for one in found]
        _hold_all(message, intake, near, NOT_DECIDED, f"The rules could not be run with it: {error}")
        return Sums(intake.received, 0, intake.received, 0)
    filed = len(intake.filed)
    return Sums(intake.received, filed, len(intake.held), len(intake.refused), min(filed, known))


def file_to(patient: Patient, intake: Intake, message: Message, by: Person | None, at: datetime) -> tuple[Intake, int]:
    """Files the entries of a message to a patient; those at which a person must look wait. The intake as it stands beside
    the chart, and how many of its events stood there before."""
    events = events_of(intake.document)
    made = append(patient, events, by, at, message.source or "file")
    intake = beside(intake, record_of(patient))
    _hold_some(message, intake, patient, at)
    return intake, len(events) - len(made)


def is_ahead(intake: Intake, at: datetime) -> bool:
    """Whether a death or a decision is dated after the day on which it came: on that day it would take a stop off the list
    unseen."""
    today = here_of(intake, at).day
    return any(isinstance(event, Died | Decision) and event.at.day > today for event in intake.record.events)


def who_of(intake: Intake) -> SentPatient:
    """Whose it says it is; of a file that names nobody at its head, what all its reports have printed on them."""
    who = intake.record.patient
    printed = {e.identity_on_report for e in intake.record.events if isinstance(e, Result)}
    one = next(iter(printed)) if len(printed) == 1 else None
    if one is None or who.names or who.born:
        return who
    return replace(who, names=(one.name,) if one.name else (), born=one.born)


def events_of(document: Mapping[str, Any]) -> list[Mapping[str, object]]:
    """The events of a record that are objects, word for word."""
    events = document.get("events")
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []


def taken_on(clinic: Clinic, document: Mapping[str, Any], owner: Person, at: datetime, protocol: str) -> Patient:
    """A new patient with the head of a record, following this protocol, in the care of their owner."""
    sent = document["patient"]
    names = sent.get("names") or [sent["id"]]
    course = {**(document.get("course") or {}), "protocol": protocol}
    head = json.dumps({"patient": sent, "course": course}, ensure_ascii=False)
    made = Patient.objects.create(
        clinic=clinic, number=str(sent["id"]), name=str(names[0]), born=sent.get("born") or None, head=head, owner=owner
    )
    Relation.objects.create(person=owner, patient=made, since=at)
    act(made, "take-on", owner, at, owner=owner)
    return made


def _hold_all(message: Message, intake: Intake, near: Sequence[Patient], why: str, says: str) -> None:
    """Entries that cannot be filed: kept together, and marked at all whom they may concern."""
    as_sent, digest = _whole(intake)
    critical = would_halt(intake, near, message.received_at, message.clinic)
    fields = {"entries": intake.received, "where": "patient", "why": why, "says": says, "as_sent": as_sent}
    _wait(message, digest, near, critical=critical, **fields)


def _whole(intake: Intake) -> tuple[str, str]:
    """All entries as one text, and its digest, under which they wait together."""
    as_sent = json.dumps(
        {name: intake.document.get(name) for name in ("patient", "course", "events")}, ensure_ascii=False
    )
    return as_sent, hashlib.sha256(as_sent.encode()).hexdigest()


def _came_plain(message: Message, intake: Intake, patient: Patient) -> None:
    """The same entries waited from before, and are filed now: nobody has to look at them any more."""
    at = message.received_at
    for held in Held.objects.filter(clinic=message.clinic, digest=_whole(intake)[1], settled_at=None):
        held.patient, held.outcome, held.settled_at = patient, CAME_PLAIN, at
        held.note = "\n".join(filter(None, [held.note, f"{at:%Y-%m-%d %H:%M} it came again, and was filed on arrival"]))
        held.save()


def _wait(message: Message, digest: str, near: Sequence[Patient], **fields: object) -> None:
    """A row that waits. The same content waits once; what was sent back and comes again waits anew, with its note."""
    from countwell.clinic.store.held import ways

    at = message.received_at
    row = {"message": message, "received_at": at, "source": message.source or "file", **fields}
    held, new = Held.objects.get_or_create(clinic=message.clinic, digest=digest, defaults=row)
    again = held.settled_at is not None and ways().outcomes[held.outcome].again
    if again:
        note = f"{held.note}\n{at:%Y-%m-%d %H:%M} it came again"
        anew = {"settled_at": None, "settled_by": None, "outcome": "", "note": note}
        Held.objects.filter(pk=held.pk).update(**row, **anew)
    if new or again or held.settled_at is None:
        held.may_be.add(*near)


def would_halt(intake: Intake, near: Sequence[Patient], at: datetime, clinic: Clinic) -> bool:
    """Whether the advice would be to hold or stop if these entries were filed: to one of those near, else by themselves.

    Of somebody who follows no protocol it is asked by each that is followed here. What cannot be decided may be anything.
    """
    try:
        if near:
            return any(if_filed(patient, events_of(intake.document), at).advice.at_least("hold") for patient in near)
        record, when = intake.record, here_of(intake, at)
        follows = [record.course.protocol] if record.course.protocol else _followed(clinic)
        courses = (replace(record.course, protocol=protocol) for protocol in follows)
        answers = (ask("review", replace(record, course=course), as_of=when) for course in courses)
        return any(answer.advice.at_least("hold") for answer in answers)
    except CountwellError:
        return True


def _followed(clinic: Clinic) -> list[str]:
    """The protocols that patients of a clinic follow."""
    return sorted(set(Standing.objects.filter(patient__clinic=clinic).values_list("protocol", flat=True)))


def here_of(intake: Intake, at: datetime) -> Moment:
    """An instant on the calendar of whoever was sent."""
    return of_instant(at, zone(intake.record.patient.time_zone))


def if_filed(patient: Patient, events: Sequence[Mapping[str, object]], at: datetime) -> Answer:
    """What the rules would say of a patient with these events besides; nothing is kept."""
    document = json.loads(text_of(patient))
    document["events"] += list(events)
    return ask("review", read_record(document), as_of=here(patient, at))


def _hold_some(message: Message, intake: Intake, patient: Patient, at: datetime) -> None:
    """Entries of a known patient at which a person must look. They stand in the record as not used, so the chart says so."""
    if not intake.held:
        return
    answer, record = answer_for(patient, at)
    for entry in intake.held:
        as_sent = _as_sent(entry, intake)
        digest = hashlib.sha256(f"{patient.pk} {as_sent}".encode()).hexdigest()
        critical = any(one.critical for one in answer.refused if one.says in entry.says)
        fields = {"where": entry.where[:200], "why": _why(entry, record), "says": entry.says, "as_sent": as_sent}
        _wait(message, digest, [patient], patient=patient, critical=critical, **fields)


def _as_sent(entry: Entry, intake: Intake) -> str:
    """The event that an entry stands for, else what of it could not be read."""
    place = entry.where.removeprefix("events[").removesuffix("]")
    events = events_of(intake.document)
    if entry.where.startswith("events[") and place.isdigit() and int(place) < len(events):
        return canonical(events[int(place)])
    sent = [item.as_sent for item in intake.record.refused if item.held and item.says in entry.says]
    own = (canonical(event) for event in events_of(intake.document) if str(event.get("id", "")).strip() in entry.ids)
    return "; ".join(sent) or next(own, entry.says)


def _why(entry: Entry, chart: Record) -> str:
    whys = (item.why for item in chart.refused if item.held and item.says in entry.says)
    return next(whys, "unreadable")[:40]
