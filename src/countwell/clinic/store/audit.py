"""The audit: appended in the transaction of what it tells of, each row sealed with the hash of the row before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection, transaction
from django.http import HttpRequest

from countwell.clinic.models import Audit, Person

START = "0" * 64
LOCK = 0x436F756E74  # one number that all writers of the chain agree on
FIELDS = ("number", "at", "person", "role", "clinic", "action", "route", "patient", "outcome", "purpose", "request")


def append(
    request: HttpRequest, action: str, route: str, patient: str = "", outcome: int = 200, purpose: str = ""
) -> None:
    """One row for this request. Raises DatabaseError, and the request fails, if it cannot be written."""
    person = request.user if isinstance(getattr(request, "user", None), Person) else None
    seal(
        at=request.at,
        person=person.pk if person else None,
        role=person.role if person else "",
        clinic=person.clinic_id if person else None,
        action=action,
        route=route,
        patient=patient,
        outcome=outcome,
        purpose=purpose,
        request=request.number,
    )


def seal(**fields: object) -> Audit:
    """Appends a row with these fields, as the next of the chain."""
    with transaction.atomic():
        _one_at_a_time()
        last = Audit.objects.order_by("-number").values("number", "hash").first()
        row = Audit(number=last["number"] + 1 if last else 1, before=last["hash"] if last else START, **fields)
        row.hash = digest(row)
        row.save(force_insert=True)
    return row


def _one_at_a_time() -> None:
    """SQLite's writers wait for each other already; PostgreSQL's are told to, until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def digest(row: Audit) -> str:
    """The hash of a row: of its fields, in order, and of the hash before it."""
    fields = [_text(getattr(row, name)) for name in FIELDS]
    return hashlib.sha256(json.dumps([row.before, *fields]).encode()).hexdigest()


def _text(value: object) -> object:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def broken() -> Iterator[str]:
    """Everything that is wrong with the chain, by the number of the row; nothing if it holds."""
    expected, before = 1, START
    for row in Audit.objects.order_by("number").iterator(chunk_size=2000):
        if row.number != expected:
            yield f"row {expected} is missing."
        if row.before != before:
            yield f"row {row.number} does not follow the row before it."
        if row.hash != digest(row):
            yield f"row {row.number} has been changed."
        expected, before = row.number + 1, row.hash


def head() -> str:
    """The hash of the last row: kept outside the database, it shows rows cut off at the end."""
    last = Audit.objects.order_by("-number").values_list("hash", flat=True).first()
    return last or START
