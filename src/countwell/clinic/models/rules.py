"""Which rules are in use here, which are switched off for a while, and when they last ran."""

from __future__ import annotations

from django.db import models

from countwell.clinic.models.people import Clinic, Person


class PackState(models.Model):
    """One step of a pack's way here: reviewed, in use, withdrawn. proposed and approved by two people."""

    STATES = ("draft", "shadow", "in-use", "withdrawn")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="pack_states")
    pack = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=[(state, state) for state in STATES])
    at = models.DateTimeField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)


class KeptPack(models.Model):
    """A pack as it was when somebody first acted on what it said, so that this can be made again after it has changed.

    named: name and version; digest: of its rules; files: each name with its text, its own first, then what it extends.
    """

    named = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    files = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["named", "digest"], name="kept_once")]


class Switch(models.Model):
    """A rule switched off by two people until an instant at which it is on again by itself."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="switches")
    rule = models.CharField(max_length=200)
    reason = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    until = models.DateTimeField()


class Run(models.Model):
    """One time that the rules ran over the whole list, or that the canaries did."""

    what = models.CharField(max_length=20)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, related_name="runs")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    patients = models.PositiveIntegerField(default=0)
    faults = models.PositiveIntegerField(default=0)
    says = models.TextField(blank=True)
