"""Who has looked: for those who care for a patient, for oneself, and for the auditor."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.store import audit, looked


def looks(request: HttpRequest) -> HttpResponse:
    """Who has looked at this patient's record, and who changed something."""
    return render(request, "clinic/looked.html", {"rows": looked.of_patient(request.patient)})


def own_looks(request: HttpRequest) -> HttpResponse:
    """What this account did."""
    return render(request, "clinic/own_looks.html", {"rows": looked.of_person(request.user)})


def audited(request: HttpRequest) -> HttpResponse:
    """The audit of the clinic: metadata alone; whether its chain holds; charts opened outside one's care."""
    shown = {
        "rows": looked.of_clinic(request.user, request.GET),
        "broken": list(audit.broken()),
        "opened": looked.opened_outside(request.user),
        "wanted": request.GET,
    }
    return render(request, "clinic/audit.html", shown)


def review_opening(request: HttpRequest, number: int) -> HttpResponse:
    """Notes that an opening was reviewed."""
    looked.review_opening(request.user, number, request.at)
    messages.success(request, "Noted as reviewed.")
    return redirect("audit")
