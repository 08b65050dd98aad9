"""The accounts of a clinic: made, changed and closed by an admin; what gives great power takes two admins."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet

from countwell.clinic.models import Person, Proposal
from countwell.clinic.models.people import CLINICAL, ROLES
from countwell.clinic.refused import NotThere, NotUsable, NotYours
from countwell.clinic.sent import number_of
from countwell.clinic.store import two_people
from countwell.clinic.store.hand_over import hang_on, leave, refuse_if_any

POWERFUL = ("admin", "auditor")
STAFF = tuple(role for role in ROLES if role != "patient")
BYTES = 15
OWN = "Nobody changes their own account's role or closes it. Ask another admin."


def staff_of(admin: Person) -> QuerySet[Person]:
    """The accounts of the admin's clinic, patients' apart."""
    return Person.objects.filter(clinic_id=admin.clinic_id).exclude(role="patient").order_by("name")


def account(admin: Person, number: int) -> Person:
    """One of them. Raises NotThere."""
    found = staff_of(admin).filter(pk=number).first()
    if found is None:
        raise NotThere
    return found


def make(admin: Person, form: Mapping[str, str], at: datetime) -> tuple[Person, str]:
    """A new account, and its first password, shown once. Of great power: closed until a second admin has approved it."""
    name, email, role = (str(form.get(field, "")).strip() for field in ("name", "email", "role"))
    if not name or role not in STAFF:
        raise NotUsable("Give a name, and choose a role from the list.")
    _check_address(email)
    password = secrets.token_urlsafe(BYTES)
    fields = {
        "name": name,
        "role": role,
        "clinic": admin.clinic,
        "is_active": role not in POWERFUL,
        "first_password": True,
    }
    made = Person.objects.create_user(email, password, **fields)
    if role in POWERFUL:
        _ask(admin, "open-account", made, {}, f"a new {role}", at)
    return made, password


def _check_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise NotUsable("Give an e-mail address.") from error
    if Person.objects.filter(email=email.lower()).exists():
        raise NotUsable("There is an account with this address already.")


def change_role(admin: Person, other: Person, role: str, at: datetime) -> bool:
    """Another role, at once; to or from great power once a second admin has approved it. Whether it is done.

    Raises NotUsable for somebody who would not treat any more while patients hang on them.
    """
    _not_own(admin, other)
    if role not in STAFF:
        raise NotUsable("Choose a role from the list.")
    _check_left(other, role, at)
    if role in POWERFUL or other.role in POWERFUL:
        _ask(admin, "change-role", other, {"role": role}, f"{other.role} to {role}", at)
        return False
    _set(other, role=role)
    return True


def close(admin: Person, other: Person, to: str, at: datetime) -> int:
    """Closes an account; to: number of the colleague who takes over. How many patients went over.

    Raises NotUsable while patients would have no accountable clinician.
    """
    _not_own(admin, other)
    return leave(other, staff_of(admin).filter(pk=number_of(to)).first(), admin, at)


def reopen(admin: Person, other: Person) -> None:
    """Opens an account again; of great power only by approval."""
    _not_own(admin, other)
    if other.role in POWERFUL:
        raise NotUsable("An account of great power is opened by two admins: ask for the role again.")
    _set(other, is_active=True)


def waiting(admin: Person) -> QuerySet[Proposal]:
    """What waits for a second admin."""
    return Proposal.objects.filter(
        clinic_id=admin.clinic_id, approved_by=None, declined=False, what__in=("open-account", "change-role")
    )


def approve(admin: Person, number: int, at: datetime) -> Person:
    """The second admin's approval. Raises NotThere, or NotYours for whoever asked or is meant."""
    found = waiting(admin).filter(pk=number).first()
    if found is None:
        raise NotThere
    other = account(admin, int(found.about))
    two_people.refuse_same(admin, found.asked_by_id, other.pk)
    role = found.fields.get("role", other.role)
    _check_left(other, role, at)
    two_people.approve(found, admin, at)
    _set(other, is_active=True, role=role)
    return other


def _ask(admin: Person, what: str, other: Person, fields: Mapping[str, str], reason: str, at: datetime) -> None:
    Proposal.objects.create(
        clinic=admin.clinic,
        what=what,
        about=str(other.pk),
        fields=dict(fields),
        reason=reason,
        asked_at=at,
        asked_by=admin,
    )


def _check_left(other: Person, role: str, at: datetime) -> None:
    if role not in CLINICAL:
        refuse_if_any(hang_on(other, at), other)


def _not_own(admin: Person, other: Person) -> None:
    if admin.pk == other.pk:
        raise NotYours(OWN)


def _set(person: Person, **fields: object) -> None:
    """Counts at the person's next request: the guard reads the account anew each time."""
    for name, value in fields.items():
        setattr(person, name, value)
    person.version += 1
    person.save(update_fields=[*fields, "version"])
