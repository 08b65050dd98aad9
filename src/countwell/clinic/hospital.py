"""Signing in at the hospital: only accounts that the clinic has made, and only by a token that is signed, fresh and for us.

The role never comes from the token: the guard reads it from the database at each request.
"""

from __future__ import annotations

import logging
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect

from countwell.clinic.models import Person

LOG = logging.getLogger("countwell.hospital")
SIGNED = ("RS256", "PS256", "ES256")  # by a key that the hospital alone has
NEEDED = frozenset({"sub", "iat", "exp"})
UNKNOWN = (
    "The hospital knows you; this clinic does not. Ask whoever runs the clinic for an account with your work e-mail."
)
FAILED = "Signing in at the hospital did not work. Try again; if it fails again, tell whoever runs the clinic."


class Hospital(DefaultSocialAccountAdapter):
    """Which account somebody whom the hospital vouches for has here. None is ever made."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """The account that bears this subject; at the first time the one of staff with this verified address."""
        if sociallogin.is_existing:
            return
        person = _by_address(sociallogin)
        if person is None:
            raise _back(request, UNKNOWN)
        sociallogin.connect(request, person)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **told: Any) -> None:
        """Back to the sign-in, in the same words whatever was wrong; the kind of fault goes to the log."""
        LOG.warning("sign-in refused: %s", type(told.get("exception")).__name__)
        raise _back(request, FAILED)

    def get_requests_session(self) -> Any:
        """Calls go where the setting says and nowhere else."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session


def _by_address(sociallogin: Any) -> Person | None:
    """An open account of staff with a verified address of theirs, and no other subject; `None`: there is none."""
    addresses = [address.email.lower() for address in sociallogin.email_addresses if address.verified]
    staff = Person.objects.filter(email__in=addresses, is_active=True).exclude(role__in=("patient", "integrator"))
    person = staff.first()
    return None if person is None or SocialAccount.objects.filter(user=person).exists() else person


def _back(request: HttpRequest, says: str) -> ImmediateHttpResponse:
    messages.error(request, says)
    return ImmediateHttpResponse(redirect("account_login"))


class TrueToken(OpenIDConnectOAuth2Adapter):
    """Reads who it is from the signed token alone. allauth would trust an unsigned one, since it fetched it itself."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the hospital says of its sign-in, if it speaks for the address in the setting. Raises OAuth2Error."""
        said: dict[str, Any] = super().openid_config
        if str(said.get("issuer", "")).rstrip("/") != self.get_provider().app.settings["server_url"].rstrip("/"):
            raise OAuth2Error("The issuer is another one.")
        return said

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Whom the token names. Raises OAuth2Error."""
        claims = self._claims(app, kwargs["response"].get("id_token") or "")
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _claims(self, app: Any, token: str) -> dict[str, Any]:
        try:
            if jwt.get_unverified_header(token)["alg"] not in SIGNED:
                raise OAuth2Error("Not signed by a key of the hospital.")
            claims: dict[str, Any] = jwtkit.verify_and_decode(
                credential=token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
        except (KeyError, TypeError, ValueError, jwt.PyJWTError) as error:
            raise OAuth2Error("The token cannot be read.") from error
        if not set(claims) >= NEEDED:
            raise OAuth2Error("The token does not say whose it is, and until when.")
        return claims
