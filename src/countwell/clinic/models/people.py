"""Who works here, who is treated here, and who cares for whom."""

from __future__ import annotations

import unicodedata

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

ROLES = ("prescriber", "nurse", "pharmacist", "patient", "integrator", "auditor", "admin")
CLINICAL = ("prescriber", "nurse", "pharmacist")


def as_kept(password: str) -> str:
    """One spelling of each sign, so that the same password from another keyboard is the same."""
    return unicodedata.normalize("NFC", password)


class Clinic(models.Model):
    """A monitoring service: its patients are its own, and its day is that of its zone."""

    name = models.CharField(max_length=200, unique=True)
    zone = models.CharField(max_length=60, default="UTC")
    phone = models.CharField(max_length=40, blank=True)
    alarm_email = models.EmailField(blank=True, help_text="who is written to when nobody answers what stands under Now")
    watched_until = models.TimeField(default="17:30")
    watched_from = models.TimeField(default="08:30")

    def __str__(self) -> str:
        return self.name


class People(BaseUserManager["Person"]):
    """Makes accounts; an address is kept in small letters, so that it is one account however it is typed."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> Person:
        """An account with a password, or without (sign-in by the hospital alone)."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        """The account of an address."""
        return self.get(email=(username or "").strip().lower())


class Person(AbstractBaseUser):
    """An account: one role in one clinic. A patient's account names its patient."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=[(role, role) for role in ROLES])
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="people")
    patient = models.OneToOneField(
        "clinic.Patient", on_delete=models.PROTECT, null=True, blank=True, related_name="account"
    )
    is_active = models.BooleanField(default=True)
    first_password = models.BooleanField(
        default=False, help_text="somebody else has seen it: it is changed before all else"
    )
    version = models.PositiveIntegerField(default=1)

    objects = People()
    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    def set_password(self, raw_password: str | None) -> None:
        """Keeps it hashed, in its one spelling; `None`: nobody signs in with one."""
        super().set_password(None if raw_password is None else as_kept(raw_password))

    def check_password(self, raw_password: str) -> bool:
        """Whether it is this account's, in whatever spelling it was typed."""
        return super().check_password(as_kept(raw_password))

    @property
    def is_staff_member(self) -> bool:
        """Whether a second step is asked of this account: all but patients."""
        return self.role != "patient"

    def __str__(self) -> str:
        return self.name


class Typed(models.Model):
    """What somebody had typed when their session ran out. fields: label and text; page: the address that shows it, once."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="typed")
    at = models.DateTimeField()
    page = models.CharField(max_length=200)
    fields = models.JSONField()


class Relation(models.Model):
    """A person cares for a patient, from one instant to another (open: until further notice)."""

    KINDS = ("care", "break-glass")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="relations")
    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="relations")
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS], default="care")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    looked_at = models.DateTimeField(
        null=True, blank=True, help_text="break-glass: when the privacy officer reviewed it"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "patient"], condition=models.Q(kind="care", until=None), name="one_open_care_relation"
            )
        ]
        indexes = [models.Index(fields=["person", "patient", "until"])]


class StandIn(models.Model):
    """A colleague who sees to somebody's patients from one day to another, both whole, by the clinic's calendar.

    answered_at: when they accepted or declined; until then nobody stands in. ended_at: called off, or ended before its day.
    """

    absent = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stand_ins")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stands_in_for")
    first = models.DateField()
    last = models.DateField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "first", "last"])]
