"""Signing in: accounts are made by the clinic alone, and all but patients take a second step."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.middleware import AccountMiddleware
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from countwell.clinic.models import Person

WRONG = "The address or the password is not right. Type both again."
WRONG_CODE = "This code is not right. Take the one that the app shows now, or a recovery code that you have not used."
TOO_MANY = "Too many tries. Wait a few minutes, then try again. Nobody is locked out for good."
OVER = "You were signed out: nobody stays signed in for longer than 12 hours. Sign in again."
RAN_OUT = "You were signed out after 15 minutes without use. Nothing was saved. Sign in again."
KEPT = "What you typed is kept for you for 15 minutes, and shown once on its page."
CLOSED = "This account is closed. Ask whoever runs the clinic."
OWN_PASSWORD = "account_change_password"
SECOND_STEP = "mfa_activate_totp"
WITHOUT = frozenset({"account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_index"})
SETTING_UP = frozenset({OWN_PASSWORD, SECOND_STEP, "mfa_add_webauthn"})


def is_over(request: HttpRequest) -> bool:
    """Whether this session has lasted the longest that one may; it begins with the first request after signing in."""
    since: str = request.session.setdefault("since", request.at.isoformat())
    return bool(request.at - datetime.fromisoformat(since) >= settings.SESSION_LONGEST)


def to_sign_in(request: HttpRequest, page: str, says: str = "") -> HttpResponse:
    """To the page to sign in, which says why; page: where what was typed is shown afterwards, or ""."""
    if says := " ".join(filter(None, (says or (RAN_OUT if page else ""), KEPT if page else ""))):
        messages.info(request, says)
    address = reverse("account_login")
    return redirect(f"{address}?{urlencode({'next': page})}" if page else address)


def asked_first(request: HttpRequest, route: str) -> str:
    """The page that this person has to do before any other: a password of their own, then the second step; "" for none."""
    person = request.user
    if not isinstance(person, Person) or route in WITHOUT:
        return ""
    if person.first_password and route != OWN_PASSWORD and _came_by_password(request):
        return OWN_PASSWORD
    wants_step = person.is_staff_member and not is_mfa_enabled(person)
    return SECOND_STEP if wants_step and route not in SETTING_UP else ""


def _came_by_password(request: HttpRequest) -> bool:
    """Whom the hospital vouches for has no use for the first password, and may not know it."""
    return any(record.get("method") == "password" for record in get_authentication_records(request, request.user))


ELSEWHERE = (ImmediateHttpResponse, ReauthenticationRequired)


def elsewhere(request: HttpRequest, error: Exception) -> HttpResponse:
    """Where a page of the account sends somebody instead: to show once more that it is they, as a rule."""
    answer: HttpResponse = AccountMiddleware(lambda _: HttpResponse()).process_exception(request, error)
    return answer


class Accounts(DefaultAccountAdapter):
    """Nobody opens an account for themselves; a wrong address and a wrong password are told in the same words."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "enter_current_password": "This is not the password that you have now. Type it again.",
        "incorrect_password": "This password is not right. Type it again.",
        "too_many_login_attempts": TOO_MANY,
    }

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Said to those alone who knew the password."""
        messages.error(request, CLOSED)
        return redirect("account_login")

    def set_password(self, user: Any, password: str) -> None:
        """A password that its owner has chosen."""
        user.set_password(password)
        user.first_password = False
        user.save(update_fields=["password", "first_password"])

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """To the account."""
        return reverse("mfa_index")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False


class SecondStep(DefaultMFAAdapter):
    """Names what the authenticator shows."""

    error_messages: ClassVar[dict[str, Any]] = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}

    def get_totp_label(self, user: Any) -> str:
        """The account's address."""
        return str(user.email)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002
        """What a passkey is called until somebody calls it otherwise."""
        return f"Passkey {user.authenticator_set.filter(type=type).count() + 1}"

    def get_totp_issuer(self) -> str:
        """The product."""
        return "Countwell"
