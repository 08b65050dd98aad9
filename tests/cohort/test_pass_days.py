"""The calendar of the pass is the calendar of `base.dates`: every day, every duration, both ends of a short month."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort.uncompiled import uncompiled
from countwell.base import dates
from countwell.base.dates import Duration
from countwell.cohort.days import counted
from countwell.cohort.zones import A_SECOND, EPOCH, FIRST_DAY, days_of

add, before = uncompiled().days.add, uncompiled().days.before
calendar_day, day_number = uncompiled().days.calendar_day, uncompiled().days.day_number
is_over, is_since = uncompiled().days.is_over, uncompiled().days.is_since
DAYS = st.dates(date(1850, 1, 1), date(2190, 1, 1))
DURATIONS = st.builds(Duration, st.integers(0, 130), st.sampled_from(["hours", "days", "weeks", "months", "years"]))


def number(day):
    return (day - EPOCH).days


@given(DAYS)
def test_a_day_number_is_its_day(day):
    assert day_number(day.year, day.month, day.day) == number(day)
    assert tuple(calendar_day(number(day))) == (day.year, day.month, day.day)


@given(DAYS, DURATIONS, st.sampled_from(["later", "earlier"]))
def test_a_duration_added_ends_on_the_day_of_the_reference(day, duration, month_end):
    if day.year + duration.count * (duration.unit == "years") > 2300:
        return
    assert add(number(day), *counted(duration), int(month_end == "later")) == number(
        dates.add(day, duration, month_end)
    )


@given(DAYS, DURATIONS, st.booleans(), st.integers(-3, 3))
def test_a_duration_is_over_when_its_end_is_past(day, duration, later, beside):
    end = add(number(day), *counted(duration), int(later))
    assert is_over(number(day), *counted(duration), int(later), end + beside) == (beside > 0) - (beside < 0)


@given(DAYS, DURATIONS, st.integers(-3, 3))
def test_a_day_is_since_the_beginning_of_a_duration_or_earlier(today, duration, beside):
    begin = before(number(today), *counted(duration))
    assert is_since(begin + beside, number(today), *counted(duration)) == (beside >= 0)


@given(DAYS, DURATIONS, st.integers(0, 5000))
def test_any_day_stands_to_a_duration_as_it_stands_to_its_ends(day, duration, apart):
    end, begin = add(number(day), *counted(duration), 1), before(number(day), *counted(duration))
    after, earlier = number(day) + apart, number(day) - apart
    assert is_over(number(day), *counted(duration), 1, after) == (after > end) - (after < end)
    assert is_since(earlier, number(day), *counted(duration)) == (earlier >= begin)


@given(DAYS, DURATIONS)
def test_a_duration_before_begins_on_the_day_of_the_reference(day, duration):
    assert before(number(day), *counted(duration)) == number(dates.before(day, duration))


@pytest.mark.parametrize(
    ("day", "later", "expected"),
    [
        (date(2025, 8, 30), 1, date(2026, 3, 1)),
        (date(2025, 8, 31), 1, date(2026, 3, 1)),
        (date(2025, 8, 31), 0, date(2026, 2, 28)),
        (date(2025, 8, 28), 0, date(2026, 2, 28)),
        (date(2023, 8, 31), 0, date(2024, 2, 29)),
    ],
)
def test_a_day_that_a_month_lacks_is_its_last_or_the_first_of_the_next(day, later, expected):
    assert add(number(day), *counted(Duration(6, "months")), later) == number(expected)


@pytest.mark.parametrize(
    "name",
    ["UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Africa/Cairo", "America/Nuuk"],
)
def test_a_day_begins_and_ends_when_the_reference_says(name):
    begin, end = days_of(name)
    zone = dates.zone(name)
    for place in [
        *range(0, len(begin), 97),
        *range(number(date(2024, 1, 1)) - FIRST_DAY, number(date(2027, 1, 1)) - FIRST_DAY),
    ]:
        day = EPOCH + timedelta(days=FIRST_DAY + place)
        if not date(1900, 1, 1) <= day <= date(2100, 1, 1):
            continue
        assert begin[place] == dates.whole_day(day, zone).at.timestamp() * A_SECOND
        assert end[place] == dates.end_of_day(day, zone).at.timestamp() * A_SECOND
