"""One's own account: the second step is set up once; whoever runs the clinic lets somebody set it up again."""

from __future__ import annotations

from allauth.mfa.totp.views import activate_totp
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def second_step(request: HttpRequest) -> HttpResponse:
    """The setting up; somebody who has it goes to their account."""
    if is_mfa_enabled(request.user):
        return redirect("mfa_index")
    answer: HttpResponse = activate_totp(request)
    return answer
