"""What a clinic did in a month, counted from its own rows: messages, alerts and acts, overrides, chasing, letters, time to act.

Not everybody who reads it may read every chart: nobody may be found in it, nor by asking twice. A month is counted once, when
it is over, and kept as it was then. Every count is rounded down to tens, and below ten it is not shown, nor whether there was
any: two tables differ in a count by ten or more, or not at all, and no sum tells what a hidden part is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db.models import Count, QuerySet

from countwell.base.dates import zone
from countwell.clinic.models import Act, Clinic, Event, Held, Letter, Message, Patient, Review
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.acted import kinds
from countwell.clinic.store.hours import today_of

STEP = 10
DECEMBER = 12
FEW = "fewer than 10"
NOT_OVER = "This month is not over. A month is counted once, when it is over."


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what is counted, and the count in tens, or that it is too small to be shown."""

    says: str
    count: str


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a title."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Report:
    """A month of a clinic. after: the month that follows, if it is over; else empty."""

    month: date
    before: str
    after: str
    sections: Sequence[Section]


def report(clinic: Clinic, month: str, at: datetime) -> Report:
    """The report of a month (`2026-02`; empty: the last that is over), as it was first counted.

    Raises NotUsable for what is no month, or not over.
    """
    first, last = month_of(clinic, month, at), _last_over(clinic, at)
    if first > last:
        raise NotUsable(NOT_OVER)
    path = Path(settings.DATA) / "measures" / f"{clinic.pk}-{_name(first)}.json"
    if not path.exists():
        _keep(path, list(_counted(clinic, first, now_too=first == last)))
    kept = json.loads(path.read_text(encoding="utf-8"))
    sections = [Section(one["title"], [Line(**line) for line in one["lines"]]) for one in kept]
    after = _following(first)
    return Report(first, _name(first - timedelta(days=1)), _name(after) if after <= last else "", sections)


def _keep(path: Path, sections: Sequence[Section]) -> None:
    """Of two who count at once the first is kept: there are never two tables of one month."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent) as folder, suppress(FileExistsError):
        whole = Path(folder) / "whole"
        whole.write_text(json.dumps([asdict(one) for one in sections]), encoding="utf-8")
        path.hardlink_to(whole)


def _counted(clinic: Clinic, first: date, *, now_too: bool) -> Iterator[Section]:
    """now_too: also who is monitored, which can be counted only as of now: older months would tell it again and again."""
    begin, end = _instant(clinic, first), _instant(clinic, _following(first))
    if now_too:
        yield Section("Who is monitored", list(_people(clinic)))
    yield Section("What came", list(_messages(clinic, begin, end)))
    yield Section("What people did", list(_acts(clinic, begin, end)))
    yield Section("Stop-level findings", list(_stops(clinic, begin, end)))
    yield Section("Letters", list(_letters(clinic, begin, end)))


def in_tens(count: int) -> str:
    """A count as it is shown: rounded down to tens; below ten, or nothing, the same words."""
    return f"{count - count % STEP:,}" if count >= STEP else FEW


def _most(counts: Mapping[str, int]) -> Iterator[Line]:
    """Those of ten and more, the most frequent first; a kind of which there were fewer is not even named."""
    yield from (Line(says, in_tens(count)) for says, count in Counter(counts).most_common() if count >= STEP)


def month_of(clinic: Clinic, text: str, at: datetime) -> date:
    """The first day of a month: `2026-02`; empty: the last that is over. Raises NotUsable for what is no month."""
    if not text:
        return _last_over(clinic, at)
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise NotUsable("Give the month as year and month: 2026-02.") from error


def _last_over(clinic: Clinic, at: datetime) -> date:
    today = today_of(clinic, at)
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def _following(first: date) -> date:
    return date(first.year + 1, 1, 1) if first.month == DECEMBER else date(first.year, first.month + 1, 1)


def _name(day: date) -> str:
    return f"{day:%Y-%m}"


def _instant(clinic: Clinic, day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), zone(clinic.zone))


def _people(clinic: Clinic) -> Iterator[Line]:
    rows = Patient.objects.filter(clinic=clinic)
    yield Line("Patients", in_tens(rows.count()))
    states = dict(rows.values_list("standing__state").annotate(count=Count("pk")))
    yield from _most({f"of them {state or 'not read yet'}": count for state, count in states.items()})


def _messages(clinic: Clinic, begin: datetime, end: datetime) -> Iterator[Line]:
    messages = Message.objects.filter(clinic=clinic, received_at__gte=begin, received_at__lt=end)
    yield Line("Messages", in_tens(messages.count()))
    events = Event.objects.filter(patient__clinic=clinic, recorded_at__gte=begin, recorded_at__lt=end)
    yield Line("Results filed", in_tens(events.filter(kind="result").count()))
    held = Held.objects.filter(clinic=clinic, received_at__gte=begin, received_at__lt=end)
    yield Line("Entries held for a person", in_tens(held.count()))
    yield Line("of them settled", in_tens(held.exclude(settled_at=None).count()))


def _acts(clinic: Clinic, begin: datetime, end: datetime) -> Iterator[Line]:
    rows = _of(clinic, begin, end).values_list("what", "reason")
    yield from _most(Counter(f"{what}: {kinds()[what].says}" for what, _ in rows))
    against = (reason for what, reason in rows if what in ("less", "more"))
    yield from _most(Counter(f"otherwise than advised, because {reason}" for reason in against))


def _of(clinic: Clinic, begin: datetime, end: datetime) -> QuerySet[Act]:
    return Act.objects.filter(patient__clinic=clinic, at__gte=begin, at__lt=end)


def _stops(clinic: Clinic, begin: datetime, end: datetime) -> Iterator[Line]:
    """Acts on advice of the first tier, and how long after the review they rested on became due: from event to act."""
    acts = _of(clinic, begin, end).filter(what="stop").select_related("review")
    hours = [hour for act in acts if act.review is not None and (hour := _hours(act.review, act.at)) is not None]
    yield Line("Stops recorded", in_tens(acts.count()))
    middle = f"{median(hours):.0f}" if len(hours) >= STEP else "not shown: fewer than 10 stops"
    yield Line("Median hours from the newest result to the stop", middle)


def _hours(review: Review, at: datetime) -> float | None:
    newest = Event.objects.filter(patient_id=review.patient_id, kind="result", position__lte=review.position).last()
    return (at - newest.recorded_at) / timedelta(hours=1) if newest is not None else None


def _letters(clinic: Clinic, begin: datetime, end: datetime) -> Iterator[Line]:
    rows = Letter.objects.filter(patient__clinic=clinic, made_at__gte=begin, made_at__lt=end)
    states = Counter(rows.values_list("state", flat=True))
    yield Line("Letters made", in_tens(sum(states.values())))
    yield from _most({f"of them {state}": count for state, count in states.items()})
