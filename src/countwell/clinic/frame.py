"""What stands on every page: its look, who is signed in, where they can go, how far the list can be believed, and on whom."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from countwell.clinic.heading import heading
from countwell.clinic.models import Person
from countwell.clinic.pages import look
from countwell.clinic.policy import policy
from countwell.clinic.store.clock import why_read_only
from countwell.clinic.store.watch import watch

WARNED = 2 * 60  # seconds before a session ends that whoever is at the page is told

# The entries, in the same order everywhere; an entry is shown to those who may read it.
ENTRIES = (
    ("today", "Work"),
    ("patients", "Patients"),
    ("held", "Held messages"),
    ("protocols", "Protocols"),
    ("measures", "Measures"),
    ("people", "People"),
    ("audit", "Audit"),
)

# The pages of one patient.
TABS = (
    ("chart", "Chart"),
    ("results", "Results"),
    ("plan", "Dose and plan"),
    ("asked", "Ask"),
    ("decisions", "Decisions"),
    ("letters", "Letters and card"),
    ("details", "Contact and weight"),
    ("messages", "Messages"),
    ("looked", "Who has looked"),
)


def frame(request: HttpRequest) -> dict[str, object]:
    """For the templates: navigation and the line that says when the rules last ran."""
    person = getattr(request, "user", None)
    if not isinstance(person, Person):
        return {"look": look.version()}
    entries = _reachable(ENTRIES, person)
    staff = person.is_staff_member
    return {
        "look": look.version(),
        "session_ends": settings.SESSION_COOKIE_AGE,
        "session_warns": settings.SESSION_COOKIE_AGE - WARNED,
        "entries": entries,
        "may_find": ("patients", "Patients") in entries,
        "read_only": SimpleLazyObject(lambda: why_read_only(request.at)) if staff else "",
        "watch": SimpleLazyObject(lambda: watch(person.clinic, request.at)) if staff else None,
        "heading": SimpleLazyObject(lambda: heading(request)),
        "tabs": _reachable(TABS, person),
    }


def _reachable(entries: tuple[tuple[str, str], ...], person: Person) -> list[tuple[str, str]]:
    """Those that are there and that the person may read."""
    wanted = ((name, title, policy().wanted(name, "GET")) for name, title in entries)
    return [(name, title) for name, title, right in wanted if right is not None and right.has(person.role)]
