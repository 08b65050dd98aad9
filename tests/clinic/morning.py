"""A morning's work through the real pages, by whatever role of PostgreSQL COUNTWELL_DATABASE names: run by `test_roles`.

    DJANGO_SETTINGS_MODULE=countwell.clinic.settings COUNTWELL_DATABASE=… python -m clinic.morning

Prints what became of it as JSON, in the last line.
"""

from __future__ import annotations

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "countwell.clinic.settings")
django.setup()

from django.test import Client  # noqa: E402

from clinic.making import (  # noqa: E402
    CALM,
    LOW,
    NOW,
    PASSWORD,
    banner_of,
    patient_of,
    person,
    signed_in,
)
from clinic.requesting import agree, ask, carry_out  # noqa: E402
from countwell.clinic import guard  # noqa: E402
from countwell.clinic.models import Clinic, Event, Patient  # noqa: E402
from countwell.clinic.store import audit, backup, clock, rounds  # noqa: E402

STAFF = ("/today", "/today/calls", "/patients?find=Ash", "/held", "/letters", "/protocols", "/my-account", "/status")
OF_PATIENT = (
    "",
    "/results",
    "/plan",
    "/decisions",
    "/letters",
    "/hand-over",
    "/requested",
    "/orders",
    "/asked",
    "/looked",
)


def main() -> None:
    """Makes a clinic, works in it, erases a record, and counts."""
    guard.now = lambda: NOW
    clock.of_database = lambda at: at
    clinic = Clinic.objects.create(name="Clinic one")
    roles = ("prescriber", "nurse", "pharmacist", "admin", "auditor")
    people = {name: person(clinic, name) for name in roles} | {"second": person(clinic, "prescriber", "Second")}
    care = [people[name] for name in ("prescriber", "second", "nurse", "pharmacist")]
    low = patient_of(clinic, care, "1001", [*CALM, LOW])
    gone = patient_of(clinic, care, "1002", [*CALM, {"kind": "decision", "do": "transfer-out", "at": "2026-03-01"}])
    browser = signed_in(people["prescriber"])
    addresses = [*STAFF, *(f"/patients/{low.pid}{way}" for way in OF_PATIENT)]
    said = {
        "sign-in": Client(headers={"host": "localhost"})
        .post("/sign-in", {"login": people["nurse"].email, "password": PASSWORD})
        .status_code,
        "not shown": [at for at in addresses if browser.get(at).status_code != 200],
        "done": {what: sent(browser, low, what, **form) for what, form in DONE.items()},
        "erased": erased(gone, people),
        "left": Event.objects.filter(patient=gone.pk).count(),
        "round": round_.faults if (round_ := rounds.round_of(clinic, NOW, lambda: NOW)) else "none",
        "audit": list(audit.broken()),
        "backup": backup.backup(NOW).suffix,
    }
    print(json.dumps(said))  # noqa: T201


DONE = {
    "own": {},
    "pause": {"reason": "hospital", "until": "2026-03-08"},
    "stop": {"reason": "liver"},
}


def sent(browser: Client, patient: Patient, what: str, **form: str) -> int:
    """The form of this act, sent; the status of the answer."""
    token = banner_of(browser, f"/patients/{patient.pid}/stop")
    status: int = browser.post(f"/patients/{patient.pid}/{what}", {"banner": token, **form}).status_code
    return status


def erased(patient: Patient, people: dict[str, object]) -> int:
    """One asks, one agrees, one carries it out; the status of the last."""
    ask(signed_in(people["prescriber"]), patient, "erase", "period-over")
    agree(signed_in(people["second"]), patient)
    return carry_out(people["admin"])


if __name__ == "__main__":
    main()
