"""What a person typed of a result that came by telephone or letter, and the event that it makes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from countwell.base.dates import Moment, moment
from countwell.base.errors import RecordError
from countwell.clinic.models import Event, Patient
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.standing import here, zone_of
from countwell.vocabulary.tests import Test, tests

WAYS = {"telephone": "By telephone", "letter": "By letter or fax", "screen": "Read on another system's screen"}
STATUSES = {"final": "Final", "preliminary": "Preliminary: the laboratory may still change it"}
CORRECTIONS = {
    "corrected": "The entry was wrong; this is what the laboratory said",
    "entered-in-error": "Withdrawn: no such result was said of this patient",
}
WITHDRAWN = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed, field by field. low, high: the laboratory's range; teller: who said or wrote it; way: one of WAYS."""

    test: str = ""
    value: str = ""
    unit: str = ""
    low: str = ""
    high: str = ""
    day: str = ""
    time: str = ""
    status: str = ""
    way: str = ""
    teller: str = ""
    lab: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Entry:
        """Out of a form."""
        return cls(**{name: str(form.get(name, "")).strip() for name in cls.__slots__})

    @classmethod
    def of_event(cls, event: Event) -> Entry:
        """Out of an entry that stands, to be corrected: how it is known this time is asked anew."""
        sent = json.loads(event.body)
        names = {"low": "normal_low", "high": "normal_high"}
        kept = {name: sent.get(names.get(name, name), "") for name in ("test", "value", "unit", "low", "high", "lab")}
        day, _, time = str(sent["collected"]).partition("T")
        return cls(**kept, day=day, time=time[: len("09:00")])


def listed() -> list[Test]:
    """The tests that can be entered: those with a number."""
    return [test for test in tests().values() if test.scale == "number"]


def check_filled(entry: Entry, correction: bool) -> None:
    """Raises NotUsable for the first field that is missing or is none of its choices."""
    test = next((one for one in listed() if one.name == entry.test), None)
    if test is None:
        raise NotUsable("Choose the test from the list.")
    if entry.status not in (CORRECTIONS if correction else STATUSES):
        raise NotUsable("Choose what the value is: ask the laboratory whether it is final.")
    if not entry.value and entry.status != WITHDRAWN:
        raise NotUsable("Give the value as the laboratory said it, with < or > if it said so.")
    if not entry.unit and "" not in test.units and entry.status != WITHDRAWN:
        raise NotUsable("Give the unit that the laboratory said. It is never guessed: ask for it.")
    if entry.way not in WAYS or not entry.teller:
        raise NotUsable("Say how it came, and who said or wrote it.")


def event_of(entry: Entry, patient: Patient, at: datetime, corrects: Event | None) -> dict[str, str]:
    """The result as an event of the record; fields that were left empty are left out."""
    sent = {
        "test": entry.test, "value": entry.value, "unit": entry.unit, "normal_low": entry.low, "normal_high": entry.high,
        "lab": entry.lab, "status": entry.status, "replaces": json.loads(corrects.body)["id"] if corrects else "",
    }  # fmt: skip
    return {
        "kind": "result",
        "id": f"by-hand-{uuid.uuid4()}",
        "collected": _collected(entry, patient, at),
        "received": here(patient, at).at.isoformat(),
        **{name: text for name, text in sent.items() if text},
    }


def _collected(entry: Entry, patient: Patient, at: datetime) -> str:
    """When the blood was taken, by the patient's own clock; a day alone where the time was not said."""
    text = f"{entry.day}T{entry.time}:00" if entry.time else entry.day
    try:
        taken: Moment = moment(text, zone_of(patient), local=True)
    except RecordError:
        raise NotUsable("Give the day on which the blood was taken, and the time if it was said.") from None
    now = here(patient, at)
    if taken.day > now.day or (not taken.whole_day and taken.at > now.at):
        raise NotUsable("The blood cannot have been taken later than now. Look at the day again.")
    return taken.day.isoformat() if taken.whole_day else taken.at.isoformat()
