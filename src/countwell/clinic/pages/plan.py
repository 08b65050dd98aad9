"""Dose and plan: the range, the tablets, the dated steps with their gates; a form to propose or sign the next one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.models import Act, Patient
from countwell.clinic.refused import NotThere
from countwell.clinic.store.standing import answer_for
from countwell.clinic.store.steps import FREQUENCIES, STEPS, Step, open_proposals, propose, sign, step_of
from countwell.paper.markup import join
from countwell.paper.notes import tests_section
from countwell.paper.plan import further_section, plan_section
from countwell.vocabulary import lists


def plan(request: HttpRequest) -> HttpResponse:
    """The plan as the engine makes it today, and what has been proposed."""
    patient: Patient = request.patient
    question = "start" if patient.standing.state == "proposed" else "dose"
    answer, _ = answer_for(patient, request.at, question)
    shown = {
        "answer": answer,
        "plan": join([plan_section(answer), further_section(answer), tests_section(answer)]),
        "proposals": [(one, step_of(one)) for one in open_proposals(patient)],
        "steps": STEPS,
        "frequencies": FREQUENCIES,
        "reasons": lists.entries("reasons"),
        "signs": request.user.role == "prescriber",
    }
    return render(request, "clinic/plan.html", shown)


def new_step(request: HttpRequest) -> HttpResponse:
    """A step out of the form: proposed, whoever sends it."""
    propose(request.patient, Step.of(request.POST), request.user, request.at)
    return _back(request, "Proposed. It changes nothing until a prescriber has signed it.")


def signed_step(request: HttpRequest) -> HttpResponse:
    """A step out of the form, signed at once."""
    sign(request.patient, Step.of(request.POST), request.user, request.at)
    return _back(request, "Signed. The plan, the tests and the list follow it from now on.")


def sign_proposal(request: HttpRequest, number: int) -> HttpResponse:
    """Signs what somebody has proposed."""
    found = Act.objects.filter(patient=request.patient, what="propose", confirmed_by=None, pk=number).first()
    if found is None:
        raise NotThere
    sign(request.patient, step_of(found), request.user, request.at, found)
    return _back(request, "Signed. The plan, the tests and the list follow it from now on.")


def _back(request: HttpRequest, says: str) -> HttpResponse:
    messages.success(request, says)
    return redirect("plan", pid=request.patient.pid)
