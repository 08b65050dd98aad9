"""What a clinic did in a month, counted from its own rows: messages, alerts and acts, overrides, chasing, letters, time to act.

Counts of people below ten are not shown, nor is what would give them away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from django.db.models import Count, QuerySet

from countwell.base.dates import zone
from countwell.clinic.models import Act, Clinic, Event, Held, Letter, Message, Patient, Review
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.acted import kinds

FEWEST = 10
DECEMBER = 12
FEW = "fewer than 10"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what is counted, and the count, or that it is too small to be shown."""

    says: str
    count: str


@dataclass(frozen=True, slots=True)
class Report:
    """A month of a clinic, in sections of lines."""

    month: date
    before: str
    after: str
    sections: Sequence[tuple[str, Sequence[Line]]]


def report(clinic: Clinic, month: str, at: datetime) -> Report:
    """The report of a month (`2026-02`; empty: the present one). Raises NotUsable for what is no month."""
    first = month_of(clinic, month, at)
    begin, end = _instant(clinic, first), _instant(clinic, _following(first))
    sections = [
        ("Who is monitored", list(_people(clinic))),
        ("What came", list(_messages(clinic, begin, end))),
        ("What people did", list(_acts(clinic, begin, end))),
        ("Stop-level findings", list(_stops(clinic, begin, end))),
        ("Letters", list(_letters(clinic, begin, end))),
    ]
    return Report(first, _name(first - timedelta(days=1)), _name(_following(first)), sections)


def month_of(clinic: Clinic, text: str, at: datetime) -> date:
    """The first day of a month: `2026-02`; empty: the present one. Raises NotUsable for what is no month."""
    if not text:
        return at.astimezone(zone(clinic.zone)).date().replace(day=1)
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise NotUsable("Give the month as year and month: 2026-02.") from error


def _following(first: date) -> date:
    return date(first.year + 1, 1, 1) if first.month == DECEMBER else date(first.year, first.month + 1, 1)


def _name(day: date) -> str:
    return f"{day:%Y-%m}"


def _instant(clinic: Clinic, day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), zone(clinic.zone))


def _people(clinic: Clinic) -> Iterator[Line]:
    rows = Patient.objects.filter(clinic=clinic)
    yield Line("Patients", str(rows.count()))
    states = dict(rows.values_list("standing__state").annotate(count=Count("pk")))
    kept = _suppressed({str(state or "not read yet"): count for state, count in states.items()})
    yield from (Line(f"of them {state}", count) for state, count in sorted(kept.items()))


def _suppressed(counts: Mapping[str, int]) -> dict[str, str]:
    """Parts of a shown sum: each below ten is hidden, and if one alone would be, the next smallest with it."""
    hidden = {name for name, count in counts.items() if 0 < count < FEWEST}
    if len(hidden) == 1 and len(counts) > 1:
        hidden.add(min((name for name in counts if name not in hidden), key=lambda name: counts[name]))
    return {name: "not shown" if name in hidden else str(count) for name, count in counts.items()}


def _messages(clinic: Clinic, begin: datetime, end: datetime) -> Iterator[Line]:
    yield Line(
        "Messages", str(Message.objects.filter(clinic=clinic, received_at__gte=begin, received_at__lt=end).count())
    )
    events = Event.objects.filter(patient__clinic=clinic, recorded_at__gte=begin, recorded_at__lt=end)
    yield Line("Results filed", str(events.filter(kind="result").count()))
    held = Held.objects.filter(clinic=clinic, received_at__gte=begin, received_at__lt=end)
    yield Line("Entries held for a person", str(held.count()))
    yield Line("of them settled", str(held.exclude(settled_at=None).count()))


def _acts(clinic: Clinic, begin: datetime, end: datetime) -> Iterator[Line]:
    rows = _of(clinic, begin, end).values_list("what", "reason")
    acts, reasons = (
        Counter(what for what, _ in rows),
        Counter(reason for what, reason in rows if what in ("less", "more")),
    )
    yield from (Line(f"{what}: {kinds()[what].says}", str(count)) for what, count in acts.most_common())
    yield from (
        Line(f"otherwise than advised, because {reason}", str(count)) for reason, count in reasons.most_common()
    )


def _of(clinic: Clinic, begin: datetime, end: datetime) -> QuerySet[Act]:
    return Act.objects.filter(patient__clinic=clinic, at__gte=begin, at__lt=end)


def _stops(clinic: Clinic, begin: datetime, end: datetime) -> Iterator[Line]:
    """Acts on advice of the first tier, and how long after the review they rested on became due: from event to act."""
    acts = _of(clinic, begin, end).filter(what="stop").select_related("review")
    hours = [hour for act in acts if act.review is not None and (hour := _hours(act.review, act.at)) is not None]
    yield Line("Stops recorded", str(acts.count()))
    yield Line(
        "Median hours from the newest result to the stop", f"{median(hours):.1f}" if len(hours) >= FEWEST else FEW
    )


def _hours(review: Review, at: datetime) -> float | None:
    newest = Event.objects.filter(patient_id=review.patient_id, kind="result", position__lte=review.position).last()
    return (at - newest.recorded_at) / timedelta(hours=1) if newest is not None else None


def _letters(clinic: Clinic, begin: datetime, end: datetime) -> Iterator[Line]:
    rows = Letter.objects.filter(patient__clinic=clinic, made_at__gte=begin, made_at__lt=end)
    states = Counter(rows.values_list("state", flat=True))
    yield Line("Letters made", str(sum(states.values())))
    yield from (Line(f"of them {state}", str(count)) for state, count in states.most_common())
