"""People, patients and events for the tests of the clinic."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from countwell.clinic.models import Clinic, Patient, Person, Relation
from countwell.clinic.store.records import append
from countwell.clinic.store.worklist import Item, worklist

PASSWORD = "nineteen green counts"
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
START = {"kind": "decision", "do": "start", "at": "2025-06-02", "mg_per_day": "150", "frequency": "once daily"}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def person(clinic: Clinic, role: str, name: str = "", **more: object) -> Person:
    """A new member of staff, with a second step."""
    name = name or f"{role} of {clinic.name}"
    address = f"{name.replace(' ', '.').lower()}@clinic.example"
    made = Person.objects.create_user(address, PASSWORD, name=name, role=role, clinic=clinic, **more)
    if role not in ("patient", "integrator"):
        TOTP.activate(made, generate_totp_secret())
    return made


def patient_of(
    clinic: Clinic,
    carers: Sequence[Person],
    number: str = "1001",
    events: Sequence[Mapping[str, object]] = (START,),
    **more: object,
) -> Patient:
    """A patient of a clinic with these events, in the care of these people since a year ago."""
    head = {
        "patient": {"id": number, "names": ["Ash Lane"], "born": "1974-02-03", "time_zone": "UTC"},
        "course": {"condition": "cidp", "protocol": "cidp"},
    }
    fields = {
        "name": "Ash Lane",
        "born": date(1974, 2, 3),
        "head": json.dumps(head),
        "owner": carers[0] if carers else None,
    }
    made = Patient.objects.create(clinic=clinic, number=number, **{**fields, **more})
    since = NOW - timedelta(days=365)
    Relation.objects.bulk_create(Relation(person=carer, patient=made, since=since) for carer in carers)
    append(made, events, None, NOW, "laboratory")
    return made


def result(test: str, value: str, day: str, unit: str = "10*9/L", **more: object) -> dict[str, object]:
    """A final result, collected at nine of that day."""
    return {
        "kind": "result",
        "test": test,
        "value": value,
        "unit": unit,
        "collected": f"{day}T09:00:00Z",
        "status": "final",
        **more,
    }


def banner_of(browser: Client, address: str) -> str:
    """The banner's token on the page at an address."""
    page = browser.get(address).content.decode()
    return page.partition('name="banner" value="')[2].partition('"')[0]


def signed_in(who: Person) -> Client:
    """A browser in which somebody is signed in."""
    browser = Client(headers={"host": "localhost"})
    browser.force_login(who, backend=BACKEND)
    return browser


# What many patients of the tests have in common: a stop-level count, one to watch, and all that leaves nothing to ask

LOW = result("wbc", "1.9", "2026-03-01", id="w1")
LOWISH = result("wbc", "2.9", "2026-03-01", id="w1")
GOOD = [
    result(test, value, "2026-02-20", unit, normal_high=high)
    for test, value, unit, high in (
        ("wbc", "4.0", "10*9/L", "10"), ("neutrophils", "4.0", "10*9/L", "7"), ("lymphocytes", "1.5", "10*9/L", "4"),
        ("hb", "140", "g/L", "170"), ("platelets", "250", "10*9/L", "400"), ("alt", "20", "U/L", "40"), ("ast", "20", "U/L", "40"),
    )
]  # fmt: skip
ASKED = [
    *({"kind": "list-confirmed", "list": name, "at": "2026-02-20"} for name in ("history", "medicines", "allergies")),
    *({"kind": "genotype", "gene": gene, "result": "*1/*1", "at": "2025-05-01"} for gene in ("TPMT", "NUDT15")),
]
CALM = [START, *ASKED, *GOOD]
WHITE = "white-cells since 2026-03-01"


def only(who: Person, **wanted: str) -> Item:
    """The one row of a list."""
    (item,) = [item for group in worklist(who, NOW, wanted).groups for item in group.items]
    return item
