"""What is shown when something went wrong before or after the guard. None of it carries a record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from countwell.clinic.refused import NotThere, OutOfDate, Refused


def not_there(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No such address, in the words used for a patient that is not in one's care."""
    return _page(request, NotThere())


def no_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the browser's token: signed out meanwhile, or sent from elsewhere."""
    error = OutOfDate("The form is too old or did not come from this page. Nothing was saved. Open the page again.")
    error.status = 403
    return _page(request, error)


def fault(request: HttpRequest) -> HttpResponse:
    """Countwell itself is at fault."""
    error = Refused("Something went wrong in Countwell. Nothing was saved. Tell whoever runs it, with this number.")
    error.status, error.title = 500, "A fault in Countwell"
    return _page(request, error)


def _page(request: HttpRequest, error: Refused) -> HttpResponse:
    return render(request, "clinic/refused.html", {"error": error}, status=error.status)
