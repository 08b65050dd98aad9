"""Can the instant be believed? Behind what was written last, or not the database's, it cannot: then nothing is written.

It is worked out at each request, so it ends by itself when the clock is right again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from countwell.clinic import read_only
from countwell.clinic.models import Audit

APART = timedelta(seconds=60)  # so far two clocks may differ
RECONCILED = "reconcile"
BACK = (
    "The clock stands at {at}, and something was written here at {newest}. If it is wrong, set it by a time server: the rest"
    " follows by itself. If it is right, and was wrong then, whoever runs the clinic looks at what was written meanwhile, and"
    " says so: countwell reconcile."
)
OTHER = (
    "The clock stands at {at}, and the database's at {theirs}. Set both by a time server: the rest follows by itself."
)


def why_read_only(at: datetime) -> str:
    """Why nothing can be written at this instant, in words; "" when it can."""
    return read_only.read_only() or went_back(at) or other_clock(at)


def went_back(at: datetime) -> str:
    """In words, if the audit already holds an instant that is later by more than a minute; "" if not."""
    newest = newest_written()
    if newest is None or newest - at <= APART:
        return ""
    return BACK.format(at=_told(at), newest=_told(newest))


def newest_written() -> datetime | None:
    """The latest instant in the audit since somebody last reconciled; what a wrong clock wrote before then is settled."""
    reconciled = Audit.objects.filter(route=RECONCILED).order_by("-number").values_list("number", flat=True).first()
    since = Audit.objects.filter(number__gte=reconciled or 0)
    return since.order_by("-at").values_list("at", flat=True).first()


def other_clock(at: datetime) -> str:
    """In words, if the database's clock differs by more than a minute; "" if not."""
    theirs = of_database(at)
    if abs(theirs - at) <= APART:
        return ""
    return OTHER.format(at=_told(at), theirs=_told(theirs))


def of_database(at: datetime) -> datetime:
    """Of PostgreSQL, which may stand on another machine; SQLite has none of its own."""
    if connection.vendor != "postgresql":
        return at
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
        return theirs


def _told(at: datetime) -> str:
    return f"{at:%-d %b %Y %H:%M:%S} UTC"
