"""Who stands in for whom: asking a colleague before one is away, and the colleague's answer."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.models.people import CLINICAL
from countwell.clinic.sent import number_of
from countwell.clinic.store import stand_in
from countwell.clinic.store.hours import today_of
from countwell.clinic.store.scope import colleagues_of


def away(request: HttpRequest) -> HttpResponse:
    """What stands, as the one away and as the one asked, and the form; then the question to a colleague, asked."""
    person = request.user
    colleagues = colleagues_of(person).filter(role__in=CLINICAL).exclude(pk=person.pk).order_by("name")
    if request.method == "POST":
        to = colleagues.filter(pk=number_of(request.POST.get("to", ""))).first()
        first, last = (_day(request.POST.get(name, "")) for name in ("first", "last"))
        made = stand_in.ask(person, to, first, last, request.at)
        request.purpose = f"asked {made.person_id} to stand in from {made.first} to {made.last}"
        messages.success(request, f"{made.person} is asked. Until they accept, nobody stands in for you.")
        return redirect("away")
    rows = list(stand_in.of(person, request.at))
    shown = {
        "own": [one for one in rows if one.absent_id == person.pk],
        "asked": [one for one in rows if one.person_id == person.pk],
        "colleagues": colleagues.filter(role="prescriber") if person.role == "prescriber" else colleagues,
        "today": today_of(person.clinic, request.at),
    }
    return render(request, "clinic/away.html", shown)


def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Accepted, declined or given back by the one asked; called off by the one away."""
    what = request.POST.get("answer", "")
    if what == "end":
        done = stand_in.end(number, request.user, request.at)
        messages.success(request, f"{done.person} does not stand in for you any more.")
    else:
        done = stand_in.answer(number, request.user, request.at, accept=what == "accept")
        until = f"from {done.first:%-d %b %Y} to {done.last:%-d %b %Y}"
        says = (
            f"You stand in for {done.absent} {until}." if done.accepted else f"You do not stand in for {done.absent}."
        )
        messages.success(request, says)
    request.purpose = f"{what or 'decline'}: stand-in {done.pk}"
    return redirect("away")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
