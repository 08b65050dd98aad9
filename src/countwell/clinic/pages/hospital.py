"""To the hospital's own sign-in, and back."""

from __future__ import annotations

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import HttpRequest, HttpResponse
from requests import RequestException

from countwell.clinic.hospital import TrueToken
from countwell.clinic.refused import NotThere, NotUsable

OTHER = "This address takes no other question. Start again from the sign-in."


def to_the_hospital(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the page of the hospital, with a state that this browser alone can bring back."""
    if set(request.GET) - {"next"}:
        raise NotUsable(OTHER)
    adapter = _adapter(request, provider_id)
    try:
        adapter.openid_config  # noqa: B018 (asked before anybody is sent anywhere)
    except (OAuth2Error, RequestException) as error:
        get_adapter().on_authentication_error(request, None, exception=error)
    answer: HttpResponse = OAuth2LoginView.adapter_view(adapter)(request)
    return answer


def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Whoever comes back with that state, once, is let on to the second step."""
    answer: HttpResponse = OAuth2CallbackView.adapter_view(_adapter(request, provider_id))(request)
    return answer


def _adapter(request: HttpRequest, provider_id: str) -> TrueToken:
    """Raises NotThere where no hospital is set."""
    adapter = TrueToken(request, provider_id)
    try:
        adapter.get_provider()
    except SocialApp.DoesNotExist:
        raise NotThere from None
    return adapter
