"""A result that came by telephone or letter: typed, checked by the reader and the rules, and only then filed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.models import Event
from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.sent import number_of
from countwell.clinic.store import by_hand as store
from countwell.clinic.store.by_hand import Checked
from countwell.clinic.store.entered import CORRECTIONS, STATUSES, WAYS, Entry, listed
from countwell.clinic.store.standing import answer_for
from countwell.paper.plain import as_read

SALT = "countwell.entered"
SECOND = "It waits for a second person, under held messages. Nothing stands in the chart until they have checked it."


def new(request: HttpRequest) -> HttpResponse:
    """The form; what was typed, with what it would say; and, once that has been seen, filed. A correction is a new version."""
    corrects = _corrected(request)
    if request.method != "POST":
        return _form(request, Entry.of_event(corrects) if corrects else Entry(), corrects)
    entry = Entry.of(request.POST)
    try:
        checked = store.check(request.patient, entry, request.at, corrects)
    except NotUsable as error:
        return _form(request, entry, corrects, status=error.status, error=error)
    if not _seen(request, entry):
        return _form(request, entry, corrects, checked=checked, token=_token(request, entry))
    return _filed(request, entry, checked)


def _corrected(request: HttpRequest) -> Event | None:
    """The entry that is corrected, if one is. Raises NotThere if there is no such entry by hand."""
    sent: Mapping[str, str] = request.POST if request.method == "POST" else request.GET
    if not sent.get("corrects"):
        return None
    number = number_of(sent["corrects"])
    if number is None:
        raise NotThere
    return store.entered(request.patient, number)


def _form(
    request: HttpRequest, entry: Entry, corrects: Event | None, status: int | None = None, **more: object
) -> HttpResponse:
    checked = more.get("checked")
    shown = {
        "entry": entry,
        "corrects": corrects,
        "tests": listed(),
        "ways": WAYS,
        "statuses": CORRECTIONS if corrects else STATUSES,
        "second": isinstance(checked, Checked) and store.needs_second(checked, request.user),
    }
    return render(request, "clinic/entered.html", shown | more, status=status)


def _filed(request: HttpRequest, entry: Entry, checked: Checked) -> HttpResponse:
    if store.file(request.patient, entry, checked, request.user, request.at):
        messages.success(request, f"Filed. {as_read(answer_for(request.patient, request.at)[0].headline)}")
    else:
        messages.warning(request, SECOND)
    return redirect("results", pid=request.patient.pid)


def _token(request: HttpRequest, entry: Entry) -> str:
    """Says that what these fields would say has been shown, on this version of the record."""
    return signing.dumps(_about(request, entry), salt=SALT)


def _seen(request: HttpRequest, entry: Entry) -> bool:
    """Whether it is filed as it was shown: anything typed since is checked anew."""
    if request.POST.get("do") != "file":
        return False
    try:
        return bool(signing.loads(request.POST.get("seen", ""), salt=SALT) == _about(request, entry))
    except signing.BadSignature:
        return False


def _about(request: HttpRequest, entry: Entry) -> list[object]:
    return [request.patient.pid, request.patient.version, request.POST.get("corrects", ""), asdict(entry)]
