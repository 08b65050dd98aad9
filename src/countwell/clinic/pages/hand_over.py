"""Who is accountable: offer and answer; pause, transfer and death; taking somebody on; and people without a plan."""

from __future__ import annotations

from functools import cache

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.banner import banner_token
from countwell.clinic.models import Patient
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.pages.today import done
from countwell.clinic.refused import NotUsable
from countwell.clinic.sent import number_of
from countwell.clinic.store import acted, shared_care
from countwell.clinic.store import hand_over as store
from countwell.clinic.store.letters import paused
from countwell.clinic.store.scope import colleagues_of, patients_of
from countwell.clinic.store.stand_in import in_force
from countwell.clinic.store.standing import answer_for, here
from countwell.model.answers import Answer, Unknown
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from countwell.paper.plain import fact, listing
from countwell.paper.words import WHY, shown
from countwell.vocabulary import lists
from countwell.vocabulary.tests import tests


def hand_over(request: HttpRequest) -> HttpResponse:
    """Everything by which accountability or the course leaves this person; an offer is made by posting here."""
    patient: Patient = request.patient
    colleagues = colleagues_of(request.user).filter(role__in=CLINICAL).order_by("name")
    if request.method == "POST":
        to = colleagues.filter(pk=number_of(request.POST.get("to", ""))).first()
        store.offer(patient, to, request.user, request.at, request.POST.get("note", ""))
        return done(request, None, f"Offered to {to}. You stay accountable until they accept")
    carers = shared_care.carers(patient)
    shown_ = {
        "patient": patient,
        "token": banner_token(patient),
        "colleagues": colleagues.exclude(pk=patient.owner_id),
        "offer": store.offered(patient),
        "carers": carers,
        "stand_ins": in_force(request.at, patient.clinic).filter(absent=patient.owner),
        "sharing": colleagues.exclude(pk__in=[one.pk for one in carers]),
        "paused": paused(patient, here(patient, request.at).day),
        "pauses": store.PAUSES,
    }
    return render(request, "clinic/hand_over.html", shown_)


def answer(request: HttpRequest) -> HttpResponse:
    """The colleague accepts or declines."""
    accept = request.POST.get("answer") == "accept"
    store.answer(request.patient, request.user, request.at, accept=accept)
    return done(request, None, "You are accountable from now on" if accept else "Declined; nothing has changed")


def share_care(request: HttpRequest) -> HttpResponse:
    """A colleague has the patient in their care too, or no longer."""
    patient: Patient = request.patient
    colleagues = colleagues_of(request.user)
    if request.POST.get("end"):
        who = colleagues.filter(pk=number_of(request.POST["end"])).first()
        shared_care.end(patient, who, request.user, request.at)
        return done(request, None, f"{who} no longer has {patient.name} in their care")
    to = colleagues.filter(pk=number_of(request.POST.get("to", ""))).first()
    others = patients_of(request.user, request.at).filter(owner=request.user).exclude(pk=patient.pk)
    also = list(others) if request.POST.get("every") else []
    count = shared_care.give([patient, *also], to, request.user, request.at)
    return done(request, None, f"{to} sees {count} more patients. Who is accountable has not changed")


def pause(request: HttpRequest) -> HttpResponse:
    """Pauses reminders until a day, or lets them go on."""
    if request.POST.get("resume"):
        store.resume(request.patient, request.user, request.at)
        return done(request, None, "Reminders go on")
    made = store.pause(request.patient, request.POST, request.user, request.at)
    return done(request, None, f"Reminders wait until {made.until:%-d %b %Y}. Late tests still stand on the list")


def transfer_out(request: HttpRequest) -> HttpResponse:
    """Records that another service has taken over."""
    store.transfer_out(request.patient, request.POST, request.user, request.at)
    return done(request, None, "Handed over. No reminder goes any more")


def died(request: HttpRequest) -> HttpResponse:
    """Records a death; every letter that waits is withheld at this instant."""
    count = store.died(request.patient, request.POST, request.user, request.at)
    return done(request, None, f"Recorded. Nothing goes to this patient any more; {count} letters were withheld")


def take_on(request: HttpRequest) -> HttpResponse:
    """A new patient; then what is missing."""
    if request.method == "POST":
        if request.POST.get("protocol") not in _protocols():
            raise NotUsable("Choose the protocol from the list.")
        made = store.take_on(request.POST, request.user, request.at)
        messages.success(request, "Taken on. You are accountable.")
        return redirect("missing", pid=made.pid)
    return render(
        request, "clinic/take_on.html", {"protocols": _protocols(), "conditions": lists.entries("conditions")}
    )


@cache
def _protocols() -> tuple[str, ...]:
    """The protocols that come with Countwell."""
    packs = (read_pack(find(name), cases=False) for name in shipped())
    return tuple(pack.name for pack in packs if pack.kind == "protocol")


def missing(request: HttpRequest) -> HttpResponse:
    """What is missing before a first or a further prescription, from whom, and what would settle it."""
    patient: Patient = request.patient
    answer_, _ = answer_for(patient, request.at)
    shown_ = {"patient": patient, "rows": _missing(answer_), "tests": _never(answer_), "answer": answer_}
    return render(request, "clinic/missing.html", shown_)


def _missing(answer_: Answer) -> list[tuple[str, str, str, str]]:
    return [(fact(row.fact), shown(WHY, row.why), _from_whom(row), row.settle) for row in answer_.unknown]


def _from_whom(row: Unknown) -> str:
    """Who can give it: the patient what was not asked, the laboratory a test, the clinic the rest."""
    if row.why == "not-asked":
        return "the patient, or the GP"
    return "the laboratory" if row.fact.removesuffix("_times") in tests() or "result" in row.settle else "the clinic"


def _never(answer_: Answer) -> list[tuple[str, str]]:
    rows = [row for row in answer_.details.get("tests", ()) if row.get("state") == "never-done"]
    return [(fact(row["group"]), listing([fact(name) for name in row.get("missing") or ()])) for row in rows]


def untracked(request: HttpRequest) -> HttpResponse:
    """People of whom something came though no course goes on here."""
    rows = store.untracked(patients_of(request.user, request.at))
    shown_ = {"rows": [(patient, came, banner_token(patient)) for patient, came in rows]}
    return render(request, "clinic/untracked.html", shown_)


def no_plan(request: HttpRequest) -> HttpResponse:
    """Says why there is no plan; the person leaves the list until something else comes."""
    note = request.POST.get("note", "").strip()
    if not note:
        raise NotUsable("Say why there is no plan, in a few words.")
    acted.act(request.patient, "no-plan", request.user, request.at, note=note)
    return done(request, None, "Noted why there is no plan")
