"""The patients of the demonstration clinic: the situations as the files in which they come, and a register of two years."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from django.db import transaction

from countwell.base.dates import of_instant, zone
from countwell.clinic.models import Clinic, Patient, Person, Relation
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.store.intake import NOTHING, Sums, take_in
from countwell.exchange.csv_mapping import read_mapping
from countwell.simulate import written
from countwell.simulate.parameters import parameters
from countwell.simulate.patients import patient
from countwell.simulate.situations import situations

MONTHS, NUMBER, SEED = 24, 110, 7
GIVEN = ("Ada", "Ben", "Cleo", "Dov", "Edda", "Finn", "Greta", "Hal", "Isla", "Jon", "Kaya")
FAMILY = ("Amber", "Birch", "Cliff", "Dell", "Elder", "Frost", "Grove", "Heath", "Ives", "Juniper")
IN_TABLE = "demo-37"
PHONE = "555 01{:02}"


@transaction.atomic
def fill(clinic: Clinic, owners: Sequence[Person], at: datetime, number: int = NUMBER) -> Sums:
    """Takes everybody on, in the care of the owners in turn; what became of all entries that came.

    number: of the register, beside the situations.
    """
    with tempfile.TemporaryDirectory(prefix="countwell-demo-") as folder:
        sums = _situations(clinic, owners, at, Path(folder))
    for document, owner in zip(_register(at, clinic, number), cycle(owners), strict=False):
        sums += take_in(clinic, _text(document), None, at, name="register", take_on=owner)
    _reachable(clinic)
    return sums


def _situations(clinic: Clinic, owners: Sequence[Person], at: datetime, folder: Path) -> Sums:
    """The clinic's own records first: they say who is treated, and by which protocol. Then what laboratories send.

    A table names patients by their number alone, so its lines are held: one patient shows that, the others come otherwise.
    """
    told = situations(of_instant(at, zone("UTC")))
    written.write(
        [replace(one, written="json") if one.written == "csv" and one.id != IN_TABLE else one for one in told], folder
    )
    sums = NOTHING
    for file, owner in zip(sorted((folder / "clinic").glob("*.json")), cycle(owners), strict=False):
        sums += take_in(clinic, file.read_bytes(), None, at, name="referral", take_on=owner)
    for file in sorted((folder / "fhir").glob("*.json")):
        sums += take_in(clinic, file.read_bytes(), None, at, name="laboratory one")
    mapping = read_mapping((folder / "laboratory.yaml").read_bytes(), "laboratory.yaml")
    table = (folder / "laboratory.csv").read_bytes()
    return sums + take_in(clinic, table, None, at, name="laboratory two", mapping=mapping)


def _register(at: datetime, clinic: Clinic, number: int) -> Iterator[dict[str, Any]]:
    """Patients seen for two years up to yesterday, with names that nobody has."""
    usual = parameters()
    yesterday = (at.astimezone(zone(clinic.zone)) - timedelta(days=1)).date()
    given = replace(usual, tables={**usual.tables, "ends": yesterday})
    names = [f"{first} {last}" for last in FAMILY for first in GIVEN]
    for place, name in enumerate(names[:number], 1):
        document = patient(place, MONTHS, SEED, given)
        yield {**document, "patient": {**document["patient"], "names": [name]}}


def _text(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _reachable(clinic: Clinic) -> None:
    """A telephone, an address that goes nowhere, and a GP for each."""
    for number, one in enumerate(clinic.patients.order_by("pk")):
        one.phone, one.email = PHONE.format(number % 100), f"patient-{number}@demo.invalid"
        one.gp, one.gp_email, one.released = "Dr Practice Demo", "practice@demo.invalid", number % 10 != 0
        one.save(update_fields=["phone", "email", "gp", "gp_email", "released"])


def share_care(clinic: Clinic, staff: Sequence[Person], at: datetime) -> None:
    """Everybody who treats cares for all, but for the last nurse, who has a tenth of them and breaks the glass for others."""
    there = set(Relation.objects.values_list("person", "patient"))
    nurses = [person for person in staff if person.role == "nurse"]
    made = [
        Relation(person=person, patient=one, since=at)
        for number, one in enumerate(Patient.objects.filter(clinic=clinic).order_by("pk"))
        for person in staff
        if person.role in CLINICAL and (person.pk, one.pk) not in there and (person != nurses[-1] or number % 10 == 0)
    ]
    Relation.objects.bulk_create(made)
