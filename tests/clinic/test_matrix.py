"""Who gets what, out of the policy: each address, each method, each role, and how they stand to the patient.

What is allowed is told from what is refused before any form is looked at: a form without its banner is out of date (409).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver

from clinic.making import NOW, patient_of, person, signed_in
from countwell.clinic.models import Clinic, Patient, Person, Relation
from countwell.clinic.models.people import CLINICAL, ROLES
from countwell.clinic.policy import METHODS, Right, policy
from countwell.clinic.refused import Refused

HELD = {"care": 1, "same clinic": 2, "former": 3, "other clinic": 4}  # the number of the patient who stands so
FILLED = {"pid": "", "number": "999999", "name": "cidp", "wanted": "none"}
NAMED = {pattern.name: str(pattern.pattern) for pattern in get_resolver().url_patterns if pattern.name}
OF_PATIENT = sorted(name for name, pattern in NAMED.items() if "<slug:pid>" in pattern)
OTHERS = sorted(set(NAMED) - set(OF_PATIENT) - {"account_logout"})
ELSEWHERE = "/sign-in"


def address(name: str, pid: str = "") -> str:
    """The address of a name, with a patient, and a number that nothing has."""
    path = "/" + NAMED[name]
    for part, value in {**FILLED, "pid": pid}.items():
        path = path.replace(f"<slug:{part}>", value).replace(f"<int:{part}>", value)
    assert "<" not in path, path
    return path


@pytest.fixture
def browsers(clinic: Clinic, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> dict[str, Client]:
    """One for each role, and one in which nobody is signed in. Refusals are bare: their words have tests of their own."""

    def bare(_: HttpRequest, error: Refused) -> HttpResponse:
        return HttpResponse(status=error.status)

    monkeypatch.setattr("countwell.clinic.guard.refusal", bare)
    TOTP.activate(people["integrator"], generate_totp_secret())
    everybody = {**people, "patient": person(clinic, "patient")}
    assert set(everybody) == set(ROLES)
    return {"": Client(headers={"host": "localhost"}), **{role: signed_in(one) for role, one in everybody.items()}}


@pytest.fixture
def relations(clinic: Clinic, people: dict[str, Person]) -> dict[str, Patient]:
    """A patient in the care of everybody, one of the clinic in nobody's, one who was in it, one of another clinic."""
    other = Clinic.objects.create(name="Clinic two")
    everybody = [one for role, one in people.items() if role != "integrator"]
    made = {
        "care": patient_of(clinic, everybody, "1"),
        "same clinic": patient_of(clinic, [], "2", name="Elm Ward"),
        "former": patient_of(clinic, everybody, "3", name="Oak Reed"),
        "other clinic": patient_of(other, [person(other, "nurse")], "4", name="Fir Mead"),
    }
    Relation.objects.filter(patient=made["former"]).update(until=NOW - timedelta(seconds=1))
    return made


def cells(name: str) -> Iterator[tuple[str, str, str]]:
    """Method, role and relation; a role without the right is refused before anybody looks whose patient it is."""
    for method in METHODS:
        right = policy().wanted(name, method)
        for role in ("", *ROLES):
            has = bool(role) and right is not None and role in right.who
            for relation in HELD if has else ("care", "other clinic"):
                yield method, role, relation


def expected(name: str, method: str, role: str, relation: str) -> set[int]:
    """The answers that a cell may have."""
    right = policy().wanted(name, method)
    if right is None:
        return {403}
    if not role:
        return {302}
    if role not in right.who:
        return {403}
    if relation != "care" or role not in CLINICAL:
        return {404}
    if method == "POST":
        return {409}
    return {200} if NAMED[name].count("<") == 1 else {404, 200}


def wrong_cells(
    browsers: dict[str, Client], relations: dict[str, Patient], names: Iterable[str]
) -> list[tuple[str, str, str, str, int]]:
    """Every cell of these addresses that answers otherwise than the policy says."""
    wrong = []
    for name in names:
        for method, role, relation in cells(name):
            path = address(name, relations[relation].pid)
            answer = browsers[role].get(path) if method == "GET" else browsers[role].post(path)
            code = answer.status_code
            away = code == 302 and not answer.headers["Location"].startswith(ELSEWHERE)
            if away or code not in expected(name, method, role, relation):
                wrong.append((name, method, role, relation, code))
    return wrong


def test_of_a_patient_only_the_right_in_force_opens(browsers: dict[str, Client], relations: dict[str, Patient]) -> None:
    assert wrong_cells(browsers, relations, OF_PATIENT) == []


def test_no_page_may_be_kept_and_each_says_when_it_was_made_and_that_it_is_a_draft(
    browsers: dict[str, Client], relations: dict[str, Patient]
) -> None:
    made = f"page made {NOW:%-d %b %Y %H:%M}"
    wrong, pages = [], 0
    for path in [*(address(name, relations["care"].pid) for name in OF_PATIENT), *map(address, OTHERS)]:
        answer = browsers["prescriber"].get(path)
        if "no-store" not in (kept := answer.headers["Cache-Control"]) and "immutable" not in kept:
            wrong.append((path, kept))
        whole = b"<html" in answer.content if not answer.streaming else False
        pages += whole
        if whole and not (made in answer.content.decode() and "not for clinical use" in answer.content.decode()):
            wrong.append((path, "without its time, or the word draft"))
    assert wrong == []
    assert pages > len(OF_PATIENT) // 3


FAULTS: dict[str, tuple[str, object, set[str]]] = {
    "a former relation counts": ("countwell.clinic.store.scope._in_force", lambda _: Q(), {"former"}),
    "nobody asks for a relation": (
        "countwell.clinic.store.scope.patients_of",
        lambda *_: Patient.objects.all(),
        {"same clinic", "former", "other clinic"},
    ),
    "an auditor may": (
        "countwell.clinic.policy.Right.has",
        lambda right, role: role in right.who or role == "auditor",
        {"care", "other clinic"},
    ),
    "no banner is asked for": ("countwell.clinic.guard.check_banner", lambda *_: None, {"care"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_matrix_sees_a_guard_that_lets_through(
    browsers: dict[str, Client], relations: dict[str, Patient], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    where, instead, seen = FAULTS[fault]
    monkeypatch.setattr(where, instead)
    assert seen <= {relation for _, _, _, relation, _ in wrong_cells(browsers, relations, ("results", "own"))}


def test_what_is_of_no_patient_opens_by_the_role_alone(browsers: dict[str, Client]) -> None:
    wrong = []
    for name in OTHERS:
        for method in METHODS:
            for role, browser in browsers.items():
                answer = browser.get(address(name)) if method == "GET" else browser.post(address(name))
                if not may_be(policy().wanted(name, method), role, answer):
                    wrong.append((name, method, role, answer.status_code))
    assert wrong == []


def may_be(right: Right | None, role: str, answer: HttpResponse) -> bool:
    """Whether this answer fits: refused without the right, to the sign-in without an account, else neither."""
    open_ = right is not None and right.of == "anyone"
    if right is None or (role and not open_ and role not in right.who):
        return answer.status_code == 403
    if not open_ and not role:
        return answer.status_code == 302 and answer.headers["Location"].startswith(ELSEWHERE)
    return answer.status_code not in (403, 409, 500)


def test_no_other_method_does_anything(browsers: dict[str, Client], relations: dict[str, Patient]) -> None:
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        for name in OF_PATIENT:
            path = address(name, relations["care"].pid)
            assert browsers["prescriber"].generic(method, path).status_code == 403, (method, name)


def test_no_right_on_a_patient_is_given_to_a_role_that_does_not_treat() -> None:
    given = {right.name: right.who - set(CLINICAL) for right in policy().rights.values() if right.of == "patient"}
    assert {name: roles for name, roles in given.items() if roles} == {}


def test_only_a_prescriber_signs_a_dose_and_closes_what_asks_for_a_stop() -> None:
    for name in ("sign-dose", "close-stop-level", "decide-otherwise"):
        assert policy().rights[name].who == {"prescriber"}
