"""Signing in: accounts are made by the clinic alone, and all but patients take a second step."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from countwell.clinic.models import Person

WITHOUT = frozenset(
    {"account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_index"}
)


def wants_second_step(request: HttpRequest, route: str) -> bool:
    """Whether this member of staff has yet to set up the second step, and asks for anything else."""
    person = request.user
    if not isinstance(person, Person) or not person.is_staff_member or route in WITHOUT:
        return False
    return not is_mfa_enabled(person)


class Accounts(DefaultAccountAdapter):
    """Nobody opens an account for themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False


class Hospital(DefaultSocialAccountAdapter):
    """The hospital's own sign-in opens accounts that the clinic has made, by address, and no others."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Joins a verified address to the account that has it."""
        addresses = [address.email.lower() for address in sociallogin.email_addresses if address.verified]
        person = Person.objects.filter(email__in=addresses, is_active=True).first()
        if person is not None and not sociallogin.is_existing:
            sociallogin.connect(request, person)


class SecondStep(DefaultMFAAdapter):
    """Names what the authenticator shows."""

    def get_totp_label(self, user: Any) -> str:
        """The account's address."""
        return str(user.email)

    def get_totp_issuer(self) -> str:
        """The product."""
        return "Countwell"
