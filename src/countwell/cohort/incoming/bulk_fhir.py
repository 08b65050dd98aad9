"""FHIR R4 bulk exports: NDJSON, one resource a line, in any number of files, resources referring to each other across them.

Plain Observations are numbers at once. All other lines wait for the other lines of their patient, and go together through the
reader of a single patient's resources.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa

from countwell.base.dates import zone
from countwell.base.errors import RecordError
from countwell.cohort.incoming.bucket import Told, Untold
from countwell.cohort.incoming.listings import Listings
from countwell.cohort.incoming.members import lines_of
from countwell.cohort.incoming.ndjson import are_utf_8, blocks, files_of
from countwell.cohort.incoming.observed import Contents
from countwell.cohort.incoming.plain_observations import Plain, plain_lines
from countwell.cohort.incoming.readings import Limits, Reading
from countwell.cohort.incoming.sent import COLLECTED_WHOLE, KNOWN_WHOLE, NOT_SENT, as_sent
from countwell.exchange.csv_rows import NOBODY
from countwell.exchange.entries import Part, unusable
from countwell.exchange.fhir.bundle import OF_HISTORY, OF_MEDICINES, READ, by_patient, parts_held, parts_of
from countwell.exchange.fhir.chart import chart_of, source_of
from countwell.exchange.fhir.head import head
from countwell.exchange.fhir.patient import person
from countwell.exchange.fhir.received import UTC, Given, received, server_of, tail, with_versions
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.strict_json import Node, parse

NAMES = (
    *dict.fromkeys(("Patient", "Observation", "DiagnosticReport", "ServiceRequest", *OF_MEDICINES, *OF_HISTORY)),
    "other",
)
SHARED = ("Medication", "Specimen")  # what resources of patients refer to
WANTED = READ | {"Patient", "OperationOutcome", "Bundle", *SHARED}


class Routed(msgspec.Struct):
    """As much of any resource as says whose it is, and which results a report lists."""

    resourceType: str = ""  # noqa: N815 - as FHIR spells it
    id: str = ""
    subject: dict[str, Any] | None = None
    patient: dict[str, Any] | None = None
    result: list[dict[str, Any]] | None = None


ROUTED = msgspec.json.Decoder(Routed)


class Line(NamedTuple):
    """A line that is not plain: whose it is, what it is, the text; of an Observation the id, which a plain one may bear too."""

    patient: str
    kind: str
    text: str
    id: str = ""


class BulkFhir:
    """A folder of NDJSON, or one file. time_zone: of patients whose own is not sent.

    skipped: resources of types that are not read, counted; servers: those that references name.
    """

    further: tuple[str, ...] = ()
    names = NAMES
    who = NAMES.index("Patient")

    def __init__(self, path: Path, time_zone: str | None = None) -> None:
        self.files = files_of(path)
        self.time_zone, self._given_zone = zone(time_zone or "UTC"), time_zone
        self.contents = Contents()
        self.skipped: Counter[str] = Counter()
        self.servers: set[str] = set()
        self._shared: list[Given] = []
        self._listings = Listings()

    @property
    def readings(self) -> Sequence[Reading]:
        """What was read so far, by number."""
        return self.contents.readings

    @property
    def limits(self) -> Sequence[Limits]:
        """The limits that were read so far, by number."""
        return self.contents.limits

    @property
    def labs(self) -> Sequence[str]:
        """The laboratories so far, by number."""
        return self.contents.labs

    def expected(self) -> int:
        """About how many rows will come."""
        return sum(path.stat().st_size for path in self.files) // (2**2 * 10**2)

    def notes(self) -> Mapping[str, Any]:
        """What the report should say: which files were read."""
        return {"files": [path.name for path in self.files], "zone": self.time_zone.key}

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All lines, as `sent`."""
        for path in self.files:
            for block in blocks(path):
                begins, ends = lines_of(block)
                plain = plain_lines(
                    block, begins, np.where(are_utf_8(block, begins, ends), ends, begins), self.contents
                )
                others = dict(self._others(block, begins, ends, set(plain.lines.tolist())))
                yield _in_order(self._numbers(plain), plain.lines, _texts(list(others.values())), list(others))

    def _others(
        self, block: np.ndarray, begins: np.ndarray, ends: np.ndarray, plain: Collection[int]
    ) -> Iterator[tuple[int, Line]]:
        """The lines that are not plain, by number, with their patients; those of a type that is not read are counted."""
        for number, (begin, end) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True)):
            if number not in plain and (line := block[begin:end].tobytes()).strip() and (other := self._routed(line)):
                yield number, other

    def _routed(self, line: bytes) -> Line | None:
        """A line with its patient; None if it is of a type that is not read."""
        text = line.decode("utf-8", errors="replace").removeprefix("\ufeff")
        try:
            routed = ROUTED.decode(text)
        except msgspec.MsgspecError:
            return _misshapen(text)
        reference = _reference(routed.subject) or _reference(routed.patient)
        if routed.resourceType != "Patient" and tail(reference).startswith(("Patient/", "urn:")):
            self.servers |= {server_of(reference)}
        if routed.resourceType not in WANTED and routed.resourceType:
            self.skipped[routed.resourceType] += 1
            return None
        if routed.resourceType == "Bundle":
            return _misshapen(text)
        owner = f"Patient/{routed.id}" if routed.resourceType == "Patient" and routed.id else tail(reference)
        for item in routed.result or ():
            self._listings.add(_reference(item), owner)
        if owner.startswith(("Patient/", "urn:")):
            return Line(owner, routed.resourceType, text, routed.id if routed.resourceType == "Observation" else "")
        return self._of_nobody(routed.resourceType, text)

    def _of_nobody(self, kind: str, text: str) -> Line:
        if kind in SHARED:
            with suppress(RecordError):  # it is refused with the other lines that name no patient
                self._shared += [given for given in received(parse(text)) if isinstance(given, Given)]
        return Line(NOBODY, kind, text)

    def _numbers(self, plain: Plain) -> pa.RecordBatch:
        """Plain Observations as rows of `sent`."""
        rows = len(plain.lines)
        columns = {
            "patient": plain.patient,
            "id": plain.id,
            "version": plain.version,
            "source": np.full(rows, NAMES.index("Observation"), np.uint8),
            "reading": plain.reading,
            "limits": plain.limits,
            "lab": plain.lab,
            "status": np.array(self.contents.statuses or [0], np.uint8)[plain.reading],
            "collected": plain.collected.at,
            "known": np.where(plain.known.sent, plain.known.at, NOT_SENT),
            "whole": plain.collected.whole * COLLECTED_WHOLE + plain.known.whole * KNOWN_WHOLE,
        }
        return as_sent(rows, columns)

    def known_as(self, patient: str) -> str:
        """The identifier of a patient of whom nothing more was sent."""
        return patient.rpartition("/")[2].rpartition(":")[2]

    def joined(self, ids: pa.Array) -> np.ndarray:
        """Whether each Observation stands in a report, and so has to be read with it."""
        return self._listings.holds(ids)

    def further_of(self, _: str | None, /) -> Sequence[str]:
        """FHIR has no further columns."""
        return ()

    def zone(self, person: str) -> ZoneInfo | None:
        """The zone that a Patient names."""
        return None if self._given_zone or ("tz-code" not in person and "timezone" not in person) else _zone(person)

    def parts(
        self, patient: str, rows: Sequence[Told | Untold]
    ) -> tuple[Mapping[str, Node], Sequence[Part], Sequence[int]]:
        """Head and parts of one patient's record, by the reader of a single patient's resources."""
        found = [item for row in rows for item in self._received(row, patient)]
        resources = with_versions(item for item in found if isinstance(item, Given))
        strangers = [given for given in resources if given.server] if len(self.servers) > 1 else []
        patients, shared = by_patient([given for given in resources if given not in strangers])
        own = patients.get(patient, [])
        shared += [given for name, others in patients.items() if name != patient for given in others]
        source = source_of([*resources, *self._shared, *self._listings.of_others(own, patient)])
        parts = list(parts_of(chart_of(own, source)))
        parts += [item for item in found if isinstance(item, Part)]
        parts += parts_held(shared, source, "no patient, or another one, is named.")
        parts += parts_held(strangers, source, "it names a patient of another server.")
        nobody: dict[str, Node] = {"patient": {"id": NOBODY}}
        who = nobody if patient == NOBODY else head(patient, own, self._given_zone)
        return who, parts, [_kind(part) for part in parts]

    def _received(self, row: Told | Untold, patient: str) -> Iterator[Given | Part]:
        return received(self._resource(row, patient)) if isinstance(row, Told) else _received(row.event)

    def _resource(self, told: Told, patient: str) -> dict[str, Node]:
        """A plain Observation as it was sent, its instants in UTC."""
        resource = self.contents.resource(*told.numbers)
        meta: dict[str, Node] = {"meta": {"versionId": told.version}} if told.version else {}
        own: dict[str, Node] = {"id": told.id, "subject": {"reference": patient}, "effectiveDateTime": told.collected}
        return {**resource, **own, **meta, **({"issued": told.received} if told.received else {})}


def _reference(sent: Mapping[str, Any] | None) -> str:
    text = (sent or {}).get("reference")
    return text if isinstance(text, str) else ""


def _misshapen(text: str) -> Line:
    """A line that cannot be routed by its form: a Bundle of one patient goes to that patient, everything else to nobody."""
    try:
        resources = [item for item in received(parse(text)) if isinstance(item, Given)]
    except RecordError:
        return Line(NOBODY, "other", text)
    patients, _ = by_patient(resources)
    kind = resources[0].kind if len(resources) == 1 else "other"
    return Line(next(iter(patients)) if len(patients) == 1 else NOBODY, kind, text)


def _texts(lines: Sequence[Line]) -> pa.RecordBatch:
    """Lines that are not plain as rows of `sent`."""
    places = {name: place for place, name in enumerate(NAMES)}
    columns = {
        "patient": pa.array([line.patient for line in lines], pa.string()),
        "event": pa.array([line.text for line in lines], pa.string()),
        "id": pa.array([line.id.strip() for line in lines], pa.string()),
        "source": np.array([places.get(line.kind, len(NAMES) - 1) for line in lines], np.uint8),
    }
    return as_sent(len(lines), columns)


def _in_order(
    plain: pa.RecordBatch, lines: np.ndarray, others: pa.RecordBatch, numbers: Sequence[int]
) -> pa.RecordBatch:
    """The rows of a block in the order of its lines."""
    if not len(lines) or not numbers:
        return plain if len(lines) else others
    return pa.concat_batches([plain, others]).take(pa.array(np.argsort(np.append(lines, numbers))))


def _received(text: str) -> Iterator[Given | Part]:
    try:
        yield from received(parse(text))
    except RecordError as error:
        yield unusable(text, str(error), "other")


def _kind(part: Part) -> int:
    word = part.where.rpartition(" ")[2]
    return NAMES.index(word) if word in NAMES else len(NAMES) - 1


@lru_cache(maxsize=1 << 12)
def _zone(text: str) -> ZoneInfo | None:
    try:
        resource = parse(text)
        named = person(Fields(resource, UTC), "", None)["time_zone"] if isinstance(resource, dict) else None
        return zone(str(named)) if named else None
    except (RecordError, FieldFault):
        return None  # the record's own head says so
