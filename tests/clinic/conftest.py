"""A clinic with one of each role, and a patient in the care of those who treat. The clock stands at NOW."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings

from clinic.making import NOW, patient_of, person
from clinic.requesting import over, second
from countwell.clinic.models import Clinic, Patient, Person
from countwell.clinic.models.people import CLINICAL, ROLES
from countwell.clinic.store import roles

__all__ = ["over", "second"]  # fixtures of two files, kept beside what they are used with


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """On PostgreSQL every test is by a role that only appends, as in use; the one that made the tables owns them."""
    if connection.vendor != "postgresql":
        yield
        return
    options = connection.settings_dict["OPTIONS"]
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = 'serving'")
        if cursor.fetchone() is None:
            cursor.execute("CREATE ROLE serving")
        roles.grant("serving")
        connection.close()
    connection.settings_dict["OPTIONS"] = {**options, "options": "-c role=serving"}
    yield
    connection.settings_dict["OPTIONS"] = options


@pytest.fixture
def by_owner(db: None) -> None:
    """This test is by the role that owns the tables: it takes triggers away, or asks them instead of the rights."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE NONE")


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
