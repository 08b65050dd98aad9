"""Telling the patient of a stop or hold: how they are reached, what was tried, and the form for what came of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from countwell.clinic.banner import banner_token
from countwell.clinic.models import Patient
from countwell.clinic.pages.today import done
from countwell.clinic.store import telling


def tell(request: HttpRequest) -> HttpResponse:
    """The open step with its tries; then a further try, appended."""
    patient: Patient = request.patient
    if request.method == "POST":
        made = telling.tell(patient, request.POST, request.user, request.at)
        return done(request, None, f"Noted: {telling.ways().outcomes[made.reason].says.lower()}")
    shown = {
        "patient": patient,
        "token": banner_token(patient),
        "waiting": telling.untold(patient),
        "ways": telling.ways(),
    }
    return render(request, "clinic/tell.html", shown)
