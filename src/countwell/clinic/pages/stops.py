"""Recording a stop: always in reach, by everybody who treats, and never lost to somebody else's change."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.banner import banner_token
from countwell.clinic.models import Patient
from countwell.clinic.pages.acting import still_open
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.acted import act
from countwell.clinic.store.records import append
from countwell.clinic.store.reviews import keep, resting
from countwell.clinic.store.standing import here
from countwell.vocabulary import lists


def stop(request: HttpRequest) -> HttpResponse:
    """A form for the reason; then a stop decision in the record, at this minute, with the review that stood before."""
    patient: Patient = request.patient
    reasons = lists.entries("reasons")
    if request.method != "POST":
        shown = {"patient": patient, "token": banner_token(patient), "reasons": reasons}
        return render(request, "clinic/stop.html", shown)
    reason = request.POST.get("reason", "")
    if reason not in reasons:
        raise NotUsable("Choose the reason for the stop from the list.")
    at = here(patient, request.at).at.isoformat()
    event = {"kind": "decision", "do": "stop", "at": at, "reason": reason, "by": str(request.user.pk)}
    review = keep(patient, request.at)
    made = next(iter(append(patient, [resting(event, review)], request.user, request.at)), None)
    act(patient, "stop", request.user, request.at, reason=reason, review=review, event=made)
    messages.success(request, f"The stop is recorded.{still_open(request)}")
    return redirect("chart", pid=patient.pid)
