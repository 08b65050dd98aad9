"""What people did about what the rules said, and the review that each of these acts rested on."""

from __future__ import annotations

from django.db import models

from countwell.clinic.models.patients import Patient
from countwell.clinic.models.people import Person


class Review(models.Model):
    """An answer that somebody acted on, kept so that it can be made again byte for byte.

    position: the events up to it were read; rules: hash of the packs; answer: `countwell.answer/1`, as text.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="reviews")
    as_of = models.DateTimeField()
    position = models.PositiveIntegerField()
    rules = models.CharField(max_length=64)
    packs = models.JSONField()
    answer = models.TextField()
    digest = models.CharField(max_length=64)


class Act(models.Model):
    """One thing that a person did. what: a word of `acts.yaml`; a stop, a raise … is an event of the record besides."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="acts")
    what = models.CharField(max_length=30)
    episode = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="acts")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    until = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, null=True, blank=True, related_name="acts")
    event = models.ForeignKey("clinic.Event", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    place = models.PositiveSmallIntegerField(default=11, help_text="how grave the advice was that it answers")
    confirms = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="confirmed_by"
    )

    undoes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
        help_text="the act that it takes back",
    )

    class Meta:
        indexes = [models.Index(fields=["patient", "what", "at"])]
