"""Rules that are switched off: asked for by one person, approved by another, on again by themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.store import muted
from countwell.clinic.store.scope import patients_of
from countwell.clinic.store.standing import run_all


def switches(request: HttpRequest) -> HttpResponse:
    """What is off, what is asked for, and the form."""
    clinic = request.user.clinic
    shown = {
        "off": muted.off(clinic, request.at),
        "waiting": muted.waiting(clinic, request.at),
        "rules": muted.rules(),
        "most": muted.most_days(),
        "role": request.user.role,
    }
    return render(request, "clinic/switches.html", shown)


def ask_switch(request: HttpRequest) -> HttpResponse:
    """Asks for a rule to be switched off."""
    form = request.POST
    muted.ask(
        request.user.clinic,
        form.get("rule", ""),
        form.get("days", ""),
        form.get("reason", ""),
        request.user,
        request.at,
    )
    messages.success(request, "Asked for. Nothing changes until another person has approved it.")
    return redirect("switches")


def approve_switch(request: HttpRequest, number: int) -> HttpResponse:
    """The second person's approval; the rules run again on all."""
    muted.approve(request.user.clinic, number, request.user, request.at)
    return _ran(request, "Switched off. Every page says so until it is on again.")


def switch_on(request: HttpRequest, number: int) -> HttpResponse:
    """On again before its time."""
    muted.switch_on(request.user.clinic, number, request.at)
    return _ran(request, "The rule is on again.")


def _ran(request: HttpRequest, says: str) -> HttpResponse:
    run_all(patients_of(request.user, request.at).select_related("clinic"), request.at)
    messages.success(request, says)
    return redirect("switches")
