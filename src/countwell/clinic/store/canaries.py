"""Which protocols' canaries are sent down, and the row that says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from countwell.base.clock import now
from countwell.base.errors import CountwellError, PackError
from countwell.clinic import worked
from countwell.clinic.flock import faults, flock
from countwell.clinic.models import PackState, Run, Standing
from countwell.clinic.store import vouched
from countwell.model.pack import Pack
from countwell.pack.load import load

NAMED = 10  # how many faults a row tells in words


def followed() -> list[str]:
    """The protocols that any patient follows, or that are in use anywhere."""
    by_patients = Standing.objects.exclude(protocol="").values_list("protocol", flat=True).distinct()
    in_use = PackState.objects.filter(state="in-use").exclude(approved_by=None).values_list("pack", flat=True)
    return sorted({*by_patients, *(name for name in in_use if flock(name) is not None)})


def packs() -> list[Pack]:
    """Every pack of these protocols; of one that cannot be read none, which `wrong` says."""
    found: dict[str, Pack] = {}
    for protocol in followed():
        with suppress(PackError):
            found |= {pack.name: pack for pack in load(protocol, cases=False).packs}
    return list(found.values())


def wrong(protocol: str) -> list[str]:
    """Everything that is not as it should be with a protocol: on the way through the rules, and in its packs themselves."""
    try:
        unfit = [says for pack in load(protocol, cases=False).packs for says in vouched.faults(pack)]
        return [*faults(worked.sent_for(protocol)), *worked.faults(protocol), *unfit]
    except CountwellError as error:
        return [f"{protocol} cannot be read: {error}"]


def keep(at: datetime, clock: Callable[[], datetime] = now) -> Run:
    """Sends down the canaries of all protocols that are followed, and keeps that it was done and what was wrong."""
    found = [fault for protocol in followed() for fault in wrong(protocol)]
    return Run.objects.create(
        what="canaries",
        began_at=at,
        ended_at=clock(),
        faults=len(found),
        says="\n".join(found[:NAMED]),
    )
