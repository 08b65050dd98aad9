"""Who saw or changed what, when, and how it ended: one row a request, chained by hash."""

from __future__ import annotations

from django.db import models


class Audit(models.Model):
    """Appended in the same transaction as what it tells of. `hash` covers the row and the hash before it."""

    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    person = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20)
    clinic = models.BigIntegerField(null=True)
    action = models.CharField(max_length=10, help_text="read, write, deny, sign-in, run")
    route = models.CharField(max_length=80)
    patient = models.CharField(max_length=12, blank=True)
    outcome = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=200, blank=True)
    request = models.CharField(max_length=36)
    before = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["patient", "at"]),
            models.Index(fields=["person", "at"]),
            models.Index(fields=["at"], name="audit_latest"),
            models.Index(fields=["number"], condition=models.Q(route="reconcile"), name="audit_reconciled"),
        ]
