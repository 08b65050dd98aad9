"""The chart of one patient, and opening one that is not in one's care."""

from __future__ import annotations

from functools import cache

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from countwell.clinic.heading import left_open
from countwell.clinic.models import Patient, Relation
from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.store.acted import act
from countwell.clinic.store.explained import acceptable
from countwell.clinic.store.ordered import open_orders
from countwell.clinic.store.records import record_of
from countwell.clinic.store.reviews import keep
from countwell.clinic.store.scope import GLASS
from countwell.clinic.store.standing import answer_for
from countwell.clinic.store.telling import untold
from countwell.clinic.store.timeline import timeline
from countwell.model.answers import Answer
from countwell.model.records import Record
from countwell.pack.load import speaking_for
from countwell.paper.figure import figure
from countwell.paper.markup import Safe
from countwell.paper.page import packs_of, sections
from countwell.paper.plan import plan_section

WORDS = 15
SHOWN = 10
COMPLAINTS = {
    "wrong": "It is wrong",
    "late": "It came too late",
    "known": "It tells me what I knew",
    "not-for-me": "It is not for me to act on",
}


def chart(request: HttpRequest) -> HttpResponse:
    """Everything about one patient on one page: banner, advice with its basis, trends, tests, plan, timeline."""
    patient: Patient = request.patient
    answer, record = _beside(request)
    entries = timeline(patient, record, answer.as_of)
    waiting = [(one, one.late(answer.as_of.day)) for one in open_orders(patient, record, answer.as_of)]
    silent = [one for one in acceptable(answer, record) if one.finding.accepted]
    acts = {
        "open": left_open(request),
        "complaints": COMPLAINTS,
        "orders": waiting,
        "untold": untold(patient),
        "silent": silent,
    }
    packs = packs_of(answer)
    under = Safe(render_to_string("clinic/chart_acts.html", acts, request))
    steps = plan_section(answer_for(patient, request.at, "dose", record)[0])
    shown = {
        "sections": sections(answer, record, figure(answer, record, packs), packs, under, steps),
        "happened": entries[:SHOWN],
        "older": entries[SHOWN:],
    }
    return render(request, "clinic/chart.html", shown)


def _beside(request: HttpRequest) -> tuple[Answer, Record]:
    """The standing review, with what the other guidelines for the same condition say beside it."""
    record = record_of(request.patient)
    others = tuple(name for name in _guidelines(record.course.condition or "") if name != record.course.protocol)
    answer, _ = answer_for(request.patient, request.at, record=record, beside=others)
    request.answered = answer, record
    return answer, record


@cache
def _guidelines(condition: str) -> tuple[str, ...]:
    """The shipped protocols that speak for a condition; they do not change while Countwell runs."""
    return speaking_for(condition)


def feedback(request: HttpRequest) -> HttpResponse:
    """Says that what the rules said was wrong, late or not for this person; read every month, and changes nothing."""
    reason = request.POST.get("reason", "")
    if reason not in COMPLAINTS:
        raise NotUsable(f"Choose one of: {', '.join(COMPLAINTS.values())}.")
    note = request.POST.get("note", "").strip()
    kept = keep(request.patient, request.at)
    act(request.patient, "feedback", request.user, request.at, reason=reason, note=note, review=kept)
    messages.success(request, "Noted, with what the rules said. It is read every month; the advice stays as it is.")
    return redirect("chart", pid=request.patient.pid)


def break_glass(request: HttpRequest) -> HttpResponse:
    """Opens a chart of the own clinic without a relation, for an hour, with a reason that others will read."""
    if request.method != "POST":
        return render(request, "clinic/break_glass.html")
    reason = request.POST.get("reason", "").strip()
    if len(reason) < WORDS:
        raise NotUsable(f"Say in words why you need to open it: at least {WORDS} letters. Others will read it.")
    person, at = request.user, request.at
    if Relation.objects.filter(person=person, kind="break-glass", looked_at=None).exists():
        raise NotUsable("Your last opening has not been reviewed yet. Ask the privacy officer to review it first.")
    number = request.POST.get("number", "").strip()
    patient = Patient.objects.filter(clinic_id=person.clinic_id, number=number).first()
    if patient is None:
        raise NotThere
    Relation.objects.create(
        person=person, patient=patient, kind="break-glass", since=at, until=at + GLASS, reason=reason
    )  # fmt: skip
    return redirect("chart", pid=patient.pid)
