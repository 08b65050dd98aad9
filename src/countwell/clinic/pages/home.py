"""The first page: each role's own; and the page that says whether the list can be believed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.models import Clinic
from countwell.clinic.store.clock import why_read_only
from countwell.clinic.store.watch import watch

START = {"prescriber": "today", "nurse": "today", "pharmacist": "today", "auditor": "audit", "admin": "people"}


def home(request: HttpRequest) -> HttpResponse:
    """To the person's own start page."""
    return redirect(START.get(request.user.role, "mfa_index"))


def status(request: HttpRequest) -> HttpResponse:
    """Without sign-in and without patient data: is each clinic's list safe to believe?"""
    rows = [(clinic, watch(clinic, request.at)) for clinic in Clinic.objects.order_by("name")]
    why = why_read_only(request.at)
    code = 200 if not why and all(row.believable for _, row in rows) else 503
    return render(request, "clinic/status.html", {"rows": rows, "why": why}, status=code)
