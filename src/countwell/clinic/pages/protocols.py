"""The packs as pages to read, where each stands here, and the signatures that bring it into use."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.refused import NotThere
from countwell.clinic.store.packs_in_use import approve, propose, stand, stands
from countwell.model.pack import Pack
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from countwell.paper.pack_page import pack_sections


def protocols(request: HttpRequest) -> HttpResponse:
    """Every pack, and where it stands in this clinic."""
    return render(request, "clinic/protocols.html", {"rows": stands(request.user.clinic)})


def protocol(request: HttpRequest, name: str) -> HttpResponse:
    """One pack as a page, with the next step of its way into use."""
    pack = _pack(name)
    shown = {"stand": stand(request.user.clinic, pack), "sections": pack_sections(pack), "role": request.user.role}
    return render(request, "clinic/protocol.html", shown)


def propose_pack(request: HttpRequest, name: str) -> HttpResponse:
    """Proposes the next step; it counts once another person has approved it."""
    propose(
        request.user.clinic,
        _pack(name),
        request.POST.get("state", ""),
        request.POST.get("note", ""),
        request.user,
        request.at,
    )
    messages.success(request, "Proposed. It counts once another person has approved it.")
    return redirect("protocol", name=name)


def approve_pack(request: HttpRequest, name: str) -> HttpResponse:
    """Approves what was proposed."""
    done = approve(request.user.clinic, _pack(name), request.user, request.at)
    messages.success(request, f"Approved: {done.pack} {done.version} is {done.state} here.")
    return redirect("protocol", name=name)


def _pack(name: str) -> Pack:
    if name not in shipped():
        raise NotThere
    return read_pack(find(name))
