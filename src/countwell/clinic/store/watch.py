"""How far a clinic's list can be believed: when the rules last ran and on how many, when a message last came, who watches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from countwell.clinic.models import Clinic, Held, Message, Patient, Run, StandIn, Standing, Switch
from countwell.clinic.store.feeds import Silent, silent
from countwell.clinic.store.hours import hours
from countwell.clinic.store.muted import off
from countwell.clinic.store.stand_in import unmanned
from countwell.clinic.store.unanswered import Overdue, overdue

TWO_CYCLES = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Watch:
    """rules_ran: of the patient whose rules ran longest ago; not_run: patients for whom not on their own today.

    untested: no canary has been sent down within two cycles; silent: senders from whom nothing has come for too long;
    unanswered: who stands under Now without an answer for too long, the longest first; unmanned: who is away today, asked
    somebody to stand in, and nobody has accepted.
    """

    rules_ran: datetime | None
    patients: int
    not_run: int
    last_heard: datetime | None
    held: int
    watched: bool
    until: datetime
    again: datetime
    canaries: Run | None
    untested: bool
    off: list[Switch]
    silent: list[Silent]
    unanswered: list[Overdue]
    unmanned: list[StandIn]

    @property
    def believable(self) -> bool:
        """Whether the list can be called complete."""
        return self.not_run == 0 and not (self.canaries and self.canaries.faults)


def watch(clinic: Clinic, at: datetime) -> Watch:
    """How it stands at an instant."""
    count = Patient.objects.filter(clinic=clinic).count()
    ran = Standing.objects.filter(patient__clinic=clinic).aggregate(
        first=Min("ran_at"), today=Count("pk", filter=Q(holds_until__gt=at))
    )
    open_ = hours(clinic, at)
    heard = Message.objects.filter(clinic=clinic).order_by("-received_at").values_list("received_at", flat=True).first()
    tested = Run.objects.filter(what="canaries").order_by("-began_at").first()
    return Watch(
        rules_ran=ran["first"],
        patients=count,
        not_run=count - ran["today"],
        last_heard=heard,
        held=Held.objects.filter(clinic=clinic, settled_at=None).count(),
        watched=open_.watched,
        until=open_.until,
        again=open_.again,
        off=list(off(clinic, at)),
        silent=silent(clinic, at),
        unanswered=overdue(clinic, at),
        unmanned=unmanned(clinic, at),
        canaries=tested,
        untested=tested is None or at - tested.began_at >= TWO_CYCLES,
    )
