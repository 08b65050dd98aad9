"""Held messages: the list with the sum of the day, one message, and settling it."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.models import Held, Message, Patient
from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.store import held as store
from countwell.clinic.store.came_before import file_plain, plainly
from countwell.clinic.store.scope import held_of, patients_of
from countwell.clinic.store.standing import answer_for
from countwell.paper.plain import as_read


def held(request: HttpRequest) -> HttpResponse:
    """What waits, possible danger first, and what became of everything that came today."""
    rows = store.waiting(request.user, request.at)
    plain = {row.held.pk: plainly(row.held, request.at) for row in rows}
    reach = _reach(request, filter(None, plain.values()))
    sums = store.of_the_day(request.user.clinic, request.at)
    complete = sums["received"] == sums["filed"] + sums["held"] + sums["refused"]
    shown = {
        "rows": [(row, plain[row.held.pk]) for row in rows],
        "matched": sum(1 for patient in plain.values() if patient is not None),
        "reach": reach,
        "sums": sums,
        "complete": complete,
        "over": [row for row in rows if row.over],
        "alarm": store.ways().alarm.total_seconds() // 3600,
    }
    return render(request, "clinic/held.html", shown)


def message(request: HttpRequest, number: int) -> HttpResponse:
    """One message: why it is held, beside whom it may concern, as it was sent, and the form to settle it; then the settling."""
    one = _found(request, number)
    may_be = list(one.may_be.all())
    if request.method == "POST":
        says = store.settle(one, request.POST, request.user, list(_reach(request, may_be)), request.at)
        messages.success(request, f"{says}.")
        return redirect("held")
    typed, plain = one.why == store.SECOND, plainly(one, request.at)
    reach = _reach(request, [*may_be, *([plain] if plain else [])])
    shown = {
        "one": one,
        "plain": plain if plain in reach else None,
        "plain_outside": plain is not None and plain not in reach,
        "waits": store.Waiting(one, request.at - one.received_at),
        "beside": [] if typed else [row for row in store.beside(one) if row.patient in reach],
        "hidden": len(may_be) - len(reach),
        "sent": {} if typed else store.sent_of(one).get("patient") or {},
        "outcomes": store.fitting(one),
        "proposed": one.outcome == "file" and one.settled_at is None and one.patient in reach,
        "placed": one.patient if store.placed(one) and one.patient in reach else None,
    }
    return render(request, "clinic/held_message.html", shown)


def plain(request: HttpRequest, number: int) -> HttpResponse:
    """Files what is plainly somebody's by now, with one press; the rules have run again when the page comes back."""
    one = _found(request, number)
    patient, new = file_plain(one, _reach(request, one.may_be.all()), request.user, request.at)
    answer, _ = answer_for(patient, request.at)
    messages.success(request, f"Filed, {new} new in the chart. {as_read(answer.headline)}")
    return redirect("held")


def second(request: HttpRequest, number: int) -> HttpResponse:
    """The second person files it; the rules have run again when the page comes back."""
    one = _found(request, number)
    if one.patient is None or not patients_of(request.user, request.at).filter(pk=one.patient.pk).exists():
        raise NotUsable(
            "Only somebody who cares for this patient can confirm it, after somebody has proposed to file it."
        )
    new = store.confirm(one, request.user, request.at)
    answer, _ = answer_for(one.patient, request.at)
    messages.success(request, f"Filed, {new} new in the chart. {as_read(answer.headline)}")
    return redirect("held")


def settled(request: HttpRequest) -> HttpResponse:
    """The last hundred that were settled, and the last hundred messages with something refused."""
    rows = held_of(request.user).exclude(settled_at=None).order_by("-settled_at")[:100]
    refused = Message.objects.filter(clinic_id=request.user.clinic_id, refused__gt=0).order_by("-received_at")[:100]
    return render(request, "clinic/held_settled.html", {"rows": rows, "refused": refused})


def _reach(request: HttpRequest, wanted: Iterable[Patient]) -> set[Patient]:
    """Of these patients, those in the person's care."""
    return set(patients_of(request.user, request.at).filter(pk__in=[patient.pk for patient in wanted]))


def _found(request: HttpRequest, number: int) -> Held:
    """The message, if it is of this clinic; a write waits for other writes on it."""
    rows = held_of(request.user)
    found = (rows.select_for_update() if request.method == "POST" else rows).filter(pk=number).first()
    if found is None:
        raise NotThere
    return found
