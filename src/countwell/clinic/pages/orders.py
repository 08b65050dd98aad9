"""What was ordered for a patient and has not come: a test ordered for a day, and what is not waited for any more."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.banner import banner_token
from countwell.clinic.heading import answered
from countwell.clinic.models import Patient
from countwell.clinic.store import ordered
from countwell.clinic.store.chase import ladder
from countwell.clinic.store.standing import here, run_rules


def orders(request: HttpRequest) -> HttpResponse:
    """All that is waited for, with its day, and the form to order a test; then the order, made."""
    patient: Patient = request.patient
    if request.method == "POST":
        until = _day(request.POST.get("until", ""))
        ordered.order(patient, request.POST.get("test", ""), until, request.user, here(patient, request.at))
        messages.success(request, "Ordered. Until its result is here it is late from the day after.")
        return redirect("orders", pid=patient.pid)
    today = here(patient, request.at).day
    rows = [
        (one, one.late(today)) for one in ordered.open_orders(patient, answered(request)[1], here(patient, request.at))
    ]
    shown = {"rows": rows, "tests": ordered.choices(), "days": ladder().come_days, "token": banner_token(patient)}
    return render(request, "clinic/orders.html", shown)


def withdraw(request: HttpRequest) -> HttpResponse:
    """Says that something is not waited for any more, and why."""
    patient: Patient = request.patient
    waiting = ordered.open_orders(patient, answered(request)[1], here(patient, request.at))
    key, why = request.POST.get("order", ""), request.POST.get("why", "")
    found = ordered.withdraw(patient, key, why, waiting, request.user, request.at)
    run_rules(patient, request.at)
    messages.success(request, f"{found.name} is not waited for any more. What the rules want stands.")
    return redirect("orders", pid=patient.pid)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
