"""Which acts of people answer an episode: until it is worse, a day is passed, or the patient has another owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml

from countwell.clinic.models import Act, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.records import touched
from countwell.model.advice import RANKS

TAKE_BACK = timedelta(seconds=30)
WRITTEN = 10  # letters of a note that says something
ALONE = frozenset(rank.place for _, rank in RANKS if rank.tier == 1)  # only a prescriber answers these


@dataclass(frozen=True, slots=True)
class Kind:
    """What follows from an act of one kind."""

    says: str
    answers: bool = False
    owner: bool = False
    inside: bool = False


@cache
def kinds() -> Mapping[str, Kind]:
    """The closed list of acts."""
    text = files("countwell.clinic").joinpath("acts.yaml").read_text(encoding="utf-8")
    return {what: Kind(**fields) for what, fields in yaml.safe_load(text).items()}


def named(wanted: str) -> list[str]:
    """The acts of which something is true: `answers`, `owner`, `inside`."""
    return [what for what, kind in kinds().items() if getattr(kind, wanted)]


def act(patient: Patient, what: str, by: Person, at: datetime, **more: object) -> Act:
    """Appends an act; forms made before it are out of date. Raises NotUsable if there is no such act."""
    if what not in kinds():
        raise NotUsable(f"There is no act called {what}.")
    made = Act.objects.create(patient=patient, what=what, by=by, at=at, **more)
    touched(patient)
    return made


def own(patient: Patient, what: str, by: Person, to: Person, at: datetime, **more: object) -> Act:
    """Appends an act by which somebody is accountable from now on; its reason says who was before."""
    before = str(patient.owner_id or "")
    patient.owner = to
    patient.save(update_fields=["owner"])
    return act(patient, what, by, at, owner=to, reason=before, **more)


def take_back(patient: Patient, number: int, by: Person, at: datetime) -> Act:
    """Takes back an own act of the last half minute by which nothing has left the clinic. Raises NotUsable otherwise."""
    found = Act.objects.filter(patient=patient, pk=number, by=by, undone_by=None, what__in=named("inside")).first()
    if found is None or at - found.at > TAKE_BACK:
        raise NotUsable("It can be taken back for half a minute, by whoever did it, and once.")
    if kinds()[found.what].owner:
        if patient.owner_id != found.owner_id:
            raise NotUsable("Somebody else is accountable since. Nothing was taken back.")
        patient.owner = _owner_before(found)
        patient.save(update_fields=["owner"])
    return act(patient, "undo", by, at, undoes=found, episode=found.episode)


def _owner_before(taken: Act) -> Person | None:
    """Who was accountable before: noted in the act itself."""
    return Person.objects.filter(pk=int(taken.reason)).first() if taken.reason.isdigit() else None


def unanswered(episodes: Mapping[str, int], acts: Iterable[Act], today: date) -> dict[str, int]:
    """The episodes that call, without those that stand answered. acts: of this patient, oldest first."""
    kept = list(acts)
    return {name: place for name, place in episodes.items() if not any(_answers(kept, name, place, today))}


def _answers(acts: list[Act], episode: str, place: int, today: date) -> Iterator[bool]:
    """For each act on the episode, whether it still answers it."""
    for number, one in enumerate(acts):
        if one.episode == episode and kinds()[one.what].answers:
            worse, over = place < one.place, one.until is not None and one.until < today
            other = any(kinds()[later.what].owner and later.owner_id != one.by_id for later in acts[number + 1 :])
            may = place not in ALONE or one.by.role == "prescriber"
            yield may and not (worse or over or other)
