"""What is left of a record that was erased: that it was, why, and the three people. It opens the way for the deletion."""

from __future__ import annotations

from django.db import models

from countwell.clinic.models.people import Clinic, Person


class Erasure(models.Model):
    """Appended before anything is deleted: the triggers let rows of this patient alone go, and only once it is there.

    patient: the number that the row had; no patient has it again. events, acts: how many were destroyed.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="erasures")
    patient = models.BigIntegerField(unique=True)
    pid = models.CharField(max_length=12, unique=True)
    reason = models.CharField(max_length=30)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    done_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    events = models.PositiveIntegerField()
    acts = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(asked_by=models.F("approved_by"))
                & ~models.Q(asked_by=models.F("done_by"))
                & ~models.Q(approved_by=models.F("done_by")),
                name="three_people",
            )
        ]
