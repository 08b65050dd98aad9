"""Rules that alert nobody at the moment: switched off by two people until an instant, or of a pack that runs in the shadow.

The engine goes on deciding by all rules, and every page goes on showing what they say. What a muted rule finds makes no alert,
and is not known: it never stands among those for whom nothing is called for.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml
from django.db.models import QuerySet

from countwell.clinic.models import Clinic, PackState, Person, Switch
from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.sent import number_of
from countwell.clinic.store import two_people
from countwell.model.answers import Answer, Finding
from countwell.pack.certificate import rules_hash
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from countwell.paper.findings import surely

LETTERS = 15


def off(clinic: Clinic, at: datetime) -> QuerySet[Switch]:
    """The rules that are switched off at an instant; each is on again by itself."""
    return Switch.objects.filter(clinic=clinic, until__gt=at).exclude(approved_by=None).order_by("until")


def muted(clinic: Clinic, at: datetime) -> frozenset[str]:
    """Rules (`pack/table/rule`) and whole packs (`pack`) that alert nobody at an instant. A pack whose rules are not those
    that were approved for the shadow is a draft again, and alerts."""
    rows = PackState.objects.filter(clinic=clinic).exclude(approved_by=None).order_by("at", "pk")
    last = {pack: (state, digest) for pack, state, digest in rows.values_list("pack", "state", "digest")}
    shadow = {pack for pack, (state, digest) in last.items() if state == "shadow" and digest == _hash_of(pack)}
    return frozenset(off(clinic, at).values_list("rule", flat=True)) | shadow


@cache
def _hash_of(pack: str) -> str:
    """The rules of a pack that comes with Countwell; they do not change while it runs."""
    return rules_hash(read_pack(find(pack), cases=False)) if pack in shipped() else ""


def is_muted(finding: Finding, names: Collection[str]) -> bool:
    """Whether what a rule found alerts nobody."""
    return finding.layer in names or f"{finding.layer}/{finding.table}/{finding.rule}" in names


def silenced(answer: Answer, names: Collection[str]) -> list[Finding]:
    """What an answer found by muted rules."""
    return [finding for finding in surely(answer) if is_muted(finding, names)] if names else []


@cache
def rules() -> tuple[str, ...]:
    """Every rule that gives advice, of every pack that comes with Countwell."""
    packs = (read_pack(find(name), cases=False) for name in shipped())
    return tuple(
        f"{pack.name}/{table.name}/{rule.name}"
        for pack in packs
        for table in pack.tables
        for rule in table.rules
        if rule.advice is not None
    )


def most_days() -> int:
    """For how many days a rule may be switched off at most."""
    text = files("countwell.clinic").joinpath("signing.yaml").read_text(encoding="utf-8")
    return int(yaml.safe_load(text)["switched_off_days"])


def ask(clinic: Clinic, rule: str, days: str, reason: str, by: Person, at: datetime) -> Switch:
    """Asks for a rule to be switched off. Raises NotUsable for no such rule, too long, or no reason."""
    if rule not in rules():
        raise NotUsable("There is no such rule. Choose one from the list.")
    if not 1 <= (number_of(days) or 0) <= most_days():
        raise NotUsable(f"Give the days for which it is off: 1 to {most_days()}. Then it is on again by itself.")
    if len(reason.strip()) < LETTERS:
        raise NotUsable(f"Say in words what is wrong with the rule: at least {LETTERS} letters.")
    until = at + timedelta(days=int(days))
    return Switch.objects.create(clinic=clinic, rule=rule, reason=reason.strip(), asked_at=at, asked_by=by, until=until)


def waiting(clinic: Clinic, at: datetime) -> QuerySet[Switch]:
    """What was asked for and not approved."""
    return Switch.objects.filter(clinic=clinic, approved_by=None, until__gt=at).order_by("asked_at")


def approve(clinic: Clinic, number: int, by: Person, at: datetime) -> Switch:
    """The second person's approval: from now on the rule alerts nobody. Raises NotThere, or NotYours for whoever asked."""
    found = waiting(clinic, at).filter(pk=number).first()
    if found is None:
        raise NotThere
    two_people.refuse_same(by, found.asked_by_id)
    two_people.approve(found, by, at)
    return found


def switch_on(clinic: Clinic, number: int, at: datetime) -> Switch:
    """Switches a rule on again before its time: that is safer, so one person can. Raises NotThere."""
    found = off(clinic, at).filter(pk=number).first()
    if found is None:
        raise NotThere
    found.until = at
    found.save(update_fields=["until"])
    return found
