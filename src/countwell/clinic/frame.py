"""What stands on every page: who is signed in, where they can go, and how far the list can be believed."""

from __future__ import annotations

from django.http import HttpRequest

from countwell.clinic.models import Person
from countwell.clinic.policy import policy
from countwell.clinic.store.watch import watch

# The five entries, in the same order everywhere; an entry is shown to those who may read it.
ENTRIES = (
    ("today", "Work"),
    ("patients", "Patients"),
    ("held", "Held messages"),
    ("protocols", "Protocols"),
    ("measures", "Measures"),
)


def frame(request: HttpRequest) -> dict[str, object]:
    """For the templates: navigation and the line that says when the rules last ran."""
    person = getattr(request, "user", None)
    if not isinstance(person, Person):
        return {}
    wanted = ((name, title, policy().wanted(name, "GET")) for name, title in ENTRIES)
    entries = [(name, title) for name, title, right in wanted if right is not None and right.has(person.role)]
    staff = person.is_staff_member
    return {"entries": entries, "watch": watch(person.clinic, request.at) if staff else None}
