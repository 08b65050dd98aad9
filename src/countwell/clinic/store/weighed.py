"""A weight that a person read off a scale: checked by the reader of records and by the rules, then an event of the record."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from countwell import Answer, Record, read_record
from countwell.clinic.models import Event, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.by_hand import SOURCE, Checked, check_used
from countwell.clinic.store.records import append, text_of
from countwell.clinic.store.standing import answer_for, here
from countwell.facts.past import past_of
from countwell.paper.banner import per_kg
from countwell.paper.plain import day as in_words

UNIT = "kg"


@dataclass(frozen=True, slots=True)
class Weighing:
    """A weight that the reader can use. checked: what it would say; dose_now, dose_then: the dose for each kilogram."""

    checked: Checked
    dose_now: str
    dose_then: str


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight of the record, as it was sent; row: who entered it, or what sent it."""

    value: str
    day: str
    row: Event


def weights(patient: Patient) -> list[Weight]:
    """The weights of the record, the last that came first."""
    rows = Event.objects.filter(patient=patient, kind="weight").select_related("recorded_by").order_by("-position")
    return [_weight(json.loads(row.body), row) for row in rows]


def _weight(sent: Mapping[str, object], row: Event) -> Weight:
    said = " ".join(str(sent[name]) for name in ("value", "unit") if sent.get(name))
    return Weight(said, _in_words(str(sent.get("at", ""))), row)


def _in_words(at: str) -> str:
    """The day of an instant or day as it was sent; what is none, as it was sent."""
    try:
        return in_words(date.fromisoformat(at.partition("T")[0]))
    except ValueError:
        return at


def dose_for_each_kg(answer: Answer, record: Record) -> str:
    """The dose now in mg for each kg, with the weight it rests on; which weight that is, where there is no dose."""
    course, past = answer.course, past_of(record)
    if course.mg_per_day is not None:
        return per_kg(course.mg_per_day, past, answer)
    return "there is no dose" if past.weight(answer.as_of) else "weight not known"


def check(patient: Patient, kg: str, day: str, at: datetime) -> Weighing:
    """What this weight would say. Nothing is kept. Raises NotUsable if something is missing or the reader would not use it."""
    event = _event(patient, kg.strip(), _day(patient, day, at), at)
    document = json.loads(text_of(patient))
    document["events"].append(event)
    record = read_record(document)
    check_used(record, event["id"])
    now, then = answer_for(patient, at), answer_for(patient, at, record=record)
    reads = f"{event['value']} {UNIT}, weighed {_in_words(event['at'])}"
    return Weighing(Checked(event, reads, now[0], then[0]), dose_for_each_kg(*now), dose_for_each_kg(*then))


def _day(patient: Patient, text: str, at: datetime) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotUsable("Give the day on which the patient was weighed.") from None
    if day > here(patient, at).day:
        raise NotUsable("The patient cannot have been weighed later than today. Look at the day again.")
    return day


def _event(patient: Patient, kg: str, day: date, at: datetime) -> dict[str, str]:
    """A weight of today is one of this minute: it comes after another of the same day, and is not one with it."""
    if not kg:
        raise NotUsable("Give the weight in kg, as the scale showed it.")
    now = here(patient, at)
    when = now.at.isoformat() if day == now.day else day.isoformat()
    return {"kind": "weight", "id": f"by-hand-{uuid.uuid4()}", "at": when, "value": kg, "unit": UNIT}


def weigh(patient: Patient, weighing: Weighing, by: Person, at: datetime) -> None:
    """Takes it into the record; the rules run again."""
    append(patient, [weighing.checked.event], by, at, SOURCE)
