"""The accounts of a clinic, for its admin."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell.clinic.refused import NotUsable
from countwell.clinic.store import alarms, staff


def people(request: HttpRequest) -> HttpResponse:
    """All accounts, those that wait for a second admin, and a form for a new one."""
    waiting = [(one, staff.account(request.user, int(one.about))) for one in staff.waiting(request.user)]
    shown = {"rows": staff.staff_of(request.user), "waiting": waiting, "roles": staff.STAFF}
    return render(request, "clinic/people.html", shown)


def new_person(request: HttpRequest) -> HttpResponse:
    """Makes an account and shows its first password, once."""
    made, password = staff.make(request.user, request.POST, request.at)
    return render(request, "clinic/person_made.html", {"made": made, "password": password})


def change_person(request: HttpRequest, number: int) -> HttpResponse:
    """Another role, closed, or open again."""
    other, what = staff.account(request.user, number), request.POST.get("what", "")
    if what == "role":
        done = staff.change_role(request.user, other, request.POST.get("role", ""), request.at)
        messages.success(request, "Changed." if done else "Asked for. A second admin has to approve it.")
    elif what == "close":
        count = staff.close(request.user, other, request.POST.get("to", ""), request.at)
        messages.success(
            request, f"The account of {other} is closed, from their next click; {count} patients went over."
        )
    elif what == "open":
        staff.reopen(request.user, other)
        messages.success(request, f"The account of {other} is open again.")
    else:
        raise NotUsable("Choose what is to be done with the account.")
    return redirect("people")


def approve_person(request: HttpRequest, number: int) -> HttpResponse:
    """The second admin's approval."""
    other = staff.approve(request.user, number, request.at)
    messages.success(request, f"Approved: {other} is {other.role}.")
    return redirect("people")


def alarm_address(request: HttpRequest) -> HttpResponse:
    """Who is written to when nobody answers what stands under Now."""
    alarms.write_to(request.user.clinic, request.POST.get("email", ""))
    messages.success(request, f"Saved. {request.user.clinic.alarm_email} is written to from now on.")
    return redirect("people")
