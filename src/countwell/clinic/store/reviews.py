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
from countwell.clinic.store import kept_packs
from countwell.clinic.store.records import record_of
from countwell.clinic.store.standing import here
from countwell.engine.joined import SCHEDULE
from countwell.model.pack import Pack
from countwell.pack.load import load


@dataclass(frozen=True, slots=True)
class Replay:
    """A review made again. same: byte for byte. changed: packs whose rules are no longer those of then.

    kept: it was made under the rules of then, which were kept, since they have changed.
    """

    same: bool
    text: str
    changed: tuple[str, ...]
    kept: bool = False

    @property
    def says(self) -> str:
        """In a sentence."""
        since = f"The rules have changed since: {', '.join(self.changed)}."
        if self.same and self.kept:
            return f"{since} Made again under those of then: the same answer, byte for byte."
        if self.same:
            return "Made again from the same events: the same answer, byte for byte."
        if self.changed and not self.kept:
            return f"{since} Those of then were not kept. Under the rules of now the answer differs."
        return "Made again from the same events and rules, the answer differs. Tell whoever runs Countwell."


def keep(patient: Patient, at: datetime) -> Review:
    """Keeps the standing review of a patient as of an instant, for an act to rest on."""
    position = patient.events.aggregate(last=Max("position"))["last"] or 0
    answer = _answer(patient, at, position)
    text = _text(answer)
    kept_packs.keep(_loaded(answer))
    return Review.objects.create(
        patient=patient,
        as_of=at,
        position=position,
        rules=_digest(json.dumps(_packs(answer), sort_keys=True)),
        packs=_packs(answer),
        answer=text,
        digest=_digest(text),
    )


def resting(decision: Mapping[str, object], review: Review) -> dict[str, object]:
    """A decision with what it rests on by the review: the events behind whatever surely called for something. So a correction
    of one of these results names the decision. What the calendar alone asks for is no ground of a decision."""
    called = [
        one for one in json.loads(review.answer)["findings"] if one["holds"] == "yes" and one["table"] != SCHEDULE
    ]
    grounds = {ref for finding in called for because in finding["because"] for ref in because["events"]}
    return {**decision, **({"rests_on": sorted(grounds)} if grounds else {})}


def again(review: Review) -> Replay:
    """Makes a review again: the events up to its position, its instant, and the rules of then.

    Those are the installed ones if they are the same, else the ones that were kept; were they not, the installed ones all
    the same, and the replay says so.
    """
    answer = _answer(review.patient, review.as_of, review.position)
    packs = _packs(answer)
    changed = tuple(name for name, rules in review.packs.items() if packs.get(name) != rules)
    under = _as_then(review, str(answer.protocol["id"])) if changed else None
    text = _text(under or answer)
    return Replay(text == review.answer and _digest(text) == review.digest, text, changed, under is not None)


def _as_then(review: Review, protocol: str) -> Answer | None:
    """Made again under the packs that were kept; `None` if they were not, or are no longer those."""
    path = kept_packs.laid_out(review.rules, protocol, review.packs)
    if path is None or kept_packs.hashes(load(path, cases=False).packs) != review.packs:
        return None
    return _answer(review.patient, review.as_of, review.position, str(path))


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
    changed = sum(1 for one in replays if not one.same and one.changed and not one.kept)
    return Compared(same, changed, len(replays) - same - changed)


def _answer(patient: Patient, at: datetime, position: int, protocol: str | None = None) -> Answer:
    return ask("review", record_of(patient, position), as_of=here(patient, at), protocol=protocol)


def _text(answer: Answer) -> str:
    return json.dumps(answer.to_json(), ensure_ascii=False)


def _packs(answer: Answer) -> Mapping[str, str]:
    """Each pack of an answer, with the hash of its rules."""
    return kept_packs.hashes(_loaded(answer))


def _loaded(answer: Answer) -> tuple[Pack, ...]:
    layers = [str(layer).partition(" ")[0] for layer in answer.protocol["layers"]]
    return load(str(answer.protocol["id"]), layers, cases=False).packs


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
