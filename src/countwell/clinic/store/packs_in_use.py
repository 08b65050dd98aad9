"""The way of a pack into use here: proposed by one person, approved by another, in the shadow first, bound to these rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml

from countwell.clinic.models import Clinic, PackState, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import two_people, vouched
from countwell.model.pack import Pack
from countwell.pack.certificate import rules_hash
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack

DRAFT = "draft"
CHANGED = "The rules have changed since it was proposed. Propose the pack again."


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a pack stands in a clinic. changed: its rules are not those that were approved. waiting: proposed, not approved."""

    pack: Pack
    state: str
    since: datetime | None
    changed: bool
    waiting: PackState | None

    @property
    def next(self) -> tuple[str, ...]:
        """The steps that may follow."""
        return (*_rules()["steps"][self.state], *(("withdrawn",) if self.changed else ()))


@cache
def _rules() -> Mapping[str, Mapping[str, list[str]]]:
    rules: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(
        files("countwell.clinic").joinpath("signing.yaml").read_text(encoding="utf-8")
    )
    return rules


def stands(clinic: Clinic) -> list[Stand]:
    """Every pack that comes with Countwell, protocols first, and where it stands here."""
    packs = [read_pack(find(name), cases=False) for name in shipped()]
    return [stand(clinic, pack) for pack in sorted(packs, key=lambda pack: (pack.kind != "protocol", pack.name))]


def stand(clinic: Clinic, pack: Pack) -> Stand:
    """Where one pack stands here. A pack whose rules changed is a draft again, whatever was approved."""
    rows = PackState.objects.filter(clinic=clinic, pack=pack.name).order_by("at", "pk")
    approved, waiting = rows.exclude(approved_by=None).last(), rows.filter(approved_by=None).last()
    changed = approved is not None and approved.digest != rules_hash(pack)
    state = approved.state if approved is not None and not changed else DRAFT
    return Stand(pack, state, approved.approved_at if approved else None, changed, waiting)


def propose(clinic: Clinic, pack: Pack, state: str, note: str, by: Person, at: datetime) -> PackState:
    """Proposes the next step. Raises NotUsable if it is none, or comes too early, or the rules are not proven."""
    here = stand(clinic, pack)
    if state not in here.next:
        raise NotUsable(f"From {here.state} a pack goes to: {', '.join(here.next)}.")
    if state == "in-use":
        _refuse_early(here, at)
    _refuse_unfit(clinic, pack, state)
    PackState.objects.filter(clinic=clinic, pack=pack.name, approved_by=None).delete()
    return PackState.objects.create(
        clinic=clinic, pack=pack.name, version=pack.version, digest=rules_hash(pack), state=state, at=at,
        proposed_by=by, note=note,
    )  # fmt: skip


def _refuse_unfit(clinic: Clinic, pack: Pack, state: str) -> None:
    """What is not proven, not signed, or older than what was approved goes nowhere but out."""
    wrong = [*vouched.unfit(pack), *vouched.gone_back(clinic, pack)]
    if state != "withdrawn" and wrong:
        raise NotUsable(" ".join(wrong))


def _refuse_early(here: Stand, at: datetime) -> None:
    days = int(str(_rules()["shadow_days"]))
    if here.since is None or at - here.since < timedelta(days=days):
        raise NotUsable(f"A pack runs in the shadow for {days} days before it is used. It began {here.since}.")


def approve(clinic: Clinic, pack: Pack, by: Person, at: datetime) -> PackState:
    """Approves what another person proposed. Raises NotYours for the same person, NotUsable for nothing or other rules."""
    waiting = stand(clinic, pack).waiting
    if waiting is None:
        raise NotUsable("Nothing is proposed for this pack.")
    two_people.refuse_same(by, waiting.proposed_by_id)
    if waiting.digest != rules_hash(pack):
        raise NotUsable(CHANGED)
    _refuse_unfit(clinic, pack, waiting.state)
    two_people.approve(waiting, by, at)
    return waiting
