"""A store with the patients of a large service: each simulated on their own, seen up to yesterday, and really decided.

A folder that is filled already is used as it is, one that is filled in part is filled further: 10,000 patients of five years
take a quarter of an hour.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from countwell.simulate.parameters import Parameters, parameters
from countwell.simulate.patients import patient

TOGETHER = 50
INSERT = """INSERT INTO clinic_event (patient_id, position, kind, body, digest, recorded_at, source)
            VALUES (%s, %s, %s, %s, %s, %s, %s)"""
COPY = """INSERT INTO clinic_event (patient_id, position, kind, body, digest, recorded_at, source)
          SELECT %s, position, kind, body, digest, recorded_at, source FROM clinic_event WHERE patient_id = %s"""
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


def filled(patients: int, months: int, at: datetime, distinct: int | None = None):
    """The nurse in whose care they all are; as many patients are added as are wanting.

    distinct: so many are simulated, and the others stand as copies of them, event for event (default: all are).
    """
    from countwell.clinic.models import Clinic, Person

    nurse = Person.objects.filter(email=NURSE).first()
    if nurse is None:
        nurse = member(Clinic.objects.create(name="Large clinic", zone="Europe/London"), "nurse", NURSE)
    given, distinct = up_to_yesterday(at), patients if distinct is None else distinct
    for numbers in _batches(nurse, distinct):
        _fill(nurse, numbers, months, given, at)
    for numbers in _batches(nurse, patients):
        _copy(nurse, numbers, distinct, at)
    return nurse


def _batches(nurse, wanted: int) -> Iterator[range]:
    """The numbers that are wanting, some at a time, with a word on how far it is."""
    for first in range(nurse.clinic.patients.count() + 1, wanted + 1, TOGETHER):
        print(f"{first - 1} of {wanted}", file=sys.stderr, flush=True)
        yield range(first, min(first + TOGETHER, wanted + 1))


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


def _copy(nurse, numbers: range, distinct: int, at: datetime) -> None:
    """Some patients as copies, with the events and the standing of those whose places they take in turn."""
    from django.db import connection, transaction

    from countwell.clinic.models import Patient, Relation, Standing
    from countwell.clinic.models.patients import public_id

    originals = list(nurse.clinic.patients.order_by("pk").values_list("pk", flat=True)[:distinct])
    with transaction.atomic():
        for number in numbers:
            made = Patient.objects.get(pk=originals[number % distinct])
            standing = Standing.objects.get(pk=made.pk)
            source, made.pk, made.pid = made.pk, None, public_id()
            made.number, made.name = f"sim-{number:06d}", name_of(number)
            made.save(force_insert=True)
            Relation.objects.create(person=nurse, patient=made, since=at - timedelta(days=400))
            with connection.cursor() as cursor:
                cursor.execute(COPY, [made.pk, source])
            standing.pk = made.pk
            standing.save(force_insert=True)


def up_to_yesterday(at: datetime) -> Parameters:
    """The usual parameters, of a register that ends on the day before an instant."""
    usual = parameters()
    return replace(usual, tables={**usual.tables, "ends": (at - timedelta(days=1)).date()})


def named(document: dict[str, Any], number: int) -> dict[str, Any]:
    """The same patient with a name of letters of their own: names are compared by their letters alone."""
    return {**document, "patient": {**document["patient"], "names": [name_of(number)]}}


def name_of(number: int) -> str:
    """A name of letters alone."""
    return f"Simulated {''.join(chr(ord('a') + int(digit)) for digit in str(number)).title()}"


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
