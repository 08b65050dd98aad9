"""Hypothesis strategies: everything that laboratories send of one test, close together, so that readings meet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from countwell.base.dates import Moment, of_instant, whole_day
from countwell.model.records import Course, Patient, Record, Result

HOME = ZoneInfo("America/New_York")
DAY = date(2026, 3, 7)  # the clock goes forward on the 8th
MIDNIGHT = datetime.combine(DAY, datetime.min.time(), HOME)
TESTS = ("wbc", "neutrophils")
VALUES = ("6.1", "3.0", "<0.5", ">= 2.0", "clotted", "61", "2.00", "")
STATUSES = ("final", "final", "final", "corrected", "amended", "preliminary", "cancelled", "entered-in-error", None)
IDS = ("a", "b", "c", "d", "e", "f")


def moments() -> st.SearchStrategy[Moment]:
    """A whole day, its midnight or an hour of it, of two days or three."""
    hours = st.sampled_from((0, 9, 9, 15)).map(
        lambda hour: of_instant(MIDNIGHT.astimezone(UTC) + timedelta(hours=hour), HOME)
    )
    days = st.sampled_from((0, 0, 1)).map(lambda after: whole_day(DAY + timedelta(days=after), HOME))
    return st.one_of(hours, hours, days, st.just(of_instant(MIDNIGHT.astimezone(UTC) + timedelta(hours=33), HOME)))


@st.composite
def results(draw: st.DrawFn, place: int, *, crowded: bool) -> Result:
    """One result; some bear an id, some name another one, or themselves, or nothing that there is. crowded: all of one test,
    one midnight and two values."""
    name = draw(st.sampled_from(("", "", IDS[place]))) or None
    midnight = st.sampled_from((True, False)).map(
        lambda whole: whole_day(DAY, HOME) if whole else of_instant(MIDNIGHT, HOME)
    )
    return Result(
        ref=name or f"#{place}",
        id=name,
        test="wbc" if crowded else draw(st.sampled_from(TESTS)),
        value=draw(st.sampled_from(VALUES[:2] if crowded else VALUES)),
        unit="10*9/L" if crowded else draw(st.sampled_from(("10*9/L", "10*9/L", "10*9/L", None))),
        normal_high=draw(st.sampled_from((None, "10.0", "11.0", "x"))),
        collected=draw(midnight if crowded else moments()),
        received=draw(st.one_of(st.none(), moments())),
        status=draw(st.sampled_from(STATUSES)),
        version=draw(st.sampled_from((None, None, "1", "2", "x"))),
        replaces=draw(st.sampled_from((None, None, None, *IDS, "z"))),
        order=draw(st.sampled_from((None, None, "o1", "o2"))),
        lab=draw(st.sampled_from((None, "lab-1", "lab-2"))),
    )


@st.composite
def histories(draw: st.DrawFn) -> Record:
    """A patient with nothing but results of white cells and neutrophils."""
    count, crowded = draw(st.integers(1, len(IDS))), draw(st.booleans())
    patient = Patient(id="p1", time_zone=HOME.key)
    return Record(patient, Course(), tuple(draw(results(place, crowded=crowded)) for place in range(count)))
