"""A sender that goes quiet is named on every page of the staff; one that never sent regularly is not waited for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from clinic.making import NOW, signed_in
from countwell.clinic.models import Clinic, Message, Person
from countwell.clinic.store import feeds
from countwell.clinic.store.feeds import silent

HOUR = timedelta(hours=1)


def sent(clinic: Clinic, sender: str, last: datetime, times: int = 5) -> None:
    """So many messages, a day apart, the last of them then."""
    rows = [
        Message(
            clinic=clinic, source=sender, received_at=last - timedelta(days=n), digest=f"{sender} {n}",
            received=1, filed=1, held=0, refused=0,
        )
        for n in range(times)
    ]  # fmt: skip
    Message.objects.bulk_create(rows)


@pytest.mark.parametrize(("hours", "is_silent"), [(71, False), (72, False), (73, True)])
def test_a_sender_is_silent_after_three_days(clinic: Clinic, hours: int, is_silent: bool) -> None:
    sent(clinic, "Central laboratory", NOW - hours * HOUR)
    assert [one.sender for one in silent(clinic, NOW)] == (["Central laboratory"] if is_silent else [])


def test_each_sender_counts_alone_and_the_longest_silence_comes_first(clinic: Clinic) -> None:
    sent(clinic, "Central", NOW - 80 * HOUR)
    sent(clinic, "North", NOW - 90 * HOUR)
    sent(clinic, "South", NOW - HOUR)
    assert [one.sender for one in silent(clinic, NOW)] == ["North", "Central"]
    assert silent(clinic, NOW)[0].heard == NOW - 90 * HOUR


@pytest.mark.parametrize(("times", "waited_for"), [(4, False), (5, True)])
def test_whoever_sent_a_few_times_is_not_waited_for(clinic: Clinic, times: int, waited_for: bool) -> None:
    sent(clinic, "backlog.csv", NOW - 80 * HOUR, times)
    assert bool(silent(clinic, NOW)) is waited_for


def test_a_sender_has_hours_of_its_own(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"Central": 6 * HOUR}
    monkeypatch.setattr(feeds, "usual", lambda: feeds.Usual(72 * HOUR, own, 5, timedelta(days=60)))
    sent(clinic, "Central", NOW - 7 * HOUR)
    sent(clinic, "North", NOW - 7 * HOUR)
    assert [one.sender for one in silent(clinic, NOW)] == ["Central"]


def test_the_silence_of_another_clinic_and_one_long_past_are_not_said(clinic: Clinic) -> None:
    sent(Clinic.objects.create(name="Clinic two"), "Central", NOW - 80 * HOUR)
    sent(clinic, "Old", NOW - timedelta(days=60))
    assert silent(clinic, NOW) == []


def test_every_page_of_the_staff_says_who_is_silent(clinic: Clinic, people: dict[str, Person]) -> None:
    browser = signed_in(people["nurse"])
    sent(clinic, "Central laboratory", NOW - HOUR)
    assert "Nothing has come from" not in browser.get("/held").content.decode()
    sent(clinic, "North laboratory", NOW - 80 * HOUR)
    page = browser.get("/held").content.decode()
    assert "Nothing has come from North laboratory since 27 Feb 2026 02:00" in page
    assert "Central laboratory" not in page
