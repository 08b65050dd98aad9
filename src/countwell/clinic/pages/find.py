"""The patients in one's care, and finding one of them. What is sought stands in no address: it is kept in the session."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.policy import policy
from countwell.clinic.store import find as store
from countwell.clinic.store.worklist import ON_PAGE

SOUGHT = "sought"


def patients(request: HttpRequest) -> HttpResponse:
    """Keeps what is sought and shows the page anew, so that going back and forth asks for nothing; then those who are meant."""
    if request.method == "POST":
        request.session[SOUGHT] = request.POST.get(SOUGHT, "").strip()
        return redirect("patients")
    sought = request.session.get(SOUGHT, "")
    found = store.found(request.user, request.at, sought)
    page = Paginator(found, ON_PAGE).get_page(request.GET.get("page"))
    outside = policy().wanted("break-glass", "POST")
    shown = {
        "sought": sought,
        "days": sorted(store.Sought.of(sought).days),
        "total": len(found),
        "page": page,
        "rows": store.shown(request.user, request.at, list(page.object_list)),
        "may_open": outside is not None and outside.has(request.user.role),
    }
    return render(request, "clinic/patients.html", shown)
