"""The worklist: what needs a person today, worst first, with the reason and the act."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from countwell.clinic.store.worklist import worklist


def today(request: HttpRequest) -> HttpResponse:
    """The list of the patients in the person's care, worked out now."""
    found = worklist(request.user, request.at, dict(request.GET.items()))
    return render(request, "clinic/today.html", {"list": found})
