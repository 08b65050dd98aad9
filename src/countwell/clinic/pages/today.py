"""The worklist: what needs a person today, worst first, with the reason and the act."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from countwell.clinic.banner import banner_token
from countwell.clinic.models import Patient
from countwell.clinic.store import acted, stand_in
from countwell.clinic.store.acted import TAKE_BACK
from countwell.clinic.store.hand_over import offers_to
from countwell.clinic.store.listed import lines
from countwell.clinic.store.saw import who_saw
from countwell.clinic.store.scope import patients_of
from countwell.clinic.store.worklist import CHANGED, FOLDED, GROUPS, List, slug, worklist
from countwell.paper.spark import spark_patterns

FILTERS = ("whose", "kind", "protocol", "order", "all")


def today(request: HttpRequest) -> HttpResponse:
    """The list of the patients in the person's care, worked out now."""
    wanted = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    found = worklist(request.user, request.at, wanted)
    request.session["list"] = _keys(found)
    shown = {
        "list": found,
        "groups": lines(found, request.user, request.at),
        "whose": _links(wanted, "whose", {"all": "Team", "mine": "Mine", "none": "Unowned"}, found.whose, "all"),
        "kinds": _kinds(wanted, found),
        "wanted": wanted,
        "shares": _shares(found),
        "patterns": spark_patterns(),
        "undo": _undo(request),
        "offers": offers_to(request.user),
        "away": stand_in.of(request.user, request.at),
    }
    return render(request, "clinic/today.html", shown)


def news(request: HttpRequest) -> HttpResponse:
    """How many rows are new since the page was made: asked for by the page itself, so it does not keep anybody signed in."""
    seen = set(request.session.get("list", ()))
    new = [key for key in _keys(worklist(request.user, request.at, {})) if key not in seen]
    request.session.save = lambda **_: None
    return render(request, "clinic/news.html", {"new": len(new)})


def own(request: HttpRequest) -> HttpResponse:
    """Takes a patient over: from now on the person is accountable."""
    act = acted.own(request.patient, "own", request.user, request.user, request.at)
    return done(request, act.pk, "You are accountable from now on")


def told(request: HttpRequest) -> HttpResponse:
    """Who saw or acted on a result since changed; then, that they have been told."""
    patient: Patient = request.patient
    changed = patient.standing.row.get("changed", ())
    if request.method != "POST":
        shown = {
            "patient": patient,
            "token": banner_token(patient),
            "who": who_saw(patient, changed),
            "changed": changed,
        }
        return render(request, "clinic/told.html", shown)
    for event in changed:
        acted.act(patient, "told", request.user, request.at, episode=f"{CHANGED}{event}")
    return done(request, None, "Noted that they were told")


def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Takes back what was done within the last half minute."""
    acted.take_back(request.patient, number, request.user, request.at)
    messages.info(request, "Taken back.")
    return redirect("today")


def done(request: HttpRequest, act: int | None, says: str) -> HttpResponse:
    """Back to the list, at the row that followed, with a message and, while it can be taken back, the way to do so."""
    messages.success(request, f"{says}.")
    if act is not None:
        request.session["undo"] = [act, request.patient.pid, (request.at + TAKE_BACK).isoformat(), says]
    following = request.POST.get("next", "")
    return redirect(f"{reverse('today')}#{following}" if following.isalnum() else "today")


def _undo(request: HttpRequest) -> dict[str, object] | None:
    act, pid, until, says = request.session.get("undo") or (0, "", "", "")
    if not act or datetime.fromisoformat(until) < request.at:
        return None
    patient = patients_of(request.user, request.at).filter(pid=pid).first()
    return {"act": act, "patient": patient, "token": banner_token(patient), "says": says} if patient else None


def _keys(found: List) -> list[str]:
    """What stands on the list, as keys that change when a row comes back in another group."""
    return [
        f"{item.patient}:{group.name}" for group in found.groups if group.name not in FOLDED for item in group.items
    ]


def _kinds(wanted: dict[str, str], found: List) -> list[dict[str, object]]:
    names = {slug(name): name for name in GROUPS if found.counts.get(name)}
    counts = {slug(name): count for name, count in found.counts.items()}
    return _links(wanted, "kind", {"": "All", **names}, {"": sum(found.counts.values()), **counts}, "")


def _links(
    wanted: dict[str, str], name: str, words: dict[str, str], counts: object, usual: str
) -> list[dict[str, object]]:
    """One filter as links that keep the others."""
    others = {key: value for key, value in wanted.items() if key not in (name, "all")}
    assert hasattr(counts, "__getitem__")
    return [
        {
            "says": says,
            "count": counts[value],
            "here": wanted.get(name, usual) == value,
            "query": urlencode({**others, **({name: value} if value != usual else {})}),
        }
        for value, says in words.items()
    ]


def _shares(found: List) -> list[dict[str, object]]:
    """The bar, true to scale: left edge and width of each group in thousandths."""
    total, left, parts = max(found.total, 1), 0, []
    for group in found.groups:
        wide = len(group.items) * 1000 // total
        parts.append({"slug": group.slug, "left": left, "width": wide})
        left += wide
    return parts
