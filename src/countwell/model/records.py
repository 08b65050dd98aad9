"""A patient's record: the person, the course of treatment, and events that are only ever added.

Field names are those of `countwell.record/1`. Laboratory values stay the text they came as; reading them is `facts`' work.
Every event has a `ref`: its own id, or its place in the record (`#3`), by which answers point to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from countwell.base.dates import Moment

SCHEMA = "countwell.record/1"


@dataclass(frozen=True, slots=True)
class Patient:
    """Who. time_zone: IANA name, the patient's own calendar; born: a day."""

    id: str
    names: tuple[str, ...] = ()
    born: date | None = None
    sex: str | None = None
    time_zone: str = "UTC"
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A tablet: its strength in mg, and whether it bears a score."""

    strength_mg: Decimal
    scored: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """What is treated, by which protocol, with which tablets. layers: None = the protocol's own."""

    condition: str | None = None
    protocol: str | None = None
    layers: tuple[str, ...] | None = None
    products: tuple[Product, ...] = ()
    may_halve: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A named person decided: start raise reduce hold restart stop refuse accept transfer-in transfer-out."""

    ref: str
    do: str
    at: Moment
    mg_per_day: Decimal | None = None
    frequency: str | None = None
    by: str | None = None
    reason: str | None = None
    text: str | None = None
    rests_on: tuple[str, ...] = ()
    decide_by: date | None = None
    finding: str | None = None
    until: date | None = None
    since: Moment | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A code as the sender gave it."""

    system: str
    code: str
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """The patient as printed on a report."""

    id: str | None = None
    born: date | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One laboratory value as sent. status: preliminary final corrected amended cancelled entered-in-error."""

    ref: str
    collected: Moment | None
    test: str | None = None
    code: Code | None = None
    value: str | None = None
    unit: str | None = None
    normal_low: str | None = None
    normal_high: str | None = None
    received: Moment | None = None
    status: str | None = None
    version: str | None = None
    replaces: str | None = None
    order: str | None = None
    lab: str | None = None
    id: str | None = None
    identity_on_report: Identity | None = None


@dataclass(frozen=True, slots=True)
class TestOrdered:
    """A test asked for. status: pending, or done/cancelled."""

    ref: str
    test: str
    at: Moment
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """Body weight as measured, in `unit`."""

    ref: str
    at: Moment
    value: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Symptom:
    """A symptom that was asked about: present yes, no, or None for 'does not know'."""

    ref: str
    symptom: str
    since: Moment
    present: bool | None = True
    until: Moment | None = None
    value: str | None = None
    unit: str | None = None
    details: Mapping[str, bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine taken from `start` (None: since when is not known) to `end`. name is canonical, or as sent if not listed."""

    ref: str
    name: str
    listed: bool = True
    code: Code | None = None
    dose: str | None = None
    frequency: str | None = None
    start: Moment | None = None
    end: Moment | None = None


@dataclass(frozen=True, slots=True)
class ListConfirmed:
    """The list of medicines, history or allergies was gone through with the patient."""

    ref: str
    list: str
    at: Moment


@dataclass(frozen=True, slots=True)
class History:
    """Something that happened before; cause: by which medicine."""

    ref: str
    what: str
    cause: str | None = None
    at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Genotype:
    """A gene result as reported, such as *1/*3A."""

    ref: str
    gene: str
    result: str
    at: Moment


@dataclass(frozen=True, slots=True)
class Circumstance:
    """A state of life, such as pregnant."""

    ref: str
    what: str
    start: Moment | None = None
    end: Moment | None = None
    present: bool | None = True


@dataclass(frozen=True, slots=True)
class Vaccination:
    """A vaccine given."""

    ref: str
    vaccine: str
    at: Moment


@dataclass(frozen=True, slots=True)
class DoseTaken:
    """A dose that was taken."""

    ref: str
    at: Moment
    mg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DoseMissed:
    """A dose that was not."""

    ref: str
    due: Moment


@dataclass(frozen=True, slots=True)
class Died:
    """The patient died."""

    ref: str
    at: Moment


@dataclass(frozen=True, slots=True)
class Kept:
    """An event of a further kind (label, supply, told, measure, responsible, admitted, note, other-result): kept as sent."""

    ref: str
    kind: str
    at: Moment | None
    content: Mapping[str, object]


Event = (
    Decision
    | Result
    | TestOrdered
    | Weight
    | Symptom
    | Medicine
    | ListConfirmed
    | History
    | Genotype
    | Circumstance
    | Vaccination
    | DoseTaken
    | DoseMissed
    | Died
    | Kept
)


@dataclass(frozen=True, slots=True)
class Refused:
    """An input that is not used. critical: its literal or likely reading is at or past a hold or stop number.

    literal, likely: numbers it may mean, in the unit of `test`, and upper: its upper limit, from which `critical` is judged.
    kind: of the event; kept: the event itself stands in the record, only a word of it is not listed.
    """

    event: str | None
    field: str
    as_sent: str
    why: str
    says: str
    do: str
    tell: str
    test: str | None = None
    at: Moment | None = None
    received: Moment | None = None
    literal: Decimal | None = None
    likely: tuple[Decimal, ...] = ()
    upper: Decimal | None = None
    held: bool = False
    kind: str | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One patient. refused: events that could not even be read, each with its reason; nothing disappears."""

    patient: Patient
    course: Course
    events: tuple[Event, ...]
    refused: tuple[Refused, ...] = ()
