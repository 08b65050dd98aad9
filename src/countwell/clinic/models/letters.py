"""Letters and messages on their way out, and how far they came."""

from __future__ import annotations

from django.db import models

from countwell.clinic.models.patients import Patient
from countwell.clinic.models.people import Person


class Letter(models.Model):
    """One letter to one receiver. It waits until it is sent, and never goes once the patient has died."""

    STATES = ("waiting", "sent", "failed", "withheld")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=30)
    to = models.CharField(max_length=20, help_text="patient or gp")
    way = models.CharField(max_length=20, help_text="print, mail")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    pdf = models.BinaryField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default="waiting", choices=[(state, state) for state in STATES])
    state_at = models.DateTimeField()
    why = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
