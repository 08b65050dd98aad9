"""Signing in: two steps for staff, the same words for every wrong try, out after 15 minutes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from clinic.making import NOW, PASSWORD, person, signed_in
from countwell.clinic.models import Clinic, Person
from countwell.clinic.signing_in import CLOSED, OVER, TOO_MANY, WRONG


def browser() -> Client:
    """Nobody is signed in."""
    return Client(headers={"host": "localhost"})


def code_of(who: Person) -> str:
    """What the person's app shows now."""
    secret = who.authenticator_set.get(type=Authenticator.Type.TOTP).wrap().instance.data["secret"]
    return code(secret)


def code(secret: str) -> str:
    """What an app shows now for a secret."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(email: str, password: str, in_: Client | None = None) -> tuple[Client, str, str]:
    """A browser after the first step, where it went, and what it was told."""
    in_ = in_ or browser()
    answer = in_.post("/sign-in", {"login": email, "password": password})
    told = re.sub(r'value="[^"]*"', "", answer.content.decode())
    return in_, answer.headers.get("Location", ""), told


def test_staff_are_in_after_password_and_code(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse")
    one, to, _ = sign_in(nurse.email, PASSWORD)
    assert to == "/sign-in/second-step"
    assert one.get("/today").headers["Location"] == "/sign-in"
    assert one.post(to, {"code": code_of(nurse)}).headers["Location"] == "/"
    assert one.get("/today").status_code == 200


def test_a_wrong_code_does_not_let_in_and_says_what_to_do(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse")
    one, to, _ = sign_in(nurse.email, PASSWORD)
    wrong = f"{(int(code_of(nurse)) + 1) % 10**6:06d}"
    assert "This code is not right" in one.post(to, {"code": wrong}).content.decode()
    assert one.get("/today").headers["Location"] == "/sign-in"


def test_a_recovery_code_lets_in_once(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse")
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    RecoveryCodes.activate(nurse)
    kept = Authenticator.objects.get(user=nurse, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()[0]
    for location in ("/", ""):
        one, to, _ = sign_in(nurse.email, PASSWORD)
        assert one.post(to, {"code": kept}).headers.get("Location", "") == location


def test_an_unknown_address_and_a_wrong_password_are_told_in_the_same_words(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse")
    _, _, known = sign_in(nurse.email, "another nineteen counts")
    _, _, unknown = sign_in("nobody@clinic.example", "another nineteen counts")
    assert WRONG in known
    assert _plain(known) == _plain(unknown)


def _plain(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrf" not in line)


def test_a_closed_account_is_told_only_to_who_knows_the_password(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse", is_active=False)
    assert CLOSED not in sign_in(nurse.email, "another nineteen counts")[2]
    one, to, _ = sign_in(nurse.email, PASSWORD)
    page = one.get(to).content.decode()
    assert (CLOSED in page, "/today" in page) == (True, False)


def test_too_many_tries_slow_down_one_address_and_nobody_else(clinic: Clinic) -> None:
    nurse, other = person(clinic, "nurse"), person(clinic, "nurse", "Other Nurse")
    told = [sign_in(nurse.email, "another nineteen counts")[2] for _ in range(9)]
    assert TOO_MANY not in told[7]
    assert TOO_MANY in told[8]
    assert sign_in(other.email, PASSWORD)[1] == "/sign-in/second-step"


def test_the_second_step_is_set_up_with_what_the_app_shows_and_gives_recovery_codes(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse")
    nurse.authenticator_set.all().delete()
    one, to, _ = sign_in(nurse.email, PASSWORD)
    again = one.get(one.get(to).headers["Location"]).headers["Location"]
    page = one.get(one.post(again, {"password": PASSWORD}).headers["Location"]).content.decode()
    secret = page.partition("<code>")[2].partition("</code>")[0]
    done = one.post("/my-account/second-step", {"code": code(secret)})
    codes = one.get(done.headers["Location"]).content.decode()
    assert codes.count("<li>") == 10
    assert one.get("/today").status_code == 200
    assert one.get("/my-account/second-step").headers["Location"] == "/my-account"


def test_a_session_ends_after_fifteen_minutes_without_use(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse")
    one, to, _ = sign_in(nurse.email, PASSWORD)
    one.post(to, {"code": code_of(nurse)})
    one.get("/today")
    (session,) = Session.objects.all()
    left = session.expire_date - timezone.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert one.get("/today").headers["Location"] == "/sign-in"


def test_staying_signed_in_is_one_press_and_what_the_list_asks_by_itself_is_none(clinic: Clinic) -> None:
    one = signed_in(person(clinic, "nurse"))
    one.get("/today")
    for address, goes_on in (("/today/new", False), ("/my-account/stay", True)):
        soon = timezone.now() + timedelta(minutes=2)
        Session.objects.update(expire_date=soon)
        answer = one.get(address)
        assert answer.status_code in (200, 204)
        assert (Session.objects.get().expire_date > soon + timedelta(minutes=10)) is goes_on
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert one.get("/my-account/stay").headers["Location"] == "/sign-in"


def test_each_page_says_when_it_ends_and_has_the_warning_two_minutes_before(clinic: Clinic) -> None:
    page = signed_in(person(clinic, "nurse")).get("/my-account").content.decode()
    assert 'data-warn="780" data-ends="900" data-stay="/my-account/stay"' in page
    assert "signed out after 15 minutes without use" in page
    assert "data-warn" not in browser().get("/sign-in").content.decode()


@pytest.mark.parametrize(
    ("later", "to"),
    [
        (timedelta(hours=12, seconds=-1), ""),
        (timedelta(hours=12), "/sign-in"),
        (timedelta(hours=12, seconds=1), "/sign-in"),
    ],
)
def test_a_session_ends_after_twelve_hours_however_much_it_is_used(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, later: timedelta, to: str
) -> None:
    one = signed_in(person(clinic, "nurse"))
    assert one.get("/my-account").status_code == 200
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW + later)
    assert one.get("/my-account").headers.get("Location", "") == to
    assert (one.get("/my-account").status_code == 302) is bool(to)
    if to:
        assert OVER in one.get(to).content.decode()


def test_ones_sessions_are_listed_and_each_can_be_ended(clinic: Clinic) -> None:
    anybody = person(clinic, "patient")
    here, there = sign_in(anybody.email, PASSWORD)[0], sign_in(anybody.email, PASSWORD)[0]
    page = here.get("/my-account/sessions").content.decode()
    assert (page.count("This browser"), page.count("Another browser")) == (1, 1)
    theirs, own = UserSession.objects.get(session_key=there.session.session_key), here.session.session_key
    assert here.post(f"/my-account/sessions/{theirs.pk}/end").headers["Location"] == "/my-account/sessions"
    assert there.get("/my-account").headers["Location"] == "/sign-in"
    mine = UserSession.objects.get(session_key=own)
    assert here.post(f"/my-account/sessions/{mine.pk}/end").headers["Location"] == "/sign-in"
    assert here.get("/my-account").headers["Location"] == "/sign-in"


def test_nobody_sees_or_ends_a_session_of_somebody_else(clinic: Clinic) -> None:
    one = sign_in(person(clinic, "patient").email, PASSWORD)[0]
    other = sign_in(person(clinic, "patient", "Other Patient").email, PASSWORD)[0]
    theirs = UserSession.objects.get(session_key=one.session.session_key)
    assert "Another browser" not in other.get("/my-account/sessions").content.decode()
    assert other.post(f"/my-account/sessions/{theirs.pk}/end").status_code == 404
    assert one.get("/my-account").status_code == 200


@pytest.mark.parametrize("address", ["/my-account", "/sign-out"])
def test_ones_own_pages_are_shown(clinic: Clinic, address: str) -> None:
    page = signed_in(person(clinic, "nurse")).get(address).content.decode()
    assert page.count("<h1>") == 1


def test_new_recovery_codes_are_made_after_showing_once_more_who_it_is(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse")
    one = signed_in(nurse)
    again = one.get("/my-account/recovery-codes/new").headers["Location"]
    assert one.get(again).content.decode().count("<h1>") == 1
    assert again.startswith("/sign-in/again")
    to = one.post(again, {"password": PASSWORD}).headers["Location"]
    assert one.get(to).content.decode().count("<h1>") == 1
    shown = one.post(to, {}).headers["Location"]
    assert one.get(shown).content.decode().count("<li>") == 10


def test_signing_in_gives_a_new_session(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse")
    one = browser()
    session = one.session
    session["planted"] = 1
    session.save()
    one.cookies["session"] = before = session.session_key
    one, to, _ = sign_in(nurse.email, PASSWORD, one)
    one.post(to, {"code": code_of(nurse)})
    assert one.cookies["session"].value != before
