"""How `clinic-9a8e646.sql.xz` was made: a small clinic by the release of that commit, as its own program wrote it.

    git worktree add ../older 9a8e646
    PYTHONPATH=../older/src:../older/tests COUNTWELL_DATA=../older-data python tests/clinic/older/made.py clinic-9a8e646.sql.xz

A later release cannot make it again, and need not: what it must go on reading is this file.
"""

from __future__ import annotations

import lzma
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from countwell.base.dates import of_instant, zone
from countwell.clinic import serving

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SITUATIONS = {f"demo-{number}" for number in "01 02 03 10 11 12 13 22 24 26 31 35 36 37 39".split()}
WAYS = ("", "/results", "/plan", "/decisions", "/letters", "/hand-over")


def opened() -> None:
    """The demonstration clinic with some of its situations: filed, held and refused messages, acts, reminders, letters."""
    from countwell.clinic.demo.opening import open_demo
    from countwell.simulate.situations import situations

    some = [one for one in situations(of_instant(AT, zone("UTC"))) if one.id in SITUATIONS]
    with (
        patch("countwell.clinic.demo.patients.situations", lambda _: some),
        patch("countwell.clinic.store.canaries.followed", list),
    ):
        open_demo(AT, number=1)


def acted() -> None:
    """Findings answered in each way, a step proposed and signed, feedback, a review for every patient."""
    from countwell.base.errors import CountwellError
    from countwell.clinic.models import Patient, Person
    from countwell.clinic.store import acted, acting, reviews, steps
    from countwell.clinic.store.steps import Step

    prescriber, nurse = (Person.objects.filter(role=role).order_by("pk")[0] for role in ("prescriber", "nurse"))
    tomorrow = {"until": "2026-03-03", "decide_by": "2026-03-03", "reason": "other", "note": "Told on the telephone."}
    for number, patient in enumerate(Patient.objects.order_by("pk")):
        by = (prescriber, nurse)[number % 2]
        ways = (
            lambda who=patient, by=by: acting.as_advised(who, tomorrow, by, AT),
            lambda who=patient: acting.less(who, {"do": "monitor", "why": "long-known", **tomorrow}, prescriber, AT),
            lambda who=patient: steps.propose(who, Step("reduce", "50", "once daily"), nurse, AT),
            lambda who=patient: steps.sign(who, Step("reduce", "50", "once daily"), prescriber, AT),
        )
        try:
            ways[number % len(ways)]()
        except CountwellError as refused:
            print("refused:", type(refused).__name__, refused, file=sys.stderr)  # noqa: T201
        acted.act(patient, "feedback", nurse, AT, reason="useful", review=reviews.keep(patient, AT))


def run_by_two() -> None:
    """A pack on its way into use, a rule switched off, a change of role that waits."""
    from countwell.clinic.models import Clinic, Person, Proposal
    from countwell.clinic.store import muted, packs_in_use
    from countwell.pack.load import find
    from countwell.pack.read import read_pack

    clinic = Clinic.objects.get()
    first, second = Person.objects.filter(role="prescriber").order_by("pk")[:2]
    cidp = read_pack(find("cidp"), cases=False)
    with patch.object(packs_in_use, "is_proven", lambda _: True):
        packs_in_use.propose(clinic, cidp, "shadow", "to be looked at", first, AT)
        packs_in_use.approve(clinic, cidp, second, AT)
    asked = muted.ask(clinic, muted.rules()[0], "3", "it speaks of everybody here", first, AT)
    muted.approve(clinic, asked.pk, second, AT)
    admin = Person.objects.filter(role="admin").first()
    Proposal.objects.create(
        clinic=clinic, what="change-role", about=str(second.pk), fields={"role": "nurse"}, reason="moves", asked_at=AT,
        asked_by=admin,
    )  # fmt: skip


def looked() -> None:
    """Pages opened by each role, so that the chain of the audit is long."""
    from django.test import Client

    from countwell.clinic.models import Patient, Person

    with patch("countwell.clinic.guard.now", lambda: AT):
        for person in Person.objects.exclude(role="patient"):
            browser = Client(headers={"host": "localhost"})
            browser.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
            for patient in Patient.objects.order_by("pk")[:5]:
                for way in WAYS:
                    browser.get(f"/patients/{patient.pid}{way}")


def written(database: Path, out: Path) -> None:
    """The whole database as SQL; without sessions, which are nobody's business."""
    with sqlite3.connect(database) as one:
        one.execute("DELETE FROM django_session")
        one.execute("DELETE FROM clinic_cache")
        one.commit()
        out.write_bytes(lzma.compress("\n".join(one.iterdump()).encode(), preset=9))


def main() -> None:
    """Opens, acts, looks, and writes what came of it."""
    data = serving.begin()
    serving.migrate()
    opened()
    acted()
    run_by_two()
    looked()
    written(data / "clinic.sqlite3", Path(sys.argv[1]))


if __name__ == "__main__":
    main()
