"""A clinic with its people and some patients, served as it is in use; run by the tests as a process of its own.

`python -m browser.serving FOLDER` prints one line of JSON (address, secrets of the second step, public ids) and serves until
it is ended. Its clock stands at ten in the morning of 2 March 2026.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


def main(folder: str) -> None:
    """Makes the clinic in an empty folder, and serves it."""
    os.environ.update(COUNTWELL_DATA=folder, DJANGO_SETTINGS_MODULE="countwell.clinic.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    told = _fill()
    from countwell.clinic import guard
    from countwell.clinic.wsgi import application

    guard.now = told.pop("now")
    server = make_server("127.0.0.1", 0, application, server_class=Threaded, handler_class=Quiet)
    sys.stdout.write(json.dumps({"address": f"http://127.0.0.1:{server.server_port}", **told}) + "\n")
    sys.stdout.flush()
    server.serve_forever()


def _fill() -> dict[str, object]:
    """Who works here and who is treated here: one with a stop-level count, one late, one without a finding; and one for each
    of the day's other tasks."""
    from allauth.mfa.models import Authenticator

    from clinic.making import ASKED, CALM, GOOD, LOW, LOWISH, NOW, START, patient_of, person, result
    from countwell.clinic.models import Clinic

    clinic = Clinic.objects.create(name="Harbour Neurology", phone="555 0199")
    people = {role: person(clinic, role) for role in ("prescriber", "nurse", "pharmacist", "admin", "auditor")}
    care = [people[role] for role in ("prescriber", "nurse", "pharmacist")]
    weight = {"kind": "weight", "at": "2026-02-01", "value": "70", "unit": "kg"}
    wrong = result("platelets", "88", "2026-02-20", id="p1")
    right = result("platelets", "222", "2026-02-20", id="p2", status="corrected", replaces="p1")
    patients = {
        "low": ("1001", "Rosalind Hartley", [START, *ASKED, *GOOD, weight, wrong, right, LOW]),
        "late": ("1002", "Jon Hartley", [START]),
        "calm": ("1003", "Bea Santos", [*CALM, weight]),
        "watched": ("1004", "Owen Bell", [*CALM, weight, LOWISH]),
        "chased": ("1005", "Marc Dubois", [START, *ASKED]),
        "handed": ("1006", "Hana Nakamura", [*CALM, weight]),
        "dead": ("1007", "Aleksei Petrov", [START, *ASKED]),
    }
    made = {
        key: patient_of(clinic, care, number, events, name=name) for key, (number, name, events) in patients.items()
    }
    secrets = Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list("user__role", "data")
    return {
        "now": lambda: NOW,
        "people": {role: [one.email, dict(secrets)[role]["secret"]] for role, one in people.items()},
        "patients": {key: one.pid for key, one in made.items()},
    }


class Threaded(ThreadingMixIn, WSGIServer):
    """Each request in a thread, as a browser asks for several at once."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Without a line for each request."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    main(sys.argv[1])
