"""The chart of one patient."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.banner import banner_token
from countwell.clinic.models import Patient, Relation
from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.store.scope import GLASS
from countwell.clinic.store.standing import answer_for

WORDS = 15


def chart(request: HttpRequest) -> HttpResponse:
    """Everything about one patient on one page: banner, advice with its basis, trends, tests, plan, timeline."""
    patient: Patient = request.patient
    answer, record = answer_for(patient, request.at)
    shown = {"patient": patient, "answer": answer, "record": record, "token": banner_token(patient)}
    return render(request, "clinic/chart.html", shown)


def break_glass(request: HttpRequest) -> HttpResponse:
    """Opens a chart of the own clinic without a relation, for an hour, with a reason that others will read."""
    if request.method != "POST":
        return render(request, "clinic/break_glass.html")
    reason = request.POST.get("reason", "").strip()
    if len(reason) < WORDS:
        raise NotUsable(f"Say in words why you need to open it: at least {WORDS} letters. Others will read it.")
    person, at = request.user, request.at
    number = request.POST.get("number", "").strip()
    patient = Patient.objects.filter(clinic_id=person.clinic_id, number=number).first()
    if patient is None:
        raise NotThere
    if Relation.objects.filter(person=person, kind="break-glass", looked_at=None, until__lte=at).exists():
        raise NotUsable("Your last opening has not been reviewed yet. Ask the privacy officer to review it first.")
    Relation.objects.create(
        person=person, patient=patient, kind="break-glass", since=at, until=at + GLASS, reason=reason
    )  # fmt: skip
    return redirect("chart", pid=patient.pid)
