"""A result entered by hand: checked by what reads a laboratory's file and by the rules, then filed; by two people where it
would make the advice milder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from countwell import Answer, Record, read_record
from countwell.base.dates import moment
from countwell.clinic.labels import label
from countwell.clinic.models import Event, Held, Patient, Person
from countwell.clinic.policy import policy
from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.store.acted import act
from countwell.clinic.store.entered import WAYS, WITHDRAWN, Entry, check_filled, event_of
from countwell.clinic.store.held import SECOND
from countwell.clinic.store.intake import if_filed
from countwell.clinic.store.records import append, canonical, text_of
from countwell.clinic.store.standing import answer_for, zone_of
from countwell.facts.past import past_of
from countwell.model.advice import LADDERS, RANK, Advice, rank
from countwell.model.records import Refused
from countwell.paper.plain import day, fact

SOURCE = "by hand"
LONGEST = 100  # letters of a source
AS_SAID = "Type it as it was said, or leave it empty."
ALONE = "lower-by-hand"  # the right to enter, without a second person, what makes the advice milder


@dataclass(frozen=True, slots=True)
class Checked:
    """An entry that the reader can use. event: as it would be filed; reads: it in words, to be read back; now, then: the
    review without it, and with it."""

    event: Mapping[str, str]
    reads: str
    now: Answer
    then: Answer

    @property
    def milder(self) -> bool:
        """Whether filing it makes the advice milder in any part, surely or at most."""
        surely = _is_milder(self.then.advice, self.now.advice)
        return surely or _is_milder(self.then.advice_at_most, self.now.advice_at_most)

    @property
    def says(self) -> str:
        """What filing it does to the advice, in words."""
        return f"Without it: {_ends(self.now)}. With it: {_ends(self.then)}."


def _is_milder(one: Advice, other: Advice) -> bool:
    return any(RANK[getattr(one, part)] < RANK[getattr(other, part)] for part in LADDERS)


def _ends(answer: Answer) -> str:
    """The advice in words: what surely holds, and what cannot be ruled out where that is more."""
    surely, at_most = rank(answer.advice).words, rank(answer.advice_at_most).words
    return surely if surely == at_most else f"{surely}, and not ruled out: {at_most}"


def entered(patient: Patient, number: int) -> Event:
    """An entry by hand by the position of its event, to be corrected.

    Raises NotThere if it is none, NotUsable if it was corrected before: then the newest version is.
    """
    rows = Event.objects.filter(patient=patient, source__startswith=SOURCE, kind="result")
    found = rows.filter(position=number).first()
    if found is None:
        raise NotThere
    if any(json.loads(row.body).get("replaces") == json.loads(found.body)["id"] for row in rows):
        raise NotUsable("It was corrected before. Correct the newest version of it.")
    return found


def check(patient: Patient, entry: Entry, at: datetime, corrects: Event | None = None) -> Checked:
    """What filing it would say. Nothing is kept.

    Raises NotUsable, in words, if something is missing or the reader would not use it.
    """
    if corrects is not None:
        entry = replace(entry, test=json.loads(corrects.body)["test"])
    check_filled(entry, corrects is not None)
    event = event_of(entry, patient, at, corrects)
    then = if_filed(patient, [event], at)
    document = json.loads(text_of(patient))
    document["events"].append(event)
    record = read_record(document)
    check_used(record, event["id"])
    _check_range(record, event)
    return Checked(event, _reads(event, patient), answer_for(patient, at)[0], then)


def _reads(event: Mapping[str, str], patient: Patient) -> str:
    """Test, value and unit as typed, and when the blood was taken."""
    taken = moment(event["collected"], zone_of(patient))
    when = day(taken.day) if taken.whole_day else f"{day(taken.day)} {taken.at:%H:%M}"
    said = " ".join(filter(None, [fact(event["test"]), event.get("value"), event.get("unit")]))
    return f"{said}, taken {when}{' (withdrawn)' if event['status'] == WITHDRAWN else ''}"


def check_used(record: Record, ref: str) -> None:
    """Raises NotUsable, in the reader's words, if it refuses or holds this event of a record."""
    fault = _fault(record, ref)
    if fault is not None:
        raise NotUsable(f"It cannot be used so: {fault.says} {fault.do} It stands as you typed it.")


def _check_range(record: Record, event: Mapping[str, str]) -> None:
    """Raises NotUsable for an end of the laboratory's range that cannot be read: the rules would do without it."""
    (reading,) = (one for row in past_of(record).readings.values() for one in row if one.ref == event["id"])
    for sent, name, read in (("normal_low", "low", reading.lower), ("normal_high", "high", reading.upper)):
        doubt = reading.limit_problem if sent == "normal_high" else None
        if doubt is not None:
            raise NotUsable(f"“{label('enter-result', name)}”: {doubt.says} {doubt.do} {AS_SAID}")
        if event.get(sent) and read is None:
            raise NotUsable(f"“{label('enter-result', name)}” is no number that fits this test and unit. {AS_SAID}")


def _fault(record: Record, ref: str) -> Refused | None:
    """Why the reader does not use an event: refused as a whole, or its value cannot be read."""
    past = past_of(record)
    readings = (one for row in past.readings.values() for one in row)
    problems = (one.problem for one in readings if one.ref == ref)
    refused = (one for one in (*record.refused, *past.unreadable_weights) if one.event == ref)
    return next((one for one in (*refused, *problems) if one is not None), None)


def needs_second(checked: Checked, by: Person) -> bool:
    """Whether a second person has to check it before it is filed."""
    return checked.milder and not policy().rights[ALONE].has(by.role)


def file(patient: Patient, entry: Entry, checked: Checked, by: Person, at: datetime) -> bool:
    """Files it, or lays it before a second person. Whether it is filed. No finding is answered by it: a person does that."""
    source, said = f"{SOURCE}, {WAYS[entry.way].lower()}", f"{WAYS[entry.way]}, from {entry.teller}"
    if needs_second(checked, by):
        _hold(patient, checked, by, at, f"{source}; typed by {by.name}"[:LONGEST], said)
        act(patient, "ask-second", by, at, reason=entry.way, note=said)
        return False
    made = append(patient, [checked.event], by, at, source)
    act(patient, "enter", by, at, reason=entry.way, note=said, event=made[0])
    return True


def _hold(patient: Patient, checked: Checked, by: Person, at: datetime, source: str, said: str) -> None:
    """It waits among the held messages, proposed by whoever typed it; the chart says that a result may be waiting."""
    as_sent = json.dumps({**json.loads(patient.head), "events": [checked.event]}, ensure_ascii=False)
    digest = hashlib.sha256(canonical(checked.event).encode()).hexdigest()
    held = Held.objects.create(
        clinic=patient.clinic, patient=patient, received_at=at, source=source, where="result", why=SECOND,
        says=f"{checked.reads}. {said}. {checked.says}", as_sent=as_sent, digest=digest,
        outcome="file", settled_by=by, note=f"{at:%Y-%m-%d %H:%M} {by.name}: entered by hand. {said}",
    )  # fmt: skip
    held.may_be.add(patient)
