"""How a patient is reached, and what they weigh: what stands, who changed it, and a form to correct each."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.heading import answered
from countwell.clinic.models import Patient
from countwell.clinic.policy import policy
from countwell.clinic.refused import NotUsable, OutOfDate
from countwell.clinic.store import reached, weighed
from countwell.clinic.store.standing import here
from countwell.paper.plain import as_read

WEIGHS = "weigh"  # the right


def details(request: HttpRequest) -> HttpResponse:
    """What stands; then what was typed over it, kept. Refused, with what stands now, if somebody else changed the same."""
    if request.method != "POST":
        return _page(request)
    typed = reached.typed(request.POST)
    try:
        changed = reached.change(request.patient, typed, request.POST.get("shown", ""), request.user, request.at)
    except (NotUsable, OutOfDate) as error:
        return _page(request, typed, error=error)
    request.purpose = f"changed: {', '.join(changed) or 'nothing'}"
    messages.success(request, "Saved. Nothing was sent." if changed else "Nothing was changed.")
    return redirect("details", pid=request.patient.pid)


def weigh(request: HttpRequest) -> HttpResponse:
    """What a weight would say; and, once that has been seen, the weight recorded."""
    form = {"kg": request.POST.get("kg", ""), "day": request.POST.get("day", "")}
    try:
        checked = weighed.check(request.patient, form["kg"], form["day"], request.at)
    except NotUsable as error:
        return _page(request, error=error, **form)
    if request.POST.get("do") != "record":
        return _page(request, checked=checked, **form)
    weighed.weigh(request.patient, checked, request.user, request.at)
    says = as_read(checked.checked.then.headline)
    messages.success(request, f"Recorded: {checked.checked.reads}. {says} {checked.dose_then}")
    return redirect("details", pid=request.patient.pid)


def _page(
    request: HttpRequest,
    typed: Mapping[str, str] | None = None,
    error: NotUsable | OutOfDate | None = None,
    **more: object,
) -> HttpResponse:
    """typed: what was typed over how the patient is reached; else what stands."""
    patient: Patient = request.patient
    page = {
        "fields": [(one, one.value if typed is None else typed[one.name]) for one in reached.kept(patient)],
        "shown": reached.shown(patient),
        "dose": weighed.dose_for_each_kg(*answered(request)),
        "weights": weighed.weights(patient),
        "weighs": policy().rights[WEIGHS].has(request.user.role),
        "day": here(patient, request.at).day.isoformat(),
        "error": error,
    }
    return render(request, "clinic/details.html", page | more, status=error.status if error else None)
