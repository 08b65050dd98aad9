"""A new clinic with its first account: whoever holds the machine opens it, all further accounts are made inside."""

from __future__ import annotations

import secrets

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from countwell.base.dates import zone as zone_named
from countwell.base.errors import UsageError
from countwell.clinic.models import Clinic, Person
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
    Person.objects.create_user(admin_email, password, name=admin_name, role="admin", clinic=clinic)
    return password
