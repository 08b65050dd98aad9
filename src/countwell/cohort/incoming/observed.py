"""What plain Observations hold: test, value and unit, limits, laboratory. Each different content is read once, by the functions
of the reader of a single patient, and has a number from then on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from countwell.base.errors import RecordError
from countwell.cohort.incoming.members import Objects
from countwell.cohort.incoming.readings import NOT_READ, SAID, Distinct, Limits, Reading, judged, of_test
from countwell.cohort.incoming.sent import NO_STATUS
from countwell.exchange.entries import Event
from countwell.exchange.fhir.chart import chart_of, source_of
from countwell.exchange.fhir.parts import is_modified
from countwell.exchange.fhir.received import Given
from countwell.exchange.fhir.results import circumstances, measured
from countwell.exchange.fhir.values import limits, value_of
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.person import UTC
from countwell.exchange.results import STATUSES
from countwell.exchange.strict_json import Node, NumberText, parse
from countwell.vocabulary.tests import test

Resource: TypeAlias = Mapping[str, Node]
OF_FORM = ("status", "code", "category", "interpretation")
OF_QUANTITY = ("comparator", "unit", "system", "code")
VALUE = "valueQuantity"
NOT_PLAIN = -1


class Contents:
    """What came, as columns by number: readings with their statuses, limits and laboratories, and each as it was sent."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.statuses: list[int] = []
        self.limits: list[Limits] = []
        self.labs: list[str] = []
        self._meant: list[int] = []  # of each reading the number of its test and unit together
        self._sent: dict[str, list[Resource]] = {"reading": [], "limits": [], "lab": []}
        self._forms: dict[Resource | tuple[str, ...], Event | None] = {}
        self._tests_and_units: dict[tuple[Node, Node], int] = {}
        quantity = (f"{VALUE}.{name}" for name in (*OF_QUANTITY, "value"))
        self._by_reading = Distinct((*OF_FORM, *quantity), self._reading)
        self._by_limits = Distinct(("meant", "referenceRange"), self._limits)
        self._by_lab = Distinct(("performer",), self._lab)

    def numbers(self, sent: Objects, amount: Objects) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The numbers of reading, limits and laboratory of each Observation, NOT_PLAIN where it has to be read with the whole.

        amount: the members of their quantities.
        """
        values = {name: sent.values(name) for name in (*OF_FORM, "referenceRange", "performer")}
        values |= {f"{VALUE}.{name}": amount.values(name) for name in amount.names}
        reading = self._by_reading.meanings(values)
        values["meant"] = pa.array(np.array([*self._meant, NOT_PLAIN])[reading])
        return reading, self._by_limits.meanings(values), self._by_lab.meanings(values)

    def resource(self, reading: int, limits: int, lab: int) -> Resource:
        """A content as it was sent."""
        return {**self._sent["reading"][reading], **self._sent["limits"][limits], **self._sent["lab"][lab]}

    def _reading(self, said: Mapping[str, str]) -> int:
        amount = {name: said[f"{VALUE}.{name}"] for name in ("value", *OF_QUANTITY)}
        resource = _parsed({**{name: said[name] for name in OF_FORM}, VALUE: _as_object(amount)})
        event = resource and self._event(resource, tuple(said.values())[:-1])
        if not resource or not event:
            return NOT_PLAIN
        self.readings.append(judged({name: event.get(name) for name in SAID}))
        self.statuses.append(STATUSES.index(str(event["status"])) if event.get("status") in STATUSES else NO_STATUS)
        meant = event.get("test"), event.get("unit")
        self._meant.append(self._tests_and_units.setdefault(meant, len(self._tests_and_units)))
        self._sent["reading"].append(resource)
        return len(self.readings) - 1

    def _event(self, resource: Resource, form: tuple[str, ...]) -> Event | None:
        """A plain result. Of one form, two results differ in the number alone: each form is read whole once."""
        amount = resource[VALUE]
        if not isinstance(amount, dict) or type(amount.get("value")) is not NumberText:
            return None
        if form not in self._forms:
            self._forms[form] = _plain_result(resource)
        event = self._forms[form]
        if not event or event["kind"] == NOT_READ:
            return event
        return {**event, **value_of(_given(resource).fields, str(event["test"]))._asdict()}

    def _limits(self, said: Mapping[str, str]) -> int:
        meant = next((one for one, number in self._tests_and_units.items() if str(number) == said["meant"]), None)
        resource = _parsed({"referenceRange": said["referenceRange"]})
        found = _limits_of(resource, *meant) if meant and resource is not None else None
        if found is None or resource is None:
            return NOT_PLAIN
        self.limits.append(found)
        self._sent["limits"].append(resource)
        return len(self.limits) - 1

    def _lab(self, said: Mapping[str, str]) -> int:
        resource = _parsed({"performer": said["performer"]})
        found = None if resource is None else _circumstances({**resource, "status": "final"})
        if resource is None or not found or "not_used" in found:
            return NOT_PLAIN
        self.labs.append(str(found.get("lab") or ""))
        self._sent["lab"].append(resource)
        return len(self.labs) - 1


def _as_object(members: Mapping[str, str]) -> str:
    return "{" + ",".join(f'"{name}":{value}' for name, value in members.items() if value) + "}"


def _parsed(members: Mapping[str, str]) -> Resource | None:
    """Members as they were sent; None if they are not strictly JSON, or one changes its meaning in a way not known."""
    try:
        found = parse(_as_object({"resourceType": '"Observation"', **members}))
    except RecordError:
        return None
    return found if isinstance(found, dict) and not is_modified(found) else None


def _given(resource: Resource) -> Given:
    return Given("", "Observation", Fields(resource, UTC, "Observation."), frozenset(), None, None)


def _circumstances(resource: Resource) -> Event:
    return circumstances(_given(resource), chart_of([], source_of([])))


def _plain_result(resource: Resource) -> Event | None:
    """Test, code, unit and status, by the reader of a single patient; None if it is no plain number, nor plainly not read."""
    event = measured(_given(resource).fields, _circumstances(resource), None)
    if event["kind"] == NOT_READ:
        return event
    name = event.get("test")
    is_plain = event["kind"] == "result" and "not_used" not in event and event.get("status") in STATUSES
    return event if is_plain and isinstance(name, str) and test(name).scale == "number" else None


def _limits_of(resource: Resource, name: Node, unit: Node) -> Limits | None:
    """The limits of a report in the unit of its value; None if they are misshapen."""
    try:
        found = limits(_given(resource).fields, None if unit is None else str(unit))
    except FieldFault:
        return None
    kept: Event = {end: text for end, text in found.items() if text is not None}
    is_read = name is not None and "normal_high" in kept
    return of_test(kept, str(name), unit) if is_read else Limits(kept)
