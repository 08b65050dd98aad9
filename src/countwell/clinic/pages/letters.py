"""Letters of one patient: write, read, send; and the outbox of the clinic with what failed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.banner import banner_token
from countwell.clinic.models import Letter, Patient
from countwell.clinic.refused import NotThere
from countwell.clinic.store import letters as store
from countwell.clinic.store.records import touched
from countwell.clinic.store.scope import letters_of


def letters(request: HttpRequest) -> HttpResponse:
    """The letters of a patient, newest first; a new one is written by posting here, and waits."""
    patient: Patient = request.patient
    if request.method == "POST":
        made = store.write(patient, request.POST.get("kind", ""), request.POST.get("way", ""), request.user, request.at)
        touched(patient)
        messages.success(request, f"{len(made)} written. Read it, then send it.")
        return redirect("letters", pid=patient.pid)
    rows = patient.letters.defer("pdf").select_related("made_by").order_by("-made_at", "-pk")
    shown = {
        "patient": patient,
        "rows": rows,
        "kinds": store.kinds(),
        "ways": store.WAYS,
        "token": banner_token(patient),
    }
    return render(request, "clinic/letters.html", shown)


def letter(request: HttpRequest, number: int) -> HttpResponse:
    """One letter as PDF."""
    one = _found(request.patient, number)
    answer = HttpResponse(bytes(one.pdf or b""), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="letter-{one.pk}.pdf"'
    return answer


def send(request: HttpRequest, number: int) -> HttpResponse:
    """Sends a letter now, or notes that it was printed; withheld if it must not go any more."""
    one = _found(request.patient, number)
    store.send(one, request.at)
    told = {"sent": "Sent.", "failed": f"It did not go: {one.why}.", "withheld": f"It was withheld: {one.why}."}
    messages.info(request, told[one.state])
    return redirect("letters", pid=request.patient.pid)


def outbox(request: HttpRequest) -> HttpResponse:
    """What waits, what failed, what was withheld, of the patients in the person's care."""
    rows = letters_of(request.user, request.at).exclude(state="sent").select_related("patient").defer("pdf", "body")
    return render(request, "clinic/outbox.html", {"rows": rows.order_by("state", "made_at")})


def _found(patient: Patient, number: int) -> Letter:
    found = Letter.objects.filter(patient=patient, pk=number).select_related("patient__clinic").first()
    if found is None:
        raise NotThere
    return found
