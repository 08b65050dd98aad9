"""Dose and plan: the range, the tablets, the dated steps with their gates; a form to propose or sign the next one.

A step against which something grave stands, or a dose that has to be confirmed, is not signed at once: the page that interrupts
comes first.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.models import Act, Patient
from countwell.clinic.pages.interrupted import interrupted, not_let, to_confirm
from countwell.clinic.refused import NotThere
from countwell.clinic.store.standing import answer_for
from countwell.clinic.store.steps import (
    FREQUENCIES,
    STEPS,
    AgainstTheRules,
    Step,
    ToConfirm,
    open_proposals,
    propose,
    sign,
    step_of,
)
from countwell.paper.markup import join
from countwell.paper.notes import tests_section
from countwell.paper.plan import further_section, plan_section
from countwell.vocabulary import lists

PROPOSED = "Proposed. It changes nothing until a prescriber has signed it."
SIGNED = "Signed. The plan, the tests and the list follow it from now on."


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
    step = Step.of(request.POST)
    return _taken(request, step, PROPOSED, lambda: propose(request.patient, step, request.user, request.at))


def signed_step(request: HttpRequest) -> HttpResponse:
    """A step out of the form, signed at once."""
    step = Step.of(request.POST)
    return _taken(request, step, SIGNED, lambda: sign(request.patient, step, request.user, request.at))


def sign_proposal(request: HttpRequest, number: int) -> HttpResponse:
    """Signs what somebody has proposed."""
    found = Act.objects.filter(patient=request.patient, what="propose", confirmed_by=None, pk=number).first()
    if found is None:
        raise NotThere
    step = step_of(found, request.POST.get("again", "").strip())
    return _taken(request, step, SIGNED, lambda: sign(request.patient, step, request.user, request.at, found))


def _taken(request: HttpRequest, step: Step, says: str, take: Callable[[], Act]) -> HttpResponse:
    """The step, taken; or the page that interrupts, with what stands against it."""
    try:
        page = interrupted(request, step)
        if page is not None:
            return page
        take()
    except ToConfirm as error:
        return to_confirm(request, step, error)
    except AgainstTheRules as error:
        return not_let(request, step, error)
    messages.success(request, says)
    return redirect("plan", pid=request.patient.pid)
