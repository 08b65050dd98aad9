"""A missed dose: never more on one day than the day's dose, by the patient's own calendar, in every zone."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest

from countwell import Record, ask, read_record
from countwell.base.dates import of_instant
from countwell.base.errors import UsageError
from generative.making import Json, decision, genes, panel, record, result, told, weight

ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Kiritimati", "Asia/Kathmandu")
REGIMENS = [
    ("150", "once daily", 1),
    ("150", "twice daily", 2),
    ("100", "twice daily", 2),
    ("75", "twice daily", 2),
    ("125", "once daily", 1),
]
# the clocks go forward in New York on 8 March 2026, back on 1 November 2026
DAYS = ("2026-03-07T20:00", "2026-10-31T20:00")
STEP = 60  # minutes on the grid of every regimen and zone; one regimen is walked minute by minute


def patient(mg: str, frequency: str, protocol: str, home: str, day: str, taken: list[Json] | None = None) -> Json:
    """A patient in order on that day."""
    start = decision("start", "2025-06-02", mg) | {"frequency": frequency}
    before = (datetime.fromisoformat(day[:10]) - timedelta(days=3)).date().isoformat()
    lists = [{"kind": "list-confirmed", "list": name, "at": before} for name in ("medicines", "history")]
    lipase = result("lipase", "30", f"{before}T09:00", unit="U/L", normal_high="60")
    return record(
        [start, *panel("2025-05-28"), *panel(before), lipase, *genes(), weight(before), *lists, *(taken or [])],
        protocol,
        home,
    )


def ask_missed(sent: Json, missed: datetime, now: datetime) -> Json:
    """The answer about a dose due then, asked now (both local)."""
    home = ZoneInfo(sent["patient"]["time_zone"])
    read = read_once(json.dumps(sent))
    said = ask("missed-dose", read, as_of=of_instant(now.astimezone(home), home), said={"missed": [missed.isoformat()]})
    return said.to_json()


@lru_cache(maxsize=16)
def read_once(text: str) -> Record:
    """A record, read."""
    return read_record(text)


def faults(said: Json, mg: float, per_day: int, missed: datetime, now: datetime, home: str) -> list[str]:
    """What is wrong with one answer."""
    details, actions = said["details"], set(said["actions"])
    take = float(details["take_mg"] or 0)
    same_day = missed.astimezone(ZoneInfo(home)).date() == now.astimezone(ZoneInfo(home)).date()
    found = []
    if float(details["day_total_mg"] or 0) > mg or take > mg / per_day:
        found.append(f"more than the dose: {details}")
    if take and not same_day:
        found.append(f"a dose of another day is to be taken: {details}")
    if take and take % 25:
        found.append(f"cannot be made: {take}")
    if {"take-later-today", "skip-dose"} <= actions or not {
        "take-later-today",
        "skip-dose",
        "contact-prescriber",
    } & actions:
        found.append(f"words: {sorted(actions)}")
    if take and "take-later-today" not in actions:
        found.append(f"take {take} without the word")
    return found


@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
@pytest.mark.parametrize("home", ZONES)
@pytest.mark.parametrize("begin", DAYS)
def test_every_hour_of_two_days(begin: str, home: str, protocol: str) -> None:
    found: list[str] = []
    first = datetime.fromisoformat(begin).replace(tzinfo=ZoneInfo(home))
    for mg, frequency, per_day in REGIMENS:
        sent = patient(mg, frequency, protocol, home, begin)
        for minutes in range(0, 48 * 60, STEP * 3):
            now = (first.astimezone(ZoneInfo("UTC")) + timedelta(minutes=minutes + 7)).astimezone(ZoneInfo(home))
            found += faults(ask_missed(sent, first, now), float(mg), per_day, first, now, home)
    assert found == []


def test_every_minute_around_midnight_and_half_of_the_gap() -> None:
    sent = patient("150", "once daily", "cidp", "America/New_York", "2026-03-02")
    first = datetime.fromisoformat("2026-03-02T08:00").replace(tzinfo=ZoneInfo("America/New_York"))
    said = {}
    for minutes in [*range(710, 731), *range(950, 971)]:
        now = first + timedelta(minutes=minutes)
        answer = ask_missed(sent, first, now)
        assert faults(answer, 150.0, 1, first, now, "America/New_York") == []
        said[minutes] = answer["details"]["take_mg"]
    assert {minutes for minutes, take in said.items() if take == "150"} == set(range(710, 721))
    assert {minutes for minutes, take in said.items() if take == "0"} == {*range(721, 731), *range(950, 971)}


@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
def test_a_dose_of_yesterday_is_left_out(protocol: str) -> None:
    home = ZoneInfo("America/New_York")
    sent = patient("150", "once daily", protocol, "America/New_York", "2026-03-02")
    late = datetime(2026, 3, 1, 23, 59, tzinfo=home)
    said = ask_missed(sent, late, datetime(2026, 3, 2, 0, 1, tzinfo=home))
    assert said["details"]["take_mg"] == "0"
    assert "skip-dose" in said["actions"]


def test_what_was_taken_today_counts() -> None:
    taken = [{"kind": "dose-taken", "at": "2026-03-02T09:00:00-05:00", "mg": "150"}]
    for protocol in ("cidp", "mg", "aih"):
        sent = patient("150", "once daily", protocol, "America/New_York", "2026-03-02", taken)
        said = told(sent, "missed-dose", said={"missed": "2026-03-02T08:00"})
        assert said["details"]["take_mg"] in ("0", None)


def test_several_missed_doses_of_one_day_never_add_up_to_more_than_the_day() -> None:
    for protocol in ("cidp", "mg", "aih"):
        sent = patient("150", "twice daily", protocol, "America/New_York", "2026-03-02")
        said = told(
            sent, "missed-dose", "2026-03-02T21:00:00-05:00", said={"missed": ["2026-03-02T08:00", "2026-03-02T20:00"]}
        )
        assert sum(float(dose["take_mg"] or 0) for dose in said["details"]["doses"]) <= 150
        assert not {"take-later-today", "skip-dose"} <= set(said["actions"])


def test_a_dose_of_every_other_patient_is_for_the_prescriber() -> None:
    sent = patient("150", "weekly", "mg", "America/New_York", "2026-03-02")
    said = told(sent, "missed-dose", said={"missed": "2026-03-02T08:00"})
    assert said["details"]["take_mg"] in ("0", None)
    assert "contact-prescriber" in said["actions"]


@pytest.mark.parametrize(
    "text", ["2026-03-03T08:00", "03/04/2026", "yesterday", "2026-03-02T25:00", "２０２６-03-02T08:00", ""]
)
def test_a_time_that_cannot_be_is_refused(text: str) -> None:
    sent = patient("150", "once daily", "cidp", "America/New_York", "2026-03-02")
    with pytest.raises(UsageError):
        told(sent, "missed-dose", said={"missed": text})
