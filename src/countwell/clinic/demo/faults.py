"""Everything that is not as it should be in a demonstration clinic: sums, lists, pages, audit, canaries, what the rules say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import cycle

from django.db.models import Sum
from django.test import Client
from django.urls import NoReverseMatch, reverse

from countwell.base.dates import of_instant, zone
from countwell.clinic.demo.opening import Opened
from countwell.clinic.models import Message, Patient, Person, Run
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.policy import policy
from countwell.clinic.store import audit
from countwell.clinic.store.scope import patients_of
from countwell.clinic.store.standing import answer_for
from countwell.clinic.store.worklist import worklist
from countwell.simulate.situations import situations

# What is not looked at: one ends the session, one is no page, one is there once somebody has run `countwell measures`.
LEFT_OUT = frozenset({"account_logout", "stay", "measures-register"})
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
FINE = (200, 302)
# On these something happened after the situation was made, so the answer is not that of the situation any more.
ON_FROM = frozenset({"demo-02", "demo-26", "demo-31", "demo-37", "demo-39"})


def faults(opened: Opened, at: datetime, every: bool = False) -> list[str]:
    """All of it. every: each page of each patient; else the chart of each situation, and of everybody one page in turn."""
    return [
        *_wrong_sums(opened),
        *_wrong_lists(opened, at),
        *_wrong_answers(opened, at),
        *_wrong_pages(opened, every),
        *(f"the audit: {fault}" for fault in audit.broken()),
        *_wrong_runs(),
    ]


def _wrong_sums(opened: Opened) -> Iterator[str]:
    sums, names = opened.sums, ("received", "filed", "held", "refused")
    if not sums.add_up:
        yield f"received is not filed + held + refused: {sums}."
    kept = Message.objects.filter(clinic=opened.clinic).aggregate(**{name: Sum(name) for name in names})
    if any(kept[name] != getattr(sums, name) for name in names):
        yield f"the messages that are kept add up to {kept}, what was taken in to {sums}."


def _wrong_lists(opened: Opened, at: datetime) -> Iterator[str]:
    for one in opened.sign_ins:
        if one.person.role in CLINICAL:
            found = worklist(one.person, at, {})
            if not found.complete or found.not_run or found.total != patients_of(one.person, at).count():
                yield f"the list of {one.person.role} {one.person.name}: {found.sum}; not run for {found.not_run}."


def _wrong_answers(opened: Opened, at: datetime) -> Iterator[str]:
    """What the situations promise, out of the store."""
    for told in situations(of_instant(at, zone("UTC"))):
        if told.id in ON_FROM:
            continue
        answer, _ = answer_for(Patient.objects.get(clinic=opened.clinic, number=told.id), at)
        expected = told.questions["review"]
        missing = [word for word in expected.words if word not in answer.actions]
        forbidden = [word for word in expected.never if word in answer.actions]
        if missing or forbidden:
            yield f"{told.id}: missing {missing}, not wanted {forbidden}, said {list(answer.actions)}."


def _wrong_pages(opened: Opened, every: bool) -> Iterator[str]:
    """Each role its pages without a patient; a prescriber the pages of patients."""
    for one in {one.person.role: one for one in opened.sign_ins}.values():
        browser = signed_in(one.person)
        for name, address in pages(one.person):
            if one.secret or not name.startswith("mfa_"):
                yield from _wrong(browser, name, address)
    prescriber = next(one.person for one in opened.sign_ins if one.person.role == "prescriber")
    browser = signed_in(prescriber)
    turn = cycle([name for name, _ in pages(prescriber, "0")])
    for patient in Patient.objects.filter(clinic=opened.clinic).order_by("pk"):
        wanted = {"chart", next(turn)} if patient.number.startswith("demo-") else {next(turn)}
        for name, address in pages(prescriber, patient.pid):
            if every or name in wanted:
                yield from _wrong(browser, name, address)


def _wrong(browser: Client, name: str, address: str) -> Iterator[str]:
    code = browser.get(address).status_code
    if code not in FINE:
        yield f"the page {name} answers {code}."


def pages(person: Person, pid: str | None = None) -> Iterator[tuple[str, str]]:
    """Name and address of each page that the person may read and that is reached by this alone: a patient, or nothing."""
    of = ("patient",) if pid else ("self", "clinic")
    for name, ways in policy().routes.items():
        right = ways.get("GET")
        if right is not None and right.of in of and right.has(person.role) and name not in LEFT_OUT:
            try:
                yield name, reverse(name, args=[pid] if pid else [])
            except NoReverseMatch:
                continue


def signed_in(person: Person) -> Client:
    """A browser without a network, in which somebody has signed in."""
    browser = Client(headers={"host": "localhost"})
    browser.force_login(person, backend=BACKEND)
    return browser


def _wrong_runs() -> Iterator[str]:
    """The last round, and the canaries."""
    for run in Run.objects.exclude(faults=0):
        yield f"{run.what}: {run.faults} faults. {run.says}"
    if not Run.objects.filter(what="canaries").exists():
        yield "the canaries have not been sent down."
