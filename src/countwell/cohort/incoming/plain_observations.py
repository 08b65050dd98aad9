"""Observations that hold a plain laboratory value and nothing else: each different content is read once.

Whatever has a field that is not named here, a key twice, or a sign that changes its meaning is left to the reader of a single
patient.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple, TypeAlias

import msgspec

from countwell.base.errors import RecordError
from countwell.cohort.incoming.moments import FIRST_DAY, LAST_DAY, MICROSECOND
from countwell.cohort.incoming.readings import Limits, Reading, judged, upper_limit
from countwell.cohort.integers import A_DAY, EPOCH, day_number
from countwell.exchange.entries import Event
from countwell.exchange.fhir.chart import chart_of, source_of
from countwell.exchange.fhir.received import Given
from countwell.exchange.fhir.results import circumstances, measured
from countwell.exchange.fhir.values import limits
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.person import UTC
from countwell.exchange.results import STATUSES
from countwell.exchange.strict_json import Node, parse
from countwell.vocabulary.tests import test

Raw = msgspec.Raw
Resource: TypeAlias = Mapping[str, Node]
NOTHING = Raw(b"")
MODIFIED = b"modifierExtension"


class Subject(msgspec.Struct, forbid_unknown_fields=True):
    """Whose it is; a display beside it says nothing that is read."""

    reference: str
    display: str = ""
    type: str = ""


class Meta(msgspec.Struct):
    """Which version it is."""

    versionId: str = ""  # noqa: N815 - as FHIR spells it


class Observation(msgspec.Struct, forbid_unknown_fields=True, tag_field="resourceType", tag="Observation"):
    """The fields of a plain one, those that are not read as they were sent."""

    id: str
    status: str
    code: Raw
    subject: Raw
    effectiveDateTime: str  # noqa: N815
    valueQuantity: Raw  # noqa: N815
    issued: str = ""
    performer: Raw = NOTHING
    referenceRange: Raw = NOTHING  # noqa: N815
    category: Raw = NOTHING
    interpretation: Raw = NOTHING
    meta: Raw = NOTHING
    text: Raw = NOTHING
    encounter: Raw = NOTHING


DECODER = msgspec.json.Decoder(Observation)
SUBJECT, META = msgspec.json.Decoder(Subject), msgspec.json.Decoder(Meta)
OF_READING = ("code", "valueQuantity", "category", "interpretation")
READ = (*OF_READING, "performer", "referenceRange")
NOT_READ_HERE = ("subject", "meta", "text", "encounter")
TEXTS = ("id", "status", "effectiveDateTime", "issued")
TAG = len('"resourceType":"Observation"')
AROUND = {name: len(f'"{name}":') for name in (*READ, *NOT_READ_HERE, *TEXTS)}


class Plain(NamedTuple):
    """One line. reading, limits, lab: numbers; collected, known: see `instant`."""

    reading: int
    limits: int
    lab: int
    id: str
    subject: str
    collected: tuple[int, bool]
    known: tuple[int, bool] | None
    version: str


class Contents:
    """What came, as columns by number: readings with their statuses, limits and laboratories, and each as it was sent."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.statuses: list[int] = []
        self.limits: list[Limits] = []
        self.labs: list[str] = []
        self.of_readings: list[Resource] = []
        self.of_limits: list[Resource] = []
        self.of_labs: list[Resource] = []
        self._numbers: dict[tuple[object, ...], int] = {}

    def plain(self, line: bytes) -> Plain | None:
        """A line as a plain Observation, or None."""
        try:
            sent = DECODER.decode(line)
            subject = SUBJECT.decode(sent.subject)
        except msgspec.MsgspecError:
            return None
        if MODIFIED in line or not sent.id or not _each_key_once(line, sent):
            return None
        collected, known = instant(sent.effectiveDateTime), instant(sent.issued) if sent.issued else None
        if collected is None or (sent.issued and known is None):
            return None
        reading = self._reading(sent)
        if not self.readings[reading].test:
            return None
        limits, lab = self._limits(reading, bytes(sent.referenceRange)), self._lab(bytes(sent.performer))
        if limits < 0 or lab < 0:
            return None
        version = META.decode(sent.meta).versionId if sent.meta else ""
        return Plain(reading, limits, lab, sent.id, subject.reference, collected, known, version)

    def resource(self, reading: int, limits: int, lab: int) -> Resource:
        """A content as it was sent."""
        return {**self.of_readings[reading], **self.of_limits[limits], **self.of_labs[lab]}

    def _reading(self, sent: Observation) -> int:
        key = (sent.status, *(bytes(getattr(sent, name)) for name in OF_READING))
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.readings)
            resource = _parsed({name: bytes(getattr(sent, name)) for name in OF_READING}, sent.status)
            reading, status = _reading_of(resource) if resource else (Reading({}), 0)
            self.readings.append(reading)
            self.statuses.append(status)
            self.of_readings.append(resource or {})
        return number

    def _limits(self, reading: int, sent: bytes) -> int:
        """The number of the limits; below 0 if they have to be read with the whole."""
        event = self.readings[reading].event
        key = ("limits", event.get("test"), event.get("unit"), sent)
        number = self._numbers.get(key)
        if number is None:
            resource = _parsed({"referenceRange": sent})
            found = None if resource is None else _limits_of(resource, event)
            number = self._numbers[key] = len(self.limits) if found else -1
            if found and resource is not None:
                self.limits.append(found)
                self.of_limits.append(resource)
        return number

    def _lab(self, sent: bytes) -> int:
        """The number of the laboratory; below 0 if it has to be read with the whole."""
        number = self._numbers.get(("lab", sent))
        if number is None:
            resource = _parsed({"performer": sent})
            found = None if resource is None else _circumstances(resource)
            number = self._numbers["lab", sent] = len(self.labs) if found and "not_used" not in found else -1
            if number >= 0 and found and resource is not None:
                self.labs.append(str(found.get("lab") or ""))
                self.of_labs.append(resource)
        return number


def _each_key_once(line: bytes, sent: Observation) -> bool:
    """Whether the fields that were read make up the whole line, so that none of them stands in it twice. The blanks that some
    writers put after each comma and colon count; other blanks leave it open, and then it is not plain."""
    length, members = TAG, 1
    for name in READ + NOT_READ_HERE:
        if raw := getattr(sent, name):
            length += AROUND[name] + len(raw)
            members += 1
    for name in TEXTS:
        if text := getattr(sent, name):
            length += AROUND[name] + len(text) + 2
            members += 1
    bare = len(line.strip()) - (length + members + 1)
    return bare in (0, 2 * members - 1)


def _parsed(sent: Mapping[str, bytes], status: str = "final") -> Resource | None:
    """Fields as they were sent; None if they are not strictly JSON."""
    resource: dict[str, Node] = {"resourceType": "Observation", "status": status}
    try:
        return resource | {name: parse(raw) for name, raw in sent.items() if raw}
    except RecordError:
        return None


def _circumstances(resource: Resource) -> Event:
    return circumstances(_given(resource), chart_of([], source_of([])))


def _given(resource: Resource) -> Given:
    return Given("", "Observation", Fields(resource, UTC, "Observation."), frozenset(), None, None)


def _reading_of(resource: Resource) -> tuple[Reading, int]:
    """Test, value and unit, by the reader of a single patient, and the status."""
    event = measured(_given(resource).fields, _circumstances(resource), None)
    name = event.get("test")
    is_plain = event["kind"] == "result" and "not_used" not in event and event.get("status") in STATUSES
    if not is_plain or not isinstance(name, str) or test(name).scale != "number":
        return Reading({}), 0
    kept = {field: event.get(field) for field in ("kind", "test", "code", "value", "unit")}
    return judged(kept), STATUSES.index(str(event["status"]))


def _limits_of(resource: Resource, event: Event) -> Limits | None:
    """The limits of a report in the unit of its value; None if they are misshapen."""
    unit = None if event.get("unit") is None else str(event["unit"])
    try:
        found = limits(_given(resource).fields, unit)
    except FieldFault:
        return None
    kept: Event = {name: text for name, text in found.items() if text is not None}
    high = upper_limit(str(event.get("test")), str(kept["normal_high"]), unit) if "normal_high" in kept else None
    return Limits(kept, high)


DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME = re.compile(r"T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_days: dict[str, int | None] = {}
_times: dict[str, int | None] = {}


def instant(text: str) -> tuple[int, bool] | None:
    """A FHIR date or instant as microseconds UTC, and whether it is a whole day (then the day times A_DAY); None if not plain.

    Days and times of a day are each read once: there are few of them.
    """
    day_text, time_text = text[:10], text[10:]
    day = _days.get(day_text, -1)
    if day == -1:
        day = _days[day_text] = _day(day_text)
    if day is None or not time_text:
        return None if day is None else (day, True)
    if time_text not in _times:
        _times[time_text] = _time(time_text)
    time = _times[time_text]
    return None if time is None else (day + time, False)


def _day(text: str) -> int | None:
    try:
        day = day_number(date.fromisoformat(text)) if DATE.fullmatch(text) else None
    except ValueError:
        return None
    return day * A_DAY if day is not None and FIRST_DAY < day < LAST_DAY else None


def _time(text: str) -> int | None:
    """The time of a day less its offset."""
    try:
        found = datetime.fromisoformat(f"{EPOCH.date()}{text}") if TIME.fullmatch(text) else None
    except ValueError:
        return None
    return None if found is None else (found - EPOCH) // MICROSECOND
