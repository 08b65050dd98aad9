"""One's own account: the second step, set up once; and where one is signed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from allauth.mfa.base.views import authenticate
from allauth.mfa.totp.views import activate_totp
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.views import add_webauthn, reauthenticate_webauthn, remove_webauthn
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.store.scope import sessions_of

View = Callable[[HttpRequest], HttpResponse]
NO_CONTENT = 204
UNREADABLE = "What came is not what a passkey signs. Nothing was saved. Try again, or type a code."


def second_step_of_sign_in(request: HttpRequest) -> HttpResponse:
    """The second step of signing in: a passkey is offered to whoever has one, a code to everybody."""
    answer = _read(authenticate, request)
    if hasattr(answer, "context_data"):
        answer.context_data["has_passkey"] = bool(_passkeys_asked_for(answer.context_data))
    return answer


def _passkeys_asked_for(shown: Mapping[str, Any]) -> Sequence[object]:
    """The keys that the browser is asked for; none, and any passkey of anybody would do to begin with."""
    options = shown.get("js_data", {}).get("request_options", {})
    keys: Sequence[object] = options.get("publicKey", {}).get("allowCredentials") or ()
    return keys


def add_passkey(request: HttpRequest) -> HttpResponse:
    """A new passkey beside the code."""
    return _read(add_webauthn, request)


def passkey_again(request: HttpRequest) -> HttpResponse:
    """A passkey once more, before something of the account is changed."""
    return _read(reauthenticate_webauthn, request)


def _read(view: View, request: HttpRequest) -> HttpResponse:
    """The answer of a view that reads what a passkey signed. Raises NotUsable for what none can have signed."""
    try:
        return view(request)
    except (KeyError, TypeError, ValueError) as error:
        raise NotUsable(UNREADABLE) from error


def remove_passkey(request: HttpRequest, number: int) -> HttpResponse:
    """One of the account's own passkeys, removed after a question."""
    answer: HttpResponse = remove_webauthn(request, pk=number)
    return answer


def second_step(request: HttpRequest) -> HttpResponse:
    """The setting up; somebody who has it goes to their account."""
    if is_mfa_enabled(request.user):
        return redirect("mfa_index")
    answer: HttpResponse = activate_totp(request)
    return answer


def stay(request: HttpRequest) -> HttpResponse:
    """Nothing but the use of the session: it goes on for as long as after any page."""
    return HttpResponse(status=NO_CONTENT)


def sessions(request: HttpRequest) -> HttpResponse:
    """Where this account is signed in."""
    return render(request, "clinic/own_sessions.html", {"rows": sessions_of(request.user)})


def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """Signs this account out there, at once; of this browser itself, to the page to sign in."""
    found = next((one for one in sessions_of(request.user) if one.pk == number), None)
    if found is None:
        raise NotThere
    here = found.is_current()
    found.end()
    if here:
        logout(request)
        return redirect("account_login")
    messages.success(request, "Signed out there.")
    return redirect("own-sessions")
