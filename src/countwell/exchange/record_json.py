"""Reads `countwell.record/1`: strict about the whole, lenient with each event.

An event that cannot be read becomes a `Refused` with its reason, and the others go on. Every event that was sent stands among
the record's events, or among its refused, or repeats one of these word for word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from countwell.base.errors import RecordError
from countwell.exchange import person
from countwell.exchange.events import READERS, marked
from countwell.exchange.fields import FieldFault, Fields, unreadable
from countwell.exchange.refusals import no_object, refused
from countwell.exchange.repeats import Sent, once_each
from countwell.exchange.results import of_another_patient, result
from countwell.exchange.strict_json import NumberText, parse, plain_document
from countwell.model.records import Circumstance, Event, History, Medicine, Patient, Record, Refused, Result
from countwell.vocabulary import lists


def read_record(data: bytes | str | Mapping[str, object]) -> Record:
    """The record in `data`: JSON text, or a dict such as `json.load` gives.

    Raises RecordError, with every fault of the head, if the whole cannot be used: not strict JSON, another schema, no
    patient.id, an unreadable date of birth … A fault inside one event refuses that event alone.
    """
    document = plain_document(dict(data)) if isinstance(data, Mapping) else parse(data)
    patient, course, sent, zone = person.head(document)
    reading = Reading(patient, zone)
    outcomes = [outcome for event in once_each(sent) for outcome in reading.outcomes(event)]
    return Record(
        patient=patient,
        course=course,
        events=tuple(outcome for outcome in outcomes if not isinstance(outcome, Refused)),
        refused=tuple(outcome for outcome in outcomes if isinstance(outcome, Refused)),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """Whose events are read, and by which calendar."""

    patient: Patient
    zone: ZoneInfo

    def outcomes(self, sent: Sent) -> Iterator[Event | Refused]:
        """What becomes of one event: itself, or its refusal; of a word that is not listed, both."""
        if not isinstance(sent.content, dict):
            yield no_object(sent.ref, sent.content)
            return
        fields = Fields(sent.content, self.zone)
        try:
            event = self.event(fields, sent)
        except (FieldFault, RecordError) as error:
            fault = error if isinstance(error, FieldFault) else unreadable("", str(error))
            yield refused(sent.ref, fields, fault)
            return
        yield event
        if field := unlisted(event):
            fault = FieldFault(field, "not-listed", UNLISTED, BY_HAND, held=True)
            yield replace(refused(sent.ref, fields, fault), kept=True)

    def event(self, fields: Fields, sent: Sent) -> Event:
        """The event. Raises FieldFault if it cannot be read, or must not be used before a person has looked."""
        if isinstance(fields.content.get("id"), NumberText):
            raise unreadable("id", "a number, not a text.")
        if sent.disputed:
            raise FieldFault("id", "disputed", "another event has the same id and says otherwise.", ASK, held=True)
        marked(fields)
        kind = fields.needed("kind")
        if kind == "result":
            return self.result(fields, sent.ref)
        if kind not in READERS:
            raise unreadable("kind", "not a kind of event.", "Correct it, or act on it by hand.")
        return READERS[kind](fields, sent.ref)

    def result(self, fields: Fields, ref: str) -> Result:
        """A result of this patient, taken at a known time."""
        found = result(fields, ref)
        printed = found.identity_on_report
        if printed and (part := of_another_patient(printed, self.patient)):
            raise FieldFault(f"identity_on_report.{part}", "disputed", OTHER_PATIENT, FIND, held=True)
        if found.collected is None:
            raise FieldFault("collected", "missing", "when it was collected is missing.", ASK, held=True)
        return found


ASK = "Ask which is right."
FIND = "Find the right patient; do not act on it for this one."
OTHER_PATIENT = "the report names another patient than the record."
UNLISTED = "not in the list; it is kept, but no rule looks at it."
BY_HAND = "Check by hand what it means for azathioprine, or choose a listed word."


def unlisted(event: Event) -> str | None:
    """The field with a word that no rule knows, of an event that is kept all the same."""
    match event:
        case Medicine() if not event.listed:
            return "name"
        case History() if event.what not in lists.entries("histories"):
            return "what"
        case Circumstance() if event.what not in lists.entries("circumstances"):
            return "what"
        case _:
            return None
