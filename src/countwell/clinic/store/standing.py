"""What the rules say of a patient, kept for the list; lateness is left to whoever reads it."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from countwell import Answer, ask
from countwell.base.dates import Moment, of_instant, whole_day, zone
from countwell.base.errors import CountwellError
from countwell.clinic.models import Patient, Standing
from countwell.clinic.store.muted import is_muted, muted, silenced
from countwell.clinic.store.ordered import awaited
from countwell.clinic.store.records import record_of
from countwell.clinic.store.rows import row_of
from countwell.clinic.store.telling import halt_of
from countwell.clinic.store.unanswered import grave_since
from countwell.clinic.store.wanted import Wanted
from countwell.model.advice import CALM, RANKS, Rank, rank
from countwell.model.records import Record
from countwell.paper.findings import surely
from countwell.paper.levels import is_open
from countwell.paper.worklist import Row

TIER_OF = {ranked.place: ranked.tier for ranked in (CALM, *(ranked for _, ranked in RANKS))}
LOG = logging.getLogger("countwell.rules")


def zone_of(patient: Patient) -> ZoneInfo:
    """The calendar of the patient's own days."""
    return zone(json.loads(patient.head)["patient"].get("time_zone") or patient.clinic.zone)


def here(patient: Patient, at: datetime) -> Moment:
    """An instant by the patient's own calendar."""
    return of_instant(at, zone_of(patient))


@dataclass(frozen=True, slots=True)
class Calling:
    """What calls for something on a day. place: how grave the advice is; episodes: each with that of its gravest finding."""

    day: date
    place: int
    episodes: Mapping[str, int]


def answer_for(
    patient: Patient, at: datetime, question: str = "review", record: Record | None = None, **more: Any
) -> tuple[Answer, Record]:
    """An answer about a patient as of an instant, with the record it was made from. record: if it has been read already."""
    record = record or record_of(patient)
    return ask(question, record, as_of=here(patient, at), **more), record


def calling(answer: Answer, names: frozenset[str]) -> Calling:
    """What an answer calls for. names: rules that are muted; nothing calls for anything once the patient has died."""
    if answer.course.state == "died":
        return Calling(answer.as_of.day, CALM.place, {})
    ranked = _heard(answer, names) if silenced(answer, names) else rank(answer.advice)
    return Calling(answer.as_of.day, ranked.place, episodes(answer, names))


@transaction.atomic
def run_rules(patient: Patient, at: datetime) -> Standing:
    """Runs the rules on one patient and keeps what they say.

    The patient's row is locked meanwhile: of two that run at once, the one that read fewer events cannot come last.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)
    answer, record = answer_for(patient, at)
    position = patient.events.aggregate(last=Max("position"))["last"] or 0
    names = muted(patient.clinic, at)
    before = Standing.objects.filter(patient=patient).values_list("row__grave", flat=True).first()
    calls = calling(answer, names)
    row = row_of(answer, record, tests := awaited(patient, answer, record))
    grave = grave_since(before or {}, calls.episodes, calls.place, at)
    halt = halt_of(patient, answer.course.state)
    row |= {"grave": grave, "halt": halt.pk if halt is not None else None}
    fields = _fields(answer, record, calls, tests, names) | {"row": row}
    fields |= {"ran_at": at, "position": position}
    kept, _ = Standing.objects.update_or_create(patient=patient, defaults=fields)
    return kept


def _fields(
    answer: Answer, record: Record, calls: Calling, tests: Sequence[Wanted], names: frozenset[str]
) -> dict[str, object]:
    listed = Row(answer, record)
    at_most = CALM if answer.course.state == "died" else rank(answer.advice_at_most)
    due = {one.group: one.until.isoformat() for one in tests}
    return {
        "day": calls.day,
        "holds_until": whole_day(answer.as_of.day + timedelta(days=1), zone(record.patient.time_zone)).at,
        "state": answer.course.state,
        "tier": TIER_OF[calls.place],
        "place": calls.place,
        "place_at_most": at_most.place,
        "words": listed.words,
        "reason": listed.reason,
        "open": is_open(answer) or bool(answer.unknown) or bool(answer.refused) or bool(silenced(answer, names)),
        "due": due,
        "due_by": min(map(date.fromisoformat, due.values()), default=None),
        "decide_by": answer.course.decide_by,
        "supply": answer.advice.supply,
        "episodes": calls.episodes,
        "changed": sum(1 for one in answer.superseded if one.decisions),
        "protocol": str(answer.protocol["id"]),
        "rules": rules_hash(answer),
        "answer": json.dumps(answer.to_json(), ensure_ascii=False),
    }


def _heard(answer: Answer, names: frozenset[str]) -> Rank:
    """The gravest of what was found by rules that are not muted."""
    heard = (rank(finding.advice) for finding in surely(answer) if not is_muted(finding, names))
    return min(heard, key=lambda one: one.place, default=CALM)


def episodes(answer: Answer, names: frozenset[str] = frozenset()) -> dict[str, int]:
    """Each episode that calls for something, and the place of its gravest finding. names: rules that are muted."""
    found: dict[str, int] = {}
    for finding in (one for one in surely(answer) if not is_muted(one, names)):
        place = rank(finding.advice).place
        if finding.episode and place < CALM.place and not finding.accepted:
            found[finding.episode] = min(place, found.get(finding.episode, place))
    return found


def rules_hash(answer: Answer) -> str:
    """The packs that an answer was made with, as one hash of their names and versions."""
    named = [answer.protocol["id"], answer.protocol["version"], *answer.protocol["layers"]]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()


def late_days(due: dict[str, str], today: date) -> int:
    """How many days the latest test is late: 0 on its last day, 1 the day after."""
    return max((max(0, (today - date.fromisoformat(day)).days) for day in due.values()), default=0)


def run_all(patients: Iterable[Patient], at: datetime) -> int:
    """Runs the rules on many, each in its own transaction; on how many they ran. One that cannot be decided stops no other:
    the list says for how many the rules have not run."""
    count = 0
    for patient in patients:
        try:
            with transaction.atomic():
                run_rules(patient, at)
        except CountwellError:
            LOG.warning("the rules could not be run on a patient")
        else:
            count += 1
    return count
