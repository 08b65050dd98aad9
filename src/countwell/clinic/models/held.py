"""What came and could not be filed: kept as it was sent, until a person has settled it."""

from __future__ import annotations

from django.db import models

from countwell.clinic.models.patients import Patient
from countwell.clinic.models.people import Clinic, Person


class Held(models.Model):
    """One entry of a message. critical: its likely reading is at or past a hold or stop number."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="held")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="held")
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
