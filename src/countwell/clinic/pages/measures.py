"""The monthly report of a clinic."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from countwell.clinic.store.report import report


def measures(request: HttpRequest) -> HttpResponse:
    """A month of the own clinic; `month` is in the address, and nothing of a person."""
    found = report(request.user.clinic, request.GET.get("month", ""), request.at)
    return render(request, "clinic/measures.html", {"report": found})
