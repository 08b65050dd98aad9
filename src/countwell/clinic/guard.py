"""Every request passes here: who is it, may they, is the page still true; then the view, and one line in the audit.

A write, and its audit, are one transaction. If the audit cannot be written, nothing is shown and nothing saved.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.db import DatabaseError, DataError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.base.clock import now
from countwell.base.errors import CountwellError, http_status
from countwell.clinic.banner import check_banner
from countwell.clinic.labels import called_as_shown, label
from countwell.clinic.models import Person
from countwell.clinic.policy import Right, check_addresses, policy
from countwell.clinic.refused import NotSafe, NotThere, NotUsable, NotYours, Refused
from countwell.clinic.sent import check_sent
from countwell.clinic.signing_in import ELSEWHERE, OVER, asked_first, elsewhere, is_over, to_sign_in
from countwell.clinic.store import audit, scope, typed
from countwell.clinic.store.clock import why_read_only

Next = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]
WRITES = frozenset({"POST"})
CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'"
)
POLICY = f"{CONTENT}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


class Headers:
    """On every answer: nothing but the look is kept by the browser, nothing foreign is loaded, nothing can frame it."""

    def __init__(self, following: Next) -> None:
        self.following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Passes on, and marks what comes back."""
        response = self.following(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        return response


class Guard:
    """Between the addresses and the views."""

    def __init__(self, following: Next) -> None:
        self.following = following
        if faults := check_addresses():
            raise SystemExit("\n".join(str(fault.msg) for fault in faults))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Passes on; an address that is none is refused in the same words as one that is not for this person."""
        request.number = str(uuid.uuid4())
        request.at = now()
        request.purpose = ""
        response = self.following(request)
        return refusal(request, NotThere()) if response.status_code == NotThere.status else response

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse:
        """The view's answer, or the refusal; both audited."""
        match = request.resolver_match
        assert match is not None
        route = match.view_name or match.route
        try:
            right = _allowed(request, route)
            if isinstance(right, HttpResponse):
                return right
            if request.method in WRITES:
                with transaction.atomic():
                    return _audited(request, route, right, view, args, kwargs)
            return _audited(request, route, right, view, args, kwargs)
        except Refused as error:
            _deny(request, route, error.status)
            return refusal(request, error)
        except ELSEWHERE as error:
            return elsewhere(request, error)
        except DataError:
            return refusal(request, NotUsable("What was typed is too long for its field. Nothing was saved."))
        except DatabaseError:
            return refusal(request, NotSafe("The store cannot be reached. Nothing was saved."))
        except CountwellError as error:
            status = http_status(error)
            _deny(request, route, status)
            told = Refused(called_as_shown(route, str(error)))
            told.status, told.title = status, "This could not be done"
            return refusal(request, told)


def _allowed(request: HttpRequest, route: str) -> Right | HttpResponse:
    """The right that is used. Raises Refused; asks somebody unknown to sign in."""
    right = policy().wanted(route, request.method or "")
    if right is None:
        raise NotYours
    person = request.user
    if right.of == "anyone":
        return right
    if not isinstance(person, Person):
        return to_sign_in(request, _keep(request, right))
    if not person.is_active:
        logout(request)
        return redirect("account_login")
    if is_over(request):
        page = _keep(request, right)
        logout(request)
        return to_sign_in(request, page, OVER)
    if page := asked_first(request, route):
        return redirect(page)
    if not right.has(person.role):
        raise NotYours
    if request.method in WRITES and right.of != "self" and (why := why_read_only(request.at)):
        raise NotSafe(f"{why} It can be read; nothing was saved.")
    return right


def _keep(request: HttpRequest, right: Right) -> str:
    """Keeps what was typed into a form of the clinic by somebody whose session ran out; the page that will show it, or ""."""
    if request.method not in WRITES or right.of not in ("clinic", "patient"):
        return ""
    return typed.keep(request, _kept(request))


def _audited(
    request: HttpRequest, route: str, right: Right, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponse:
    pid = kwargs.pop("pid", None)
    if pid is not None:
        request.patient = scope.patient_for(request.user, pid, right, request.at, lock=request.method in WRITES)
        if request.method in WRITES:
            check_banner(request, right)
    check_sent(request, route)
    if request.method == "GET" and isinstance(request.user, Person):
        request.typed = typed.take(request.user, request.path, request.at)
    response = view(request, *args, **kwargs)
    if hasattr(response, "render") and callable(response.render):
        response = response.render()
    action = "write" if request.method in WRITES else "read"
    audit.append(request, action, route, pid or "", response.status_code, request.purpose)
    return response


def _deny(request: HttpRequest, route: str, status: int) -> None:
    """The denial in the audit, outside the transaction that was undone."""
    if isinstance(request.user, Person):
        patient = getattr(request, "patient", None)
        audit.append(request, "deny", route, patient.pid if patient is not None else "", status)


def refusal(request: HttpRequest, error: Refused) -> HttpResponse:
    """The page of a refusal; of one status all are of one shape."""
    kept = {} if error.status in (403, 404) else {"kept": _kept(request)}
    return render(request, "clinic/refused.html", {"error": error, **kept}, status=error.status)


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, by the labels it was typed under, so that it is not lost: shown to the same person, saved nowhere."""
    match = request.resolver_match
    route = match.view_name if match is not None else ""
    named = ((label(route, name), value) for name, value in request.POST.items())
    return [(says, value) for says, value in named if says and value]
