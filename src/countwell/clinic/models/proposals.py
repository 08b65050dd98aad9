"""What takes two people: one asks, with a reason, and another one approves."""

from __future__ import annotations

from django.db import models

from countwell.clinic.models.people import Clinic, Person


class Proposal(models.Model):
    """what: `open-account`, `change-role` … about: a public id or an account. fields: what else is said.

    done: when and by whom it was carried out, where that is a third person.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="proposals")
    what = models.CharField(max_length=30)
    about = models.CharField(max_length=60)
    fields = models.JSONField(default=dict)
    reason = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    declined = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("asked_by")), name="two_people"
            )
        ]
