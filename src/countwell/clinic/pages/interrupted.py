"""The page that interrupts: shown at the moment somebody is about to sign a step against which something grave stands.

It says what was found, what the source says, what to do and what is not known. Nothing is signed by it, and leaving it signs
nothing. Going on takes a coded reason and the value that was read.
"""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from countwell.clinic.heading import answered, left_open
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import acting
from countwell.clinic.store.acted import act
from countwell.clinic.store.interrupts import Alarm, alarm_of
from countwell.clinic.store.reviews import keep
from countwell.clinic.store.steps import AgainstTheRules, Step, ToConfirm, may_be
from countwell.paper.findings import sure_section
from countwell.paper.markup import Child
from countwell.paper.notes import unknown_section
from countwell.paper.page import packs_of


def interrupted(request: HttpRequest, step: Step) -> HttpResponse | None:
    """The page, unless nothing grave stands, the step makes things safer, or what was found has been read and answered.

    Raises AgainstTheRules if the engine does not let the step be: then there is nothing to go on with.
    """
    if step.do == "hold":
        return None
    may_be(request.patient, step, request.at)
    alarm = alarm_of(answered(request)[0], left_open(request))
    if alarm is None:
        return None
    if "read" not in request.POST:
        return _page(request, step, alarm)
    try:
        _go_on(request, alarm)
    except NotUsable as error:
        return _page(request, step, alarm, error)
    return None


def _go_on(request: HttpRequest, alarm: Alarm) -> None:
    """Notes the override, with its reason and what was read. Raises NotUsable if either is missing."""
    alarm.check_read(request.POST)
    why = acting.coded_reason(request.POST, "less")
    note = f"Read: {alarm.word}. {request.POST.get('note', '').strip()}".strip()
    kept = keep(request.patient, request.at)
    act(request.patient, "override", request.user, request.at, reason=why, note=note, review=kept)


def _page(request: HttpRequest, step: Step, alarm: Alarm, error: NotUsable | None = None) -> HttpResponse:
    more = {"alarm": alarm, "error": error, "reasons": acting.reasons()}
    return render(request, "clinic/interrupted.html", _shown(request, step, alarm) | more, status=NotUsable.status)


def not_let(request: HttpRequest, step: Step, error: AgainstTheRules) -> HttpResponse:
    """The page for a step that the engine does not let be: why, what to do instead, and whom to call; no way to go on."""
    alarm = alarm_of(answered(request)[0], left_open(request))
    more = {"error": error, "unknown": unknown_section(error.answer)}
    return render(request, "clinic/interrupted.html", _shown(request, step, alarm) | more, status=error.status)


def to_confirm(request: HttpRequest, step: Step, error: ToConfirm) -> HttpResponse:
    """The page that reads a dose back: by how much it is more than the one in force, and why a named person confirms it."""
    shown = {
        "step": step,
        "error": error if step.again else None,
        "answer": error.answer,
        "because": error.answer.details["because"],
    }
    return render(request, "clinic/to_confirm.html", shown, status=error.status)


def _shown(request: HttpRequest, step: Step, alarm: Alarm | None) -> dict[str, object]:
    answer, record = answered(request)
    grave: Child = None
    if alarm is not None:
        grave = sure_section(replace(answer, findings=tuple(alarm.findings)), record, packs_of(answer))
    return {"step": step, "answer": answer, "found": grave, "unknown": unknown_section(answer)}
