"""What the rules close without a person: results after which nothing is called for, at least and at most, and nothing is open.

The same checks stand before a person's filing. Some are drawn for a person to look at all the same; which, nobody can choose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from django.db.models import Max

from countwell.base.dates import zone
from countwell.clinic.models import Act, Event, Held, Patient, Person, Standing
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import acted
from countwell.clinic.store.reviews import keep
from countwell.clinic.store.scope import patients_of
from countwell.clinic.store.standing import here, late_days, run_rules
from countwell.model.advice import CALM


@cache
def rules() -> Mapping[str, Any]:
    """How many are drawn, and for how many days they are shown."""
    text = files("countwell.clinic").joinpath("closed.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


@dataclass(frozen=True, slots=True)
class Closed:
    """A patient whose newest results the rules closed. came: of the newest; drawn: for a person to check; checked: who did."""

    patient: Patient
    came: datetime
    results: int
    drawn: bool
    checked: Act | None


def why_open(standing: Standing, patient: Patient, at: datetime) -> str:
    """Why this patient's results are not closed by the rules; nothing if they are."""
    today = here(patient, at).day
    checks = (
        (standing.day < today, "the rules have not run today"),
        (standing.position != _last(patient), "something came after the rules ran"),
        (standing.state != "active", "the treatment is not running"),
        (standing.place != CALM.place, "something is called for"),
        (standing.place_at_most != CALM.place, "it is not ruled out that something is called for"),
        (standing.open, "something that matters is not known or could not be used"),
        (standing.changed > 0, "a result changed after a decision rested on it"),
        (late_days(standing.due, today) > 0, "a test is late"),
        (Held.objects.filter(may_be=patient, settled_at=None).exists(), "a held message may be this patient's"),
    )
    return next((why for holds, why in checks if holds), "")


def _last(patient: Patient) -> int:
    return patient.events.aggregate(last=Max("position"))["last"] or 0


def closed(person: Person, at: datetime) -> list[Closed]:
    """Those of the person's patients whose results of the last days the rules closed; drawn and unchecked ones first."""
    rows = sorted(_closed(person, at), key=lambda row: row.came, reverse=True)
    return sorted(rows, key=lambda row: not row.drawn or row.checked is not None)


def _closed(person: Person, at: datetime) -> Iterator[Closed]:
    since = at.astimezone(zone(person.clinic.zone)) - timedelta(days=rules()["days"])
    came = _came(person, at, since)
    standings = Standing.objects.filter(patient__in=came).defer("answer").select_related("patient__clinic")
    checks = _checks(list(came))
    for standing in standings:
        last, count, digest = came[standing.patient_id]
        if not why_open(standing, standing.patient, at):
            act = checks.get(standing.patient_id)
            yield Closed(standing.patient, last, count, _drawn(digest), act if act and act.at >= last else None)


def _came(person: Person, at: datetime, since: datetime) -> dict[int, tuple[datetime, int, str]]:
    """Of each patient with a result since then: when the newest came, how many, and the newest's digest."""
    rows = Event.objects.filter(patient__in=patients_of(person, at), kind="result", recorded_at__gte=since)
    found: dict[int, tuple[datetime, int, str]] = {}
    for pk, came, digest in rows.order_by("position").values_list("patient", "recorded_at", "digest"):
        found[pk] = (came, found.get(pk, (came, 0, ""))[1] + 1, digest)
    return found


def _checks(patients: list[int]) -> dict[int, Act]:
    """The newest check of each patient."""
    rows = (
        Act.objects.filter(patient__in=patients, what="file", undone_by=None).select_related("by").order_by("at", "pk")
    )
    return {act.patient_id: act for act in rows}


def _drawn(digest: str) -> bool:
    """By the hash of what came, so that it is the same for everybody who looks."""
    return int.from_bytes(hashlib.sha256(digest.encode()).digest()) % int(rules()["one_in"]) == 0


def check(patient: Patient, by: Person, at: datetime, note: str) -> Act:
    """A person has looked and agrees. Raises NotUsable if the rules do not close it: nothing abnormal is filed."""
    if why := why_open(run_rules(patient, at), patient, at):
        raise NotUsable(f"This is not filed: {why}. Open the chart and act on it.")
    return acted.act(patient, "file", by, at, note=note.strip(), place=CALM.place, review=keep(patient, at))
