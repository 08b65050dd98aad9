"""The rounds: the rules on every patient whose day has changed, what waits and may be somebody's by now, letters, canaries;
each leaves a row that it ran.

Nothing depends on a round having come: the list says for how many patients the rules have not run today.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from countwell.base.clock import now
from countwell.clinic.models import Clinic, Patient, Run
from countwell.clinic.store import alarms, canaries
from countwell.clinic.store.backup import note_head
from countwell.clinic.store.came_before import follow, of_nobody
from countwell.clinic.store.clock import why_read_only
from countwell.clinic.store.reminders import carry
from countwell.clinic.store.standing import run_rules
from countwell.clinic.store.typed import forget_old

LOG = logging.getLogger("countwell.rounds")
HOURLY = timedelta(hours=1)
Clock = Callable[[], datetime]


def all_rounds(at: datetime, clock: Clock = now) -> list[Run]:
    """What is due as of an instant: each clinic's round, and the canaries; the rows that say what came of it.

    Nothing while the clinic is read-only: a letter that went after the backup must not go twice, nor on a day that is none.
    """
    if why_read_only(at):
        return []
    note_head()
    forget_old(at)
    made = [round_of(clinic, at, clock) for clinic in Clinic.objects.order_by("pk")]
    made += [alarms.call(clinic, at) for clinic in Clinic.objects.order_by("pk")]
    if not _ran(at, "canaries", None):
        made.append(canaries.keep(at, clock))
    return [run for run in made if run is not None]


def round_of(clinic: Clinic, at: datetime, clock: Clock = now) -> Run | None:
    """One clinic's round: `None` if no patient's day has changed and one ran within the hour.

    A patient whose rules cannot be run is counted as a fault, and keeps none of the others from theirs.
    """
    stale = Patient.objects.filter(clinic=clinic).exclude(standing__holds_until__gt=at).select_related("clinic")
    if not stale.exists() and _ran(at, "rules", clinic):
        return None
    ran = faults = 0
    for patient in stale.iterator(chunk_size=100):
        try:
            run_rules(patient, at)
            ran += 1
        except Exception:  # whatever it is, the others go on, and the list says for how many the rules did not run
            LOG.exception("the rules could not be run on a patient")
            faults += 1
    follow(of_nobody(clinic), at)
    letters = carry(clinic, at)
    return Run.objects.create(
        what="rules",
        clinic=clinic,
        began_at=at,
        ended_at=clock(),
        patients=ran,
        faults=faults,
        says=", ".join(f"{count} letters {state}" for state, count in sorted(letters.items())),
    )


def _ran(at: datetime, what: str, clinic: Clinic | None) -> bool:
    return Run.objects.filter(what=what, clinic=clinic, began_at__gt=at - HOURLY, began_at__lte=at).exists()
