"""Observations that hold a plain laboratory value and nothing else: each different content is read once.

Whatever has a field that is not named here, a key twice, or a sign that changes its meaning is left to the reader of a single
patient.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from countwell.base.errors import RecordError
from countwell.cohort.incoming.moments import FIRST_DAY, LAST_DAY, MICROSECOND
from countwell.cohort.incoming.readings import Limits, Reading, judged, upper_limit
from countwell.cohort.integers import A_DAY, EPOCH, day_number
from countwell.exchange.fhir.chart import chart_of, source_of
from countwell.exchange.fhir.parts import is_modified
from countwell.exchange.fhir.received import Given
from countwell.exchange.fhir.results import circumstances, measured
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.person import UTC
from countwell.exchange.results import STATUSES
from countwell.exchange.strict_json import Node, parse
from countwell.vocabulary.tests import test

Raw = msgspec.Raw
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
READ = ("code", "valueQuantity", "performer", "referenceRange", "category", "interpretation")
NOT_READ_HERE = ("subject", "meta", "text", "encounter")
TEXTS = ("id", "status", "effectiveDateTime", "issued")
TAG = len('"resourceType":"Observation"')
AROUND = {name: len(f'"{name}":') for name in (*READ, *NOT_READ_HERE, *TEXTS)}


class Content(NamedTuple):
    """What an Observation says beside whose it is and when. resource: as sent; reading: without a test if it is not plain."""

    resource: Mapping[str, Node]
    reading: Reading = Reading({})
    limits: Limits = Limits({})
    status: int = 0
    lab: str = ""


class Plain(NamedTuple):
    """One line. content: its number; collected, known: see `instant`."""

    content: int
    id: str
    subject: str
    collected: tuple[int, bool]
    known: tuple[int, bool] | None
    version: str


class Contents:
    """All contents that came, as columns by number."""

    def __init__(self) -> None:
        self.resources: list[Mapping[str, Node]] = []
        self.readings: list[Reading] = []
        self.limits: list[Limits] = []
        self.statuses: list[int] = []
        self.labs: list[str] = []
        self._numbers: dict[tuple[bytes, ...], int] = {}

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
        number = self._number(sent)
        if not self.readings[number].test:
            return None
        version = META.decode(sent.meta).versionId if sent.meta else ""
        return Plain(number, sent.id, subject.reference, collected, known, version)

    def _number(self, sent: Observation) -> int:
        key = (sent.status.encode(), *(bytes(getattr(sent, name)) for name in READ))
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.readings)
            columns = (self.resources, self.readings, self.limits, self.statuses, self.labs)
            for column, value in zip(columns, _read(sent), strict=True):
                column.append(value)  # type: ignore[attr-defined]
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


def _read(sent: Observation) -> Content:
    """A content, by the reader of a single patient."""
    resource: dict[str, Node] = {"resourceType": "Observation", "status": sent.status}
    try:
        resource |= {name: parse(bytes(raw)) for name in READ if (raw := getattr(sent, name))}
        return _content(resource)
    except (RecordError, FieldFault):
        return Content(resource)


def _content(resource: Mapping[str, Node]) -> Content:
    given = Given("", "Observation", Fields(resource, UTC, "Observation."), frozenset(), None, None)
    shared = circumstances(given, chart_of([], source_of([])))
    event = measured(given.fields, shared, None)
    name = event.get("test")
    is_plain = event["kind"] == "result" and "not_used" not in event and event.get("status") in STATUSES
    if not is_plain or not isinstance(name, str) or test(name).scale != "number" or is_modified(dict(resource)):
        return Content(resource)
    kept = {field: event.get(field) for field in ("kind", "test", "code", "value", "unit")}
    limits = {field: event[field] for field in ("normal_low", "normal_high") if event.get(field) is not None}
    high = upper_limit(name, str(limits["normal_high"]), event.get("unit")) if "normal_high" in limits else None
    return Content(
        resource, judged(kept), Limits(limits, high), STATUSES.index(str(event["status"])), str(event.get("lab") or "")
    )


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
