"""What has happened in the demonstration clinic: people acted, phoned, handed over; messages came that fit nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from countwell.clinic.models import Clinic, Patient, Person, Relation
from countwell.clinic.store import acted, acting, chase, hand_over, letters
from countwell.clinic.store.intake import NOTHING, Sums, take_in
from countwell.clinic.store.standing import run_rules

FOLLOWED_UP, CALLED, ANSWERED, WATCHED = "demo-12", "demo-10", "demo-31", "demo-02"
OFFERED, PAUSED, MOVED, TAKEN_OVER, UNTRACKED, NAMESAKE = (
    "demo-24",
    "demo-11",
    "demo-39",
    "demo-22",
    "demo-26",
    "demo-03",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """The clinic, its people by role (the first and the second of it), and the instant."""

    clinic: Clinic
    people: Mapping[str, Sequence[Person]]
    at: datetime

    def patient(self, number: str) -> Patient:
        """A patient by number, with what the rules say of them now."""
        found = Patient.objects.select_related("clinic", "owner").get(clinic=self.clinic, number=number)
        run_rules(found, self.at)
        return found


@transaction.atomic
def happen(scene: Scene) -> Sums:
    """All of it; what became of the entries that came with it."""
    _acted(scene)
    _chased(scene)
    _handed_over(scene)
    _opened(scene)
    return _came(scene)


def _acted(scene: Scene) -> None:
    """One finding is acted on as advised, one is watched with a test ordered, one patient was taken over by a nurse."""
    prescriber, nurse = scene.people["prescriber"][0], scene.people["nurse"][0]
    held, watched = scene.patient(ANSWERED), scene.patient(WATCHED)
    until = (scene.at + timedelta(days=1)).date().isoformat()
    acting.as_advised(
        held, {"reason": "other", "decide_by": until, "note": "Told on the telephone."}, prescriber, scene.at
    )
    acting.less(watched, {"do": "monitor", "why": "long-known", "until": until}, prescriber, scene.at)
    acted.own(scene.patient(TAKEN_OVER), "own", nurse, nurse, scene.at)


def _chased(scene: Scene) -> None:
    """Late tests: a message was left, nobody answered, a letter went; reminders wait while somebody is away."""
    nurse, before = scene.people["nurse"][0], scene.at - timedelta(days=2)
    for number, step, outcome in ((FOLLOWED_UP, "call", "message"), (CALLED, "call", "no-answer")):
        chase.tried(scene.patient(number), {"step": step, "outcome": outcome}, nurse, before)
    late = scene.patient(FOLLOWED_UP)
    Patient.objects.filter(pk=late.pk).update(released=True)
    late.released = True
    letters.write(late, "letter-gp", "print", nurse, scene.at)
    back = (scene.at + timedelta(days=10)).date().isoformat()
    hand_over.pause(scene.patient(PAUSED), {"reason": "travel", "until": back}, nurse, scene.at)


def _handed_over(scene: Scene) -> None:
    """One patient is offered to a colleague who has not answered, one went to another service."""
    first, second = scene.people["prescriber"][:2]
    offered = scene.patient(OFFERED)
    hand_over.offer(
        offered, second if offered.owner == first else first, offered.owner or first, scene.at, "From Monday on."
    )
    today = (scene.at - timedelta(days=1)).date().isoformat()
    hand_over.transfer_out(scene.patient(MOVED), {"at": today, "to": "Dr Elsewhere, Demo Hospital"}, first, scene.at)


def _opened(scene: Scene) -> None:
    """A nurse opened a chart outside her care; nobody has reviewed it yet."""
    nurse = scene.people["nurse"][-1]
    other = Patient.objects.filter(clinic=scene.clinic).exclude(relations__person=nurse).order_by("pk").first()
    since = scene.at - timedelta(hours=1)
    why = "Telephoned with fever, nobody else there."
    Relation.objects.create(person=nurse, patient=other, kind="break-glass", since=since, until=scene.at, reason=why)


def _came(scene: Scene) -> Sums:
    """A low count under a number of this clinic with another name, one of nobody here, and one of a patient without a plan."""
    count = {"kind": "result", "test": "wbc", "value": "1.4", "unit": "10*9/L", "status": "final"}
    collected = (scene.at - timedelta(hours=8)).isoformat()
    without_plan = json.loads(scene.patient(UNTRACKED).head)["patient"]
    sums = NOTHING
    for who, value in (
        ({"id": NAMESAKE, "names": ["Nobody Known"]}, "1.4"),
        ({"id": "elsewhere-7", "names": ["Stray Letter"], "born": "1961-04-05"}, "5.2"),
        (without_plan, "5.9"),
    ):
        document = {
            "schema": "countwell.record/1", "patient": who, "course": {},
            "events": [{**count, "value": value, "collected": collected}],
        }  # fmt: skip
        sums += take_in(scene.clinic, json.dumps(document).encode(), None, scene.at, name="laboratory three")
    return sums
