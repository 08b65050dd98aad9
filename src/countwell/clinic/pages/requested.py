"""A copy for the patient, or the record erased: asked for and agreed on beside the chart, carried out by the admin."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.banner import banner_token
from countwell.clinic.models import Proposal
from countwell.clinic.store import audit, copied
from countwell.clinic.store import requested as store


def requested(request: HttpRequest) -> HttpResponse:
    """What was asked of this record, how far it came, and the forms to ask."""
    patient = request.patient
    if request.method == "POST":
        store.ask(patient, request.POST.get("what", ""), request.POST.get("reason", ""), request.user, request.at)
        messages.success(request, "Asked for. A second prescriber who cares for this patient has to agree.")
        return redirect("requested", pid=patient.pid)
    shown = {
        "patient": patient,
        "token": banner_token(patient),
        "rows": [(one, _words(one), _open(one, request)) for one in store.of_patient(patient)],
        "kinds": store.kinds(),
        "days": store.OPEN.days,
    }
    return render(request, "clinic/requested.html", shown)


def _words(one: Proposal) -> tuple[str, str]:
    kind = store.kinds()[one.what]
    return kind.says, kind.reasons.get(one.reason, one.reason)


def _open(one: Proposal, request: HttpRequest) -> bool:
    """Whether the person who looks may take this copy now."""
    done = one.what == "copy" and one.done_at is not None and one.asked_by_id == request.user.pk
    return done and request.at - one.done_at < store.OPEN


def answer(request: HttpRequest, number: int) -> HttpResponse:
    """The second prescriber agrees or declines."""
    agree = request.POST.get("answer") == "agree"
    store.answer(request.patient, number, request.user, request.at, agree=agree)
    messages.success(request, "Agreed. An admin carries it out." if agree else "Declined. Nothing happens.")
    return redirect("requested", pid=request.patient.pid)


def copy(request: HttpRequest, number: int) -> HttpResponse:
    """The copy, as it stands now."""
    store.may_be_taken(request.patient, number, request.user, request.at)
    answer_ = HttpResponse(copied.copy_of(request.patient, request.at), content_type="application/zip")
    answer_.headers["Content-Disposition"] = f'attachment; filename="copy-{request.patient.pid}.zip"'
    return answer_


def agreed(request: HttpRequest) -> HttpResponse:
    """For the admin: what was agreed on, by public id and reason alone."""
    rows = [(one, _words(one)) for one in store.agreed(request.user)]
    return render(request, "clinic/agreed.html", {"rows": rows})


def carry_out(request: HttpRequest, number: int) -> HttpResponse:
    """Carries it out; the audit says of whom, why, and for which two people."""
    done = store.carry_out(request.user, number, request.at)
    purpose = f"{done.what}: {done.reason}; asked by {done.asked_by_id}, agreed by {done.approved_by_id}"
    audit.append(request, done.what, "carry-out", done.about, purpose=purpose)
    says = "The record is erased." if done.what == "erase" else "The copy can be taken by whoever asked for it."
    messages.success(request, says)
    return redirect("agreed")
