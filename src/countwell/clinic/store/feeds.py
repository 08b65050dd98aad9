"""Senders from whom nothing has come for longer than is usual: silence is said, and never taken for good news."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml
from django.db.models import Count, Max

from countwell.clinic.models import Clinic, Message


@dataclass(frozen=True, slots=True)
class Usual:
    """silent: after how long a sender is; own: of senders with a time of their own; regular: so many messages make a sender
    one that is waited for; remembered: how far back they count."""

    silent: timedelta
    own: Mapping[str, timedelta]
    regular: int
    remembered: timedelta

    def of(self, sender: str) -> timedelta:
        """For how long this sender can be quiet."""
        return self.own.get(sender, self.silent)


@dataclass(frozen=True, slots=True)
class Silent:
    """A sender that is silent, and when it was last heard."""

    sender: str
    heard: datetime


@cache
def usual() -> Usual:
    """What is usual here."""
    sent = yaml.safe_load(files("countwell.clinic").joinpath("feeds.yaml").read_text(encoding="utf-8"))
    own = {name: timedelta(hours=hours) for name, hours in sent["senders"].items()}
    return Usual(
        timedelta(hours=sent["silent_hours"]), own, sent["regular_messages"], timedelta(days=sent["remembered_days"])
    )


def silent(clinic: Clinic, at: datetime) -> list[Silent]:
    """The regular senders of a clinic that are silent at an instant, the longest first."""
    limits = usual()
    came = Message.objects.filter(clinic=clinic, received_at__gt=at - limits.remembered, received_at__lte=at)
    senders = came.exclude(source="").values("source").annotate(last=Max("received_at"), count=Count("pk"))
    rows = senders.filter(count__gte=limits.regular).order_by("last").values_list("source", "last")
    return [Silent(sender, last) for sender, last in rows if at - last > limits.of(sender)]
