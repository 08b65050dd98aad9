"""Two sets of rules over one register: who, which alarms and how many days apart, how many tests."""

import numpy as np
import pytest

from cohort.hand_made import AS_OF, Made, day
from countwell.base.dates import Duration
from countwell.cohort import compare
from countwell.cohort.columns import NEVER_DAY, NO_DAY
from countwell.cohort.measures.schedules import FIRST, STEADY, Schedule
from countwell.cohort.measures.tally import where
from countwell.model.advice import DRUG

START = day("2026-01-01")


def status(patients=1, **changed):
    """STATUS of active patients for whom nothing is called for, but for what is said."""
    names = [f"{part}{end}" for part in compare.PARTS for end in ("", "_at_most")]
    rows = {name: np.zeros(patients, dtype=np.int64) for name in (*names, "precautions")}
    rows |= {"patient": np.arange(patients), "state": np.ones(patients, dtype=np.int64)}
    rows["tests"] = np.full((patients, 2), NO_DAY)
    return rows | {name: np.array(value) for name, value in changed.items()}


def kind(a, b):
    seen = [Made().seen(status=status(**given)) for given in (a, b)]
    return compare.KINDS[compare.kinds(*seen)[0]]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ({}, {}, compare.SAME),
        ({}, {"drug": [4]}, compare.GRAVER),
        ({"drug": [4]}, {"drug": [3]}, compare.MILDER),
        ({"drug": [4]}, {"drug": [4], "contact": [2]}, compare.OTHER),
        ({}, {"precautions": [1]}, compare.OTHER),
        ({}, {"drug_at_most": [3]}, compare.OPEN),
        ({}, {"tests": [[NO_DAY, AS_OF]]}, compare.DATES),
        ({"prescriber": [3]}, {"drug": [1]}, compare.MILDER),
    ],
)
def test_the_first_kind_of_difference_that_fits_counts(a, b, expected):
    assert kind(a, b) == expected


def test_who_is_over_is_not_compared():
    a, b = status(3), status(3, drug=[4, 4, 4])
    for rows in (a, b):
        rows["state"] = np.array([1, 4, 5])
    found = compare.differences(Made(3).seen(status=a), Made(3).seen(status=b))
    assert found.count(compare.PATIENTS) == 1
    assert found.count(compare.PATIENTS, where(A="continue", B="stop")) == 1


def test_the_list_names_those_who_differ_and_nobody_else():
    a, b = status(2), status(2, drug=[0, 4])
    rows = list(compare.listed(Made(2).seen(status=a), Made(2).seen(status=b), np.array(["p1", "p2"])))
    assert rows == [("p2", compare.GRAVER, "continue", "stop")]


# Alarms


def points(*rows):
    """Decision points (patient, day, advice)."""
    patient, days, advice = zip(*rows, strict=True)
    return {
        "patient": np.array(patient),
        "day": np.array(days),
        "drug": np.array([DRUG.index(word) for word in advice]),
    }


def alarms(a, b, word="hold"):
    found = compare.alarms(points(*a), points(*b), np.ones(3, dtype=bool), 0)
    return found, where(advice=word)


def test_an_alarm_that_b_gives_earlier_is_counted_with_its_days():
    found, hold = alarms(
        [(0, 10, "continue"), (0, 20, "hold")], [(0, 10, "continue"), (0, 13, "stop"), (0, 20, "hold")]
    )
    assert (found.count(compare.EARLIER, hold), found.count(compare.BOTH, hold)) == (1, 1)
    assert np.flatnonzero(found[compare.APART, hold]).tolist() == [compare.MOST_APART - 7]


@pytest.mark.parametrize(("apart", "both"), [(27, 1), (28, 1), (29, 0)])
def test_alarms_no_more_than_28_days_apart_are_the_same_alarm(apart, both):
    a = [(0, 10, "hold"), (0, 11, "continue")]
    b = [(0, 10, "continue"), (0, 10 + apart, "hold"), (0, 11 + apart, "continue")]
    found, hold = alarms(a, b)
    assert found.count(compare.BOTH, hold) == both
    assert found.count(compare.ONLY_A, hold) == 1 - both
    assert found.count(compare.ONLY_B, hold) == 1 - both


def test_alarms_that_overlap_are_the_same_however_late_the_second_begins():
    found, hold = alarms([(0, 10, "hold")], [(0, 10, "continue"), (0, 110, "hold")])
    assert found.count(compare.LATER, hold) == 1


def test_another_patients_alarm_answers_none():
    found, hold = alarms([(0, 10, "hold")], [(1, 10, "hold")])
    assert (found.count(compare.ONLY_A, hold), found.count(compare.ONLY_B, hold)) == (1, 1)


def test_a_stop_is_a_hold_or_graver_and_a_hold_is_no_stop():
    found, _ = alarms([(0, 10, "hold")], [(0, 10, "stop")])
    assert found.count(compare.BOTH, where(advice="hold")) == 1
    assert found.count(compare.ONLY_B, where(advice="stop")) == 1
    assert found.count(compare.ALARMS_A, where(advice="stop")) == 0


# Tests per patient-year


def test_the_calendar_asks_for_a_test_a_week_in_the_first_weeks_and_one_in_four_later():
    made = Made()
    made.decide(0, START, "start", 50)
    made.decide(0, START + 84, "stop")
    every = {FIRST: Duration(1, "weeks"), STEADY: Duration(4, "weeks")}
    schedule = Schedule(Duration(8, "weeks"), None, every, every)
    found = compare.asked_for(made.seen(), {"cbc": schedule}, "A")
    assert found[compare.ASKED, where(group="cbc", rules="A")][0] == pytest.approx(8 + 1)
    assert found[compare.TREATED_DAYS, where(group="cbc", rules="A")][0] == 84


def test_spells_are_cut_into_weeks_that_add_up():
    patient, first, days = compare.weeks(np.array([0, 1]), np.array([0, 5]), np.array([15, 5]), np.ones(2, dtype=bool))
    assert (patient.tolist(), first.tolist(), days.tolist()) == ([0, 0, 0], [0, 7, 14], [7, 7, 1])


def test_an_alarm_that_still_holds_has_no_end():
    from countwell.cohort.measures.happened import spells_where

    spells = spells_where(points((0, 10, "hold")), np.array([True]))
    assert spells["ended_day"].tolist() == [NEVER_DAY]
