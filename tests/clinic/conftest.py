"""A clinic with one of each role, and a patient in the care of those who treat. The clock stands at NOW."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from pytest_django import Settings

from clinic.making import NOW, patient_of, person
from clinic.requesting import over, second
from countwell.clinic.models import Clinic, Patient, Person
from countwell.clinic.models.people import CLINICAL, ROLES

__all__ = ["over", "second"]  # fixtures of two files, kept beside what they are used with


@pytest.fixture(autouse=True)
def at_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clinic's clock stands at ten in the morning of 2 March 2026, and so does the database's."""
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW)
    monkeypatch.setattr("countwell.clinic.store.clock.of_database", lambda at: at)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Passwords are hashed the quick way; that the real way is slow is not what these tests are about."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def clinic(db: None) -> Clinic:
    """A clinic; the shared rate limits are forgotten."""
    cache.clear()
    return Clinic.objects.create(name="Clinic one")


@pytest.fixture
def people(clinic: Clinic) -> dict[str, Person]:
    """One person of each role but patient."""
    return {role: person(clinic, role) for role in ROLES if role != "patient"}


@pytest.fixture
def patient(clinic: Clinic, people: dict[str, Person]) -> Patient:
    """A patient in the care of everybody who treats."""
    return patient_of(clinic, [people[role] for role in CLINICAL])
