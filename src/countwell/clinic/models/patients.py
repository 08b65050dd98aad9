"""A patient, the events of their record, and what the rules last said."""

from __future__ import annotations

import secrets

from django.db import models

from countwell.clinic.models.people import Clinic, Person

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def public_id() -> str:
    """Twelve random letters and digits that stand in addresses; nothing of the patient can be read from them."""
    return "".join(secrets.choice(LETTERS) for _ in range(12))


class Patient(models.Model):
    """One person under one clinic's monitoring. head: patient and course of `countwell.record/1`, as JSON text.

    version rises with everything that is recorded; it travels in every form as part of the banner.
    """

    pid = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="patients")
    number = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    born = models.DateField(null=True, blank=True)
    head = models.TextField()
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="accountable_for")
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    address = models.TextField(blank=True)
    gp = models.CharField(max_length=200, blank=True)
    gp_email = models.EmailField(blank=True)
    released = models.BooleanField(default=False, help_text="whether the clinic lets messages go to this patient")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "number"], name="one_number_in_a_clinic")]
        indexes = [models.Index(fields=["clinic", "name"])]

    def __str__(self) -> str:
        return self.pid


class Event(models.Model):
    """One event of a record, as it came. The same content twice is one event: the database refuses the second."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="events")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=30)
    body = models.TextField()
    digest = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "position"], name="one_event_at_a_position"),
            models.UniqueConstraint(fields=["patient", "digest"], name="same_content_once"),
        ]


class Standing(models.Model):
    """What the rules said of a patient when they last ran: kept so that a list of thousands is read at once.

    Lateness is not among it: it is worked out from `due` whenever the list is read.
    """

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, primary_key=True, related_name="standing")
    ran_at = models.DateTimeField()
    day = models.DateField(help_text="the patient's own day for which it holds")
    holds_until = models.DateTimeField(help_text="the instant at which that day ends, and the rules run again")
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=20)
    tier = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField()
    place_at_most = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=60)
    reason = models.TextField()
    open = models.BooleanField(help_text="something that matters is not known")
    due = models.JSONField(default=dict, help_text="test group: last day")
    due_by = models.DateField(null=True, help_text="the earliest of these days")
    decide_by = models.DateField(null=True)
    supply = models.CharField(max_length=10)
    episodes = models.JSONField(default=dict, help_text="episode that calls for something: how grave")
    changed = models.PositiveSmallIntegerField(default=0, help_text="results put aside on which a decision rests")
    protocol = models.CharField(max_length=60, blank=True)
    row = models.JSONField(default=dict, help_text="what the list shows of it")
    rules = models.CharField(max_length=64)
    answer = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["place", "place_at_most"])]
