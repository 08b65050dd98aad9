"""One account for each role of the demonstration clinic, and what is needed to sign in with it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)

from countwell.clinic.models import Clinic, Patient, Person
from countwell.clinic.store.staff import BYTES

# More than one of those without whom something cannot be shown: a second signature, a patient who is passed on.
NAMES = (
    ("prescriber", "Dr Ida Quill"),
    ("prescriber", "Dr Omar Fenn"),
    ("nurse", "Nell Harrow"),
    ("nurse", "Tom Sedge"),
    ("pharmacist", "Priya Lark"),
    ("auditor", "Hugo Vale"),
    ("admin", "Ines Crofter"),
    ("admin", "Bram Hollin"),
)
PLACE = "demo.invalid"


@dataclass(frozen=True, slots=True)
class SignIn:
    """An account with its password, and the secret of its second step (empty for a patient, who has none)."""

    person: Person
    password: str
    secret: str


def staff(clinic: Clinic) -> list[SignIn]:
    """The staff of the demonstration clinic, in the order of NAMES."""
    return [account(clinic, role, name) for role, name in NAMES]


def account(clinic: Clinic, role: str, name: str, patient: Patient | None = None) -> SignIn:
    """A new account; its address is made of its name and goes nowhere."""
    password, secret = secrets.token_urlsafe(BYTES), ""
    address = f"{name.lower().removeprefix('dr ').replace(' ', '.')}@{PLACE}"
    person = Person.objects.create_user(address, password, name=name, role=role, clinic=clinic, patient=patient)
    if person.is_staff_member:
        secret = generate_totp_secret()
        TOTP.activate(person, secret)
        RecoveryCodes.activate(person)
    return SignIn(person, password, secret)


def code_now(secret: str) -> str:
    """The code that an authenticator with this secret shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
