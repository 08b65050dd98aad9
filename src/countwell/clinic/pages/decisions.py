"""The decisions about a patient, each with the review that it rested on, made again on request."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from countwell.clinic.models import Act
from countwell.clinic.refused import NotThere
from countwell.clinic.store.acted import kinds
from countwell.clinic.store.reviews import again


def decisions(request: HttpRequest) -> HttpResponse:
    """Everything that people did about this patient, newest first."""
    rows = [(one, kinds()[one.what].says) for one in request.patient.acts.select_related("by").order_by("-at", "-pk")]
    return render(request, "clinic/decisions.html", {"rows": rows})


def decision(request: HttpRequest, number: int) -> HttpResponse:
    """One of them: what the rules said then, on what, and whether the same comes out again."""
    found = Act.objects.filter(patient=request.patient, pk=number).select_related("by", "review").first()
    if found is None:
        raise NotThere
    shown = {"act": found, "says": kinds()[found.what].says}
    if found.review is not None:
        shown |= {"answer": json.loads(found.review.answer), "replay": again(found.review)}
    return render(request, "clinic/decision.html", shown)
