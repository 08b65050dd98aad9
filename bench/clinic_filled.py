"""A store with the patients of a large service: each simulated on their own, seen up to yesterday, and really decided.

A folder that is filled already is used as it is, one that is filled in part is filled further: 10,000 patients of five years
take a quarter of an hour.
"""

import hashlib
import json
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from countwell.simulate.parameters import Parameters, parameters
from countwell.simulate.patients import patient

TOGETHER = 50
INSERT = """INSERT INTO clinic_event (patient_id, position, kind, body, digest, recorded_at, source)
            VALUES (%s, %s, %s, %s, %s, %s, %s)"""
NURSE = "nurse@example.invalid"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def begin(folder: Path) -> None:
    """Django on the store of a folder, made ready."""
    os.environ.update({"COUNTWELL_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "countwell.clinic.settings"})
    import django
    from django.core.management import call_command

    folder.mkdir(parents=True, exist_ok=True)
    django.setup()
    call_command("migrate", verbosity=0)


def filled(patients: int, months: int, at: datetime):
    """The nurse in whose care they all are; as many patients are added as are wanting."""
    from countwell.clinic.models import Clinic, Person

    nurse = Person.objects.filter(email=NURSE).first()
    if nurse is None:
        nurse = member(Clinic.objects.create(name="Large clinic", zone="Europe/London"), "nurse", NURSE)
    given = up_to_yesterday(at)
    for first in range(nurse.clinic.patients.count() + 1, patients + 1, TOGETHER):
        print(f"{first - 1} of {patients}", file=sys.stderr, flush=True)
        _fill(nurse, range(first, min(first + TOGETHER, patients + 1)), months, given, at)
    return nurse


def _fill(nurse, numbers: range, months: int, given: Parameters, at: datetime) -> None:
    """Some patients, in one transaction; the rules run on each."""
    from django.db import transaction

    from countwell.clinic.models import Patient, Relation
    from countwell.clinic.store.standing import run_rules

    with transaction.atomic():
        for number in numbers:
            document = named(patient(number, months, 7, given), number)
            who = document["patient"]
            head = json.dumps({"patient": who, "course": document["course"]})
            fields = {"number": who["id"], "name": who["names"][0], "born": who["born"], "head": head}
            made = Patient.objects.create(clinic=nurse.clinic, owner=nurse, **fields)
            Relation.objects.create(person=nurse, patient=made, since=at - timedelta(days=400))
            _insert(made, document["events"], at)
            run_rules(made, at)


def _insert(made, events: list[dict[str, Any]], at: datetime) -> None:
    """All events of a patient as rows, as `append` would write them; quicker, for nobody else is here."""
    from django.db import connection

    from countwell.clinic.store.records import canonical

    bodies = dict.fromkeys(canonical(event) for event in events)
    rows = [
        (made.pk, place, json.loads(body)["kind"], body, hashlib.sha256(body.encode()).hexdigest(), at, "laboratory")
        for place, body in enumerate(bodies, 1)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, rows)


def up_to_yesterday(at: datetime) -> Parameters:
    """The usual parameters, of a register that ends on the day before an instant."""
    usual = parameters()
    return replace(usual, tables={**usual.tables, "ends": (at - timedelta(days=1)).date()})


def named(document: dict[str, Any], number: int) -> dict[str, Any]:
    """The same patient with a name of letters of their own: names are compared by their letters alone."""
    letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    return {**document, "patient": {**document["patient"], "names": [f"Simulated {letters.title()}"]}}


def member(clinic, role: str, email: str):
    """A member of the staff, with the second step set up."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from countwell.clinic.models import Person

    name = email.partition("@")[0].title()
    made = Person.objects.create_user(email, None, name=name, role=role, clinic=clinic)
    TOTP.activate(made, generate_totp_secret())
    return made


def browser_of(person):
    """A browser without a network, in which somebody is signed in."""
    from django.test import Client

    browser = Client(headers={"host": "localhost"})
    browser.force_login(person, backend=BACKEND)
    return browser


def now() -> datetime:
    """The instant at which a store is filled and read."""
    return datetime.now(UTC)
