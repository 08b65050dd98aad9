"""One's own account: the second step, set up once; and where one is signed in."""

from __future__ import annotations

from allauth.mfa.totp.views import activate_totp
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.refused import NotThere
from countwell.clinic.store.scope import sessions_of


def second_step(request: HttpRequest) -> HttpResponse:
    """The setting up; somebody who has it goes to their account."""
    if is_mfa_enabled(request.user):
        return redirect("mfa_index")
    answer: HttpResponse = activate_totp(request)
    return answer


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
