"""Held messages: what waits, whose it may be, and how a person settles it. Nothing leaves the list unread."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from django.db.models import QuerySet, Sum

from countwell.base.dates import zone
from countwell.clinic.models import Clinic, Held, Message, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.intake import events_of, file_to, who_of
from countwell.clinic.store.matching import Compared, compared
from countwell.clinic.store.records import append
from countwell.clinic.store.scope import held_of
from countwell.exchange.entries import Intake
from countwell.exchange.intake import of_record
from countwell.model.records import SCHEMA
from countwell.model.records import Patient as SentPatient

SECOND = "second-check"  # a result that somebody typed, and that would make the advice milder
WORD = 10  # letters of the laboratory's word: who confirmed, and when


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way to settle a message. again: what is settled so and comes once more waits anew."""

    says: str
    fits: str
    settles: bool = False
    files: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """The closed list of outcomes, and after how many hours somebody is called."""

    outcomes: Mapping[str, Outcome]
    alarm: timedelta


@cache
def ways() -> Ways:
    """Those of this release."""
    sent = yaml.safe_load(files("countwell.clinic").joinpath("held.yaml").read_text(encoding="utf-8"))
    outcomes = {name: Outcome(fits=fields.pop("for"), **fields) for name, fields in sent["outcomes"].items()}
    return Ways(outcomes, timedelta(hours=sent["alarm_hours"]))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held message at an instant. over: it has waited longer than is allowed."""

    held: Held
    for_: timedelta

    @property
    def over(self) -> bool:
        """Whether somebody is to be called about it."""
        return self.for_ >= ways().alarm

    @property
    def age(self) -> str:
        """How long it has waited, in words."""
        minutes = int(self.for_.total_seconds() // 60)
        return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def waiting(person: Person, at: datetime) -> list[Waiting]:
    """What waits in the person's clinic: possible danger first, then the oldest."""
    rows = (
        held_of(person)
        .filter(settled_at=None)
        .order_by("-critical", "received_at")
        .select_related("settled_by", "patient", "clinic")
        .prefetch_related("may_be")
    )
    return [Waiting(held, at - held.received_at) for held in rows]


def waiting_for(patient: Patient) -> QuerySet[Held]:
    """What may be this patient's and waits: the chart says “a result may be waiting”."""
    return Held.objects.filter(may_be=patient, settled_at=None)


def of_the_day(clinic: Clinic, at: datetime) -> dict[str, int]:
    """What came today by the clinic's own calendar, and what became of it."""
    here = at.astimezone(zone(clinic.zone))
    begins = datetime.combine(here.date(), time(), here.tzinfo)
    names = ("received", "filed", "held", "refused")
    rows = Message.objects.filter(clinic=clinic, received_at__gte=begins, received_at__lte=at)
    found = rows.aggregate(**{name: Sum(name) for name in names})
    return {name: found[name] or 0 for name in names}


def placed(held: Held) -> bool:
    """Whether it stands in a chart already, not used."""
    return held.patient_id is not None and held.outcome != "file"


def fitting(held: Held) -> dict[str, Outcome]:
    """The outcomes that it can have."""
    kind = "typed" if held.why == SECOND else "placed" if placed(held) else "unplaced"
    return {name: outcome for name, outcome in ways().outcomes.items() if outcome.fits in (kind, "both")}


def sent_of(held: Held) -> Mapping[str, Any]:
    """What was sent, as an object; of an entry of a known patient nothing but its text."""
    try:
        sent = json.loads(held.as_sent)
    except ValueError:
        return {}
    return sent if isinstance(sent, dict) and "patient" in sent else {}


def intake_of(held: Held) -> Intake | None:
    """The entries as they were read when they came; None for what names nobody that can be read."""
    sent = sent_of(held)
    return of_record(("", {"schema": SCHEMA, **sent, "course": sent.get("course") or {}})) if sent else None


def named_in(held: Held) -> SentPatient | None:
    """Whose it says it is; None for what names nobody that can be read."""
    intake = intake_of(held)
    return who_of(intake) if intake else None


def beside(held: Held) -> list[Compared]:
    """Each patient whose it may be, identifier by identifier."""
    who = named_in(held)
    if who is None:
        return []
    return [compared(patient, who) for patient in held.may_be.select_related("clinic").order_by("number")]


def settle(held: Held, sent: Mapping[str, str], by: Person, near: Sequence[Patient], at: datetime) -> str:
    """Settles it, or notes a call, or proposes to file it. near: the patients that `by` may file to. Says what was done.

    Raises NotUsable if the outcome does not fit, or the laboratory's word is missing.
    """
    still_open(held)
    name, note = sent.get("outcome", ""), sent.get("note", "").strip()
    outcome = fitting(held).get(name)
    if outcome is None:
        raise NotUsable("Choose how it is settled from the list.")
    if len(note) < WORD:
        raise NotUsable(f"Say who at the laboratory said what, and when: at least {WORD} letters.")
    held.note = "\n".join(filter(None, [held.note, f"{at:%Y-%m-%d %H:%M} {by.name}: {outcome.says}. {note}"]))
    if outcome.files:
        held.patient = _chosen(sent.get("patient", ""), near)
        held.outcome, held.settled_by = name, by
    elif outcome.settles:
        held.outcome, held.settled_by, held.settled_at, held.patient = (
            name,
            by,
            at,
            held.patient if placed(held) else None,
        )
    held.save()
    return "A second person has to confirm it before it is filed" if outcome.files else outcome.says


def confirm(held: Held, by: Person, at: datetime) -> int:
    """The second person's word: the events go into the chart. How many were new there. What the chart cannot use waits there.

    Raises NotUsable for the same person.
    """
    still_open(held)
    if held.outcome != "file" or held.patient is None:
        raise NotUsable("Nobody has proposed to file it yet.")
    if held.settled_by_id == by.pk:
        raise NotUsable("You proposed it. A second person has to confirm it.")
    held.seconded_by, held.settled_at = by, at
    held.note += f"\n{at:%Y-%m-%d %H:%M} {by.name}: confirmed"
    held.save()
    intake = intake_of(held)
    if held.message is None or intake is None:
        return len(append(held.patient, events_of(sent_of(held)), by, at, held.source))
    _, known = file_to(held.patient, intake, held.message, by, at)
    return len(events_of(intake.document)) - known


def still_open(held: Held) -> None:
    """Raises NotUsable if it is settled."""
    if held.settled_at is not None:
        raise NotUsable("Somebody has settled it already. Open the list again.")


def _chosen(pid: str, near: Sequence[Patient]) -> Patient:
    found = next((patient for patient in near if patient.pid == pid), None)
    if found is None:
        raise NotUsable("Choose the patient that the laboratory named. Only patients in your care can be chosen.")
    return found
