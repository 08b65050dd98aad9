"""The monthly report of a clinic."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from countwell.clinic.refused import NotThere
from countwell.clinic.store.measured import page_of
from countwell.clinic.store.report import month_of, report


def measures(request: HttpRequest) -> HttpResponse:
    """A month of the own clinic that is over; `month` is in the address, and nothing of a person."""
    found = report(request.user.clinic, request.GET.get("month", ""), request.at)
    made = page_of(request.user.clinic, found.month) is not None
    return render(request, "clinic/measures.html", {"report": found, "made": made})


def register(request: HttpRequest) -> HttpResponse:
    """The page of the register's measures for a `month`: tests on time, alarms acted on, burden. To be kept as a file."""
    first = month_of(request.user.clinic, request.GET.get("month", ""), request.at)
    page = page_of(request.user.clinic, first)
    if page is None:
        raise NotThere
    named = f'attachment; filename="measures-{first:%Y-%m}.html"'
    return HttpResponse(page.read_bytes(), headers={"Content-Type": "text/html", "Content-Disposition": named})
