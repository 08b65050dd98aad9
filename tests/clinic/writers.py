"""Many writers on one patient at once, through the real pages: run by `test_writers` in a process of its own.

    DJANGO_SETTINGS_MODULE=countwell.clinic.settings COUNTWELL_DATA=FOLDER python -m clinic.writers WRITERS ROUNDS

Prints what became of every try as JSON.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402

from clinic.making import NOW, banner_of, patient_of, person, result, signed_in  # noqa: E402
from countwell.clinic import guard  # noqa: E402
from countwell.clinic.models import Act, Clinic, Event, Patient, Standing  # noqa: E402
from countwell.clinic.store import audit, clock  # noqa: E402
from countwell.clinic.store.records import append  # noqa: E402


def main() -> None:
    """Migrates, lets them write, counts."""
    many, rounds = int(sys.argv[1]), int(sys.argv[2])
    guard.now = lambda: NOW
    clock.of_database = lambda at: at
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("migrate", verbosity=0)
    clinic = Clinic.objects.create(name="Clinic one")
    nurses = [person(clinic, "nurse", f"Nurse {number}") for number in range(many)]
    patient = patient_of(clinic, nurses)
    browsers = [signed_in(nurse) for nurse in nurses]
    first = banner_of(browsers[0], f"/patients/{patient.pid}/stop")
    before = Patient.objects.get(pk=patient.pk).version
    together = Barrier(many, timeout=120)  # if one of them fails, the others do not wait for ever
    tries: Counter[str] = Counter()

    def write(number: int) -> list[str]:
        said = []
        for turn in range(rounds):
            said.append(_one(browsers[number], patient, number, turn, first, together))
        connections.close_all()
        return said

    with ThreadPoolExecutor(many) as pool:
        for said in pool.map(write, range(many)):
            tries.update(said)
    now = Patient.objects.get(pk=patient.pk)
    positions = list(Event.objects.filter(patient=patient).order_by("position").values_list("position", flat=True))
    print(  # noqa: T201
        json.dumps(
            {
                "tries": dict(tries),
                "version": now.version - before,
                "acts": Act.objects.filter(patient=patient, what="own").count(),
                "stop acts": Act.objects.filter(patient=patient, what="stop").count(),
                "stops": Event.objects.filter(patient=patient, body__contains='"do":"stop"').count(),
                "results": Event.objects.filter(patient=patient, kind="result").count(),
                "gaps": positions != list(range(1, len(positions) + 1)),
                "state": Standing.objects.get(patient=patient).state,
                "audit": list(audit.broken()),
            }
        )
    )


def _one(browser: Client, patient: Patient, number: int, turn: int, first: str, together: Barrier) -> str:
    """One try. Acts off pages that all read at one version, sent at once: one can win. Then stops off an old page, and results."""
    acts = number % 4 > 1
    token = banner_of(browser, f"/patients/{patient.pid}/stop") if acts else first
    together.wait()
    if acts:
        said = f"act {browser.post(f'/patients/{patient.pid}/own', {'banner': token}).status_code}"
    together.wait()
    if number % 4 == 0:
        answer = browser.post(f"/patients/{patient.pid}/stop", {"banner": first, "reason": "liver"})
        said = f"stop {answer.status_code}"
    if number % 4 == 1:
        sent = result("wbc", f"5.{number}", "2026-03-01", id=f"w{number}.{turn}")
        append(Patient.objects.get(pk=patient.pk), [sent], None, NOW)
        said = "result kept"
    together.wait()
    return said


if __name__ == "__main__":
    main()
