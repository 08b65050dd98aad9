"""Following up a late test: the ladder of one patient with what was tried, and the call list to print."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from countwell.clinic.banner import banner_token
from countwell.clinic.models import Patient, Standing
from countwell.clinic.pages.today import done
from countwell.clinic.store.chase import (
    Rung,
    ending,
    ladder,
    next_rung,
    of_due,
    rungs,
    supplies_of,
    tried,
    tries_of,
    words,
)
from countwell.clinic.store.hours import today_of
from countwell.clinic.store.scope import patients_of
from countwell.clinic.store.standing import late_days
from countwell.clinic.store.worklist import worklist


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the call list."""

    standing: Standing
    late: int
    rung: Rung
    tried: list[str]


def contact(request: HttpRequest) -> HttpResponse:
    """The ladder with its days, what was tried, and the form for a further try; then the try, appended."""
    patient: Patient = request.patient
    if request.method == "POST":
        act = tried(patient, request.POST, request.user, request.at)
        return done(request, act.pk, f"Noted: {words(act)}")
    due_by = patient.standing.due_by
    today = today_of(patient.clinic, request.at)
    tries = of_due(tries_of([patient.pk]).get(patient.pk, ()), due_by) if due_by else []
    shown = {
        "patient": patient,
        "token": banner_token(patient),
        "late": late_days(patient.standing.due, today),
        "rungs": rungs(due_by, tries, today, supplies_of([patient.pk]).get(patient.pk)) if due_by else [],
        "tries": [(one, words(one), one.note.partition(": ")[2]) for one in tries],
        "ladder": ladder(),
    }
    return render(request, "clinic/contact.html", shown)


def calls(request: HttpRequest) -> HttpResponse:
    """Everybody with a late test whose next step has come, in the order of the list: to print, and call from."""
    today = today_of(request.user.clinic, request.at)
    late = [item for group in worklist(request.user, request.at, {}).groups for item in group.items if item.late]
    rows = Standing.objects.filter(pk__in=[item.patient for item in late]).select_related("patient").in_bulk()
    tries, supply = tries_of(rows), supplies_of(rows)
    found = []
    for item in late:
        row = rows[item.patient]
        mine = of_due(tries.get(item.patient, ()), row.due_by)
        rung = next_rung(row.due_by, mine, today, supply.get(item.patient))
        if rung is not None and rung.on <= today:
            found.append(Call(row, item.late, rung, [words(one) for one in mine]))
    return render(request, "clinic/calls.html", {"calls": found, "late": len(late)})


def repeats(request: HttpRequest) -> HttpResponse:
    """Whose released tablets end soon, or have ended: each with the way to the question whether the repeat may be released."""
    today = today_of(request.user.clinic, request.at)
    rows = ending(patients_of(request.user, request.at), today)
    return render(request, "clinic/repeats.html", {"rows": rows, "today": today, "days": ladder().supply_days})
