"""What the rules closed, with the ones that a person looks at all the same."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.banner import banner_token
from countwell.clinic.store import closed as store


def closed(request: HttpRequest) -> HttpResponse:
    """The list, those drawn for a check first."""
    rows = [(row, banner_token(row.patient)) for row in store.closed(request.user, request.at)]
    left = sum(1 for row, _ in rows if row.drawn and row.checked is None)
    return render(request, "clinic/closed.html", {"rows": rows, "left": left, "rules": store.rules()})


def checked(request: HttpRequest) -> HttpResponse:
    """Somebody has looked at one of them, and agrees."""
    store.check(request.patient, request.user, request.at, request.POST.get("note", ""))
    messages.success(request, "Checked, and agreed.")
    return redirect("closed")
