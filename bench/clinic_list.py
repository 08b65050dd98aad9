"""The worklist of a large service: how long it takes to read, beside a plain SELECT of the same rows.

    python bench/clinic_list.py [--patients 10000] [--months 60] [--distinct 40] [--times 7]

A store is filled in a folder that is thrown away: so many distinct simulated patients are really decided at the end of their
register, and the others stand as copies of them. `list` is the worklist placed; `page` adds the rows on the page, the template
and the audit, asked for as a browser would; `SELECT` reads the columns that the list needs and does nothing with them.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta

from common import heading, middle, table


def main() -> None:
    """Fills, times, prints."""
    wanted = arguments()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update({"COUNTWELL_DATA": folder, "DJANGO_SETTINGS_MODULE": "countwell.clinic.settings"})
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        heading(f"The worklist of {wanted.patients} patients, seen for {wanted.months} months")
        measure(wanted)


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser()
    for name, usual in (("patients", 10_000), ("months", 60), ("distinct", 40), ("times", 7)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    return parser.parse_args()


def measure(wanted: argparse.Namespace) -> None:
    """One table of medians, in processor time and by the clock, and the ratio."""
    from countwell.clinic import guard
    from countwell.clinic.store.worklist import COLUMNS, worklist

    nurse, at = filled(wanted)
    browser = signed_in(nurse)
    guard.now = lambda: at
    from countwell.clinic.models import Standing

    ways = {
        "SELECT": lambda: list(Standing.objects.filter(patient__clinic=nurse.clinic).values_list(*COLUMNS)),
        "list": lambda: worklist(nurse, at, {}),
        "page": lambda: browser.get("/today"),
    }
    rows, first = [], None
    for name, way in ways.items():
        taken = [timed(way) for _ in range(wanted.times)]
        cpu, wall = middle([one[0] for one in taken]), middle([one[1] for one in taken])
        first = first or cpu
        rows.append([name, f"{cpu:.0f}", f"{wall:.0f}", f"{cpu / first:.1f}"])
    table(["way", "ms of processor", "ms by the clock", "times SELECT"], rows)
    found = worklist(nurse, at, {})
    print(found.sum)
    print(
        f"page: {len(browser.get('/today').content) // 1024} KiB, {sum(len(g.shown) for g in found.groups)} rows on it"
    )


def timed(way) -> tuple[float, float]:
    """Seconds of processor and of the clock that it takes once."""
    cpu, wall = time.process_time(), time.perf_counter()
    way()
    return time.process_time() - cpu, time.perf_counter() - wall


def filled(wanted: argparse.Namespace):
    """A nurse with so many patients, and the instant at which their registers end."""
    from countwell.clinic.models import Clinic, Patient, Person, Relation, Standing
    from countwell.clinic.store.records import append
    from countwell.simulate.parameters import parameters
    from countwell.simulate.patients import register

    at = datetime.combine(parameters().ends, datetime.min.time(), UTC) + timedelta(hours=10)
    clinic = Clinic.objects.create(name="Large clinic")
    nurse = Person.objects.create_user("nurse@example", "x", name="Nurse", role="nurse", clinic=clinic)
    decided = []
    for document in register(wanted.distinct, wanted.months, 7):
        head = json.dumps({"patient": document["patient"], "course": document["course"]})
        number, born = document["patient"]["id"], document["patient"]["born"]
        made = Patient.objects.create(clinic=clinic, number=number, name=number, born=born, head=head, owner=nurse)
        append(made, document["events"], None, at, "laboratory")
        decided.append(Standing.objects.get(patient=made))
    copies = [
        Patient(
            clinic=clinic,
            number=f"c{n}",
            name=f"Copy {n}",
            born="1970-01-01",
            head=decided[0].patient.head,
            owner=nurse,
        )
        for n in range(wanted.patients - wanted.distinct)
    ]
    copies = Patient.objects.bulk_create(copies, batch_size=2000)
    standings = [copied(decided[n % len(decided)], one) for n, one in enumerate(copies)]
    Standing.objects.bulk_create(standings, batch_size=1000)
    since = at - timedelta(days=400)
    everybody = Patient.objects.filter(clinic=clinic)
    Relation.objects.bulk_create(
        (Relation(person=nurse, patient=one, since=since) for one in everybody), batch_size=2000
    )
    return nurse, at


def copied(standing, patient):
    """The same standing of another patient."""
    fields = [field.attname for field in type(standing)._meta.fields if field.attname != "patient_id"]  # noqa: SLF001
    return type(standing)(patient=patient, **{name: getattr(standing, name) for name in fields})


def signed_in(nurse):
    """A browser in which the nurse is signed in, with the second step set up."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.test import Client

    TOTP.activate(nurse, generate_totp_secret())
    browser = Client(headers={"host": "localhost"})
    browser.force_login(nurse, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


if __name__ == "__main__":
    sys.exit(main())
