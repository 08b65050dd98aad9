"""Telling the patient of a stop or hold: a step, open until somebody says how they were reached or the tries ran out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

import yaml

from countwell.base.dates import zone
from countwell.clinic.models import Act, Clinic, Event, Patient, Person, Standing
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.acted import act

TOLD = "tell"  # the act; it names the decision
HALTS = ("hold", "stop")
HALTED = ("held", "stopped")
NOTHING = "There is no stop or hold that the patient has to be told of. Open the chart again."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try. ends: the patient knows; last: it ends the tries, once there were enough of them."""

    says: str
    ends: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """The closed list of outcomes, and how many tries are made before the last one."""

    outcomes: Mapping[str, Outcome]
    tries: int


@dataclass(frozen=True, slots=True)
class Untold:
    """A stop or hold of which the patient does not know yet. tries: to tell them, oldest first."""

    event: Event
    do: str
    on: datetime
    tries: tuple[Act, ...]

    @property
    def enough(self) -> bool:
        """Whether so often was tried that the last outcome may be chosen."""
        return len(self.tries) >= ways().tries

    @property
    def tried(self) -> list[tuple[Act, str]]:
        """Each try with what came of it, in words."""
        return [(one, ways().outcomes[one.reason].says) for one in self.tries]


@cache
def ways() -> Ways:
    """Those of this release."""
    sent = yaml.safe_load(files("countwell.clinic").joinpath("telling.yaml").read_text(encoding="utf-8"))
    return Ways({name: Outcome(**fields) for name, fields in sent["outcomes"].items()}, sent["tries"])


def untold_of(clinic: Clinic) -> dict[int, Untold]:
    """Of each patient of a clinic who is held or stopped by a decision taken here: that of which they were not told. The
    decisions are those that stood when the rules ran."""
    halted = Standing.objects.filter(patient__clinic=clinic, state__in=HALTED)
    kept = [halt for halt in halted.values_list("row__halt", flat=True) if halt is not None]
    return _untold(Event.objects.filter(pk__in=kept))


def untold(patient: Patient) -> Untold | None:
    """Of one patient; None if they know, or nothing is held or stopped by a decision taken here."""
    kept = Standing.objects.filter(patient=patient).values_list("state", flat=True).first()
    halt = halt_of(patient, kept or "")
    return _untold([halt]).get(patient.pk) if halt is not None else None


def halt_of(patient: Patient, state: str) -> Event | None:
    """The newest hold or stop that was decided here, while the course is held or stopped."""
    if state not in HALTED:
        return None
    decided = Event.objects.filter(patient=patient, kind="decision", source="").exclude(recorded_by=None)
    return next((one for one in decided.order_by("-position") if json.loads(one.body).get("do") in HALTS), None)


def _untold(halts: Iterable[Event]) -> dict[int, Untold]:
    newest = {halt.patient_id: halt for halt in halts}
    tried = Act.objects.filter(what=TOLD, event__in=newest.values(), undone_by=None).select_related("by").order_by("pk")
    tries: dict[int, list[Act]] = {}
    for one in tried:
        tries.setdefault(one.patient_id, []).append(one)
    found = {patient: _of(event, tries.get(patient, [])) for patient, event in newest.items()}
    return {patient: one for patient, one in found.items() if not any(_ended(act.reason) for act in one.tries)}


def _of(event: Event, tries: list[Act]) -> Untold:
    return Untold(event, json.loads(event.body)["do"], event.recorded_at, tuple(tries))


def _ended(outcome: str) -> bool:
    return ways().outcomes[outcome].ends or ways().outcomes[outcome].last


def tell(patient: Patient, sent: Mapping[str, str], by: Person, at: datetime) -> Act:
    """Appends how the patient was told, or that they were not reached. Raises NotUsable, saying what is missing."""
    waiting, outcome = untold(patient), ways().outcomes.get(sent.get("outcome", ""))
    if waiting is None:
        raise NotUsable(NOTHING)
    if outcome is None:
        raise NotUsable("Choose what came of it from the list.")
    if outcome.last and not waiting.enough:
        raise NotUsable(
            f"Not yet: try {ways().tries} times first, at other times of the day. {len(waiting.tries)} so far."
        )
    day = waiting.on.astimezone(zone(patient.clinic.zone))
    note = f"of the {waiting.do} of {day:%-d %b %Y}. {sent.get('note', '').strip()}".strip()
    return act(patient, TOLD, by, at, reason=sent["outcome"], note=note, event=waiting.event)
