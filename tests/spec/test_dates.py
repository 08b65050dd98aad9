"""Calendar arithmetic: month ends, leap days, whole local days, clock changes."""

from datetime import UTC, date, timedelta

import pytest

from countwell.base.dates import Duration, Unit, add, before, end_of_day, moment, of_instant, whole_day, zone
from countwell.base.errors import RecordError
from countwell.model.facts import Value

ADDED: list[tuple[str, int, Unit, str, str]] = [
    # day, count, unit, later, earlier
    ("2026-03-02", 0, "days", "2026-03-02", "2026-03-02"),
    ("2026-03-02", 1, "days", "2026-03-03", "2026-03-03"),
    ("2026-03-02", 1, "weeks", "2026-03-09", "2026-03-09"),
    ("2026-03-02", 1, "months", "2026-04-02", "2026-04-02"),
    ("2025-08-31", 6, "months", "2026-03-01", "2026-02-28"),
    ("2025-08-30", 6, "months", "2026-03-01", "2026-02-28"),
    ("2025-08-29", 6, "months", "2026-03-01", "2026-02-28"),
    ("2025-08-28", 6, "months", "2026-02-28", "2026-02-28"),
    ("2023-08-31", 6, "months", "2024-03-01", "2024-02-29"),
    ("2023-08-29", 6, "months", "2024-02-29", "2024-02-29"),
    ("2026-01-31", 1, "months", "2026-03-01", "2026-02-28"),
    ("2026-03-31", 1, "months", "2026-05-01", "2026-04-30"),
    ("2026-10-31", 4, "months", "2027-03-01", "2027-02-28"),
    ("2026-12-31", 2, "months", "2027-03-01", "2027-02-28"),
    ("2026-11-15", 2, "months", "2027-01-15", "2027-01-15"),
    ("2024-02-29", 1, "years", "2025-03-01", "2025-02-28"),
    ("2024-02-29", 4, "years", "2028-02-29", "2028-02-29"),
    ("2024-02-29", 12, "months", "2025-03-01", "2025-02-28"),
    ("2026-03-02", 36, "hours", "2026-03-03", "2026-03-03"),
]


@pytest.mark.parametrize(
    ("day", "count", "unit", "later", "earlier"), ADDED, ids=[f"{d}+{n}{u}" for d, n, u, *_ in ADDED]
)
def test_a_duration_is_added_by_the_calendar(day: str, count: int, unit: Unit, later: str, earlier: str) -> None:
    begin = date.fromisoformat(day)
    assert add(begin, Duration(count, unit), "later").isoformat() == later
    assert add(begin, Duration(count, unit), "earlier").isoformat() == earlier


BEFORE: list[tuple[str, int, Unit, str]] = [
    ("2026-03-01", 1, "months", "2026-02-01"),
    ("2026-03-31", 1, "months", "2026-02-28"),
    ("2024-03-31", 1, "months", "2024-02-29"),
    ("2026-01-15", 1, "months", "2025-12-15"),
    ("2024-02-29", 1, "years", "2023-02-28"),
    ("2026-03-02", 2, "weeks", "2026-02-16"),
    ("2026-03-02", 3, "days", "2026-02-27"),
]


@pytest.mark.parametrize(("day", "count", "unit", "expected"), BEFORE, ids=[f"{d}-{n}{u}" for d, n, u, _ in BEFORE])
def test_a_duration_is_taken_off_by_the_calendar(day: str, count: int, unit: Unit, expected: str) -> None:
    assert before(date.fromisoformat(day), Duration(count, unit)).isoformat() == expected


def test_a_date_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(RecordError):
        add(date(9999, 12, 31), Duration(1, "days"), "later")


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2026",
        "4.3.2026",
        "2026-3-4",
        "2026-02-30",
        "2026-13-01",
        "26-03-04",
        "2026-03-04T25:00:00-05:00",
        "2026-03-04 09:00:00-05:00",
        "２０２６-03-04",
        "2026-03-04T09:00:00",
        "yesterday",
        "",
    ],
)
def test_a_date_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(RecordError):
        moment(text, zone("UTC"))


LOCAL = [
    ("2026-03-01T23:30:00-05:00", "America/New_York", "2026-03-01"),
    ("2026-03-01T23:30:00-05:00", "Europe/London", "2026-03-02"),
    ("2026-03-01T23:30:00Z", "Pacific/Auckland", "2026-03-02"),
    ("2026-03-02T00:30:00+13:00", "Pacific/Honolulu", "2026-03-01"),
    ("2026-03-02", "Pacific/Honolulu", "2026-03-02"),
    ("2026-03-02", "Pacific/Kiritimati", "2026-03-02"),
]


@pytest.mark.parametrize(("text", "home", "day"), LOCAL, ids=[f"{text} in {home}" for text, home, _ in LOCAL])
def test_an_instant_falls_on_the_patients_own_day(text: str, home: str, day: str) -> None:
    assert moment(text, zone(home)).day.isoformat() == day


CLOCK_CHANGES = [
    ("America/New_York", date(2026, 3, 8), 23),
    ("America/New_York", date(2026, 11, 1), 25),
    ("Europe/London", date(2026, 3, 29), 23),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ("Asia/Beirut", date(2026, 3, 29), 23),
    ("America/New_York", date(2026, 3, 2), 24),
]


@pytest.mark.parametrize(("home", "day", "hours"), CLOCK_CHANGES, ids=[f"{h} {d}" for h, d, _ in CLOCK_CHANGES])
def test_a_local_day_is_as_long_as_its_clock_says(home: str, day: date, hours: float) -> None:
    seconds = (end_of_day(day, zone(home)).at - whole_day(day, zone(home)).at).total_seconds() + 1
    assert seconds / 3600 == hours


# Clocks that change by half an hour, at midnight, twice within a month, or by no rule that holds for long.
CHANGEABLE = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Africa/Cairo",
              "Asia/Beirut", "Asia/Tehran", "America/Santiago", "America/Nuuk", "America/Havana")  # fmt: skip


@pytest.mark.parametrize("home", CHANGEABLE)
def test_from_2020_to_2030_every_instant_falls_on_one_day_whatever_the_clock_does(home: str) -> None:
    local, second, changes = zone(home), timedelta(seconds=1), 0
    for n in range((date(2030, 12, 31) - date(2020, 1, 1)).days):
        day = date(2020, 1, 1) + timedelta(days=n)
        first, last = whole_day(day, local).at, end_of_day(day, local).at
        begins, ends = first.astimezone(UTC), last.astimezone(UTC)
        assert whole_day(day + timedelta(days=1), local).at == ends + second, day
        assert of_instant(begins, local).day == of_instant(ends, local).day == day
        changes += ends - begins + second != timedelta(days=1)
    assert changes > 0


def test_the_repeated_hour_is_told_apart_by_its_offset() -> None:
    first = moment("2026-11-01T01:30:00-04:00", zone("America/New_York"))
    second = moment("2026-11-01T01:30:00-05:00", zone("America/New_York"))
    assert first < second
    assert first.day == second.day


ELAPSED: list[tuple[str, str, int, Unit, tuple[bool, bool, bool, bool]]] = [
    # begun, today, limit: <, <=, >, >=
    ("2026-01-02", "2026-03-01", 2, "months", (True, True, False, False)),
    ("2026-01-02", "2026-03-02", 2, "months", (False, True, False, True)),
    ("2026-01-02", "2026-03-03", 2, "months", (False, False, True, True)),
    ("2025-08-31", "2026-02-28", 6, "months", (True, True, False, False)),
    ("2025-08-31", "2026-03-01", 6, "months", (False, True, False, True)),
    ("2026-02-16", "2026-03-01", 2, "weeks", (True, True, False, False)),
    ("2026-02-16", "2026-03-02", 2, "weeks", (False, True, False, True)),
]


@pytest.mark.parametrize(
    ("begun", "today", "count", "unit", "truths"), ELAPSED, ids=[f"{b} to {t}" for b, t, *_ in ELAPSED]
)
def test_time_since_is_compared_in_calendar_units(
    begun: str, today: str, count: int, unit: Unit, truths: tuple[bool, ...]
) -> None:
    day = date.fromisoformat(begun)
    value = Value(origin=(day, day), until=date.fromisoformat(today))
    found = tuple(value.elapsed(op, Duration(count, unit)) for op in ("<", "<=", ">", ">="))  # type: ignore[arg-type]
    assert found == truths


def test_a_beginning_that_is_not_known_leaves_short_times_open_and_long_ones_true() -> None:
    value = Value(origin=(None, date(2026, 1, 1)), until=date(2026, 3, 2))
    assert value.elapsed(">=", Duration(1, "months")) is True
    assert value.elapsed(">=", Duration(1, "years")) is None
    assert value.elapsed("<", Duration(1, "years")) is None
    assert value.elapsed("<", Duration(1, "months")) is False
