"""The form to act on what the rules say, and the three ways to do so."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.heading import answered, left_open
from countwell.clinic.models import Act
from countwell.clinic.policy import policy
from countwell.clinic.store import acted, acting
from countwell.clinic.store.interrupts import alarm_of
from countwell.clinic.store.standing import here, run_rules
from countwell.clinic.store.steps import FREQUENCIES
from countwell.paper.findings import sure_section
from countwell.paper.levels import actions
from countwell.paper.notes import unknown_section
from countwell.paper.page import packs_of
from countwell.paper.plain import fact, listing
from countwell.vocabulary import lists


def act(request: HttpRequest) -> HttpResponse:
    """The form, with the findings and their basis; then what is advised, done."""
    if request.method == "POST":
        return _done(request, acting.as_advised(request.patient, request.POST, request.user, request.at))
    answer, record = answered(request)
    findings = [sure_section(answer, record, packs_of(answer)), unknown_section(answer)]
    return render(request, "clinic/act.html", {"findings": findings, **form_of(request)})


def more(request: HttpRequest) -> HttpResponse:
    """Done: more than is advised."""
    return _done(request, acting.more(request.patient, request.POST, request.user, request.at))


def otherwise(request: HttpRequest) -> HttpResponse:
    """Done: less than is advised, or something else."""
    return _done(request, acting.less(request.patient, request.POST, request.user, request.at))


def form_of(request: HttpRequest) -> dict[str, object]:
    """What the form needs: what is open, what is advised in words, and what this person may choose."""
    answer, _ = answered(request)
    left = left_open(request)
    stop_level = any(place in acted.ALONE for place in left.values())
    wanted = policy().wanted("act-otherwise", "POST")
    return {
        "left": left,
        "stop_level": stop_level,
        "interrupts": alarm_of(answer, left),
        "closes": not stop_level or policy().rights[acting.CLOSE].has(request.user.role),
        "may_do_less": wanted is not None and wanted.has(request.user.role),
        "answer": answer,
        "halt": answer.advice.drug if answer.advice.drug in ("hold", "stop") and acting.is_taken(answer) else "",
        "advised": actions(answer),
        "reduces": answer.advice.drug == "reduce" and answer.course.state == "active",
        "signs": policy().rights[acting.SIGN].has(request.user.role),
        "frequencies": FREQUENCIES,
        "orders": listing([fact(group) for group in acting.ordered(answer)]),
        "today": here(request.patient, request.at).day,
        "latest": acting.latest_day(answer),
        "halts": lists.entries("reasons"),
        "reasons": acting.reasons(),
    }


def _done(request: HttpRequest, acts: Sequence[Act]) -> HttpResponse:
    """Back to the chart; what is still open is said there."""
    messages.success(request, f"Recorded: {request.user} {acted.kinds()[acts[0].what].says}.{still_open(request)}")
    return redirect("chart", pid=request.patient.pid)


def still_open(request: HttpRequest) -> str:
    """A sentence where the patient stays on the list after what was recorded; else nothing."""
    if not acting.open_episodes(request.patient, run_rules(request.patient, request.at)):
        return ""
    if policy().rights[acting.CLOSE].has(request.user.role):
        return " Something still waits for an answer: the patient stays on the list."
    return " A prescriber still has to see it: it stays on the list."
