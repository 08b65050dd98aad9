"""The answer that somebody acted on: kept whole, and made again from the same events under the same rules, byte for byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from countwell import Answer, ask
from countwell.clinic.models import Patient, Review
from countwell.clinic.store.records import record_of
from countwell.clinic.store.standing import here
from countwell.pack.certificate import rules_hash
from countwell.pack.load import load


@dataclass(frozen=True, slots=True)
class Replay:
    """A review made again. same: byte for byte. changed: packs whose rules are no longer those of then."""

    same: bool
    text: str
    changed: tuple[str, ...]

    @property
    def says(self) -> str:
        """In a sentence."""
        if self.same:
            return "Made again from the same events: the same answer, byte for byte."
        if self.changed:
            return (
                f"The rules have changed since: {', '.join(self.changed)}. Under the rules of now the answer differs."
            )
        return "Made again from the same events and rules, the answer differs. Tell whoever runs Countwell."


def keep(patient: Patient, at: datetime) -> Review:
    """Keeps the standing review of a patient as of an instant, for an act to rest on."""
    position = patient.events.aggregate(last=Max("position"))["last"] or 0
    answer = _answer(patient, at, position)
    text = _text(answer)
    return Review.objects.create(
        patient=patient,
        as_of=at,
        position=position,
        rules=_digest(json.dumps(_packs(answer), sort_keys=True)),
        packs=_packs(answer),
        answer=text,
        digest=_digest(text),
    )


def again(review: Review) -> Replay:
    """Makes a review again: the events up to its position, its instant, the rules as they are installed now."""
    answer = _answer(review.patient, review.as_of, review.position)
    text, packs = _text(answer), _packs(answer)
    changed = tuple(name for name, rules in review.packs.items() if packs.get(name) != rules)
    return Replay(text == review.answer and _digest(text) == review.digest, text, changed)


@dataclass(frozen=True, slots=True)
class Compared:
    """How many reviews come out the same, differ because their rules have changed, or differ under the same rules."""

    same: int
    changed: int
    differ: int


def compared(newest: int | None = None) -> Compared:
    """Reviews made again: all, or so many of the newest."""
    reviews = Review.objects.order_by("-pk").select_related("patient__clinic")[:newest]
    replays = [again(review) for review in reviews.iterator(chunk_size=100)]
    same = sum(1 for one in replays if one.same)
    changed = sum(1 for one in replays if not one.same and one.changed)
    return Compared(same, changed, len(replays) - same - changed)


def _answer(patient: Patient, at: datetime, position: int) -> Answer:
    return ask("review", record_of(patient, position), as_of=here(patient, at))


def _text(answer: Answer) -> str:
    return json.dumps(answer.to_json(), ensure_ascii=False)


def _packs(answer: Answer) -> Mapping[str, str]:
    """Each pack of an answer, with the hash of its rules."""
    layers = [str(layer).partition(" ")[0] for layer in answer.protocol["layers"]]
    packs = load(str(answer.protocol["id"]), layers, cases=False).packs
    return {f"{pack.name} {pack.version}": rules_hash(pack) for pack in packs}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
