"""A new clinic with its first account: whoever holds the machine opens it, all further accounts are made inside.

Whoever has lost their password, or the second step too, is let in again from here: no admin can become somebody else.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from countwell.base.dates import zone as zone_named
from countwell.base.errors import UsageError
from countwell.clinic.models import Clinic, Person
from countwell.clinic.store import audit
from countwell.clinic.store.staff import BYTES


@transaction.atomic
def open_clinic(name: str, zone: str, admin_name: str, admin_email: str) -> str:
    """Makes the clinic and its admin; the admin's first password. Raises UsageError for a name or address that is taken."""
    zone_named(zone)
    try:
        validate_email(admin_email)
    except ValidationError as error:
        raise UsageError("The admin's e-mail address cannot be used.") from error
    if Clinic.objects.filter(name=name).exists():
        raise UsageError(f"There is a clinic {name} already.")
    if Person.objects.filter(email=admin_email.lower()).exists():
        raise UsageError("There is an account with this address already.")
    password = secrets.token_urlsafe(BYTES)
    clinic = Clinic.objects.create(name=name, zone=zone)
    Person.objects.create_user(admin_email, password, name=admin_name, role="admin", clinic=clinic, first_password=True)
    return password


@transaction.atomic
def new_password(email: str, by: str, second_step_too: bool, at: datetime) -> str:
    """A first password again, and the second step to be set up again; all sessions of the account end. The audit says by whom.

    Raises UsageError if there is no such account.
    """
    person = Person.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise UsageError("There is no account with this address.")
    password = secrets.token_urlsafe(BYTES)
    person.set_password(password)
    person.first_password = True
    person.save(update_fields=["password", "first_password"])
    if second_step_too:
        Authenticator.objects.filter(user=person).delete()
    audit.seal(
        at=at, person=None, role="", clinic=person.clinic_id, action="run", route="new-password", patient="",
        outcome=200, purpose=f"account {person.pk}{', second step too' if second_step_too else ''}, by {by}"[:200], request="",
    )  # fmt: skip
    return password
