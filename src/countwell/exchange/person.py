"""The patient and the course at the head of a record. Every fault is collected, so that all can be mended at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

from countwell.base.dates import zone
from countwell.base.errors import RecordError
from countwell.exchange.events import own_name
from countwell.exchange.fields import FieldFault, Fields, unreadable
from countwell.exchange.limits import MOST_EVENTS
from countwell.exchange.strict_json import Node
from countwell.model.records import SCHEMA, Course, Patient, Product
from countwell.vocabulary import lists

T = TypeVar("T")
UTC = ZoneInfo("UTC")


class Faults:
    """The faults of a head, gathered while the rest is still read."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def gather(self, read: Callable[[], T], otherwise: T) -> T:
        """What `read` gives, or `otherwise` with the fault noted."""
        try:
            return read()
        except (FieldFault, RecordError) as error:
            self.found.append(str(error))
            return otherwise

    def refuse(self) -> None:
        """Raises RecordError with every fault found."""
        if self.found:
            raise RecordError("\n".join(self.found))


def head(record: Node) -> tuple[Patient, Course, list[Node], ZoneInfo]:
    """Patient, course, the events as sent, and the patient's time zone. Raises RecordError listing all that is wrong."""
    if not isinstance(record, dict):
        raise RecordError("the record is not an object.")
    faults, fields = Faults(), Fields(record, UTC)
    faults.gather(lambda: _schema(fields), None)
    person = faults.gather(lambda: _object(fields, "patient"), Fields({}, UTC, "patient."))
    place = faults.gather(lambda: zone(person.text("time_zone") or "UTC"), UTC)
    course = faults.gather(lambda: _object(fields, "course"), Fields({}, place, "course."))
    who, treatment = patient(person, faults), course_of(course, faults)
    nothing: list[Node] = []
    events = faults.gather(lambda: _events(fields), nothing)
    faults.refuse()
    return who, treatment, events, place


def _schema(fields: Fields) -> None:
    if fields.text("schema") != SCHEMA:
        raise unreadable("schema", f'not "{SCHEMA}".')


def _object(fields: Fields, name: str) -> Fields:
    return fields.within(name) or Fields({}, fields.zone, f"{name}.")


def _events(fields: Fields) -> list[Node]:
    events = fields.content.get("events")
    if events is None:
        return []
    if not isinstance(events, list):
        raise unreadable("events", "not a list.")
    if len(events) > MOST_EVENTS:
        raise unreadable("events", f"more than {MOST_EVENTS}. Send one patient at a time.")
    return events


def patient(fields: Fields, faults: Faults) -> Patient:
    """Who it is."""
    return Patient(
        id=faults.gather(lambda: fields.needed("id"), ""),
        names=faults.gather(lambda: fields.texts("names"), ()),
        born=faults.gather(lambda: fields.day("born"), None),
        sex=faults.gather(lambda: fields.text("sex"), None),
        time_zone=faults.gather(lambda: fields.text("time_zone"), None) or "UTC",
        country=faults.gather(lambda: fields.text("country"), None),
    )


def course_of(fields: Fields, faults: Faults) -> Course:
    """What is treated, by which protocol, with which tablets."""
    no_layers: tuple[str, ...] = ()
    layers = faults.gather(lambda: fields.texts("layers"), no_layers)
    return Course(
        condition=faults.gather(lambda: own_name("conditions", fields.text("condition")), None),
        protocol=faults.gather(lambda: fields.text("protocol"), None),
        layers=None if fields.content.get("layers") is None else layers,
        products=faults.gather(lambda: tuple(map(_product, fields.objects("products"))), ()),
        may_halve=faults.gather(lambda: fields.yes_no("may_halve"), None) or False,
    )


def _product(fields: Fields) -> Product:
    strength = fields.amount("strength_mg")
    if strength is None:
        raise unreadable(f"{fields.path}strength_mg", "missing.")
    if strength not in lists.tablet_strengths():
        known = ", ".join(f"{mg:f}" for mg in sorted(lists.tablet_strengths()))
        raise unreadable(f"{fields.path}strength_mg", f"azathioprine tablets hold {known} mg.")
    return Product(strength, fields.yes_no("scored") or False)
