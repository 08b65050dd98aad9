"""What came and could not be filed: kept as it was sent, until a person has settled it."""

from __future__ import annotations

from django.db import models

from countwell.clinic.models.patients import Patient
from countwell.clinic.models.people import Clinic, Person


class Message(models.Model):
    """One source that came, read once, and what became of its entries: received = filed + held + refused.

    known: of those filed, the ones that stood in the record before. digest: of its bytes, so the same source twice is one.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="messages")
    source = models.CharField(max_length=100)
    received_at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    digest = models.CharField(max_length=64)
    received = models.PositiveIntegerField()
    filed = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    known = models.PositiveIntegerField(default=0)
    says = models.JSONField(default=list, help_text="where and why, of each entry that was refused")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "digest"], name="one_message_once"),
            models.CheckConstraint(
                condition=models.Q(received=models.F("filed") + models.F("held") + models.F("refused")),
                name="received_is_the_sum",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "received_at"])]


class Held(models.Model):
    """Entries of a message about one patient, for one reason. critical: if filed, the advice would be to hold or worse."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="held")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="held")
    may_be = models.ManyToManyField(Patient, related_name="may_wait", help_text="whose it may be: their charts say so")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, blank=True, related_name="waiting")
    entries = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()
    source = models.CharField(max_length=100)
    where = models.CharField(max_length=200)
    why = models.CharField(max_length=40)
    says = models.TextField()
    as_sent = models.TextField()
    digest = models.CharField(max_length=64)
    critical = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seconded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=30, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "digest"], name="held_once")]
