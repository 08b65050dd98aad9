"""Findings that have an explanation: each with the form to accept it; those that are silent with the way to end that."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.heading import answered
from countwell.clinic.pages.acting import still_open
from countwell.clinic.store import explained
from countwell.clinic.store.chase import ladder
from countwell.clinic.store.standing import here
from countwell.paper.findings import sure_section
from countwell.paper.page import packs_of


def accepted(request: HttpRequest) -> HttpResponse:
    """What was found, and a form for each; then one of them accepted, or an acceptance ended."""
    if request.method == "POST":
        return _done(request)
    answer, record = answered(request)
    found, today = explained.acceptable(answer, record), here(request.patient, request.at).day
    shown = {
        "findings": sure_section(answer, record, packs_of(answer)),
        "open": [one for one in found if not one.finding.accepted],
        "silent": [one for one in found if one.finding.accepted],
        "today": today,
        "latest": today + timedelta(days=ladder().longest_days),
    }
    return render(request, "clinic/explained.html", shown)


def _done(request: HttpRequest) -> HttpResponse:
    if request.POST.get("do") == "end":
        explained.end(request.patient, request.POST, request.user, request.at)
        messages.success(request, "It speaks again from today on.")
    else:
        explained.accept(request.patient, request.POST, request.user, request.at)
        messages.success(request, f"Accepted. It speaks again when something worse comes.{still_open(request)}")
    return redirect("chart", pid=request.patient.pid)
