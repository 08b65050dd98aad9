"""The waiting time after a stop: whole calendar months, never over too early, for every stop date of ten years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from countwell import ask, read_record
from countwell.base.dates import whole_day, zone
from generative.making import HOME, Json, decision, record, told

FIRST, LAST = date(2020, 1, 1), date(2030, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
SHARES = 6


def months_later(day: date, months: int) -> date:
    """So many calendar months later; where the month has no such day, the first of the next."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year + (month == 11), (month + 1) % 12 + 1, 1)


def stopped(day: date, protocol: str) -> Json:
    """A course stopped on that day."""
    return record(
        [decision("start", "2019-01-01", "150"), decision("stop", day.isoformat(), reason="patient")], protocol
    )


def asked(sent: Json, day: date) -> Json:
    """The question at the beginning of a day."""
    return ask("pregnancy", read_record(sent), as_of=whole_day(day, zone(HOME))).to_json()


@pytest.mark.parametrize("share", range(SHARES))
def test_the_waiting_time_is_never_over_before_six_months(share: int) -> None:
    wrong = []
    for day in DAYS[share::SHARES]:
        sent, end = stopped(day, "mg"), months_later(day, 6)
        before = asked(sent, end - timedelta(days=1))
        if "waiting-period-complete" in before["actions"] or "avoid-pregnancy" not in before["actions"]:
            wrong.append(f"{day}: over before {end}")
        if max(before["details"]["wait_until"]) != end.isoformat():
            wrong.append(f"{day}: {before['details']['wait_until']}")
        if "contact-prescriber" not in before["actions"]:
            wrong.append(f"{day}: nobody told")
        if day.day in (1, 15, 28, 29, 30, 31):
            on = asked(sent, end)
            if "waiting-period-complete" not in on["actions"] or "contact-prescriber" not in on["actions"]:
                wrong.append(f"{day}: not over on {end}")
    assert wrong == []


@pytest.mark.parametrize(
    ("day", "four", "six"),
    [
        ("2025-08-31", "2025-12-31", "2026-03-01"),
        ("2025-10-31", "2026-03-01", "2026-05-01"),
        ("2023-08-29", "2023-12-29", "2024-02-29"),
        ("2023-08-30", "2023-12-30", "2024-03-01"),
        ("2025-03-15", "2025-07-15", "2025-09-15"),
    ],
)
def test_both_ends_of_the_waiting_time(day: str, four: str, six: str) -> None:
    said = told(stopped(date.fromisoformat(day), "mg"), "pregnancy", f"{day}T12:00:00-04:00")
    assert said["details"]["wait_until"] == [four, six]


def test_between_the_two_ends_it_is_still_to_be_avoided() -> None:
    sent = stopped(date(2025, 8, 31), "mg")
    for day in ("2025-12-30", "2025-12-31", "2026-02-28"):
        assert "avoid-pregnancy" in asked(sent, date.fromisoformat(day))["actions"]


@pytest.mark.parametrize("protocol", ["cidp", "aih"])
def test_the_label_of_the_others_waits_six_months_too(protocol: str) -> None:
    for day in DAYS[::61]:
        sent, end = stopped(day, protocol), months_later(day, 6)
        assert "waiting-period-complete" not in asked(sent, end - timedelta(days=1))["actions"]
        assert "waiting-period-complete" in asked(sent, end)["actions"]


@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
@pytest.mark.parametrize("last", ["hold", "restart", "start"])
def test_only_a_stop_begins_the_waiting_time(protocol: str, last: str) -> None:
    events = [
        decision("start", "2019-01-01", "150"),
        decision("stop", "2020-01-01", reason="patient"),
        decision("restart", "2021-01-01"),
    ]
    if last == "hold":
        events.append(decision("hold", "2022-01-01", reason="patient"))
    if last == "start":
        events[-1] = decision("start", "2021-01-01", "50")
    said = told(record(events, protocol), "pregnancy")
    assert "waiting-period-complete" not in said["actions"]
